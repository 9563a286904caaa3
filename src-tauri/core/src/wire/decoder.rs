//! A streamed answer, from bytes to events.
//!
//! Framing only: what the frames mean is the format's own (its [`Adapter`]). A server that was asked for a stream may
//! answer 200 with one JSON object, an error or a whole answer, or with a web page; all of these are told from a
//! stream by their first character.

use std::fmt::Debug;

use serde_json::Value;

use super::StreamEvent;
use super::body;
use super::error::{ErrorKind, ProviderError};
use super::lines::LineDecoder;
use super::sse::{SseDecoder, SseEvent, TooLong};

/// The longest answer that is taken, in bytes of what the model said; far beyond what any model says.
const ANSWER_LIMIT: usize = 16 * 1024 * 1024;
/// The largest answer that is taken in one piece.
const BODY_LIMIT: usize = 16 * 1024 * 1024;

/// How a format divides its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// Server-sent events.
    Events,
    /// One JSON value a line.
    Lines,
}

/// One piece of the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Frame<'a> {
    /// The type of a server-sent event; empty where there is none, and for a line.
    pub(super) name: &'a str,
    /// The event's data, or the line. Never blank.
    pub(super) data: &'a str,
}

/// One answer in one format: what is known of it so far.
///
/// Each method appends what it learns to `events`. [`StreamEvent::Finish`] or [`StreamEvent::Error`] is appended at most
/// once and last; nothing is called afterwards.
pub(super) trait Adapter: Debug + Send + Sync {
    /// How the stream is divided.
    fn framing(&self) -> Framing {
        Framing::Events
    }

    /// Takes one piece of the stream.
    fn frame(&mut self, frame: Frame<'_>, events: &mut Vec<StreamEvent>);

    /// Takes an answer that came as one JSON value where a stream was asked for, and ends.
    fn whole(&mut self, value: &Value, events: &mut Vec<StreamEvent>);

    /// The body has ended and the answer had not: what was promised is given out, or it was cut.
    fn end_of_body(&mut self, events: &mut Vec<StreamEvent>);

    /// Whether the model has said that it is done, where more may come: see [`Decoder::is_done`]. Never of a format
    /// whose last word is also its last frame.
    fn is_done(&self) -> bool {
        false
    }

    /// Whether a last frame that the server did not end is nevertheless all there.
    fn is_complete(&self, data: &str) -> bool {
        serde_json::from_str::<Value>(data).is_ok_and(|value| value.is_object() || value.is_array())
    }
}

/// Reads one streamed answer.
///
/// Over the calls of [`Decoder::push`] and the one of [`Decoder::finish`] there is exactly one
/// [`StreamEvent::Finish`] or [`StreamEvent::Error`], and it is the last event. It may come from `push`: then the rest
/// of the body need not be read.
#[derive(Debug)]
pub struct Decoder {
    state: State,
    adapter: Box<dyn Adapter>,
    /// Bytes of what the model said so far.
    said: usize,
}

#[derive(Debug)]
enum State {
    /// Nothing but blanks has arrived.
    Unknown,
    Events(SseDecoder),
    Lines(LineDecoder),
    Whole(Vec<u8>),
    /// The last event was given out.
    Ended,
}

impl Decoder {
    pub(super) fn new(adapter: Box<dyn Adapter>) -> Self {
        Self { state: State::Unknown, adapter, said: 0 }
    }

    /// Whether the last event was given out.
    pub fn has_ended(&self) -> bool {
        matches!(self.state, State::Ended)
    }

    /// Whether the model has said that it is done. What may still come is a count of tokens; some servers then never
    /// close the connection.
    pub fn is_done(&self) -> bool {
        self.adapter.is_done()
    }

    /// Takes the bytes that arrived.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<StreamEvent> {
        let mut events = Vec::new();
        let mut bytes = bytes;
        if matches!(self.state, State::Unknown) {
            // A byte order mark counts as a blank here.
            let blank = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, 0xEF | 0xBB | 0xBF);
            let Some(start) = bytes.iter().position(|byte| !blank(byte)) else { return events };
            bytes = &bytes[start..];
            self.state = match (bytes[0], self.adapter.framing()) {
                (b'<', _) | (b'{' | b'[' | b'"', Framing::Events) => State::Whole(Vec::new()),
                (_, Framing::Events) => State::Events(SseDecoder::default()),
                (_, Framing::Lines) => State::Lines(LineDecoder::default()),
            };
        }
        let adapter = &mut self.adapter;
        let mut sink = |name: &str, data: &str| {
            let data = data.trim();
            if !data.is_empty() {
                adapter.frame(Frame { name, data }, &mut events);
            }
            !events.last().is_some_and(is_last)
        };
        let taken = match &mut self.state {
            State::Unknown | State::Ended => Ok(()),
            State::Whole(body) if body.len() + bytes.len() > BODY_LIMIT => Err(TooLong),
            State::Whole(body) => {
                body.extend_from_slice(bytes);
                Ok(())
            }
            State::Events(decoder) => decoder.push(bytes, |event: SseEvent| sink(&event.name, &event.data)),
            State::Lines(decoder) => decoder.push(bytes, |line| sink("", line)),
        };
        if taken == Err(TooLong) {
            events.push(StreamEvent::Error(too_long()));
        }
        limit(&mut self.said, &mut events);
        if events.last().is_some_and(is_last) {
            self.state = State::Ended;
        }
        events
    }

    /// The body has ended, or no more of it can be read.
    pub fn finish(mut self) -> Vec<StreamEvent> {
        let mut events = Vec::new();
        let rest = match self.state {
            State::Ended => return events,
            State::Unknown => None,
            State::Events(decoder) => decoder.finish(),
            State::Lines(decoder) => decoder.finish().map(|data| SseEvent { name: String::new(), data }),
            State::Whole(body) => {
                match serde_json::from_slice(&body) {
                    Ok(value) => self.adapter.whole(&value, &mut events),
                    Err(error) if error.is_eof() => {}
                    Err(_) => {
                        let error = ProviderError::new(ErrorKind::Malformed, &body::page_title(&body));
                        events.push(StreamEvent::Error(error));
                    }
                }
                None
            }
        };
        // Half a frame is no frame: it is only read if it is whole.
        if let Some(SseEvent { name, data }) = rest {
            let data = data.trim();
            if !data.is_empty() && self.adapter.is_complete(data) {
                self.adapter.frame(Frame { name: &name, data }, &mut events);
            }
        }
        if !events.last().is_some_and(is_last) {
            self.adapter.end_of_body(&mut events);
        }
        limit(&mut self.said, &mut events);
        events
    }
}

/// Ends an answer that has become longer than any model's: it would fill the memory and the disk. `said` is what was
/// given out before `events`.
fn limit(said: &mut usize, events: &mut Vec<StreamEvent>) {
    for (index, event) in events.iter().enumerate() {
        let (StreamEvent::Text(more) | StreamEvent::Reasoning(more) | StreamEvent::Refusal(more)) = event else {
            continue;
        };
        *said += more.len();
        if *said > ANSWER_LIMIT {
            events.truncate(index);
            events.push(StreamEvent::Error(too_long()));
            return;
        }
    }
}

fn too_long() -> ProviderError {
    ProviderError::new(ErrorKind::Malformed, "")
}

fn is_last(event: &StreamEvent) -> bool {
    matches!(event, StreamEvent::Finish(_) | StreamEvent::Error(_))
}
