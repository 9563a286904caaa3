//! Requests and stream events per wire format.
//!
//! One module a format: its `encode` writes a request, its `Answer` reads what [`Decoder`] divides into frames. Pure
//! adapters: values in, bytes out; bytes in, events out. Nothing here opens a connection, waits, or knows a credential;
//! who sends and when to try again is decided above. Whatever a server writes, however broken, ends as one
//! [`StreamEvent::Finish`] or one [`StreamEvent::Error`].

mod anthropic_messages;
mod body;
mod chat_completions;
mod cleaning;
mod conversation;
mod decoder;
mod error;
mod gemini;
mod json;
mod lines;
mod model_list;
mod ollama;
mod outline;
mod parameters;
#[cfg(test)]
mod replay;
mod responses;
mod sse;
#[cfg(test)]
mod tests;
mod thinking;
mod whole_calls;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use ts_rs::TS;

pub use decoder::Decoder;
pub use error::{ErrorKind, ProviderError};
pub use model_list::{ListError, ListFormat, ListPage, ListRequest, ListedModel};

/// How a provider writes requests and streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// OpenAI's chat completions, and everyone who speaks it too.
    ChatCompletions,
    /// OpenAI's Responses.
    Responses,
    /// Responses as "Sign in with `ChatGPT`" allows it.
    ChatgptResponses,
    /// Anthropic's messages.
    AnthropicMessages,
    /// Google's own way to its Gemini models.
    Gemini,
    /// Ollama's own way, which says more than its copy of chat completions.
    Ollama,
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
    /// A picture.
    Image {
        /// What it is, such as `image/png`.
        media_type: String,
        /// The file in base64, without line breaks.
        data: String,
    },
    /// The model asked for a tool.
    ToolCall {
        /// As the provider gave it; may be empty.
        id: String,
        /// Which tool.
        name: String,
        /// Its arguments: JSON, as a rule.
        arguments: String,
    },
    /// What the tool gave; in a turn of the person's.
    ToolResult {
        /// The call's.
        id: String,
        /// Which tool.
        name: String,
        /// The result.
        content: String,
        /// The tool failed, and the content says why.
        is_error: bool,
    },
}

/// What a model wants to see again and nobody else can read, such as signed thoughts. It belongs to the wire,
/// provider, model and connection that it came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opaque {
    /// How it was written.
    pub wire: Format,
    /// Whose it is.
    pub provider: String,
    /// The model that wrote it.
    pub model: String,
    /// The account that it was written for.
    pub connection: String,
    /// As [`StreamEvent::Opaque`] gave it.
    pub blob: Value,
}

/// One turn of the conversation, as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Who spoke.
    pub role: Role,
    /// What was said. An answer's texts are what the events gave, in order and unchanged, if `opaque` is given.
    pub parts: Vec<Part>,
    /// What the model wants to see again. Only given when provider, model and connection are those of the request and
    /// nothing before it was edited; the wire is compared here.
    pub opaque: Option<Opaque>,
}

impl Turn {
    /// A turn with nothing opaque.
    pub fn new(role: Role, parts: Vec<Part>) -> Self {
        Self { role, parts, opaque: None }
    }
}

/// What to ask of a model.
#[derive(Clone, Copy, Debug)]
pub struct ChatRequest<'a> {
    /// The model, as the provider spells it.
    pub model: &'a str,
    /// The conversation, oldest first. Turns with nothing in them are not sent.
    pub messages: &'a [Turn],
    /// What the model is told before the conversation.
    pub system: Option<&'a str>,
    /// How many tokens the answer may have, where that is known or asked for.
    pub max_output: Option<u32>,
    /// Parameters of the call profile, added to the body. They cannot change the model, the messages or that the
    /// answer is streamed; `null` takes away a parameter that would be sent otherwise.
    pub extra: &'a Map<String, Value>,
}

/// A request, ready to be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct EncodedRequest {
    /// Appended to the base URL; may hold a query behind `?`. What is not ours in it is percent-encoded.
    pub path: String,
    /// Headers that the format asks for; the provider's own of the same name replace them.
    pub headers: Vec<(&'static str, String)>,
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
    /// What has to be sent back with this answer (see [`Turn::opaque`]); sent just before the end, and only when there
    /// is something.
    Opaque(Value),
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
            Self::Responses => responses::encode(request, responses::Dialect::Platform),
            Self::ChatgptResponses => responses::encode(request, responses::Dialect::Chatgpt),
            Self::AnthropicMessages => anthropic_messages::encode(request),
            Self::Gemini => gemini::encode(request),
            Self::Ollama => ollama::encode(request),
        }
    }

    /// Reads one streamed answer.
    pub fn decoder(self) -> Decoder {
        Decoder::new(match self {
            Self::ChatCompletions => Box::new(chat_completions::Answer::default()),
            Self::Responses | Self::ChatgptResponses => Box::new(responses::Answer::default()),
            Self::AnthropicMessages => Box::new(anthropic_messages::Answer::default()),
            Self::Gemini => Box::new(gemini::Answer::default()),
            Self::Ollama => Box::new(ollama::Answer::default()),
        })
    }

    /// Reads the body of an answer whose status is not a success. All formats are read alike: what stands between us
    /// and the provider answers in a format of its own.
    pub fn error(self, status: u16, headers: &http::HeaderMap, body: &[u8]) -> ProviderError {
        body::failure(status, headers, body)
    }
}
