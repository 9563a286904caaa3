//! Recorded streams through the real decoder, however they arrive.
//!
//! The recordings in `fixtures/` have the shape of what each service sends, with every identifier made up.

use proptest::prelude::*;

use super::*;

const CHAT: Format = Format::ChatCompletions;

macro_rules! fixture {
    ($name:literal) => {
        ($name, include_bytes!(concat!("fixtures/", $name)).as_slice())
    };
}

fn merged(events: Vec<StreamEvent>) -> Vec<StreamEvent> {
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

fn decode<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<StreamEvent> {
    let mut decoder = CHAT.decoder();
    let mut events: Vec<StreamEvent> = pieces.into_iter().flat_map(|piece| decoder.push(piece)).collect();
    events.extend(decoder.finish());
    let last = |event: &StreamEvent| matches!(event, StreamEvent::Finish(_) | StreamEvent::Error(_));
    assert_eq!(events.iter().filter(|event| last(event)).count(), 1, "one end: {events:?}");
    assert!(events.last().is_some_and(last), "and it is last: {events:?}");
    merged(events)
}

fn text(text: &str) -> StreamEvent {
    StreamEvent::Text(text.to_owned())
}

fn thought(text: &str) -> StreamEvent {
    StreamEvent::Reasoning(text.to_owned())
}

fn tool(id: &str, name: &str, arguments: &str) -> StreamEvent {
    StreamEvent::ToolCall { id: id.to_owned(), name: name.to_owned(), arguments: arguments.to_owned() }
}

fn usage(input: u32, output: u32, cached: Option<u32>, reasoning: Option<u32>) -> StreamEvent {
    StreamEvent::Usage(Usage { input: Some(input), output: Some(output), cached, reasoning })
}

fn error(kind: ErrorKind, status: Option<u16>, code: Option<&str>, message: &str) -> StreamEvent {
    let (code, message) = (code.map(str::to_owned), message.to_owned());
    StreamEvent::Error(ProviderError { kind, status, code, message, retry_after: None })
}

type Recording = ((&'static str, &'static [u8]), Vec<StreamEvent>);

fn recordings() -> Vec<Recording> {
    let stop = || StreamEvent::Finish(FinishReason::Stop);
    vec![
        (fixture!("openai.sse"), vec![text("Grüße, 世界 🚀!\n"), usage(19, 10, Some(4), Some(3)), stop()]),
        (
            fixture!("openai_tools.sse"),
            vec![
                tool("call_1", "weather", "{\"city\":\"Köln\"}"),
                tool("call_2", "time", "{}"),
                StreamEvent::Finish(FinishReason::ToolCalls),
            ],
        ),
        (fixture!("openai_refusal.sse"), vec![StreamEvent::Refusal("I cannot help with that.".to_owned()), stop()]),
        (fixture!("openrouter.sse"), vec![thought("Let me see."), text("Four."), usage(9, 12, None, None), stop()]),
        (
            fixture!("openrouter_error.sse"),
            vec![
                text("Half an answer"),
                error(ErrorKind::Server, Some(502), Some("502"), "Upstream disconnected, key •••"),
            ],
        ),
        (
            fixture!("deepseek.sse"),
            vec![
                thought("2+2 is 4"),
                text("4"),
                usage(8, 6, Some(0), Some(4)),
                StreamEvent::Finish(FinishReason::Length),
            ],
        ),
        (
            fixture!("deepseek_interrupted.sse"),
            vec![
                text("Only the start"),
                usage(8, 3, None, None),
                error(ErrorKind::Overloaded, None, Some("insufficient_system_resource"), ""),
            ],
        ),
        (fixture!("groq.sse"), vec![text("Fast"), usage(5, 1, None, None), stop()]),
        (fixture!("mistral.sse"), vec![thought("Hm, naïve."), text("Well, no."), usage(3, 9, None, None), stop()]),
        (fixture!("think_tags.sse"), vec![thought("\nWait a bit"), text("Done <think>."), stop()]),
        (fixture!("no_done.sse"), vec![text("multi-line"), usage(1, 2, None, None), stop()]),
        (fixture!("cut.sse"), vec![text("The first half"), error(ErrorKind::Cut, None, None, "")]),
        (
            fixture!("error_event.sse"),
            vec![error(ErrorKind::RateLimited, None, Some("1302"), "Rate limit reached for your plan")],
        ),
        (fixture!("whole.json"), vec![thought("Hm."), text("All at once."), usage(4, 5, None, None), stop()]),
        (
            fixture!("whole_error.json"),
            vec![error(ErrorKind::NotFound, None, Some("model_not_found"), "The model `x` does not exist")],
        ),
        (fixture!("page.html"), vec![error(ErrorKind::Malformed, None, None, "Just a moment...")]),
    ]
}

/// The same stream with other line ends, and with a byte order mark.
fn variants(stream: &[u8]) -> Vec<Vec<u8>> {
    let with = |end: &[u8]| stream.split(|byte| *byte == b'\n').collect::<Vec<_>>().join(end);
    vec![stream.to_vec(), with(b"\r\n"), with(b"\r"), [b"\xEF\xBB\xBF".as_slice(), stream].concat()]
}

#[test]
fn recordings_mean_the_same_at_every_chunking() {
    for ((name, stream), expected) in recordings() {
        for (variant, stream) in variants(stream).into_iter().enumerate() {
            assert_eq!(decode([stream.as_slice()]), expected, "{name}, variant {variant}, whole");
            for size in [1, 2, 3, 7] {
                assert_eq!(decode(stream.chunks(size)), expected, "{name}, variant {variant}, by {size}");
            }
        }
    }
}

#[test]
fn recordings_mean_the_same_at_every_split() {
    for ((name, stream), expected) in recordings() {
        for at in 0..=stream.len() {
            let (head, tail) = stream.split_at(at);
            assert_eq!(decode([head, tail]), expected, "{name} split at {at}");
        }
    }
}

#[test]
fn recordings_may_be_cut_anywhere() {
    for ((name, stream), expected) in recordings() {
        let whole: String =
            expected.iter().map(|event| if let StreamEvent::Text(text) = event { text } else { "" }).collect();
        for at in 0..stream.len() {
            let events = decode([&stream[..at]]);
            let part: String =
                events.iter().map(|event| if let StreamEvent::Text(text) = event { text } else { "" }).collect();
            // What may be the beginning of a tag is given out as text once nothing follows.
            let begun = whole.starts_with(&part) || "<think>".starts_with(&part);
            assert!(begun, "{name} cut at {at} invents nothing: {part:?}");
        }
    }
}

#[test]
fn the_end_is_known_before_the_connection_closes() {
    let mut decoder = CHAT.decoder();
    let events = decoder.push(fixture!("groq.sse").1);
    assert_eq!(events.last(), Some(&StreamEvent::Finish(FinishReason::Stop)));
    assert!(decoder.has_ended(), "[DONE] ends it");
    assert_eq!(decoder.push(b"data: {\"choices\":[{\"delta\":{\"content\":\"late\"}}]}\n\n"), []);
    assert_eq!(decoder.finish(), [], "the end was given out already");
}

#[test]
fn bad_streams_end_in_an_error() {
    let cases: [(&[u8], ErrorKind); 9] = [
        (b"", ErrorKind::Cut),
        (b" \r\n", ErrorKind::Cut),
        (b": comment\n\n", ErrorKind::Cut),
        (b"data: {\"choices\":[]}\n\n", ErrorKind::Cut),
        (b"data: {\"choices\":\n\n", ErrorKind::Malformed),
        (b"event: error\ndata: out of memory\n\n", ErrorKind::Server),
        (b"{\"choices\":[{\"message\":{\"content\":\"cut o", ErrorKind::Cut),
        (b"{\"nothing\": true}", ErrorKind::Malformed),
        (b"[]", ErrorKind::Malformed),
    ];
    for (stream, kind) in cases {
        let events = decode([stream]);
        let [StreamEvent::Error(error)] = events.as_slice() else { panic!("{stream:?} gave {events:?}") };
        assert_eq!(error.kind, kind, "{:?}", String::from_utf8_lossy(stream));
    }
    let endless = vec![b'x'; 2 * sse::EVENT_LIMIT];
    let events = decode([b"data: ".as_slice(), &endless, b"\n\ndata: [DONE]\n\n"]);
    assert_eq!(events, [error(ErrorKind::Malformed, None, None, "")]);
}

#[test]
fn quirks_are_read() {
    let answer = |chunk: &str| decode([format!("data: {chunk}\n\ndata: [DONE]\n\n").as_bytes()]);
    let stop = StreamEvent::Finish(FinishReason::Stop);
    let quirks = [
        (r#"{"choices":[{"index":1,"delta":{"content":"other"}},{"index":0,"delta":{"content":"one"}}]}"#, "one"),
        (r#"{"choices":[{"delta":{"content":{"type":"text","text":"object"}}}]}"#, "object"),
        (r#"{"choices":[{"delta":{"content":[{"type":"image_url"},"string",null]}}]}"#, "string"),
        (r#"{"choices":[{"delta":null,"message":{"content":"message"}}],"error":null}"#, "message"),
        (
            r#"{"id":null,"choices":[{"index":null,"delta":{"content":"nulls","role":null,"tool_calls":null}}]}"#,
            "nulls",
        ),
    ];
    for (chunk, expected) in quirks {
        assert_eq!(answer(chunk), [text(expected), stop.clone()], "{chunk}");
    }
    let reasons = [
        ("content_filter", FinishReason::ContentFilter),
        ("function_call", FinishReason::ToolCalls),
        ("model_length", FinishReason::Length),
        ("STOP", FinishReason::Stop),
        ("recitation", FinishReason::Other("recitation".to_owned())),
    ];
    for (reason, expected) in reasons {
        let chunk = format!(r#"{{"choices":[{{"delta":{{}},"finish_reason":"{reason}"}}]}}"#);
        assert_eq!(answer(&chunk), [StreamEvent::Finish(expected)]);
    }
    let failed = r#"{"choices":[{"delta":{"content":"a"},"finish_reason":"error"}]}"#;
    assert_eq!(answer(failed), [text("a"), error(ErrorKind::Server, None, None, "")]);
    let once = r#"{"choices":[{"delta":{"content":"a"}}]}"#.to_owned()
        + "\n\ndata: "
        + r#"{"choices":[{"message":{"content":"a"},"finish_reason":"stop"}]}"#;
    assert_eq!(answer(&once), [text("a"), stop.clone()], "a repeated message is not read twice");
    assert_eq!(answer(r#"{"type":"ping"}"#), [stop], "what is unknown is passed over");
}

#[test]
fn an_answer_without_an_end_is_ended() {
    for field in ["content", "reasoning", "refusal"] {
        let words = "again ".repeat(20_000);
        let chunk = format!("data: {{\"choices\":[{{\"delta\":{{\"{field}\":\"{words}\"}}}}]}}\n\n");
        let (mut decoder, mut said, mut pushes) = (CHAT.decoder(), 0, 0);
        while !decoder.has_ended() {
            for event in decoder.push(chunk.as_bytes()) {
                match event {
                    StreamEvent::Text(more) | StreamEvent::Reasoning(more) | StreamEvent::Refusal(more) => {
                        said += more.len();
                    }
                    StreamEvent::Error(error) => assert_eq!(error.kind, ErrorKind::Malformed),
                    other => panic!("{other:?}"),
                }
            }
            pushes += 1;
            assert!(pushes < 1_000, "{field} goes on for ever");
        }
        assert!((15_000_000..=16 * 1024 * 1024).contains(&said), "{field}: {said}");
    }
}

#[test]
fn blanks_without_an_end_cost_no_more_and_no_more() {
    let chunk = "data: {\"choices\":[{\"delta\":{\"content\":\"    \"}}]}\n\n".repeat(1_000);
    let mut decoder = CHAT.decoder();
    let started = std::time::Instant::now();
    let shown: usize = (0..200).map(|_| decoder.push(chunk.as_bytes()).len()).sum();
    assert!(shown > 190_000, "blanks are given out once they cannot lead to a tag: {shown}");
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

proptest! {
    #[test]
    fn any_bytes_end_somehow(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..64), 0..8)) {
        decode(pieces.iter().map(Vec::as_slice));
    }

    #[test]
    fn any_chunks_end_somehow(lines in prop::collection::vec(line(), 0..12), size in 1..40_usize) {
        let stream = lines.concat();
        prop_assert_eq!(decode([stream.as_bytes()]), decode(stream.as_bytes().chunks(size)));
    }

    #[test]
    fn any_body_is_an_error(status in 0..1_000_u16, body in prop::collection::vec(any::<u8>(), 0..200), words in ".{0,80}") {
        let error = CHAT.error(status, &http::HeaderMap::new(), &body);
        prop_assert!(!error.words("X").is_empty() && !error.message.contains(char::is_control));
        let error = CHAT.error(status, &http::HeaderMap::new(), words.as_bytes());
        prop_assert!(error.message.chars().count() <= 500);
        let _ = CHAT.parse_models(&body);
    }
}

fn line() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        Just("null".to_owned()),
        Just("[]".to_owned()),
        Just("{}".to_owned()),
        Just("-1".to_owned()),
        "\"[a-z<>/ ]{0,8}\"",
        Just("\"<think>\"".to_owned()),
        Just("\"</think>\"".to_owned()),
        Just("[{\"type\":\"thinking\",\"thinking\":\"t\"}]".to_owned()),
        Just("[{\"index\":0,\"function\":{\"name\":\"f\",\"arguments\":\"1\"}}]".to_owned()),
    ];
    let field = prop_oneof![
        Just("content"),
        Just("reasoning"),
        Just("reasoning_details"),
        Just("tool_calls"),
        Just("function_call"),
        Just("refusal"),
    ];
    prop_oneof![
        4 => (field, value.clone()).prop_map(|(field, value)| format!("data: {{\"choices\":[{{\"delta\":{{\"{field}\":{value}}}}}]}}\n\n")),
        1 => value.clone().prop_map(|value| format!("data: {{\"choices\":{value}}}\n\n")),
        1 => value.prop_map(|value| format!("data: {{\"usage\":{value},\"choices\":[{{\"finish_reason\":{value}}}]}}\n\n")),
        1 => "[ -~\r\n]{0,30}",
    ]
}
