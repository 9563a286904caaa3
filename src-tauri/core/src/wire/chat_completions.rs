//! OpenAI's chat completions, as OpenAI and everyone who speaks it too writes them.

mod answer;
mod thinking;
mod tool_calls;
mod usage;

use serde_json::{Map, Value, json};

pub(super) use answer::Answer;

use super::{ChatRequest, EncodedRequest, Part, Role, Turn};

/// What the call profile's parameters cannot change.
const RESERVED: [&str; 3] = ["model", "messages", "stream"];

/// Writes a request.
pub(super) fn encode(request: &ChatRequest<'_>) -> EncodedRequest {
    let messages: Vec<Value> = request.messages.iter().filter_map(message).collect();
    let mut body = Map::new();
    body.insert("model".to_owned(), request.model.into());
    body.insert("messages".to_owned(), messages.into());
    body.insert("stream".to_owned(), true.into());
    body.insert("stream_options".to_owned(), json!({ "include_usage": true }));
    for (name, value) in request.extra {
        if RESERVED.contains(&name.as_str()) {
            continue;
        }
        if value.is_null() {
            body.remove(name);
        } else {
            body.insert(name.clone(), value.clone());
        }
    }
    EncodedRequest { path: "chat/completions", body: Value::Object(body) }
}

fn message(turn: &Turn) -> Option<Value> {
    let texts: Vec<&str> =
        turn.parts.iter().map(|Part::Text(text)| text.as_str()).filter(|text| !text.trim().is_empty()).collect();
    if texts.is_empty() {
        return None;
    }
    let role = match turn.role {
        Role::User => "user",
        Role::Assistant => "assistant",
    };
    Some(json!({ "role": role, "content": texts.join("\n\n") }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(role: Role, texts: &[&str]) -> Turn {
        Turn { role, parts: texts.iter().map(|text| Part::Text((*text).to_owned())).collect() }
    }

    #[test]
    fn a_request_is_what_was_asked_for() {
        let messages = [
            turn(Role::User, &["Hello"]),
            turn(Role::Assistant, &["", " \n"]),
            turn(Role::Assistant, &[]),
            turn(Role::User, &["and ", "more"]),
        ];
        let extra = json!({
            "model": "other", "messages": [], "stream": false,
            "temperature": 0.5, "nothing": null, "stream_options": { "include_usage": false },
        });
        let extra = extra.as_object().expect("it is an object");
        let encoded = encode(&ChatRequest { model: "m", messages: &messages, extra });
        let body = json!({
            "model": "m",
            "messages": [{ "role": "user", "content": "Hello" }, { "role": "user", "content": "and \n\nmore" }],
            "stream": true,
            "stream_options": { "include_usage": false },
            "temperature": 0.5,
        });
        assert_eq!(encoded, EncodedRequest { path: "chat/completions", body });
    }

    #[test]
    fn null_takes_a_parameter_away() {
        let extra = Map::from_iter([("stream_options".to_owned(), Value::Null)]);
        let encoded = encode(&ChatRequest { model: "m", messages: &[], extra: &extra });
        assert_eq!(encoded.body, json!({ "model": "m", "messages": [], "stream": true }));
    }
}
