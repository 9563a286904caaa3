//! Chats and messages as the chat window shows them.

use serde::Serialize;
use ts_rs::TS;

use crate::ids::{ChatId, MessageId};
use crate::markdown;
use crate::models::{Choice, EffectiveModel};
use crate::store::messages::MessageRecord;
use crate::time::Timestamp;

pub use crate::store::messages::{MessageState, WrittenBy};
pub use crate::wire::{Role, Usage};

/// A chat in the sidebar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ChatSummary {
    /// Which chat.
    pub id: ChatId,
    /// Its title; empty until the first message names it.
    pub title: String,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Its choice.
    pub choice: Choice,
    /// What the choice resolves to now.
    pub model: EffectiveModel,
    /// An answer is being written.
    pub running: bool,
}

/// A message in the conversation.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct MessageView {
    /// Which message.
    pub id: MessageId,
    /// Who speaks.
    pub role: Role,
    /// The text as blocks of safe HTML.
    pub blocks: Vec<String>,
    /// The text as it was written, for "Copy".
    pub text: String,
    /// What the model thought before it answered, as plain text.
    pub reasoning: Option<String>,
    /// How it stands.
    pub state: MessageState,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who wrote it; answers only.
    pub written_by: Option<WrittenBy>,
    /// Tokens, where the provider said.
    pub usage: Option<Usage>,
    /// How long the answer took.
    pub duration_ms: Option<u32>,
    /// What to know of how it ended: cut at the limit, filtered, or why it failed. In words.
    pub remark: Option<String>,
}

/// A chat with its messages.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ChatView {
    /// What the sidebar knows of it.
    pub summary: ChatSummary,
    /// The messages, oldest first.
    pub messages: Vec<MessageView>,
}

/// What a running answer's listener receives, at most once a display frame.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RunFrame {
    /// The answer.
    pub message: MessageId,
    /// Forget the blocks and the reasoning shown so far: this frame starts from the beginning.
    pub reset: bool,
    /// Blocks that were closed since the last frame; they never change again.
    pub closed: Vec<String>,
    /// The open block, replacing the one of the last frame.
    pub tail: String,
    /// What was thought since the last frame.
    pub reasoning: String,
    /// The message as stored, in the last frame of the run.
    pub end: Option<MessageView>,
}

/// The view of a stored message.
pub(super) fn message(record: &MessageRecord) -> MessageView {
    MessageView {
        id: record.id,
        role: record.role,
        blocks: match record.role {
            Role::Assistant => markdown::render(&record.text),
            Role::User => markdown::plain(&record.text),
        },
        text: record.text.clone(),
        reasoning: (!record.reasoning.is_empty()).then(|| record.reasoning.clone()),
        state: record.state,
        created_at: record.created_at,
        written_by: record.written_by.clone(),
        usage: record.usage,
        duration_ms: record.duration_ms,
        remark: record.remark.clone(),
    }
}
