//! `POST /v1/chat/completions`: the OpenAI-shaped wire, streamed and whole.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State as Shared;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::answer::{self, Answer, Question};
use super::fault::{Endpoint, Verdict};
use super::listing::{caller, error};
use super::state::{State, lock};
use super::stream;

/// Answers a chat.
pub(super) async fn completions(Shared(state): Shared<Arc<State>>, headers: HeaderMap, body: Bytes) -> Response {
    let fault = match state.faults.judge(Endpoint::Chat).await {
        Verdict::Answer(response) => return response,
        Verdict::GoOn(fault) => fault,
    };
    let caller = match caller(&state, &headers) {
        Ok(caller) => caller,
        Err(response) => return *response,
    };
    let Ok(request) = serde_json::from_slice::<Value>(&body) else {
        return invalid("invalid_json", "The body is not JSON.");
    };
    let Some(model) = request.get("model").and_then(Value::as_str).map(str::to_owned) else {
        return invalid("missing_required_parameter", "You must provide a model parameter.");
    };
    let Some(messages) = request.get("messages").and_then(Value::as_array).filter(|messages| !messages.is_empty())
    else {
        return invalid("missing_required_parameter", "You must provide messages.");
    };
    let known = lock(&state.models).iter().any(|entry| entry.id == model);
    if !known {
        let message = format!("The model `{model}` does not exist or you do not have access to it.");
        return error(StatusCode::NOT_FOUND, "invalid_request_error", "model_not_found", &message);
    }
    let question = Question {
        model: model.clone(),
        caller: caller.name,
        method: caller.method,
        text: messages.last().map(text_of).unwrap_or_default(),
        messages: messages.len(),
    };
    let prompt_tokens = messages.iter().map(|message| answer::count(&text_of(message))).sum();
    let prepared = lock(&state.answer).clone();
    let answer = prepared.unwrap_or_else(|| Answer::usual(&question));
    if request.get("stream").and_then(Value::as_bool) == Some(true) {
        let wants_usage = request.pointer("/stream_options/include_usage").and_then(Value::as_bool) == Some(true);
        stream::respond(state, stream::Plan { model, answer, fault, prompt_tokens, wants_usage })
    } else {
        whole(&model, &answer, prompt_tokens)
    }
}

fn invalid(code: &str, message: &str) -> Response {
    error(StatusCode::BAD_REQUEST, "invalid_request_error", code, message)
}

fn whole(model: &str, answer: &Answer, prompt_tokens: usize) -> Response {
    let mut message = json!({"role": "assistant", "content": answer.text(), "refusal": null});
    let reasoning = answer.reasoning();
    if let (false, Some(fields)) = (reasoning.is_empty(), message.as_object_mut()) {
        fields.insert("reasoning_content".to_owned(), Value::String(reasoning));
    }
    Json(json!({
        "id": answer::identifier(),
        "object": "chat.completion",
        "created": answer::now(),
        "model": model,
        "choices": [{"index": 0, "message": message, "logprobs": null, "finish_reason": answer.finish_reason}],
        "usage": answer.usage(prompt_tokens),
    }))
    .into_response()
}

/// The text of a message, also where it comes in parts.
fn text_of(message: &Value) -> String {
    match message.get("content") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) => {
            parts.iter().filter_map(|part| part.get("text").and_then(Value::as_str)).collect::<Vec<_>>().join("\n")
        }
        _ => String::new(),
    }
}
