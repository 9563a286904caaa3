//! One answer, from stream events to ours.
//!
//! Unknown events, blocks and deltas are passed over: the format says that there will be more of them.

use serde_json::{Value, json};

use super::super::body;
use super::super::cleaning::clean;
use super::super::decoder::{Adapter, Frame};
use super::super::error::{ErrorKind, ProviderError};
use super::super::json::{first_text, text};
use super::super::{FinishReason, StreamEvent, outline};
use super::usage::Counted;

const MOST_BLOCKS: usize = 4_096;
/// The most bytes of arguments and thoughts that are kept.
const MOST_KEPT: usize = 16 * 1024 * 1024;
/// What a delta may hold, and a block may begin with.
const DELTAS: [&str; 4] = ["text", "thinking", "signature", "partial_json"];

/// What is known of the answer so far.
#[derive(Debug, Default)]
pub(in super::super) struct Answer {
    blocks: Vec<Block>,
    kept: usize,
    too_much: bool,
    counted: Counted,
    finish: Option<FinishReason>,
}

#[derive(Debug)]
struct Block {
    index: u64,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Text { bytes: usize },
    Thinking { thinking: String, signature: String },
    Redacted(Value),
    ToolUse { id: String, name: String, input: Value, arguments: String },
    Unknown,
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
        let index = value.get("index").and_then(Value::as_u64).unwrap_or_default();
        match text(&value, "type").unwrap_or(name) {
            "message_start" => {
                let message = value.get("message").unwrap_or(&Value::Null);
                self.counted.update(message.get("usage").unwrap_or(&Value::Null));
            }
            "content_block_start" => self.start(index, value.get("content_block").unwrap_or(&Value::Null), events),
            "content_block_delta" => {
                let delta = value.get("delta").unwrap_or(&Value::Null);
                for key in DELTAS {
                    self.delta(index, key, text(delta, key).unwrap_or_default(), events);
                }
            }
            "message_delta" => {
                self.counted.update(value.get("usage").unwrap_or(&Value::Null));
                self.stop(value.get("delta").unwrap_or(&Value::Null), events);
            }
            "message_stop" => {
                let reason = self.finish.take().unwrap_or(FinishReason::Stop);
                self.end(reason, events);
            }
            "error" => self.fail(body::from_value(&value, None), events),
            "" if body::is_error(&value) => self.fail(body::from_value(&value, None), events),
            _ => {}
        }
        if self.too_much {
            self.fail(ProviderError::new(ErrorKind::Malformed, ""), events);
        }
    }

    fn whole(&mut self, value: &Value, events: &mut Vec<StreamEvent>) {
        let Some(content) = value.get("content").and_then(Value::as_array).filter(|_| !body::is_error(value)) else {
            let error = if body::is_error(value) {
                body::from_value(value, None)
            } else {
                ProviderError::new(ErrorKind::Malformed, "")
            };
            return self.fail(error, events);
        };
        self.counted.update(value.get("usage").unwrap_or(&Value::Null));
        for (index, block) in (0..).zip(content) {
            self.start(index, block, events);
        }
        self.stop(value, events);
        if self.too_much {
            return self.fail(ProviderError::new(ErrorKind::Malformed, ""), events);
        }
        let reason = self.finish.take().unwrap_or(FinishReason::Stop);
        self.end(reason, events);
    }

    /// The body has ended without `message_stop`: fine if the reason was known.
    fn end_of_body(&mut self, events: &mut Vec<StreamEvent>) {
        match self.finish.take() {
            Some(reason) => self.end(reason, events),
            None => self.fail(ProviderError::new(ErrorKind::Cut, ""), events),
        }
    }

    fn is_done(&self) -> bool {
        self.finish.is_some()
    }
}

impl Answer {
    fn start(&mut self, index: u64, block: &Value, events: &mut Vec<StreamEvent>) {
        let string = |key| text(block, key).unwrap_or_default();
        let content = match string("type") {
            "text" => Content::Text { bytes: 0 },
            "thinking" => Content::Thinking { thinking: String::new(), signature: String::new() },
            "redacted_thinking" if block.get("data").is_some_and(Value::is_string) => {
                Content::Redacted(json!({ "type": "redacted_thinking", "data": block["data"] }))
            }
            "tool_use" => Content::ToolUse {
                id: string("id").to_owned(),
                name: string("name").to_owned(),
                input: block.get("input").filter(|input| input.is_object()).cloned().unwrap_or_else(|| json!({})),
                arguments: String::new(),
            },
            _ => Content::Unknown,
        };
        self.kept += string("data").len();
        self.too_much = self.blocks.len() == MOST_BLOCKS || self.kept > MOST_KEPT;
        if self.too_much {
            return;
        }
        self.blocks.push(Block { index, content });
        for key in DELTAS {
            self.delta(index, key, string(key), events);
        }
    }

    fn delta(&mut self, index: u64, key: &str, more: &str, events: &mut Vec<StreamEvent>) {
        if more.is_empty() || self.too_much {
            return;
        }
        let block = self.blocks.iter_mut().rev().find(|block| block.index == index);
        let kept = match (key, block.map(|block| &mut block.content)) {
            ("text", Some(Content::Text { bytes })) => {
                *bytes += more.len();
                return events.push(StreamEvent::Text(more.to_owned()));
            }
            ("thinking", Some(Content::Thinking { thinking, .. })) => {
                events.push(StreamEvent::Reasoning(more.to_owned()));
                thinking
            }
            ("signature", Some(Content::Thinking { signature, .. })) => signature,
            ("partial_json", Some(Content::ToolUse { arguments, .. })) => arguments,
            // Copies of the format leave out that a block begins.
            ("text" | "thinking", None) => return self.start(index, &json!({ "type": key, key: more }), events),
            _ => return,
        };
        kept.push_str(more);
        self.kept += more.len();
        self.too_much = self.kept > MOST_KEPT;
    }

    fn stop(&mut self, delta: &Value, events: &mut Vec<StreamEvent>) {
        let Some(reason) = text(delta, "stop_reason") else { return };
        if reason == "refusal" {
            let words = delta.get("stop_details").and_then(|details| first_text(details, &["explanation", "message"]));
            events.extend(words.map(|words| StreamEvent::Refusal(words.to_owned())));
        }
        self.finish = Some(match reason {
            "end_turn" | "stop_sequence" => FinishReason::Stop,
            "max_tokens" | "model_context_window_exceeded" => FinishReason::Length,
            "tool_use" => FinishReason::ToolCalls,
            "refusal" => FinishReason::ContentFilter,
            other => FinishReason::Other(clean(other).chars().take(64).collect()),
        });
    }

    fn end(&mut self, reason: FinishReason, events: &mut Vec<StreamEvent>) {
        let (mut steps, mut signed, mut called) = (Vec::new(), false, false);
        for Block { content, .. } in self.blocks.drain(..) {
            match content {
                Content::Text { bytes } if bytes > 0 => steps.push(outline::text(bytes, Value::Null)),
                Content::Thinking { thinking, signature } if !signature.is_empty() => {
                    signed = true;
                    let block = json!({ "type": "thinking", "thinking": thinking, "signature": signature });
                    steps.push(outline::echo(block));
                }
                Content::Redacted(block) => {
                    signed = true;
                    steps.push(outline::echo(block));
                }
                Content::ToolUse { id, name, input, arguments } if !name.is_empty() => {
                    called = true;
                    steps.push(outline::call(&id));
                    let arguments = if arguments.trim().is_empty() { input.to_string() } else { arguments };
                    events.push(StreamEvent::ToolCall { id, name, arguments });
                }
                _ => {}
            }
        }
        if signed && reason != FinishReason::ContentFilter {
            events.push(StreamEvent::Opaque(steps.into()));
        }
        events.extend(self.counted.total().map(StreamEvent::Usage));
        let reason = if called && reason == FinishReason::Stop { FinishReason::ToolCalls } else { reason };
        events.push(StreamEvent::Finish(reason));
    }

    fn fail(&mut self, error: ProviderError, events: &mut Vec<StreamEvent>) {
        events.extend(self.counted.total().map(StreamEvent::Usage));
        events.push(StreamEvent::Error(error));
    }
}
