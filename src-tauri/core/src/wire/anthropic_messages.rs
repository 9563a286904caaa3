//! Anthropic's messages: how a conversation is written.
//!
//! Turns alternate, so neighbours of one role become one message; results of tools come first in theirs. Thoughts go
//! back with their signature and in their place, or not at all.

mod answer;
mod usage;

use serde_json::{Map, Value, json};

pub(super) use answer::Answer;

use super::conversation::{Piece, Spoken, prepare};
use super::outline::{self, Step};
use super::{ChatRequest, EncodedRequest, Format, Role, parameters};

/// What the call profile's parameters cannot change.
const RESERVED: [&str; 3] = ["model", "messages", "stream"];
/// The format has no answer without a limit; this one every current model allows.
const MAX_TOKENS: u32 = 8_192;
const VERSION: &str = "2023-06-01";

/// Writes a request.
pub(super) fn encode(request: &ChatRequest<'_>) -> EncodedRequest {
    let mut body = Map::new();
    body.insert("model".to_owned(), request.model.into());
    body.insert("max_tokens".to_owned(), request.max_output.unwrap_or(MAX_TOKENS).into());
    if let Some(system) = request.system.filter(|system| !system.trim().is_empty()) {
        body.insert("system".to_owned(), system.into());
    }
    body.insert("messages".to_owned(), messages(request));
    body.insert("stream".to_owned(), true.into());
    parameters::add(&mut body, request.extra, &RESERVED);
    let budget = body.get("thinking").and_then(|thinking| thinking.get("budget_tokens")).and_then(Value::as_u64);
    match (body.get("max_tokens").and_then(Value::as_u64), budget) {
        (None, _) => drop(body.insert("max_tokens".to_owned(), MAX_TOKENS.into())),
        // Thoughts count as output, and have to leave some of it.
        (Some(limit), Some(budget)) if limit <= budget => {
            body.insert("max_tokens".to_owned(), budget.saturating_add(MAX_TOKENS.into()).into());
        }
        _ => {}
    }
    let headers = vec![("anthropic-version", VERSION.to_owned())];
    EncodedRequest { path: "messages".to_owned(), headers, body: Value::Object(body) }
}

fn messages(request: &ChatRequest<'_>) -> Value {
    let mut messages: Vec<(Role, Vec<Value>)> = Vec::new();
    for spoken in prepare(request.messages, Format::AnthropicMessages, is_id) {
        let blocks = blocks(&spoken);
        match messages.last_mut() {
            Some((role, all)) if *role == spoken.role => all.extend(blocks),
            // The person always begins.
            None if spoken.role == Role::Assistant => {}
            _ if blocks.is_empty() => {}
            _ => messages.push((spoken.role, blocks)),
        }
    }
    let messages = messages.into_iter().map(|(role, mut blocks)| match role {
        Role::User => {
            blocks.sort_by_key(|block| block.get("type").and_then(Value::as_str) != Some("tool_result"));
            json!({ "role": "user", "content": blocks })
        }
        Role::Assistant => json!({ "role": "assistant", "content": blocks }),
    });
    messages.collect()
}

fn blocks(spoken: &Spoken<'_>) -> Vec<Value> {
    if let Some(steps) = outline::steps(spoken) {
        let block = |step| match step {
            Step::Echo(value) => Some(value.clone()),
            Step::Text(text, _) => (!text.trim().is_empty()).then(|| json!({ "type": "text", "text": text })),
            Step::Call(id, name, arguments) => Some(tool_use(id, name, arguments)),
        };
        return steps.into_iter().filter_map(block).collect();
    }
    let block = |piece: &Piece<'_>| match piece {
        Piece::Text(text) => Some(json!({ "type": "text", "text": text })),
        Piece::Image { media_type, data } => {
            let source = json!({ "type": "base64", "media_type": media_type, "data": data });
            (spoken.role == Role::User).then(|| json!({ "type": "image", "source": source }))
        }
        Piece::ToolCall { id, name, arguments, .. } => Some(tool_use(id, name, arguments)),
        Piece::ToolResult { id, content, is_error, .. } => {
            let mut result = json!({ "type": "tool_result", "tool_use_id": id, "content": content });
            if *is_error {
                result["is_error"] = true.into();
            }
            Some(result)
        }
    };
    spoken.pieces.iter().filter_map(block).collect()
}

fn tool_use(id: &str, name: &str, arguments: &str) -> Value {
    let input = match serde_json::from_str(arguments) {
        Ok(Value::Object(input)) => Value::Object(input),
        _ if arguments.trim().is_empty() => json!({}),
        Ok(other) => json!({ "arguments": other }),
        Err(_) => json!({ "arguments": arguments }),
    };
    json!({ "type": "tool_use", "id": id, "name": name, "input": input })
}

fn is_id(id: &str) -> bool {
    id.len() <= 64 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

#[cfg(test)]
#[path = "anthropic_messages/tests.rs"]
mod tests;
