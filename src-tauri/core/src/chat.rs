//! Chats, their messages, and the runs that write answers.
//!
//! A run belongs to the core ([`run`]): closing a window or opening another chat does not stop it. Whoever shows it
//! attaches with [`Chats::watch`]. What a chat's next request will be is decided here alone, from its choice.

mod answer;
mod run;
mod view;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub use run::Watcher;
pub use view::{ChatSummary, ChatView, MessageState, MessageView, Role, RunFrame, Usage, WrittenBy};

use crate::error::{Code, Error};
use crate::event::{AppEvent, Events};
use crate::ids::{ChatId, MessageId};
use crate::models::{Choice, Models, Unavailable};
use crate::pool::Pool;
use crate::ports::Clock;
use crate::store::chats::{self, ChatRecord};
use crate::store::messages::{self, MessageRecord};
use crate::store::{Store, StoreError};
use crate::words::say;
use run::Run;

/// How long a deleted chat can be brought back.
const UNDO: Duration = Duration::from_hours(24);
/// A title made from the first message has at most so many characters.
const TITLE: usize = 60;
/// The longest message that is taken, in bytes.
const MESSAGE: usize = 4 * 1024 * 1024;

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
        Ok(Self(Arc::new(Inner { options, runs: Mutex::default() })))
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
        let (record, branch) = self.read(id).await?;
        Ok(ChatView { summary: self.summary(&record), messages: branch.iter().map(view::message).collect() })
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
            Choice::Pinned { reference } => Some(self.0.options.models.describe(reference)),
        };
        self.change(id, move |record| record.pin = pin).await?;
        self.0.options.events.send(AppEvent::ChatChanged { chat: id });
        Ok(())
    }

    /// Renames a chat; an empty title changes nothing.
    pub async fn rename(&self, id: ChatId, title: &str) -> Result<(), ChatError> {
        let title = title_of(title);
        if !title.is_empty() {
            self.change(id, move |record| record.title = title).await?;
            self.0.options.events.send(AppEvent::ChatsChanged);
        }
        Ok(())
    }

    /// Deletes a chat; a running answer is stopped. It can be restored for a day.
    pub async fn delete(&self, id: ChatId) -> Result<(), ChatError> {
        self.stop(id);
        self.set_deleted(id, true).await
    }

    /// Brings a deleted chat back.
    pub async fn restore(&self, id: ChatId) -> Result<(), ChatError> {
        self.set_deleted(id, false).await
    }

    /// Stores the person's message and starts the answer. On any error nothing is stored.
    pub async fn send(&self, id: ChatId, text: &str) -> Result<Vec<MessageView>, ChatError> {
        if text.trim().is_empty() {
            return Err(ChatError::Empty);
        }
        if text.len() > MESSAGE {
            return Err(ChatError::TooLong);
        }
        self.start(id, Some(text.to_owned())).await
    }

    /// Answers the last message again, beside the answer that is there.
    pub async fn retry(&self, id: ChatId) -> Result<Vec<MessageView>, ChatError> {
        self.start(id, None).await
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

    async fn start(&self, id: ChatId, text: Option<String>) -> Result<Vec<MessageView>, ChatError> {
        let run = Arc::new(Run::new(MessageId::new()));
        {
            let mut runs = self.runs();
            if runs.contains_key(&id) {
                return Err(ChatError::Busy);
            }
            runs.insert(id, run.clone());
        }
        match self.prepare(id, run.message(), text).await {
            Ok((new, job)) => {
                let views = new.iter().map(view::message).collect();
                tokio::spawn(answer::run(self.clone(), run, job));
                self.0.options.events.send(AppEvent::ChatsChanged);
                self.0.options.events.send(AppEvent::ChatChanged { chat: id });
                Ok(views)
            }
            Err(error) => {
                self.runs().remove(&id);
                Err(error)
            }
        }
    }

    /// Stores what a new answer needs: the person's message, if one is given, and the empty answer.
    async fn prepare(
        &self,
        id: ChatId,
        answer: MessageId,
        text: Option<String>,
    ) -> Result<(Vec<MessageRecord>, answer::Job), ChatError> {
        let (mut record, mut branch) = self.read(id).await?;
        let model = self.0.options.models.resolve(record.pin.as_ref());
        let reference = match (model.reference, model.unavailable) {
            (Some(reference), None) => reference,
            (_, why) => return Err(ChatError::Unavailable(why.ok_or(ChatError::NoChat)?)),
        };
        let connection = self.0.options.pool.record(reference.connection).ok_or(ChatError::NoChat)?;
        let now = self.0.options.clock.now();
        let mut new = Vec::new();
        if let Some(text) = text {
            if record.title.is_empty() {
                record.title = title_of(&text);
            }
            let parent = branch.last().map(|message| message.id);
            new.push(MessageRecord { text, ..message(MessageId::new(), id, parent, Role::User, now) });
        } else if branch.last().is_some_and(|last| last.role == Role::Assistant) {
            branch.pop();
        }
        let parent = new.last().or(branch.last()).map(|message| message.id).ok_or(ChatError::NothingToAnswer)?;
        let written_by = WrittenBy {
            reference: reference.clone(),
            name: model.name,
            connection_label: connection.label,
            hue: connection.hue,
            method: connection.method,
            on_default: model.on_default,
        };
        let history = branch.iter().chain(&new).filter_map(answer::turn).collect();
        let empty = MessageRecord {
            state: MessageState::Streaming,
            written_by: Some(written_by),
            ..message(answer, id, Some(parent), Role::Assistant, now)
        };
        new.push(empty.clone());
        (record.head, record.updated_at) = (Some(answer), now);
        let stored = new.clone();
        self.0
            .options
            .store
            .write(move |transaction| {
                stored.iter().try_for_each(|message| messages::insert(transaction, message))?;
                chats::put(transaction, &record)
            })
            .await?;
        Ok((new, answer::Job { answer: empty, reference, history }))
    }

    async fn read(&self, id: ChatId) -> Result<(ChatRecord, Vec<MessageRecord>), ChatError> {
        let read = move |connection: &rusqlite::Connection| {
            let Some(record) = chats::one(connection, id)? else { return Ok(None) };
            let branch = record.head.map(|head| messages::branch(connection, head)).transpose()?.unwrap_or_default();
            Ok(Some((record, branch)))
        };
        self.0.options.store.read(read).await?.ok_or(ChatError::NoChat)
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
        let done = self.0.options.store.write(move |transaction| chats::set_deleted(transaction, id, at)).await?;
        self.0.options.events.send(AppEvent::ChatsChanged);
        if done { Ok(()) } else { Err(ChatError::NoChat) }
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

    fn runs(&self) -> MutexGuard<'_, HashMap<ChatId, Arc<Run>>> {
        self.0.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn message(
    id: MessageId,
    chat: ChatId,
    parent: Option<MessageId>,
    role: Role,
    now: crate::time::Timestamp,
) -> MessageRecord {
    MessageRecord {
        id,
        chat,
        parent,
        role,
        state: MessageState::Complete,
        created_at: now,
        written_by: None,
        usage: None,
        duration_ms: None,
        remark: None,
        text: String::new(),
        reasoning: String::new(),
    }
}

/// The first line that says something, shortened at a word.
fn title_of(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    if line.chars().count() <= TITLE {
        return line.to_owned();
    }
    let cut: String = line.chars().take(TITLE).collect();
    let cut = cut.rsplit_once(' ').map_or(&*cut, |(words, _)| words);
    format!("{}…", cut.trim_end())
}

#[cfg(test)]
mod tests {
    use super::title_of;

    #[test]
    fn a_title_is_the_first_line_shortened_at_a_word() {
        assert_eq!(title_of("\n  What should I see?\nTwo days."), "What should I see?");
        let long = "word ".repeat(40);
        assert_eq!(title_of(&long), format!("{}…", ["word"; 12].join(" ")));
        assert_eq!(title_of(&"x".repeat(100)), format!("{}…", "x".repeat(60)));
        assert_eq!(title_of("  \n "), "");
    }
}
