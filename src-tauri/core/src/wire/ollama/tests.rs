//! Recorded streams, and requests as they are written.
//!
//! The recordings in `fixtures/ollama/` have the shape of what Ollama sends; `aimock.ndjson` is what `aimock` takes
//! that to be.

use proptest::prelude::*;

use super::*;
use crate::wire::replay::{Recording, decode, fixture, replay, text, thought, tool};
use crate::wire::{ErrorKind, FinishReason, Part, ProviderError, StreamEvent, Turn, Usage};

const OLLAMA: Format = Format::Ollama;

fn usage(input: Option<u32>, output: u32) -> StreamEvent {
    StreamEvent::Usage(Usage { input, output: Some(output), ..Usage::default() })
}

fn error(kind: ErrorKind, message: &str) -> StreamEvent {
    StreamEvent::Error(ProviderError::new(kind, message))
}

fn recordings() -> Vec<Recording> {
    let stop = || StreamEvent::Finish(FinishReason::Stop);
    vec![
        (
            fixture!("ollama/thinking.ndjson"),
            vec![thought("Hm, naïve."), text("Grüße, 世界 🚀!\n"), usage(Some(26), 282), stop()],
        ),
        (
            fixture!("ollama/tools.ndjson"),
            vec![
                tool("", "weather", "{\"city\":\"Köln\"}"),
                tool("call_2", "time", "{}"),
                usage(Some(169), 15),
                StreamEvent::Finish(FinishReason::ToolCalls),
            ],
        ),
        (
            fixture!("ollama/think_tags.ndjson"),
            vec![thought("\nWait"), text("Done."), usage(Some(4), 8), StreamEvent::Finish(FinishReason::Length)],
        ),
        (
            fixture!("ollama/error_inside.ndjson"),
            vec![
                text("Only this"),
                error(ErrorKind::Server, "an error was encountered while running the model: unexpected EOF"),
            ],
        ),
        (
            fixture!("ollama/not_found.ndjson"),
            vec![error(ErrorKind::NotFound, "model \"qwen9\" not found, try pulling it first")],
        ),
        (
            fixture!("ollama/aimock.ndjson"),
            vec![thought("Let me think."), text("Grüße, 世界 🚀! It works."), usage(Some(0), 0), stop()],
        ),
        (fixture!("ollama/cut.ndjson"), vec![text("The first half"), error(ErrorKind::Cut, "")]),
        (fixture!("ollama/old.ndjson"), vec![text("Hi"), usage(None, 2), stop()]),
    ]
}

#[test]
fn recordings_mean_the_same_however_they_arrive() {
    replay(OLLAMA, recordings());
}

#[test]
fn the_end_is_known_before_the_connection_closes() {
    let mut decoder = OLLAMA.decoder();
    let events = decoder.push(fixture!("ollama/old.ndjson").1);
    assert_eq!(events.last(), Some(&StreamEvent::Finish(FinishReason::Stop)));
    assert!(decoder.has_ended(), "\"done\" ends it");
}

#[test]
fn words_tell_errors_apart() {
    for (words, kind) in [
        ("model 'x' not found", ErrorKind::NotFound),
        ("\\\"x\\\" does not support thinking", ErrorKind::Invalid),
        ("unauthorized", ErrorKind::Unauthorized),
        ("server busy, please try again.  maximum pending requests exceeded", ErrorKind::Overloaded),
        ("the input exceeds the context length", ErrorKind::ContextLength),
        ("you've reached your hourly usage limit", ErrorKind::RateLimited),
        ("model requires more system memory (9.1 GiB) than is available (6.3 GiB)", ErrorKind::Server),
    ] {
        let events = decode(OLLAMA, [format!("{{\"error\":\"{words}\"}}\n").as_bytes()]);
        let [StreamEvent::Error(error)] = events.as_slice() else { panic!("{words} gave {events:?}") };
        assert_eq!(error.kind, kind, "{words}");
    }
    let refused = OLLAMA.error(404, &http::HeaderMap::new(), fixture!("ollama/not_found.ndjson").1);
    assert_eq!(refused.kind, ErrorKind::NotFound);
    assert!(refused.words("Ollama").contains("try pulling it first"), "what to do is Ollama's own to say");
}

#[test]
fn bad_streams_end_in_an_error() {
    let cases: [(&[u8], ErrorKind); 7] = [
        (b"", ErrorKind::Cut),
        (b"\n\r\n", ErrorKind::Cut),
        (b"{\"message\":{\"content\":\"cut o", ErrorKind::Cut),
        (b"{\"message\":\n", ErrorKind::Malformed),
        (b"[]\n", ErrorKind::Malformed),
        (b"data: {}\n\n", ErrorKind::Malformed),
        (b"<html><title>Wait</title>", ErrorKind::Malformed),
    ];
    for (stream, kind) in cases {
        let events = decode(OLLAMA, [stream]);
        let [StreamEvent::Error(error)] = events.as_slice() else { panic!("{stream:?} gave {events:?}") };
        assert_eq!(error.kind, kind, "{:?}", String::from_utf8_lossy(stream));
    }
    let (_, stream) = fixture!("ollama/old.ndjson");
    let unended = stream.trim_ascii_end();
    assert_eq!(decode(OLLAMA, [unended]), decode(OLLAMA, [stream]), "the last line needs no end");
}

fn said(text: &str) -> Part {
    Part::Text(text.to_owned())
}

#[test]
fn a_request_is_what_was_asked_for() {
    let image = Part::Image { media_type: "image/png".to_owned(), data: "iVBORw==".to_owned() };
    let call = |id: &str, arguments: &str| Part::ToolCall {
        id: id.to_owned(),
        name: "f".to_owned(),
        arguments: arguments.to_owned(),
    };
    let result = |id: &str, content: &str, is_error| Part::ToolResult {
        id: id.to_owned(),
        name: "f".to_owned(),
        content: content.to_owned(),
        is_error,
    };
    let messages = [
        Turn::new(Role::User, vec![said("Look"), said("here"), image]),
        Turn::new(Role::Assistant, vec![said(" ")]),
        Turn::new(Role::Assistant, vec![said("One moment."), call("a", "{\"x\":1}"), call("b", "")]),
        Turn::new(Role::User, vec![said("And?"), result("a", "2", false), result("b", "no", true)]),
    ];
    let extra = json!({
        "model": "other", "messages": [], "stream": false, "think": "low", "keep_alive": "10m",
        "options": { "num_ctx": 8192, "num_predict": 5 },
    });
    let encoded = encode(&ChatRequest {
        model: "qwen3:8b",
        messages: &messages,
        system: Some("Be brief."),
        max_output: Some(100),
        extra: extra.as_object().expect("it is an object"),
    });
    assert_eq!((encoded.path.as_str(), encoded.headers.len()), ("api/chat", 0));
    assert_eq!(
        encoded.body,
        json!({
            "model": "qwen3:8b",
            "stream": true,
            "think": "low",
            "keep_alive": "10m",
            "options": { "num_predict": 5, "num_ctx": 8192 },
            "messages": [
                { "role": "system", "content": "Be brief." },
                { "role": "user", "content": "Look\n\nhere", "images": ["iVBORw=="] },
                { "role": "assistant", "content": "One moment.", "tool_calls": [
                    { "id": "a", "function": { "name": "f", "arguments": { "x": 1 } } },
                    { "id": "b", "function": { "name": "f", "arguments": {} } },
                ] },
                { "role": "tool", "content": "2", "tool_name": "f", "tool_call_id": "a" },
                { "role": "tool", "content": "Error: no", "tool_name": "f", "tool_call_id": "b" },
                { "role": "user", "content": "And?" },
            ],
        })
    );
    let extra = Map::new();
    let plain =
        ChatRequest { model: "m", messages: &messages[..1], system: Some(" "), max_output: None, extra: &extra };
    let body = encode(&plain).body;
    assert_eq!((body.get("options"), body.get("think")), (None, None), "what was not asked for is left to the model");
    assert_eq!(body["messages"].as_array().map(Vec::len), Some(1), "a blank instruction is none");
}

proptest! {
    #[test]
    fn any_bytes_end_somehow(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..64), 0..8)) {
        decode(OLLAMA, pieces.iter().map(Vec::as_slice));
    }

    #[test]
    fn any_lines_end_somehow(lines in prop::collection::vec(line(), 0..12), size in 1..40_usize) {
        let stream = lines.join("\n");
        prop_assert_eq!(decode(OLLAMA, [stream.as_bytes()]), decode(OLLAMA, stream.as_bytes().chunks(size)));
    }
}

fn line() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        Just("null".to_owned()),
        Just("[]".to_owned()),
        Just("{}".to_owned()),
        Just("true".to_owned()),
        Just("-1".to_owned()),
        Just("\"<think>\"".to_owned()),
        Just("\"</think>a\"".to_owned()),
        Just("[{\"function\":{\"name\":\"f\",\"arguments\":[]}},null]".to_owned()),
        "\"[a-zü ]{0,8}\"",
    ];
    let field = prop::sample::select(vec!["content", "thinking", "tool_calls", "role"]);
    let top = prop::sample::select(vec!["done", "done_reason", "error", "eval_count", "message"]);
    prop_oneof![
        6 => (field, value.clone()).prop_map(|(field, value)| format!("{{\"message\":{{\"{field}\":{value}}}}}")),
        2 => (top, value).prop_map(|(field, value)| format!("{{\"{field}\":{value}}}")),
        1 => "[ -~]{0,20}",
    ]
}
