//! Recorded streams through a format's real decoder, however they arrive, and short names for what they mean.
//!
//! The recordings in `fixtures/` have the shape of what each service sends, with every identifier made up.

use serde_json::Value;

use super::{ErrorKind, Format, ProviderError, StreamEvent, Usage};

/// A recording's name and bytes, and what it means.
pub(super) type Recording = ((&'static str, &'static [u8]), Vec<StreamEvent>);

/// A recording of `fixtures/`.
macro_rules! fixture {
    ($name:literal) => {
        ($name, include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/wire/fixtures/", $name)).as_slice())
    };
}
pub(super) use fixture;

/// Decodes a stream that arrives in `pieces`; neighbouring texts are one. There is one end, and it is last.
pub(super) fn decode<'a>(format: Format, pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<StreamEvent> {
    let mut decoder = format.decoder();
    let mut events: Vec<StreamEvent> = pieces.into_iter().flat_map(|piece| decoder.push(piece)).collect();
    events.extend(decoder.finish());
    let last = |event: &StreamEvent| matches!(event, StreamEvent::Finish(_) | StreamEvent::Error(_));
    assert_eq!(events.iter().filter(|event| last(event)).count(), 1, "one end: {events:?}");
    assert!(events.last().is_some_and(last), "and it is last: {events:?}");
    let mut merged: Vec<StreamEvent> = Vec::new();
    for event in events {
        match (merged.last_mut(), event) {
            (Some(StreamEvent::Text(text)), StreamEvent::Text(more))
            | (Some(StreamEvent::Reasoning(text)), StreamEvent::Reasoning(more))
            | (Some(StreamEvent::Refusal(text)), StreamEvent::Refusal(more)) => text.push_str(&more),
            (_, event) => merged.push(event),
        }
    }
    merged
}

/// Replays a recording whole, in pieces of several sizes, split at every byte, with other line ends, and cut off at
/// every byte.
pub(super) fn every_way(format: Format, name: &str, stream: &[u8], expected: &[StreamEvent]) {
    let with = |end: &[u8]| stream.split(|byte| *byte == b'\n').collect::<Vec<_>>().join(end);
    let variants = [stream.to_vec(), with(b"\r\n"), with(b"\r"), [b"\xEF\xBB\xBF".as_slice(), stream].concat()];
    for (variant, stream) in variants.iter().enumerate() {
        assert_eq!(decode(format, [stream.as_slice()]), expected, "{name}, variant {variant}, whole");
        for size in [1, 2, 3, 7] {
            assert_eq!(decode(format, stream.chunks(size)), expected, "{name}, variant {variant}, by {size}");
        }
    }
    for at in 0..=stream.len() {
        let (head, tail) = stream.split_at(at);
        assert_eq!(decode(format, [head, tail]), expected, "{name} split at {at}");
        cut(format, name, head, expected);
    }
}

/// What had arrived is given out, nothing is made up, and half an answer never passes for a whole one.
fn cut(format: Format, name: &str, head: &[u8], expected: &[StreamEvent]) {
    let (events, at) = (decode(format, [head]), head.len());
    let (part, whole) = (said(&events), said(expected));
    assert!(whole.starts_with(&part) || "<think>".starts_with(&part), "{name} cut at {at} invents nothing: {part:?}");
    if matches!(events.last(), Some(StreamEvent::Finish(_))) {
        assert_eq!(part, whole, "{name} cut at {at} is not complete");
    }
    let calls = |events: &[StreamEvent]| {
        let is_call = |event: &&StreamEvent| matches!(event, StreamEvent::ToolCall { .. });
        events.iter().filter(is_call).cloned().collect::<Vec<_>>()
    };
    let called = calls(&events);
    assert!(called.is_empty() || called == calls(expected), "{name} cut at {at} calls for all or nothing");
}

fn said(events: &[StreamEvent]) -> String {
    events.iter().map(|event| if let StreamEvent::Text(text) = event { text } else { "" }).collect()
}

/// [`every_way`], for several.
pub(super) fn replay(format: Format, recordings: Vec<Recording>) {
    for ((name, stream), expected) in recordings {
        every_way(format, name, stream, &expected);
    }
}

/// A stream of events without names.
pub(super) fn events_of(values: &[Value]) -> String {
    values.iter().map(|value| format!("data: {value}\n\n")).collect::<Vec<_>>().concat()
}

pub(super) fn text(text: &str) -> StreamEvent {
    StreamEvent::Text(text.to_owned())
}

pub(super) fn thought(text: &str) -> StreamEvent {
    StreamEvent::Reasoning(text.to_owned())
}

pub(super) fn tool(id: &str, name: &str, arguments: &str) -> StreamEvent {
    StreamEvent::ToolCall { id: id.to_owned(), name: name.to_owned(), arguments: arguments.to_owned() }
}

pub(super) fn usage(input: u32, output: u32, cached: Option<u32>, reasoning: Option<u32>) -> StreamEvent {
    StreamEvent::Usage(Usage { input: Some(input), output: Some(output), cached, reasoning })
}

pub(super) fn error(kind: ErrorKind, status: Option<u16>, code: Option<&str>, message: &str) -> StreamEvent {
    let (code, message) = (code.map(str::to_owned), message.to_owned());
    StreamEvent::Error(ProviderError { kind, status, code, message, retry_after: None })
}
