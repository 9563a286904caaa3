//! Requests and stream events per wire format.
//!
//! Pure adapters: values in, bytes out; bytes in, events out. Nothing here opens a connection, waits, or knows a
//! credential; who sends and when to try again is decided above. Whatever a server writes, however broken, ends as
//! one [`StreamEvent::Finish`] or one [`StreamEvent::Error`].

mod body;
mod chat_completions;
mod cleaning;
mod decoder;
mod error;
mod json;
mod model_list;
mod sse;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use ts_rs::TS;

pub use decoder::Decoder;
pub use error::{ErrorKind, ProviderError};
pub use model_list::{ListError, ListedModel};

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

/// One piece of what somebody said, in a form that every provider can be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Text as it was written.
    Text(String),
}

/// One turn of the conversation, as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Who spoke.
    pub role: Role,
    /// What was said.
    pub parts: Vec<Part>,
}

/// What to ask of a model.
#[derive(Clone, Copy, Debug)]
pub struct ChatRequest<'a> {
    /// The model, as the provider spells it.
    pub model: &'a str,
    /// The conversation, oldest first. Turns with nothing in them are not sent.
    pub messages: &'a [Turn],
    /// Parameters of the call profile, added to the body. They cannot change the model, the messages or that the
    /// answer is streamed; `null` takes away a parameter that would be sent otherwise.
    pub extra: &'a Map<String, Value>,
}

/// A request, ready to be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct EncodedRequest {
    /// Appended to the base URL.
    pub path: &'static str,
    /// The body, sent as JSON.
    pub body: Value,
}

/// What a streamed answer consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StreamEvent {
    /// More of the answer.
    Text(String),
    /// More of what the model thinks before it answers.
    Reasoning(String),
    /// More of the model's refusal, where the provider marks it as one.
    Refusal(String),
    /// The model asks for a tool; complete, sent just before the end.
    ToolCall {
        /// What the result has to name; empty where the provider gave none.
        id: String,
        /// Which tool.
        name: String,
        /// Its arguments as the model wrote them: JSON, as a rule.
        arguments: String,
    },
    /// Tokens, sent just before the end.
    Usage(Usage),
    /// The answer has ended. Nothing follows.
    Finish(FinishReason),
    /// The answer has failed. Nothing follows.
    Error(ProviderError),
}

/// Why an answer ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FinishReason {
    /// It was complete.
    Stop,
    /// It reached the output limit.
    Length,
    /// The model waits for tools.
    ToolCalls,
    /// The provider withheld the rest.
    ContentFilter,
    /// Something else, as the provider spells it.
    Other(String),
}

impl Format {
    /// Writes a request.
    pub fn encode(self, request: &ChatRequest<'_>) -> EncodedRequest {
        match self {
            Self::ChatCompletions => chat_completions::encode(request),
        }
    }

    /// Reads one streamed answer.
    pub fn decoder(self) -> Decoder {
        Decoder::new(match self {
            Self::ChatCompletions => chat_completions::Answer::default(),
        })
    }

    /// Reads the body of an answer whose status is not a success.
    pub fn error(self, status: u16, headers: &http::HeaderMap, body: &[u8]) -> ProviderError {
        match self {
            Self::ChatCompletions => body::failure(status, headers, body),
        }
    }

    /// Where the model list is, appended to the base URL.
    pub fn models_path(self) -> &'static str {
        match self {
            Self::ChatCompletions => "models",
        }
    }

    /// Reads a model list.
    pub fn parse_models(self, body: &[u8]) -> Result<Vec<ListedModel>, ListError> {
        match self {
            Self::ChatCompletions => model_list::parse(body),
        }
    }
}
