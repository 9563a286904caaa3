//! Model lists, in the shapes that servers give them.
//!
//! Says what the provider says and nothing more: what a model can do, and which are for chats, is decided above.

use std::collections::HashSet;

use serde_json::Value;

use super::body;
use super::error::ProviderError;
use super::json::{first_count, first_text};
use crate::words::{is_invisible, say_with};

const MOST_MODELS: usize = 20_000;
const LONGEST_ID: usize = 512;
const LONGEST_NAME: usize = 200;

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

/// Reads a list. An entry that cannot be read is left out; the others are kept, in the order given.
pub(super) fn parse(body: &[u8]) -> Result<Vec<ListedModel>, ListError> {
    let value: Value = serde_json::from_slice(body).map_err(|_| ListError::NotJson)?;
    let entries = match &value {
        Value::Array(entries) => entries.as_slice(),
        _ => match ["data", "models"].iter().find_map(|key| value.get(key)?.as_array()) {
            Some(entries) => entries.as_slice(),
            // Ollama without a model.
            None if value.get("data").is_some_and(Value::is_null) && value.get("object").is_some() => &[],
            None if body::is_error(&value) => return Err(ListError::Refused(body::from_value(&value, None))),
            None => return Err(ListError::NoList),
        },
    };
    let mut seen = HashSet::new();
    let models = entries.iter().filter_map(model).filter(|model| seen.insert(model.id.clone()));
    Ok(models.take(MOST_MODELS).collect())
}

fn model(entry: &Value) -> Option<ListedModel> {
    let id = entry.as_str().or_else(|| first_text(entry, &["id", "slug", "model", "key", "name"]))?;
    if id.trim().is_empty() || id.len() > LONGEST_ID || id.contains(is_invisible) {
        return None;
    }
    let specification = entry.get("model_spec").unwrap_or(&Value::Null);
    let name = first_text(entry, &["display_name", "name"]).or_else(|| first_text(specification, &["name"]));
    let name = name.map(|name| name.chars().filter(|character| !is_invisible(*character)).take(LONGEST_NAME).collect());
    let name = name.map(|name: String| name.trim().to_owned()).filter(|name| !name.is_empty() && name != id);
    let context = first_count(entry, &["context_length", "context_window", "max_context_length", "max_input_tokens"])
        .or_else(|| first_count(specification, &["availableContextTokens"]))
        .filter(|context| *context > 0);
    Some(ListedModel { id: id.to_owned(), name, context })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::wire::ErrorKind;

    fn listed(id: &str, name: Option<&str>, context: Option<u32>) -> ListedModel {
        ListedModel { id: id.to_owned(), name: name.map(str::to_owned), context }
    }

    fn list(value: &Value) -> Vec<ListedModel> {
        parse(value.to_string().as_bytes()).expect("there is a list")
    }

    #[test]
    fn one_broken_entry_does_not_lose_the_list() {
        let value = json!({ "object": "list", "data": [
            { "id": "b", "name": "The B", "context_length": 128_000 },
            null, 7, {}, { "id": null }, { "id": "" }, { "id": "x\u{0}" }, { "id": "x\u{202E}y" }, { "id": "\u{200B}" }, { "id": "x".repeat(600) }, [],
            { "id": "a", "context_window": "many", "display_name": "a" },
            { "id": "b", "name": "Again" },
            { "id": "c", "max_input_tokens": 200_000, "name": "internal", "display_name": " The\tC " },
            { "id": "d", "model_spec": { "name": "The D", "availableContextTokens": 32_768 } },
            { "id": "e", "max_context_length": 0, "name": "\u{2066}The\u{202E} E\u{E0041}\u{200B}" },
        ]});
        let expected = [
            listed("b", Some("The B"), Some(128_000)),
            listed("a", None, None),
            listed("c", Some("TheC"), Some(200_000)),
            listed("d", Some("The D"), Some(32_768)),
            listed("e", Some("The E"), None),
        ];
        assert_eq!(list(&value), expected);
    }

    #[test]
    fn lists_come_in_several_shapes() {
        let one = [listed("x", None, None)];
        assert_eq!(list(&json!([{ "id": "x" }])), one);
        assert_eq!(list(&json!({ "models": [{ "slug": "x" }] })), one);
        assert_eq!(list(&json!({ "models": [{ "name": "x" }], "data": null })), one);
        assert_eq!(list(&json!({ "models": ["x", "x"] })), one);
        assert_eq!(list(&json!({ "models": [{ "slug": "x", "display_name": "X" }] })), [listed("x", Some("X"), None)]);
        assert_eq!(list(&json!({ "object": "list", "data": null })), []);
        assert_eq!(list(&json!({ "data": [] })), []);
        let many: Vec<Value> = (0..30_000).map(|number| json!({ "id": number.to_string() })).collect();
        assert_eq!(list(&json!({ "data": many })).len(), MOST_MODELS);
    }

    #[test]
    fn what_is_no_list_is_an_error() {
        assert_eq!(parse(b"<!doctype html><title>Sign in</title>"), Err(ListError::NotJson));
        assert_eq!(parse(b""), Err(ListError::NotJson));
        assert_eq!(parse(b"{\"data\": {}}"), Err(ListError::NoList));
        assert_eq!(parse(b"null"), Err(ListError::NoList));
        let refused = parse(br#"{"error": {"message": "no", "code": "invalid_api_key"}}"#);
        let Err(ListError::Refused(error)) = refused else { panic!("{refused:?} is not an error") };
        assert_eq!(error.kind, ErrorKind::Unauthorized);
        for error in [ListError::NotJson, ListError::NoList] {
            assert!(error.words("OpenAI").contains("OpenAI"), "{error} names the provider");
        }
    }
}
