//! Tool calls whose arguments are an object, and which arrive in one piece: Gemini's and Ollama's.

use serde_json::{Value, json};

use super::StreamEvent;

const MOST_CALLS: usize = 256;
const MOST_ARGUMENTS: usize = 8 * 1024 * 1024;

/// More calls, or longer ones, than any model makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooMany;

/// The calls of one answer.
#[derive(Debug, Default)]
pub(super) struct WholeCalls {
    calls: Vec<StreamEvent>,
    arguments: usize,
}

impl WholeCalls {
    /// Takes a call; one that names no tool is none.
    pub(super) fn add(&mut self, id: &str, name: &str, arguments: Option<&Value>) -> Result<bool, TooMany> {
        if name.is_empty() {
            return Ok(false);
        }
        let arguments = match arguments {
            None | Some(Value::Null) => "{}".to_owned(),
            // Some copies of these formats write the object as a string.
            Some(Value::String(text)) => text.clone(),
            Some(object) => object.to_string(),
        };
        self.arguments = self.arguments.saturating_add(arguments.len());
        if self.calls.len() == MOST_CALLS || self.arguments > MOST_ARGUMENTS {
            return Err(TooMany);
        }
        self.calls.push(StreamEvent::ToolCall { id: id.to_owned(), name: name.to_owned(), arguments });
        Ok(true)
    }

    /// Whether there is any.
    pub(super) fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    /// Gives out the calls.
    pub(super) fn finish(&mut self, events: &mut Vec<StreamEvent>) {
        events.append(&mut self.calls);
    }
}

/// Arguments as the object that these formats ask for, whatever the model wrote.
pub(super) fn object(arguments: &str) -> Value {
    match serde_json::from_str(arguments) {
        Ok(Value::Object(fields)) => Value::Object(fields),
        Ok(Value::Null) => json!({}),
        Ok(other) => json!({ "arguments": other }),
        Err(_) if arguments.trim().is_empty() => json!({}),
        Err(_) => json!({ "arguments": arguments }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_an_object_in_the_end() {
        assert_eq!(object("{\"a\":1}"), json!({ "a": 1 }));
        assert_eq!(object(" "), json!({}));
        assert_eq!(object("null"), json!({}));
        assert_eq!(object("[1]"), json!({ "arguments": [1] }));
        assert_eq!(object("{\"a\":"), json!({ "arguments": "{\"a\":" }));
    }

    #[test]
    fn calls_are_limited() {
        let mut calls = WholeCalls::default();
        assert_eq!(calls.add("", "", None), Ok(false), "a call of nothing is none");
        for _ in 0..MOST_CALLS {
            assert_eq!(calls.add("", "f", Some(&json!({}))), Ok(true));
        }
        assert_eq!(calls.add("", "f", None), Err(TooMany));
        let long = Value::String("x".repeat(MOST_ARGUMENTS + 1));
        assert_eq!(WholeCalls::default().add("", "f", Some(&long)), Err(TooMany));
    }
}
