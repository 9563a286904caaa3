//! Ollama's own way: how a conversation is written.
//!
//! It says more than its copy of chat completions: thoughts have a field of their own and take a level, and the
//! context's size can be asked for. The base URL is the server's root. Whether a model thinks is left to the model
//! unless the call profile says otherwise in `think`: asking one that cannot is an error.

mod answer;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value, json};

pub(super) use answer::Answer;

use super::conversation::{Piece, Spoken, prepare};
use super::whole_calls::object;
use super::{ChatRequest, EncodedRequest, Format, Role, parameters};

/// What the call profile's parameters cannot change.
const RESERVED: [&str; 4] = ["model", "messages", "stream", OPTIONS];
const OPTIONS: &str = "options";

/// Writes a request.
pub(super) fn encode(request: &ChatRequest<'_>) -> EncodedRequest {
    let system = request.system.filter(|system| !system.trim().is_empty());
    let system = system.map(|system| json!({ "role": "system", "content": system }));
    let conversation = prepare(request.messages, Format::Ollama, |_| true);
    let messages: Vec<Value> = system.into_iter().chain(conversation.iter().flat_map(messages)).collect();
    let mut body = Map::new();
    body.insert("model".to_owned(), request.model.into());
    body.insert("messages".to_owned(), messages.into());
    body.insert("stream".to_owned(), true.into());
    parameters::add(&mut body, request.extra, &RESERVED);
    let mut options = Map::new();
    if let Some(limit) = request.max_output {
        options.insert("num_predict".to_owned(), limit.into());
    }
    match request.extra.get(OPTIONS) {
        Some(Value::Object(extra)) => parameters::add(&mut options, extra, &[]),
        Some(Value::Null) => options.clear(),
        _ => {}
    }
    if !options.is_empty() {
        body.insert(OPTIONS.to_owned(), Value::Object(options));
    }
    EncodedRequest { path: "api/chat".to_owned(), headers: Vec::new(), body: Value::Object(body) }
}

/// Results of tools are messages of their own, and come before what the person says with them.
fn messages(spoken: &Spoken<'_>) -> Vec<Value> {
    let (mut messages, mut texts, mut images, mut calls) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for piece in &spoken.pieces {
        match piece {
            Piece::Text(text) => texts.push(*text),
            Piece::Image { data, .. } => images.push(*data),
            Piece::ToolCall { id, name, arguments, .. } => {
                calls.push(json!({ "id": id, "function": { "name": name, "arguments": object(arguments) } }));
            }
            Piece::ToolResult { id, name, content, is_error } => {
                let content = if *is_error { format!("Error: {content}") } else { (*content).to_owned() };
                messages.push(json!({ "role": "tool", "content": content, "tool_name": name, "tool_call_id": id }));
            }
        }
    }
    if texts.is_empty() && images.is_empty() && calls.is_empty() {
        return messages;
    }
    let role = match spoken.role {
        Role::User => "user",
        Role::Assistant => "assistant",
    };
    let mut message = json!({ "role": role, "content": texts.join("\n\n") });
    if !images.is_empty() {
        message["images"] = images.into();
    }
    if !calls.is_empty() {
        message["tool_calls"] = calls.into();
    }
    messages.push(message);
    messages
}
