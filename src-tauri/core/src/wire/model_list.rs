//! Model lists, in the shapes that servers give them.
//!
//! Says what the provider says: which models there are, what they are called, how much they take in; those that are
//! not for chats are left out ([`chat`]). Who fetches the pages, and how many, is decided above. An entry that cannot
//! be read is passed over and costs nothing but itself.

mod chat;
mod entry;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::form_urlencoded::byte_serialize;

use super::body;
use super::error::ProviderError;
use super::json::text;
use crate::words::say_with;
use entry::Entry;

/// More than any provider lists; what comes after is left out.
const MOST_MODELS: usize = 20_000;
/// Longer than any cursor a provider writes.
const LONGEST_CURSOR: usize = 2_048;

/// How a provider lists its models.
///
/// All of them read each other's entries as far as they can: what differs is the address, how pages follow each
/// other, and what counts as a word on chats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListFormat {
    /// OpenAI's, which most others write too: ids and little else.
    #[default]
    #[serde(rename = "openai")]
    OpenAi,
    /// Anthropic's, in pages.
    Anthropic,
    /// The Gemini API's, in pages.
    Gemini,
    /// `OpenRouter`'s, with modalities.
    #[serde(rename = "openrouter")]
    OpenRouter,
    /// Ollama's tags; the base URL is the server's root.
    Ollama,
    /// LM Studio's own list, which is beside its `/v1`.
    LmStudio,
    /// Mistral's, with capabilities and every alias as an entry.
    Mistral,
    /// Venice's, asked for text models.
    Venice,
    /// Together's: an array and nothing around it.
    Together,
    /// Hugging Face's router, with the services behind each model.
    HuggingFace,
    /// Groq's, which lists inactive models too.
    Groq,
    /// xAI's language models.
    Xai,
    /// `OpenAI`'s answer to a token of "Sign in with `ChatGPT`".
    #[serde(rename = "chatgpt")]
    ChatGpt,
}

/// Where to read a page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListRequest {
    /// Appended to the base URL; may step out of it with `..` and may hold a query.
    pub path: String,
}

/// One page of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListPage {
    /// The models for chats, in the provider's order.
    pub models: Vec<ListedModel>,
    /// Where the next page is: a path like [`ListRequest::path`].
    pub next: Option<String>,
}

/// A model, as listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedModel {
    /// As the provider spells it.
    pub id: String,
    /// For people, where that is something else.
    pub name: Option<String>,
    /// How many tokens it takes in.
    pub context: Option<u32>,
}

/// Why a model list could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// It is not JSON: a web page, as a rule.
    #[error("the model list is not JSON")]
    NotJson,
    /// It is JSON, and no list in it.
    #[error("there is no model list in the answer")]
    NoList,
    /// An error came with a success.
    #[error("{0}")]
    Refused(ProviderError),
}

impl ListError {
    /// What happened and what to do, for the person.
    pub fn words(&self, provider_name: &str) -> String {
        match self {
            Self::NotJson => say_with("wire-list-not-json", &[("provider", provider_name)]),
            Self::NoList => say_with("wire-list-none", &[("provider", provider_name)]),
            Self::Refused(error) => error.words(provider_name),
        }
    }
}

impl ListFormat {
    /// Where the list begins.
    pub fn first_request(self) -> ListRequest {
        let path = match self {
            Self::Anthropic => "models?limit=1000",
            Self::Gemini => "models?pageSize=1000",
            Self::Ollama => "api/tags",
            Self::LmStudio => "../api/v1/models",
            Self::Venice => "models?type=text",
            Self::Xai => "language-models",
            Self::OpenAi
            | Self::OpenRouter
            | Self::Mistral
            | Self::Together
            | Self::HuggingFace
            | Self::Groq
            | Self::ChatGpt => "models",
        };
        ListRequest { path: path.to_owned() }
    }

    /// Where else to look when there was no list at `request`: at servers of an older version.
    pub fn fallback(self, request: &ListRequest) -> Option<ListRequest> {
        let path = match (self, request.path.as_str()) {
            (Self::LmStudio, "../api/v1/models") => "../api/v0/models",
            (Self::LmStudio, "../api/v0/models") | (Self::Xai, "language-models") => "models",
            _ => return None,
        };
        Some(ListRequest { path: path.to_owned() })
    }

    /// Reads a page.
    pub fn parse(self, body: &[u8]) -> Result<ListPage, ListError> {
        let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
        // One name with a broken character in it is no reason to lose the list.
        let value: Value = serde_json::from_slice(body)
            .or_else(|_| serde_json::from_str(&String::from_utf8_lossy(body)))
            .map_err(|_| ListError::NotJson)?;
        let entries = self.entries(&value)?.iter().filter(|value| chat::is_for_chats(self, value));
        let mut read: Vec<Entry<'_>> = entries.filter_map(|value| Entry::read(self, value)).collect();
        if self == Self::Mistral {
            read = entry::without_aliases(read);
        }
        let mut seen = HashSet::new();
        read.retain(|entry| seen.insert(entry.id));
        let models = read.iter().take(MOST_MODELS).map(Entry::listed).collect();
        Ok(ListPage { models, next: self.next(&value) })
    }

    fn entries(self, value: &Value) -> Result<&[Value], ListError> {
        if let Value::Array(entries) = value {
            return Ok(entries);
        }
        if let Some(entries) = ["data", "models"].iter().find_map(|key| value.get(key)?.as_array()) {
            return Ok(entries);
        }
        if body::is_error(value) {
            return Err(ListError::Refused(body::from_value(value, None)));
        }
        let null = |key: &str| value.get(key).is_some_and(Value::is_null);
        // Ollama without a model writes null; Google leaves out what is empty.
        let nothing = self == Self::Gemini && value.as_object().is_some_and(serde_json::Map::is_empty);
        if null("models") || (null("data") && value.get("object").is_some()) || nothing {
            return Ok(&[]);
        }
        Err(ListError::NoList)
    }

    fn next(self, page: &Value) -> Option<String> {
        let (field, parameter) = match self {
            Self::Anthropic if page.get("has_more") == Some(&Value::Bool(true)) => ("last_id", "after_id"),
            Self::Gemini => ("nextPageToken", "pageToken"),
            _ => return None,
        };
        let cursor = text(page, field).filter(|cursor| cursor.len() <= LONGEST_CURSOR)?;
        let cursor: String = byte_serialize(cursor.as_bytes()).collect();
        Some(format!("{}&{parameter}={cursor}", self.first_request().path))
    }
}
