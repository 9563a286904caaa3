//! One answer of the Gemini API, from chunks to events.
//!
//! Every chunk is a whole response with a part of the answer in it; nothing says which is the last, so the answer is
//! complete if it gave a reason before the body ended. Tokens are counted anew in each chunk. Without `alt=sse` the
//! chunks come as one array, and so may an error.

use serde_json::Value;

use super::super::body;
use super::super::cleaning::clean;
use super::super::decoder::{Adapter, Frame};
use super::super::error::{ErrorKind, ProviderError};
use super::super::json::{count, text};
use super::super::outline;
use super::super::whole_calls::WholeCalls;
use super::super::{FinishReason, StreamEvent, Usage};
use super::SIGNATURE;

/// More signatures than this are not worth keeping; the answer does without.
const MOST_SIGNED: usize = 4 * 1024 * 1024;

/// What is known of the answer so far.
#[derive(Debug, Default)]
pub(in super::super) struct Answer {
    calls: WholeCalls,
    segments: Vec<Segment>,
    signed: usize,
    tokens: Tokens,
    finish: Option<FinishReason>,
    begun: bool,
}

/// A piece of the answer that goes back as one part.
#[derive(Debug)]
struct Segment {
    content: Content,
    signature: Option<String>,
}

#[derive(Debug)]
enum Content {
    /// So many bytes of text.
    Text(usize),
    /// A tool call with that id.
    Call(String),
}

/// Tokens as they are counted here: what is thought is not in what is answered.
#[derive(Debug, Default)]
struct Tokens {
    prompt: Option<u32>,
    tools: Option<u32>,
    cached: Option<u32>,
    answer: Option<u32>,
    thoughts: Option<u32>,
}

impl Adapter for Answer {
    fn frame(&mut self, frame: Frame<'_>, events: &mut Vec<StreamEvent>) {
        match serde_json::from_str::<Value>(frame.data) {
            Ok(Value::Array(chunks)) => {
                for chunk in &chunks {
                    if !ended(events) {
                        self.chunk(chunk, events);
                    }
                }
            }
            Ok(chunk) => self.chunk(&chunk, events),
            // Some gateways end every stream the way OpenAI does.
            Err(_) if frame.data == "[DONE]" => self.end_of_body(events),
            Err(_) => self.fail(ProviderError::new(ErrorKind::Malformed, frame.data), events),
        }
    }

    fn whole(&mut self, value: &Value, events: &mut Vec<StreamEvent>) {
        let chunks = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        for chunk in chunks {
            if !ended(events) {
                self.chunk(chunk, events);
            }
        }
        if ended(events) {
            return;
        }
        if self.begun || self.finish.is_some() {
            self.end_of_body(events);
        } else {
            self.fail(ProviderError::new(ErrorKind::Malformed, ""), events);
        }
    }

    fn end_of_body(&mut self, events: &mut Vec<StreamEvent>) {
        let Some(reason) = self.finish.take() else {
            return self.fail(ProviderError::new(ErrorKind::Cut, ""), events);
        };
        // It says "STOP" after tool calls.
        let called = reason == FinishReason::Stop && !self.calls.is_empty();
        self.calls.finish(events);
        events.extend(self.outline().map(StreamEvent::Opaque));
        events.extend(self.tokens.usage().map(StreamEvent::Usage));
        events.push(StreamEvent::Finish(if called { FinishReason::ToolCalls } else { reason }));
    }

    fn is_done(&self) -> bool {
        self.finish.is_some()
    }
}

impl Answer {
    fn chunk(&mut self, chunk: &Value, events: &mut Vec<StreamEvent>) {
        self.tokens.read(chunk.get("usageMetadata").unwrap_or(&Value::Null));
        let candidates = chunk.get("candidates").and_then(Value::as_array);
        // One answer was asked for: another candidate would be another answer.
        let first = |candidate: &&Value| candidate.get("index").is_none_or(|index| index.as_u64().unwrap_or(0) == 0);
        if let Some(candidate) = candidates.and_then(|all| all.iter().find(first)) {
            self.begun = true;
            let parts = candidate.get("content").and_then(|content| content.get("parts")).and_then(Value::as_array);
            for part in parts.into_iter().flatten() {
                if let Err(error) = self.part(part, events) {
                    return self.fail(error, events);
                }
            }
            self.finish = text(candidate, "finishReason").and_then(finish_reason).or(self.finish.take());
        }
        if chunk.get("error").is_some_and(|error| !error.is_null()) || (candidates.is_none() && body::is_error(chunk)) {
            return self.fail(body::from_value(chunk, None), events);
        }
        let blocked = chunk.get("promptFeedback").and_then(|feedback| text(feedback, "blockReason"));
        if blocked.is_some_and(|reason| !reason.ends_with("_UNSPECIFIED")) {
            self.finish = Some(FinishReason::ContentFilter);
        }
    }

    fn part(&mut self, part: &Value, events: &mut Vec<StreamEvent>) -> Result<(), ProviderError> {
        let words = part.get("text").and_then(Value::as_str);
        if part.get("thought") == Some(&Value::Bool(true)) {
            // Its signature has nowhere to go: thoughts are not sent back.
            events
                .extend(words.filter(|words| !words.is_empty()).map(|words| StreamEvent::Reasoning(words.to_owned())));
            return Ok(());
        }
        let signature = text(part, SIGNATURE);
        if let Some(call) = part.get("functionCall").filter(|call| call.is_object()) {
            let id = text(call, "id").unwrap_or_default();
            let name = text(call, "name").unwrap_or_default();
            let added = self.calls.add(id, name, call.get("args"));
            if added.map_err(|_| ProviderError::new(ErrorKind::Malformed, ""))? {
                self.segment(Content::Call(id.to_owned()), signature);
            }
        } else if let Some(words) = words {
            events.extend((!words.is_empty()).then(|| StreamEvent::Text(words.to_owned())));
            self.segment(Content::Text(words.len()), signature);
        } else if signature.is_some() {
            self.segment(Content::Text(0), signature);
        }
        Ok(())
    }

    /// Notes a piece. Texts without a signature run together, one with a signature stays by itself.
    fn segment(&mut self, content: Content, signature: Option<&str>) {
        self.signed += signature.map_or(0, |signature| signature.len() + size_of::<Segment>());
        match (self.segments.last_mut(), &content) {
            (Some(Segment { content: Content::Text(before), signature: None }), Content::Text(more))
                if signature.is_none() =>
            {
                *before += more;
            }
            (_, Content::Text(0)) if signature.is_none() => {}
            _ => self.segments.push(Segment { content, signature: signature.map(str::to_owned) }),
        }
    }

    /// What has to be sent back: where the signatures stood.
    fn outline(&mut self) -> Option<Value> {
        let segments = std::mem::take(&mut self.segments);
        if self.signed == 0 || self.signed > MOST_SIGNED {
            return None;
        }
        let mut entries = Vec::with_capacity(segments.len());
        for Segment { content, signature } in segments {
            entries.extend(signature.map(|signature| outline::echo(signature.into())));
            entries.push(match content {
                Content::Text(bytes) => outline::text(bytes, Value::Null),
                Content::Call(id) => outline::call(&id),
            });
        }
        Some(Value::Array(entries))
    }

    fn fail(&mut self, error: ProviderError, events: &mut Vec<StreamEvent>) {
        events.extend(self.tokens.usage().map(StreamEvent::Usage));
        events.push(StreamEvent::Error(error));
    }
}

impl Tokens {
    /// Each chunk counts from the beginning; what one leaves out stays as it was.
    fn read(&mut self, counted: &Value) {
        self.prompt = count(counted, "promptTokenCount").or(self.prompt);
        self.tools = count(counted, "toolUsePromptTokenCount").or(self.tools);
        self.cached = count(counted, "cachedContentTokenCount").or(self.cached);
        self.answer = count(counted, "candidatesTokenCount").or(self.answer);
        self.thoughts = count(counted, "thoughtsTokenCount").or(self.thoughts);
    }

    fn usage(&self) -> Option<Usage> {
        let usage = Usage {
            input: sum(self.prompt, self.tools),
            cached: self.cached,
            output: sum(self.answer, self.thoughts),
            reasoning: self.thoughts,
        };
        (usage != Usage::default()).then_some(usage)
    }
}

fn sum(one: Option<u32>, other: Option<u32>) -> Option<u32> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.saturating_add(other)),
        _ => one.or(other),
    }
}

fn ended(events: &[StreamEvent]) -> bool {
    matches!(events.last(), Some(StreamEvent::Finish(_) | StreamEvent::Error(_)))
}

fn finish_reason(reason: &str) -> Option<FinishReason> {
    Some(match reason {
        "FINISH_REASON_UNSPECIFIED" => return None,
        "STOP" => FinishReason::Stop,
        "MAX_TOKENS" => FinishReason::Length,
        "FUNCTION_CALL" => FinishReason::ToolCalls,
        "SAFETY"
        | "RECITATION"
        | "BLOCKLIST"
        | "PROHIBITED_CONTENT"
        | "SPII"
        | "IMAGE_SAFETY"
        | "IMAGE_PROHIBITED_CONTENT"
        | "IMAGE_RECITATION"
        | "MODEL_ARMOR" => FinishReason::ContentFilter,
        _ => FinishReason::Other(clean(reason).chars().take(64).collect()),
    })
}
