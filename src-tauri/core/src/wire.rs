//! Requests and stream events per wire format.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How a provider writes requests and streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// OpenAI's chat completions, and everyone who speaks it too.
    ChatCompletions,
}

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The person.
    User,
    /// The model.
    Assistant,
}

/// Tokens, as the provider counted them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Usage {
    /// Read, the cached ones included.
    pub input: Option<u32>,
    /// Of those, read from the provider's cache.
    pub cached: Option<u32>,
    /// Written, reasoning included.
    pub output: Option<u32>,
    /// Of those, spent on reasoning.
    pub reasoning: Option<u32>,
}
