//! Chats and messages as the chat window shows them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::ids::{ChatId, MessageId, ModelReference};
use crate::models::{Choice, EffectiveModel};
use crate::pool::Method;
use crate::time::Timestamp;

pub use crate::wire::{Role, Usage};

/// How a message stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum MessageState {
    /// All of it is there.
    Complete,
    /// It is being written.
    Streaming,
    /// The person stopped it.
    Stopped,
    /// Patchbay ended while it was being written; what had arrived is there.
    Interrupted,
    /// It failed; what had arrived is there.
    Failed,
}

/// Who wrote an answer, as it was then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct WrittenBy {
    /// The model and the connection.
    pub reference: ModelReference,
    /// The model's name for people.
    pub name: String,
    /// The connection's label.
    pub connection_label: String,
    /// The connection's colour, as a hue in degrees.
    pub hue: u16,
    /// How the connection proved who the person is.
    pub method: Method,
    /// Whether the chat was on the default.
    pub on_default: bool,
}

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
