//! Errors as they leave the core: a code where the interface branches on it, and words for the person.
//!
//! Inside, every module has one enum of its own; the message is chosen where that enum is turned into this type.

use serde::Serialize;
use ts_rs::TS;

/// What the interface does differently for an error; everything else is [`Code::Other`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// No keychain can be used: the interface offers what to do instead.
    NoKeychain,
    /// The database cannot be used: the interface shows this instead of everything else.
    NoDatabase,
    /// The chat's model cannot be used: the interface opens the model dropdown.
    ModelUnavailable,
    /// The thing asked for is gone: the interface reloads.
    NotFound,
    /// Only the words matter.
    Other,
}

/// An error at the edge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// What the interface branches on.
    pub code: Code,
    /// What happened and what to do, in the person's words; never holds a secret.
    pub message: String,
}

impl Error {
    /// An error with a code that the interface branches on.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// An error of which only the words matter.
    pub fn other(message: impl Into<String>) -> Self {
        Self::new(Code::Other, message)
    }
}
