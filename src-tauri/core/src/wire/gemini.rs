//! Google's own way to its Gemini models: how a conversation is written.
//!
//! Thoughts are never sent back; the signature that stands for them is, on the part it came with. A tool call that
//! another model made has none, and gets the placeholder that Google documents for that. Results of one round of calls
//! stand together, so neighbouring turns of the person's become one.

mod answer;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value, json};
use url::form_urlencoded::byte_serialize;

pub(super) use answer::Answer;

use super::conversation::{Piece, Spoken, prepare};
use super::outline::{self, Step};
use super::whole_calls::object;
use super::{ChatRequest, EncodedRequest, Format, Role, parameters};

/// What the call profile's parameters cannot change.
const RESERVED: [&str; 4] = ["model", "contents", "systemInstruction", CONFIG];
const CONFIG: &str = "generationConfig";
/// Where a part's signature is, in the format and in our outline.
const SIGNATURE: &str = "thoughtSignature";
/// What Google documents for tool calls that carry no signature because another model made them.
const NO_SIGNATURE: &str = "skip_thought_signature_validator";

/// Writes a request.
pub(super) fn encode(request: &ChatRequest<'_>) -> EncodedRequest {
    let mut body = Map::new();
    body.insert("contents".to_owned(), contents(request));
    if let Some(system) = request.system.filter(|system| !system.trim().is_empty()) {
        body.insert("systemInstruction".to_owned(), json!({ "parts": [{ "text": system }] }));
    }
    parameters::add(&mut body, request.extra, &RESERVED);
    let config = config(request);
    if !config.is_empty() {
        body.insert(CONFIG.to_owned(), Value::Object(config));
    }
    EncodedRequest { path: path(request.model), headers: Vec::new(), body: Value::Object(body) }
}

/// `models/{model}`, unless the model's name says what it is in already.
fn path(model: &str) -> String {
    let (collection, name) = match model.split_once('/') {
        Some((collection @ ("models" | "tunedModels"), name)) => (collection, name),
        _ => ("models", model),
    };
    let name: String = byte_serialize(name.as_bytes()).collect();
    // That writes a form's values, where a blank is a plus sign; a path has none of it.
    format!("{collection}/{}:streamGenerateContent?alt=sse", name.replace('+', "%20"))
}

/// The call profile's parameters are added one by one: asking for a temperature leaves the rest as it is.
fn config(request: &ChatRequest<'_>) -> Map<String, Value> {
    let mut config = Map::new();
    if let Some(limit) = request.max_output {
        config.insert("maxOutputTokens".to_owned(), limit.into());
    }
    if generation(request.model).is_some_and(|generation| generation >= 2.5) {
        config.insert("thinkingConfig".to_owned(), json!({ "includeThoughts": true }));
    }
    match request.extra.get(CONFIG) {
        Some(Value::Object(extra)) => parameters::add(&mut config, extra, &[]),
        Some(Value::Null) => config.clear(),
        _ => {}
    }
    config
}

/// Which generation of Gemini a model is; none if it is something else. Older ones refuse to be asked for thoughts.
fn generation(model: &str) -> Option<f32> {
    let name = model.strip_prefix("models/").unwrap_or(model).strip_prefix("gemini-")?;
    let number = name.split('-').next().and_then(|number| number.parse().ok());
    number.or_else(|| name.ends_with("-latest").then_some(f32::MAX))
}

fn contents(request: &ChatRequest<'_>) -> Value {
    let conversation = prepare(request.messages, Format::Gemini, |_| true);
    let nameless = nameless(&conversation);
    // Generations before the third know no obligation and no placeholder.
    let placeholder = generation(request.model).is_none_or(|generation| generation >= 3.0);
    let mut contents: Vec<(Role, Vec<Value>)> = Vec::new();
    for spoken in &conversation {
        let parts = parts(spoken, &nameless, placeholder);
        match contents.last_mut() {
            Some((Role::User, all)) if spoken.role == Role::User => all.extend(parts),
            _ if parts.is_empty() => {}
            _ => contents.push((spoken.role, parts)),
        }
    }
    let content = |(role, mut parts): (Role, Vec<Value>)| match role {
        Role::User => {
            parts.sort_by_key(|part| part.get("functionResponse").is_none());
            json!({ "role": "user", "parts": parts })
        }
        Role::Assistant => json!({ "role": "model", "parts": parts }),
    };
    contents.into_iter().map(content).collect()
}

/// The ids that we made up because the model gave none; it does without them.
fn nameless<'a>(conversation: &'a [Spoken<'_>]) -> Vec<&'a str> {
    let pieces = conversation.iter().flat_map(|spoken| &spoken.pieces);
    let made_up = pieces.filter_map(|piece| match piece {
        Piece::ToolCall { id, given: "", .. } => Some(id.as_str()),
        _ => None,
    });
    made_up.collect()
}

fn parts(spoken: &Spoken<'_>, nameless: &[&str], placeholder: bool) -> Vec<Value> {
    let id = |id: &str| (!nameless.contains(&id)).then(|| id.to_owned());
    if let Some(steps) = outline::steps(spoken) {
        let mut signature = None;
        let part = |step| {
            let mut part = match step {
                Step::Echo(value) => {
                    signature = Some(value.clone());
                    return None;
                }
                Step::Text("", _) if signature.is_none() => return None,
                Step::Text(text, _) => json!({ "text": text }),
                Step::Call(call, name, arguments) => function_call(id(call), name, arguments),
            };
            if let Some(signature) = signature.take() {
                part[SIGNATURE] = signature;
            }
            Some(part)
        };
        return steps.into_iter().filter_map(part).collect();
    }
    let part = |piece: &Piece<'_>| match piece {
        Piece::Text(text) => json!({ "text": text }),
        Piece::Image { media_type, data } => json!({ "inlineData": { "mimeType": media_type, "data": data } }),
        Piece::ToolCall { id: call, name, arguments, .. } => {
            let mut part = function_call(id(call), name, arguments);
            if placeholder {
                part[SIGNATURE] = NO_SIGNATURE.into();
            }
            part
        }
        Piece::ToolResult { id: call, name, content, is_error } => {
            let content = serde_json::from_str(content).unwrap_or_else(|_| Value::from(*content));
            let response = if *is_error { json!({ "error": content }) } else { json!({ "output": content }) };
            let mut result = json!({ "name": name, "response": response });
            if let Some(id) = id(call) {
                result["id"] = id.into();
            }
            json!({ "functionResponse": result })
        }
    };
    spoken.pieces.iter().map(part).collect()
}

fn function_call(id: Option<String>, name: &str, arguments: &str) -> Value {
    let mut call = json!({ "name": name, "args": object(arguments) });
    if let Some(id) = id {
        call["id"] = id.into();
    }
    json!({ "functionCall": call })
}
