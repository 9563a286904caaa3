//! One answer, from stream events to ours.
//!
//! It is complete when the response says so, and cut when the body ends before: there is no other mark. Unknown events
//! are passed over, of which there are many.

use serde_json::{Value, json};

use super::super::body;
use super::super::cleaning::clean;
use super::super::decoder::{Adapter, Frame};
use super::super::error::{ErrorKind, ProviderError};
use super::super::json::{count, text};
use super::super::{FinishReason, StreamEvent, Usage};
use super::items::{How, Items, Kind, Part};

/// What is known of the answer so far.
#[derive(Debug, Default)]
pub(in super::super) struct Answer {
    items: Items,
    usage: Option<Usage>,
}

impl Adapter for Answer {
    fn frame(&mut self, Frame { name, data }: Frame<'_>, events: &mut Vec<StreamEvent>) {
        let value = match serde_json::from_str::<Value>(data) {
            Ok(value) => value,
            // Not of this format, but said by what stands between.
            Err(_) if data == "[DONE]" => return self.end_of_body(events),
            Err(_) => {
                let kind = if name == "error" { ErrorKind::Server } else { ErrorKind::Malformed };
                return self.fail(ProviderError::new(kind, data), events);
            }
        };
        let type_ = text(&value, "type").unwrap_or(name);
        let response = value.get("response").unwrap_or(&Value::Null);
        match type_ {
            "response.completed" | "response.incomplete" | "response.failed" | "response.done" => {
                return self.last(response, type_.trim_start_matches("response."), events);
            }
            "error" => return self.fail(stream_error(&value), events),
            "" if body::is_error(&value) => return self.fail(body::from_value(&value, None), events),
            _ => self.event(type_, &value, events),
        }
        if self.items.too_many() {
            self.fail(ProviderError::new(ErrorKind::Malformed, ""), events);
        }
    }

    fn whole(&mut self, value: &Value, events: &mut Vec<StreamEvent>) {
        if value.get("output").is_some_and(Value::is_array) {
            self.last(value, "completed", events);
        } else if body::is_error(value) {
            self.fail(body::from_value(value, None), events);
        } else {
            self.fail(ProviderError::new(ErrorKind::Malformed, ""), events);
        }
    }

    fn end_of_body(&mut self, events: &mut Vec<StreamEvent>) {
        self.fail(ProviderError::new(ErrorKind::Cut, ""), events);
    }
}

impl Answer {
    fn event(&mut self, type_: &str, value: &Value, events: &mut Vec<StreamEvent>) {
        let part = |kind, key| Part { kind, index: value.get(key).and_then(Value::as_u64).unwrap_or_default() };
        let field = |key| text(value, key).unwrap_or_default();
        let said = match type_ {
            "response.output_text.delta" => (part(Kind::Text, "content_index"), How::Delta, "delta"),
            "response.output_text.done" => (part(Kind::Text, "content_index"), How::Whole, "text"),
            "response.refusal.delta" => (part(Kind::Refusal, "content_index"), How::Delta, "delta"),
            "response.refusal.done" => (part(Kind::Refusal, "content_index"), How::Whole, "refusal"),
            "response.reasoning_summary_text.delta" => (part(Kind::Summary, "summary_index"), How::Delta, "delta"),
            "response.reasoning_summary_text.done" => (part(Kind::Summary, "summary_index"), How::Whole, "text"),
            "response.reasoning_text.delta" => (part(Kind::Thought, "content_index"), How::Delta, "delta"),
            "response.reasoning_text.done" => (part(Kind::Thought, "content_index"), How::Whole, "text"),
            "response.function_call_arguments.delta" => {
                return self.items.arguments(value, How::Delta, field("delta"));
            }
            "response.function_call_arguments.done" => {
                return self.items.arguments(value, How::Whole, field("arguments"));
            }
            "response.output_item.added" | "response.output_item.done" => {
                let index = value.get("output_index").and_then(Value::as_u64);
                let item = value.get("item").unwrap_or(&Value::Null);
                return self.items.item(index, item, type_.ends_with("done"), events);
            }
            _ => return,
        };
        let (part, how, key) = said;
        self.items.part(value, part, how, field(key), events);
    }

    /// Takes the response as it is at the end.
    fn last(&mut self, response: &Value, named: &str, events: &mut Vec<StreamEvent>) {
        self.usage = response.get("usage").and_then(usage).or(self.usage);
        let status = text(response, "status").unwrap_or(named);
        if status == "failed" {
            let error = json!({ "error": response.get("error").filter(|error| error.is_object()) });
            return self.fail(body::from_value(&error, None), events);
        }
        self.items.output(response, events);
        if self.items.too_many() {
            return self.fail(ProviderError::new(ErrorKind::Malformed, ""), events);
        }
        let called = self.items.finish(events);
        let reason = response.get("incomplete_details").and_then(|details| text(details, "reason"));
        let finish = match (status, reason) {
            (_, Some("max_output_tokens")) => FinishReason::Length,
            (_, Some("content_filter")) => FinishReason::ContentFilter,
            ("completed" | "done", _) if called => FinishReason::ToolCalls,
            ("completed" | "done", _) => FinishReason::Stop,
            (status, reason) => FinishReason::Other(clean(reason.unwrap_or(status)).chars().take(64).collect()),
        };
        events.extend(self.usage.take().map(StreamEvent::Usage));
        events.push(StreamEvent::Finish(finish));
    }

    fn fail(&mut self, error: ProviderError, events: &mut Vec<StreamEvent>) {
        events.extend(self.usage.take().map(StreamEvent::Usage));
        events.push(StreamEvent::Error(error));
    }
}

/// An `error` event has its fields at the top, where others have them below.
fn stream_error(value: &Value) -> ProviderError {
    if value.get("error").is_some_and(Value::is_object) {
        return body::from_value(value, None);
    }
    let fields = ["code", "message"].map(|key| (key.to_owned(), value.get(key).cloned().unwrap_or_default()));
    body::from_value(&json!({ "error": serde_json::Map::from_iter(fields) }), None)
}

fn usage(usage: &Value) -> Option<Usage> {
    let detail = |group: &str, name: &str| count(usage.get(group)?, name);
    let usage = Usage {
        input: count(usage, "input_tokens"),
        cached: detail("input_tokens_details", "cached_tokens"),
        output: count(usage, "output_tokens"),
        reasoning: detail("output_tokens_details", "reasoning_tokens"),
    };
    (usage != Usage::default()).then_some(usage)
}
