//! One answer of Ollama's, from lines to events.
//!
//! Every line is a JSON object; the last says `done`. Errors are lines too, and nothing but words.

use serde_json::Value;

use super::super::body;
use super::super::cleaning::clean;
use super::super::decoder::{Adapter, Frame, Framing};
use super::super::error::{ErrorKind, ProviderError};
use super::super::json::{count, first_text, text};
use super::super::thinking::Thinking;
use super::super::whole_calls::WholeCalls;
use super::super::{FinishReason, StreamEvent, Usage};

/// What is known of the answer so far.
#[derive(Debug, Default)]
pub(in super::super) struct Answer {
    /// Servers that do not know a model's way to think leave its tags in the content.
    thinking: Thinking,
    calls: WholeCalls,
    usage: Usage,
}

impl Adapter for Answer {
    fn framing(&self) -> Framing {
        Framing::Lines
    }

    fn frame(&mut self, frame: Frame<'_>, events: &mut Vec<StreamEvent>) {
        match serde_json::from_str::<Value>(frame.data) {
            Ok(line) if line.is_object() => self.line(&line, events),
            _ => self.fail(ProviderError::new(ErrorKind::Malformed, frame.data), events),
        }
    }

    fn whole(&mut self, value: &Value, events: &mut Vec<StreamEvent>) {
        self.line(value, events);
        if !matches!(events.last(), Some(StreamEvent::Finish(_) | StreamEvent::Error(_))) {
            self.end_of_body(events);
        }
    }

    fn end_of_body(&mut self, events: &mut Vec<StreamEvent>) {
        self.fail(ProviderError::new(ErrorKind::Cut, ""), events);
    }
}

impl Answer {
    fn line(&mut self, line: &Value, events: &mut Vec<StreamEvent>) {
        let message = line.get("message").unwrap_or(&Value::Null);
        events.extend(
            first_text(message, &["thinking", "reasoning_content"])
                .map(|thought| StreamEvent::Reasoning(thought.to_owned())),
        );
        if let Some(content) = text(message, "content") {
            self.thinking.push(content, events);
        }
        for call in message.get("tool_calls").and_then(Value::as_array).into_iter().flatten() {
            let function = call.get("function").unwrap_or(&Value::Null);
            let (id, name) = (text(call, "id").unwrap_or_default(), text(function, "name").unwrap_or_default());
            if self.calls.add(id, name, function.get("arguments")).is_err() {
                return self.fail(ProviderError::new(ErrorKind::Malformed, ""), events);
            }
        }
        self.usage.input = count(line, "prompt_eval_count").or(self.usage.input);
        self.usage.output = count(line, "eval_count").or(self.usage.output);
        let is_error = line.get("error").is_some_and(|error| !error.is_null());
        if is_error || (!message.is_object() && body::is_error(line)) {
            return self.fail(failure(line), events);
        }
        if line.get("done") == Some(&Value::Bool(true)) {
            let reason = finish_reason(text(line, "done_reason").unwrap_or_default());
            self.end(reason, events);
        }
    }

    fn end(&mut self, reason: FinishReason, events: &mut Vec<StreamEvent>) {
        self.thinking.finish(events);
        // It says "stop" after tool calls.
        let called = reason == FinishReason::Stop && !self.calls.is_empty();
        self.calls.finish(events);
        self.count(events);
        events.push(StreamEvent::Finish(if called { FinishReason::ToolCalls } else { reason }));
    }

    fn fail(&mut self, error: ProviderError, events: &mut Vec<StreamEvent>) {
        self.thinking.finish(events);
        self.count(events);
        events.push(StreamEvent::Error(error));
    }

    fn count(&self, events: &mut Vec<StreamEvent>) {
        events.extend((self.usage != Usage::default()).then_some(StreamEvent::Usage(self.usage)));
    }
}

/// An error inside a stream has no status: what kind it is has to be read out of its words.
fn failure(line: &Value) -> ProviderError {
    let mut error = body::from_value(line, None);
    let words = error.message.to_ascii_lowercase();
    let says = |hints: &[&str]| hints.iter().any(|hint| words.contains(hint));
    if error.kind == ErrorKind::Server && error.status.is_none() {
        error.kind = if says(&["not found", "try pulling"]) {
            ErrorKind::NotFound
        } else if says(&["unauthorized", "sign in"]) {
            ErrorKind::Unauthorized
        } else if says(&["does not support", "invalid"]) {
            ErrorKind::Invalid
        } else if says(&["usage limit", "too many requests", "rate limit"]) {
            ErrorKind::RateLimited
        } else if says(&["server busy", "overloaded"]) {
            ErrorKind::Overloaded
        } else {
            ErrorKind::Server
        };
    }
    error
}

fn finish_reason(reason: &str) -> FinishReason {
    match reason {
        // Older servers give no reason.
        "" | "stop" => FinishReason::Stop,
        "length" => FinishReason::Length,
        _ => FinishReason::Other(clean(reason).chars().take(64).collect()),
    }
}
