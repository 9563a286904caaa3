//! Chats, their messages, and the runs that write answers.

mod view;

pub use view::{ChatSummary, ChatView, MessageState, MessageView, Role, RunFrame, Usage, WrittenBy};
