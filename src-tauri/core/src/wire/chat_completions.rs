//! OpenAI's chat completions, as OpenAI and everyone who speaks it too writes them.

mod answer;
mod details;
mod tool_calls;
mod usage;

use serde_json::{Map, Value, json};

pub(super) use answer::Answer;

use super::conversation::{Piece, Spoken, prepare};
use super::{ChatRequest, EncodedRequest, Format, Role, parameters};

/// What the call profile's parameters cannot change.
const RESERVED: [&str; 3] = ["model", "messages", "stream"];
/// The two names of the limit: OpenAI's, which most others do not know, and the older one.
const LIMITS: [&str; 2] = ["max_completion_tokens", "max_tokens"];

/// Writes a request.
pub(super) fn encode(request: &ChatRequest<'_>) -> EncodedRequest {
    let vendor = Vendor::of(request.model);
    let mut messages = Vec::new();
    if let Some(system) = request.system.filter(|system| !system.trim().is_empty()) {
        messages.push(json!({ "role": "system", "content": system }));
    }
    for spoken in prepare(request.messages, Format::ChatCompletions, |id| vendor.allows(id)) {
        match spoken.role {
            Role::User => person(&spoken, &mut messages),
            Role::Assistant => messages.extend(model(&spoken, vendor)),
        }
    }
    let mut body = Map::new();
    body.insert("model".to_owned(), request.model.into());
    body.insert("messages".to_owned(), messages.into());
    body.insert("stream".to_owned(), true.into());
    body.insert("stream_options".to_owned(), json!({ "include_usage": true }));
    let [newer, older] = LIMITS;
    let names = if vendor == Vendor::OpenAi { [newer, older] } else { [older, newer] };
    // The profile may give a limit itself, and may say that a name is not known.
    let given = LIMITS.iter().any(|name| request.extra.get(*name).is_some_and(|limit| !limit.is_null()));
    if let (Some(limit), false) = (request.max_output, given) {
        let name = names.into_iter().find(|name| !request.extra.contains_key(*name));
        body.extend(name.map(|name| (name.to_owned(), limit.into())));
    }
    parameters::add(&mut body, request.extra, &RESERVED);
    EncodedRequest { path: "chat/completions".to_owned(), headers: Vec::new(), body: Value::Object(body) }
}

/// Whose own models have a name like this, where that changes what is written. Others that serve them put their own
/// name before it, and take what everyone takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Vendor {
    DeepSeek,
    Mistral,
    OpenAi,
    Other,
}

impl Vendor {
    fn of(model: &str) -> Self {
        let begins = |prefixes: &[&str]| prefixes.iter().any(|prefix| model.starts_with(prefix));
        if model.contains(['/', ':']) {
            Self::Other
        } else if begins(&["deepseek-"]) {
            Self::DeepSeek
        } else if begins(&["mistral-", "ministral-", "magistral-", "codestral-", "devstral-", "pixtral-", "open-mi"]) {
            Self::Mistral
        } else if begins(&["gpt-", "chatgpt-", "o1", "o3", "o4"]) && !model.starts_with("gpt-oss") {
            Self::OpenAi
        } else {
            Self::Other
        }
    }

    /// Whether a tool call may have this id.
    fn allows(self, id: &str) -> bool {
        match self {
            Self::Mistral => id.len() == 9 && id.bytes().all(|byte| byte.is_ascii_alphanumeric()),
            Self::OpenAi => id.len() <= 40,
            Self::DeepSeek | Self::Other => true,
        }
    }
}

/// The person's turn: the results of tools as messages of their own, then the rest.
fn person(spoken: &Spoken<'_>, messages: &mut Vec<Value>) {
    let pictures = spoken.pieces.iter().any(|piece| matches!(piece, Piece::Image { .. }));
    let mut parts = Vec::new();
    for piece in &spoken.pieces {
        match piece {
            Piece::Text(text) => parts.push(json!({ "type": "text", "text": text })),
            Piece::Image { media_type, data } => {
                let url = format!("data:{media_type};base64,{data}");
                parts.push(json!({ "type": "image_url", "image_url": { "url": url } }));
            }
            Piece::ToolResult { id, content, .. } => {
                messages.push(json!({ "role": "tool", "tool_call_id": id, "content": content }));
            }
            Piece::ToolCall { .. } => {}
        }
    }
    // Not everyone takes a list: it is written only where it has to be.
    let content = if pictures { Some(Value::from(parts)) } else { texts(spoken) };
    messages.extend(content.map(|content| json!({ "role": "user", "content": content })));
}

/// The model's turn.
fn model(spoken: &Spoken<'_>, vendor: Vendor) -> Option<Value> {
    let call = |piece: &Piece<'_>| match piece {
        Piece::ToolCall { id, name, arguments, .. } => {
            let arguments = if arguments.trim().is_empty() { "{}" } else { arguments };
            Some(json!({ "id": id, "type": "function", "function": { "name": name, "arguments": arguments } }))
        }
        _ => None,
    };
    let calls: Vec<Value> = spoken.pieces.iter().filter_map(call).collect();
    let content = texts(spoken);
    if content.is_none() && calls.is_empty() {
        return None;
    }
    let mut message = Map::from_iter([("role".to_owned(), "assistant".into())]);
    message.insert("content".to_owned(), content.unwrap_or_default());
    if vendor == Vendor::DeepSeek && !calls.is_empty() {
        // Required beside tool calls, even where another model thought.
        message.insert("reasoning_content".to_owned(), "".into());
    }
    if !calls.is_empty() {
        message.insert("tool_calls".to_owned(), calls.into());
    }
    message.extend(spoken.opaque.into_iter().flat_map(details::back));
    Some(message.into())
}

fn texts(spoken: &Spoken<'_>) -> Option<Value> {
    let texts: Vec<&str> = spoken
        .pieces
        .iter()
        .filter_map(|piece| if let Piece::Text(text) = piece { Some(*text) } else { None })
        .collect();
    (!texts.is_empty()).then(|| texts.join("\n\n").into())
}

#[cfg(test)]
#[path = "chat_completions/tests.rs"]
mod tests;
