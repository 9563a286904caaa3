//! Chats, their messages, and the runs that write answers.
//!
//! A run belongs to the core (`run`): closing a window or opening another chat does not stop it. Whoever shows it
//! attaches with [`Chats::watch`]. What a chat's next request will be is decided in `send` alone, from its choice.

mod answer;
mod run;
mod send;
mod view;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub use run::Watcher;
pub use view::{ChatSummary, ChatView, MessageState, MessageView, Role, RunFrame, Usage, WrittenBy};

use crate::error::{Code, Error};
use crate::event::{AppEvent, Events};
use crate::ids::{ChatId, MessageId};
use crate::models::{Choice, ModelError, Models, Unavailable};
use crate::pool::Pool;
use crate::ports::Clock;
use crate::store::chats::{self, ChatRecord};
use crate::store::messages::{self, MessageRecord};
use crate::store::{Store, StoreError};
use crate::words::say;
use run::Run;

/// How long a deleted chat can be brought back.
const UNDO: Duration = Duration::from_hours(24);

/// What chats work with.
#[derive(Clone)]
pub struct ChatsOptions {
    /// Where they are kept.
    pub store: Store,
    /// What their choices resolve to.
    pub models: Models,
    /// Who answers.
    pub pool: Pool,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Who is told of changes.
    pub events: Events,
}

/// Why something could not be done with a chat.
#[derive(Debug, thiserror::Error)]
pub enum ChatError {
    /// The chat is gone.
    #[error("there is no such chat")]
    NoChat,
    /// There is nothing to send.
    #[error("the message is empty")]
    Empty,
    /// The message is longer than any model takes.
    #[error("the message is too long")]
    TooLong,
    /// An answer is being written.
    #[error("an answer is being written")]
    Busy,
    /// There is no message to answer.
    #[error("there is nothing to answer")]
    NothingToAnswer,
    /// The chat's model cannot be used.
    #[error("the chat's model cannot be used")]
    Unavailable(Unavailable),
    /// The model cannot be chosen.
    #[error(transparent)]
    Choice(#[from] ModelError),
    /// The store did not take it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ChatError> for Error {
    fn from(error: ChatError) -> Self {
        match error {
            ChatError::NoChat => Self::new(Code::NotFound, say("chat-gone")),
            ChatError::Empty => Self::other(say("chat-empty")),
            ChatError::TooLong => Self::other(say("chat-too-long")),
            ChatError::Busy => Self::other(say("chat-busy")),
            ChatError::NothingToAnswer => Self::other(say("chat-nothing-to-answer")),
            ChatError::Unavailable(why) => Self::new(Code::ModelUnavailable, why.message),
            ChatError::Choice(error) => error.into(),
            ChatError::Store(error) => Self::other(error.words()),
        }
    }
}

/// All chats. Cloning shares them.
#[derive(Clone)]
pub struct Chats(Arc<Inner>);

struct Inner {
    options: ChatsOptions,
    runs: Mutex<HashMap<ChatId, Arc<Run>>>,
    /// Ended answers that the store did not take, shown in place of what it holds until it takes them.
    unsaved: Mutex<HashMap<MessageId, Unsaved>>,
}

/// An ended answer that the store did not take.
struct Unsaved {
    record: MessageRecord,
    /// What the person is told in place of its remark.
    words: String,
}

impl Unsaved {
    /// The answer as it is shown until it is saved.
    fn shown(&self) -> MessageRecord {
        MessageRecord { remark: Some(self.words.clone()), ..self.record.clone() }
    }
}

impl Chats {
    /// Marks what was being written when the application ended, and forgets what was deleted long ago.
    pub async fn open(options: ChatsOptions) -> Result<Self, StoreError> {
        let purge_before = options.clock.now() - UNDO;
        options
            .store
            .write(move |transaction| {
                chats::purge(transaction, purge_before)?;
                messages::interrupt_streaming(transaction, &say("chat-interrupted"))
            })
            .await?;
        Ok(Self(Arc::new(Inner { options, runs: Mutex::default(), unsaved: Mutex::default() })))
    }

    /// All chats, the last changed first.
    pub async fn list(&self) -> Result<Vec<ChatSummary>, StoreError> {
        let records = self.0.options.store.read(chats::all).await?;
        Ok(records.iter().map(|record| self.summary(record)).collect())
    }

    /// A new chat, on the default.
    pub async fn create(&self) -> Result<ChatSummary, StoreError> {
        let now = self.0.options.clock.now();
        let record = ChatRecord {
            id: ChatId::new(),
            title: String::new(),
            pin: None,
            head: None,
            created_at: now,
            updated_at: now,
        };
        let stored = record.clone();
        self.0.options.store.write(move |transaction| chats::put(transaction, &stored)).await?;
        self.0.options.events.send(AppEvent::ChatsChanged);
        Ok(self.summary(&record))
    }

    /// A chat with its messages.
    pub async fn view(&self, id: ChatId) -> Result<ChatView, ChatError> {
        // Looked at first: a run that ends meanwhile is told by an event, one that seemed to have ended never would be.
        let running = self.runs().contains_key(&id);
        let (record, branch) = self.read(id).await?;
        let summary = ChatSummary { running, ..self.summary(&record) };
        Ok(ChatView { summary, messages: branch.iter().map(view::message).collect() })
    }

    /// A chat as the sidebar and the tray show it.
    pub async fn one(&self, id: ChatId) -> Result<ChatSummary, ChatError> {
        let record = self.0.options.store.read(move |connection| chats::one(connection, id)).await?;
        record.map(|record| self.summary(&record)).ok_or(ChatError::NoChat)
    }

    /// Sets a chat's choice; no other chat moves.
    pub async fn set_choice(&self, id: ChatId, choice: Choice) -> Result<(), ChatError> {
        let pin = match choice {
            Choice::Default => None,
            Choice::Pinned { reference } => Some(self.0.options.models.describe(reference)?),
        };
        self.change(id, move |record| record.pin = pin).await?;
        self.0.options.events.send(AppEvent::ChatChanged { chat: id });
        Ok(())
    }

    /// Renames a chat; an empty title changes nothing.
    pub async fn rename(&self, id: ChatId, title: &str) -> Result<(), ChatError> {
        let title = send::title_of(title);
        if !title.is_empty() {
            self.change(id, move |record| record.title = title).await?;
            self.0.options.events.send(AppEvent::ChatsChanged);
        }
        Ok(())
    }

    /// Deletes a chat; a running answer is stopped. It can be restored for a day.
    pub async fn delete(&self, id: ChatId) -> Result<(), ChatError> {
        self.set_deleted(id, true).await?;
        self.stop(id);
        Ok(())
    }

    /// Brings a deleted chat back.
    pub async fn restore(&self, id: ChatId) -> Result<(), ChatError> {
        self.set_deleted(id, false).await
    }

    /// Stops the chat's running answer, if there is one; what has arrived stays.
    pub fn stop(&self, id: ChatId) {
        if let Some(run) = self.runs().get(&id) {
            run.stop();
        }
    }

    /// Attaches to the chat's running answer, if there is one.
    pub fn watch(&self, id: ChatId) -> Option<Watcher> {
        self.runs().get(&id).map(|run| Watcher::new(run.clone()))
    }

    async fn read(&self, id: ChatId) -> Result<(ChatRecord, Vec<MessageRecord>), ChatError> {
        let read = move |connection: &rusqlite::Connection| {
            let Some(record) = chats::one(connection, id)? else { return Ok(None) };
            let branch = record.head.map(|head| messages::branch(connection, head)).transpose()?.unwrap_or_default();
            Ok(Some((record, branch)))
        };
        let (record, mut branch) = self.0.options.store.read(read).await?.ok_or(ChatError::NoChat)?;
        let unsaved = self.unsaved();
        for message in &mut branch {
            if let Some(ended) = unsaved.get(&message.id) {
                *message = ended.shown();
            }
        }
        Ok((record, branch))
    }

    async fn change(&self, id: ChatId, change: impl FnOnce(&mut ChatRecord) + Send + 'static) -> Result<(), ChatError> {
        let work = move |transaction: &rusqlite::Transaction<'_>| {
            let Some(mut record) = chats::one(transaction, id)? else { return Ok(false) };
            change(&mut record);
            chats::put(transaction, &record)?;
            Ok(true)
        };
        if self.0.options.store.write(work).await? { Ok(()) } else { Err(ChatError::NoChat) }
    }

    async fn set_deleted(&self, id: ChatId, deleted: bool) -> Result<(), ChatError> {
        let at = deleted.then(|| self.0.options.clock.now());
        if !self.0.options.store.write(move |transaction| chats::set_deleted(transaction, id, at)).await? {
            return Err(ChatError::NoChat);
        }
        self.0.options.events.send(AppEvent::ChatsChanged);
        Ok(())
    }

    fn summary(&self, record: &ChatRecord) -> ChatSummary {
        let choice = match &record.pin {
            Some(saved) => Choice::Pinned { reference: saved.reference.clone() },
            None => Choice::Default,
        };
        ChatSummary {
            id: record.id,
            title: record.title.clone(),
            updated_at: record.updated_at,
            choice,
            model: self.0.options.models.resolve(record.pin.as_ref()),
            running: self.runs().contains_key(&record.id),
        }
    }

    fn unsaved(&self) -> MutexGuard<'_, HashMap<MessageId, Unsaved>> {
        self.0.unsaved.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn runs(&self) -> MutexGuard<'_, HashMap<ChatId, Arc<Run>>> {
        self.0.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
