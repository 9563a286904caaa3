//! A streamed answer, from bytes to events.
//!
//! Framing only: what the chunks mean is the format's own (see [`super::chat_completions`]). A server that was asked
//! for a stream may answer 200 with one JSON object, an error or a whole answer, or with a web page; all of these are
//! told from a stream by their first character.

use super::StreamEvent;
use super::body;
use super::chat_completions::Answer;
use super::error::{ErrorKind, ProviderError};
use super::sse::{SseDecoder, SseEvent, TooLong};

/// The longest answer that is taken, in bytes of what the model said; far beyond what any model says.
const ANSWER_LIMIT: usize = 16 * 1024 * 1024;
/// The largest answer that is taken in one piece.
const BODY_LIMIT: usize = 16 * 1024 * 1024;

/// Reads one streamed answer.
///
/// Over the calls of [`Decoder::push`] and the one of [`Decoder::finish`] there is exactly one
/// [`StreamEvent::Finish`] or [`StreamEvent::Error`], and it is the last event. It may come from `push`: then the rest
/// of the body need not be read.
#[derive(Debug)]
pub struct Decoder {
    framing: Framing,
    answer: Answer,
    /// Bytes of what the model said so far.
    said: usize,
}

#[derive(Debug)]
enum Framing {
    /// Nothing but blanks has arrived.
    Unknown,
    Events(SseDecoder),
    Whole(Vec<u8>),
    /// The last event was given out.
    Ended,
}

impl Decoder {
    pub(super) fn new(answer: Answer) -> Self {
        Self { framing: Framing::Unknown, answer, said: 0 }
    }

    /// Whether the last event was given out.
    pub fn has_ended(&self) -> bool {
        matches!(self.framing, Framing::Ended)
    }

    /// Whether the model has said that it is done. What may still come is a count of tokens; some servers then never
    /// close the connection.
    pub fn is_done(&self) -> bool {
        self.answer.is_done()
    }

    /// Takes the bytes that arrived.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<StreamEvent> {
        let mut events = Vec::new();
        let mut bytes = bytes;
        if matches!(self.framing, Framing::Unknown) {
            // A byte order mark counts as a blank here.
            let blank = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, 0xEF | 0xBB | 0xBF);
            let Some(start) = bytes.iter().position(|byte| !blank(byte)) else { return events };
            bytes = &bytes[start..];
            self.framing = match bytes[0] {
                b'{' | b'[' | b'<' | b'"' => Framing::Whole(Vec::new()),
                _ => Framing::Events(SseDecoder::default()),
            };
        }
        match &mut self.framing {
            Framing::Unknown | Framing::Ended => {}
            Framing::Whole(body) => {
                if body.len() + bytes.len() > BODY_LIMIT {
                    events.push(StreamEvent::Error(too_long()));
                } else {
                    body.extend_from_slice(bytes);
                }
            }
            Framing::Events(decoder) => {
                let answer = &mut self.answer;
                let sink = |event: SseEvent| {
                    answer.event(&event.name, &event.data, &mut events);
                    !events.last().is_some_and(is_last)
                };
                if decoder.push(bytes, sink) == Err(TooLong) {
                    events.push(StreamEvent::Error(too_long()));
                }
            }
        }
        self.limit(&mut events);
        if events.last().is_some_and(is_last) {
            self.framing = Framing::Ended;
        }
        events
    }

    /// Ends an answer that has become longer than any model's: it would fill the memory and the disk.
    fn limit(&mut self, events: &mut Vec<StreamEvent>) {
        for (index, event) in events.iter().enumerate() {
            let (StreamEvent::Text(said) | StreamEvent::Reasoning(said) | StreamEvent::Refusal(said)) = event else {
                continue;
            };
            self.said += said.len();
            if self.said > ANSWER_LIMIT {
                events.truncate(index);
                events.push(StreamEvent::Error(too_long()));
                return;
            }
        }
    }

    /// The body has ended, or no more of it can be read.
    pub fn finish(mut self) -> Vec<StreamEvent> {
        let mut events = Vec::new();
        match self.framing {
            Framing::Ended => return events,
            Framing::Unknown => {}
            Framing::Events(decoder) => {
                // Half a chunk is no chunk: it is only read if it is whole.
                if let Some(event) = decoder.finish().filter(|event| Answer::is_whole(&event.data)) {
                    self.answer.event(&event.name, &event.data, &mut events);
                }
            }
            Framing::Whole(body) => match serde_json::from_slice(&body) {
                Ok(value) => self.answer.whole(&value, &mut events),
                Err(error) if error.is_eof() => {}
                Err(_) => {
                    let error = ProviderError::new(ErrorKind::Malformed, &body::page_title(&body));
                    events.push(StreamEvent::Error(error));
                }
            },
        }
        if !events.last().is_some_and(is_last) {
            self.answer.end_of_body(&mut events);
        }
        events
    }
}

fn is_last(event: &StreamEvent) -> bool {
    matches!(event, StreamEvent::Finish(_) | StreamEvent::Error(_))
}

fn too_long() -> ProviderError {
    ProviderError::new(ErrorKind::Malformed, "")
}
