//! One answer, from chunks to events.
//!
//! Reads what OpenAI documents and what its many clones do instead: reasoning under two names, inside the content as
//! an array or behind a `<think>` tag; usage in any of four places; errors in chunks; no `[DONE]`. Unknown fields are
//! passed over, `null` is the same as nothing.

use serde_json::{Value, json};

use super::super::body;
use super::super::cleaning::clean;
use super::super::decoder::{Adapter, Frame};
use super::super::error::{ErrorKind, ProviderError};
use super::super::json::{first_text, text};
use super::super::thinking::Thinking;
use super::super::{FinishReason, StreamEvent, Usage};
use super::details::Details;
use super::tool_calls::{TooMany, ToolCalls};
use super::usage;

const DONE: &str = "[DONE]";
/// The most bytes of reasoning that are sent back.
const MOST_REASONING: usize = 8 * 1024 * 1024;

/// What is known of the answer so far.
#[derive(Debug, Default)]
pub(in super::super) struct Answer {
    thinking: Thinking,
    tool_calls: ToolCalls,
    /// OpenRouter's reasoning, which it wants to see again.
    details: Details,
    /// The reasoning under its most common name, which some want to see again beside tool calls.
    reasoning_content: String,
    usage: Option<Usage>,
    finish: Option<FinishReason>,
    failure: Option<ProviderError>,
    begun: bool,
}

impl Adapter for Answer {
    fn is_complete(&self, data: &str) -> bool {
        data == DONE || serde_json::from_str::<Value>(data).is_ok_and(|value| value.is_object())
    }

    fn frame(&mut self, Frame { name, data }: Frame<'_>, events: &mut Vec<StreamEvent>) {
        if data == DONE {
            let reason = self.finish.take().unwrap_or(FinishReason::Stop);
            return self.end(reason, events);
        }
        match serde_json::from_str::<Value>(data) {
            Ok(value) if name == "error" || body::is_error(&value) => {
                self.choices(&value, events);
                self.fail(body::from_value(&value, None), events);
            }
            Ok(value) => self.chunk(&value, events),
            Err(_) if name == "error" => self.fail(ProviderError::new(ErrorKind::Server, data), events),
            Err(_) => self.fail(ProviderError::new(ErrorKind::Malformed, data), events),
        }
    }

    fn whole(&mut self, value: &Value, events: &mut Vec<StreamEvent>) {
        let value = value.as_array().and_then(|list| list.first()).unwrap_or(value);
        if body::is_error(value) {
            return self.fail(body::from_value(value, None), events);
        }
        self.chunk(value, events);
        if events.iter().any(|event| matches!(event, StreamEvent::Error(_))) {
            return;
        }
        if self.begun {
            let reason = self.finish.take().unwrap_or(FinishReason::Stop);
            self.end(reason, events);
        } else {
            self.fail(ProviderError::new(ErrorKind::Malformed, ""), events);
        }
    }

    /// The body has ended without `[DONE]`: fine if the model had said that it is done.
    fn end_of_body(&mut self, events: &mut Vec<StreamEvent>) {
        match self.finish.take() {
            Some(reason) => self.end(reason, events),
            None => self.fail(ProviderError::new(ErrorKind::Cut, ""), events),
        }
    }

    fn is_done(&self) -> bool {
        self.finish.is_some() && self.failure.is_none()
    }
}

impl Answer {
    fn chunk(&mut self, value: &Value, events: &mut Vec<StreamEvent>) {
        self.choices(value, events);
        if let Some(error) = self.failure.take() {
            self.fail(error, events);
        }
    }

    fn choices(&mut self, value: &Value, events: &mut Vec<StreamEvent>) {
        self.usage = usage::find(value).or(self.usage);
        // One answer was asked for: another choice would be another answer.
        let choices = value.get("choices").and_then(Value::as_array);
        let first = choices.and_then(|choices| choices.iter().find(|choice| choice.get("index").is_none_or(is_zero)));
        let Some(choice) = first else { return };
        // A last chunk may repeat the whole message; it is read only where nothing came before.
        let delta = choice.get("delta").filter(|delta| delta.is_object());
        let message = choice.get("message").filter(|_| !self.begun);
        self.begun = true;
        if let Some(delta) = delta.or(message) {
            self.delta(delta, events);
        }
        if choice.get("error").is_some_and(|error| !error.is_null()) {
            self.failure = Some(body::from_value(choice, None));
        }
        match text(choice, "finish_reason") {
            None => {}
            Some("error") => {
                self.failure.get_or_insert_with(|| ProviderError::new(ErrorKind::Server, ""));
            }
            Some(code @ "insufficient_system_resource") => {
                let error = ProviderError::new(ErrorKind::Overloaded, "");
                self.failure = Some(ProviderError { code: Some(code.to_owned()), ..error });
            }
            Some(reason) => self.finish = Some(finish_reason(reason)),
        }
    }

    fn delta(&mut self, delta: &Value, events: &mut Vec<StreamEvent>) {
        if let Some(reasoning) = first_text(delta, &["reasoning_content", "reasoning"]) {
            reason(reasoning, events);
        } else if let Some(details) = delta.get("reasoning_details").and_then(Value::as_array) {
            for detail in details {
                reason(first_text(detail, &["text", "summary"]).unwrap_or_default(), events);
            }
        }
        self.details.read(delta);
        let room = MOST_REASONING.saturating_sub(self.reasoning_content.len());
        self.reasoning_content.extend(text(delta, "reasoning_content").filter(|thought| thought.len() <= room));
        match delta.get("content") {
            Some(Value::String(content)) => self.thinking.push(content, events),
            Some(Value::Array(parts)) => parts.iter().for_each(|part| self.part(part, events)),
            Some(part @ Value::Object(_)) => self.part(part, events),
            _ => {}
        }
        if let Some(refusal) = text(delta, "refusal") {
            events.push(StreamEvent::Refusal(refusal.to_owned()));
        }
        if let Err(TooMany) = self.tool_calls.read(delta) {
            self.failure = Some(ProviderError::new(ErrorKind::Malformed, ""));
        }
    }

    /// A part of a content that is an array.
    fn part(&mut self, part: &Value, events: &mut Vec<StreamEvent>) {
        match part.get("type").and_then(Value::as_str) {
            Some("thinking" | "reasoning") => match part.get("thinking").or_else(|| part.get("text")) {
                Some(Value::String(thought)) => reason(thought, events),
                Some(Value::Array(thoughts)) => {
                    for thought in thoughts {
                        reason(text(thought, "text").unwrap_or_default(), events);
                    }
                }
                _ => {}
            },
            Some("refusal") => events.extend(text(part, "refusal").map(|words| StreamEvent::Refusal(words.to_owned()))),
            _ => self.thinking.push(part.as_str().or_else(|| text(part, "text")).unwrap_or_default(), events),
        }
    }

    fn end(&mut self, reason: FinishReason, events: &mut Vec<StreamEvent>) {
        self.thinking.finish(events);
        let before = events.len();
        self.tool_calls.finish(events);
        // Some servers say "stop" after tool calls.
        let called = events.len() > before;
        let reasoning = std::mem::take(&mut self.reasoning_content);
        let back = self
            .details
            .finish()
            .map(|details| json!({ "reasoning_details": details }))
            .or_else(|| (called && !reasoning.is_empty()).then(|| json!({ "reasoning_content": reasoning })));
        events.extend(back.map(StreamEvent::Opaque));
        events.extend(self.usage.take().map(StreamEvent::Usage));
        events.push(StreamEvent::Finish(if called && reason == FinishReason::Stop {
            FinishReason::ToolCalls
        } else {
            reason
        }));
    }

    fn fail(&mut self, error: ProviderError, events: &mut Vec<StreamEvent>) {
        self.thinking.finish(events);
        events.extend(self.usage.take().map(StreamEvent::Usage));
        events.push(StreamEvent::Error(error));
    }
}

fn is_zero(index: &Value) -> bool {
    index.is_null() || index.as_u64() == Some(0)
}

fn reason(thought: &str, events: &mut Vec<StreamEvent>) {
    if !thought.is_empty() {
        events.push(StreamEvent::Reasoning(thought.to_owned()));
    }
}

fn finish_reason(reason: &str) -> FinishReason {
    match reason.to_ascii_lowercase().as_str() {
        "stop" | "eos" | "end_turn" | "stop_sequence" => FinishReason::Stop,
        "length" | "max_tokens" | "model_length" => FinishReason::Length,
        "tool_calls" | "function_call" => FinishReason::ToolCalls,
        "content_filter" => FinishReason::ContentFilter,
        _ => FinishReason::Other(clean(reason).chars().take(64).collect()),
    }
}
