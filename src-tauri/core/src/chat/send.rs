//! From a message to its run: what is stored before anything is asked of a provider.
//!
//! The choice is resolved here, once, and the run keeps what it resolved to. A chat that changes while its message is
//! being stored keeps those changes.

use std::sync::Arc;

use super::run::Run;
use super::view::{self, MessageState, MessageView, Role, WrittenBy};
use super::{ChatError, Chats, ChatsOptions, answer};
use crate::event::AppEvent;
use crate::ids::{ChatId, MessageId};
use crate::store::chats;
use crate::store::messages::{self, MessageRecord};
use crate::time::Timestamp;

/// A title made from the first message has at most so many characters.
const TITLE: usize = 60;
/// The longest message that is taken, in bytes.
const MESSAGE: usize = 4 * 1024 * 1024;

impl Chats {
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
        let (record, mut branch) = self.read(id).await?;
        let ChatsOptions { models, pool, .. } = &self.0.options;
        let model = models.resolve(record.pin.as_ref());
        let usable = model.reference.filter(|_| model.unavailable.is_none());
        let connection = usable.as_ref().and_then(|reference| pool.record(reference.connection));
        let (Some(reference), Some(connection)) = (usable, connection) else {
            // Where the connection went just now, looking again says so.
            let why = model.unavailable.or_else(|| models.resolve(record.pin.as_ref()).unavailable);
            return Err(why.map_or(ChatError::NoChat, ChatError::Unavailable));
        };
        let unsaved: Vec<MessageRecord> = {
            let unsaved = self.unsaved();
            branch.iter().filter_map(|message| unsaved.get(&message.id)).map(|ended| ended.record.clone()).collect()
        };
        let now = self.0.options.clock.now();
        let title = text.as_deref().map(title_of).unwrap_or_default();
        let mut new = Vec::new();
        if let Some(text) = text {
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
        let (stored, late) = (new.clone(), unsaved.clone());
        let work = move |transaction: &rusqlite::Transaction<'_>| {
            // Read again: it may have been renamed, pinned or deleted meanwhile.
            let Some(mut record) = chats::one(transaction, id)? else { return Ok(false) };
            late.iter().try_for_each(|message| messages::finish(transaction, message))?;
            stored.iter().try_for_each(|message| messages::insert(transaction, message))?;
            if record.title.is_empty() {
                record.title = title;
            }
            (record.head, record.updated_at) = (Some(answer), now);
            chats::put(transaction, &record)?;
            Ok(true)
        };
        if !self.0.options.store.write(work).await? {
            return Err(ChatError::NoChat);
        }
        self.unsaved().retain(|id, _| unsaved.iter().all(|message| message.id != *id));
        Ok((new, answer::Job { answer: empty, reference, history }))
    }
}

fn message(id: MessageId, chat: ChatId, parent: Option<MessageId>, role: Role, now: Timestamp) -> MessageRecord {
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
pub(super) fn title_of(text: &str) -> String {
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
