//! OpenAI's Responses: how a conversation is written.
//!
//! Nothing is stored there: what the model wants to see again comes back encrypted and goes out in its place, without
//! the ids that only a stored answer could be found by. "Sign in with `ChatGPT`" takes the same and refuses much of it.

mod answer;
mod items;

use serde_json::{Map, Value, json};

pub(super) use answer::Answer;

use super::conversation::{Piece, Spoken, prepare};
use super::outline::{self, Step};
use super::{ChatRequest, EncodedRequest, Format, Role, parameters};

/// Whose Responses they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// The platform's, with a key.
    Platform,
    /// Those of a `ChatGPT` plan.
    Chatgpt,
}

/// What the call profile's parameters cannot change.
const RESERVED: [&str; 3] = ["model", "input", "stream"];
/// What a request of a `ChatGPT` plan cannot change, and what it is refused for.
const RESERVED_CHATGPT: [&str; 21] = [
    "model",
    "input",
    "stream",
    "store",
    "tools",
    "background",
    "conversation",
    "max_output_tokens",
    "max_tool_calls",
    "metadata",
    "moderation",
    "multi_agent",
    "previous_response_id",
    "prompt",
    "prompt_cache_retention",
    "safety_identifier",
    "temperature",
    "top_logprobs",
    "top_p",
    "truncation",
    "user",
];

/// Writes a request.
pub(super) fn encode(request: &ChatRequest<'_>, dialect: Dialect) -> EncodedRequest {
    let mut body = Map::new();
    body.insert("model".to_owned(), request.model.into());
    if let Some(system) = request.system.filter(|system| !system.trim().is_empty()) {
        body.insert("instructions".to_owned(), system.into());
    }
    if reasons(request.model) {
        body.insert("include".to_owned(), json!(["reasoning.encrypted_content"]));
    }
    body.insert("store".to_owned(), false.into());
    body.insert("stream".to_owned(), true.into());
    let mut input = Vec::new();
    match dialect {
        Dialect::Platform => {
            body.extend(request.max_output.map(|limit| ("max_output_tokens".to_owned(), limit.into())));
            parameters::add(&mut body, request.extra, &RESERVED);
        }
        Dialect::Chatgpt => {
            parameters::add(&mut body, request.extra, &RESERVED_CHATGPT);
            // Tools are told to the model as a part of the conversation.
            let tools = request.extra.get("tools").filter(|tools| tools.is_array());
            input.extend(tools.map(|tools| json!({ "type": "additional_tools", "role": "developer", "tools": tools })));
        }
    }
    let format = match dialect {
        Dialect::Platform => Format::Responses,
        Dialect::Chatgpt => Format::ChatgptResponses,
    };
    for spoken in prepare(request.messages, format, |id| id.len() <= 64) {
        match (outline::steps(&spoken), spoken.role) {
            (Some(steps), _) => input.extend(steps.iter().filter_map(step)),
            (None, Role::User) => person(&spoken, &mut input),
            (None, Role::Assistant) => input.extend(spoken.pieces.iter().filter_map(said)),
        }
    }
    body.insert("input".to_owned(), input.into());
    EncodedRequest { path: "responses".to_owned(), headers: Vec::new(), body: Value::Object(body) }
}

/// Whether the model may be asked for its encrypted reasoning: those that have none refuse the question.
fn reasons(model: &str) -> bool {
    let name = model.rsplit('/').next().unwrap_or(model);
    let without = ["gpt-3", "gpt-4", "chatgpt-"].iter().any(|prefix| name.starts_with(prefix));
    !without && !name.contains("-chat")
}

/// The person's turn: the results of tools, then the rest as one message.
fn person(spoken: &Spoken<'_>, input: &mut Vec<Value>) {
    let mut content = Vec::new();
    for piece in &spoken.pieces {
        match piece {
            Piece::Text(text) => content.push(json!({ "type": "input_text", "text": text })),
            Piece::Image { media_type, data } => {
                let url = format!("data:{media_type};base64,{data}");
                content.push(json!({ "type": "input_image", "image_url": url, "detail": "auto" }));
            }
            Piece::ToolResult { id, content, .. } => {
                input.push(json!({ "type": "function_call_output", "call_id": id, "output": content }));
            }
            Piece::ToolCall { .. } => {}
        }
    }
    if !content.is_empty() {
        input.push(json!({ "role": "user", "content": content }));
    }
}

/// A piece of the model's turn.
fn said(piece: &Piece<'_>) -> Option<Value> {
    match piece {
        Piece::Text(text) => Some(message(text)),
        Piece::ToolCall { id, name, arguments, .. } => Some(function_call(id, name, arguments)),
        Piece::Image { .. } | Piece::ToolResult { .. } => None,
    }
}

fn step(step: &Step<'_>) -> Option<Value> {
    match step {
        Step::Echo(item) => Some((*item).clone()),
        Step::Text(text, note) => {
            let mut message = message(text);
            if let Some(phase) = note.get("phase").filter(|phase| phase.is_string()) {
                message["phase"] = phase.clone();
            }
            (!text.trim().is_empty()).then_some(message)
        }
        Step::Call(id, name, arguments) => Some(function_call(id, name, arguments)),
    }
}

fn message(text: &str) -> Value {
    json!({ "role": "assistant", "content": [{ "type": "output_text", "text": text }] })
}

fn function_call(id: &str, name: &str, arguments: &str) -> Value {
    let arguments = if arguments.trim().is_empty() { "{}" } else { arguments };
    json!({ "type": "function_call", "call_id": id, "name": name, "arguments": arguments })
}

#[cfg(test)]
#[path = "responses/tests.rs"]
mod tests;
