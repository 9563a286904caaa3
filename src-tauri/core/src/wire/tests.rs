//! What holds for every format, and chat completions in particular.

use proptest::prelude::*;
use serde_json::json;

use super::replay::{Recording, decode, error, fixture, replay, text, thought, tool, usage};
use super::{ChatRequest, ErrorKind, FinishReason, Format, Map, Opaque, Part, Role, StreamEvent, Turn, Value, sse};

const CHAT: Format = Format::ChatCompletions;
const FORMATS: [Format; 6] =
    [CHAT, Format::Responses, Format::ChatgptResponses, Format::AnthropicMessages, Format::Gemini, Format::Ollama];

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
        (
            fixture!("openrouter.sse"),
            vec![
                thought("Let me see."),
                text("Four."),
                StreamEvent::Opaque(json!({ "reasoning_details": [
                    { "type": "reasoning.text", "text": "Let me ", "format": "unknown", "index": 0 },
                    { "type": "reasoning.summary", "summary": "see." },
                    { "type": "reasoning.encrypted", "data": "AAAA" },
                ] })),
                usage(9, 12, None, None),
                stop(),
            ],
        ),
        (
            fixture!("openrouter_tools.sse"),
            vec![
                thought("Let me."),
                tool("call_1", "weather", "{}"),
                StreamEvent::Opaque(json!({ "reasoning_details": [{
                    "type": "reasoning.text", "text": "Let me.", "signature": "c2ln",
                    "format": "anthropic-claude-v1", "index": 0,
                }] })),
                StreamEvent::Finish(FinishReason::ToolCalls),
            ],
        ),
        (
            fixture!("deepseek_tools.sse"),
            vec![
                thought("I need the wéather."),
                text("One moment."),
                tool("call_1", "weather", "{}"),
                StreamEvent::Opaque(json!({ "reasoning_content": "I need the wéather." })),
                StreamEvent::Finish(FinishReason::ToolCalls),
            ],
        ),
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

#[test]
fn recordings_mean_the_same_however_they_arrive() {
    replay(CHAT, recordings());
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
        let events = decode(CHAT, [stream]);
        let [StreamEvent::Error(error)] = events.as_slice() else { panic!("{stream:?} gave {events:?}") };
        assert_eq!(error.kind, kind, "{:?}", String::from_utf8_lossy(stream));
    }
    let endless = vec![b'x'; 2 * sse::EVENT_LIMIT];
    let events = decode(CHAT, [b"data: ".as_slice(), &endless, b"\n\ndata: [DONE]\n\n"]);
    assert_eq!(events, [error(ErrorKind::Malformed, None, None, "")]);
}

#[test]
fn quirks_are_read() {
    let answer = |chunk: &str| decode(CHAT, [format!("data: {chunk}\n\ndata: [DONE]\n\n").as_bytes()]);
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
fn a_page_or_nothing_ends_every_format() {
    let (_, page) = fixture!("page.html");
    for format in FORMATS {
        assert_eq!(decode(format, [page]), [error(ErrorKind::Malformed, None, None, "Just a moment...")], "{format:?}");
        for nothing in [b"".as_slice(), b" \r\n", b"\n\n\n"] {
            assert_eq!(decode(format, [nothing]), [error(ErrorKind::Cut, None, None, "")], "{format:?}");
        }
    }
}

/// A chunk of every format, for each kind of words in it, that can be repeated for ever.
fn chunks(words: &str) -> Vec<(Format, String)> {
    let event = |value: Value| format!("data: {value}\n\n");
    let chat = |field: &str| event(json!({ "choices": [{ "delta": { (field): words } }] }));
    let block = |type_: &str| {
        let delta = json!({ "type": format!("{type_}_delta"), (type_): words });
        event(json!({ "type": "content_block_delta", "index": 0, "delta": delta }))
    };
    let response = |type_: &str| {
        event(json!({ "type": format!("response.{type_}.delta"), "output_index": 0, "item_id": "i", "delta": words }))
    };
    let gemini = |thought: bool| {
        let parts = json!([{ "text": words, "thought": thought }]);
        event(json!({ "candidates": [{ "content": { "parts": parts } }] }))
    };
    let ollama = |field: &str| format!("{}\n", json!({ "message": { (field): words }, "done": false }));
    vec![
        (CHAT, chat("content")),
        (CHAT, chat("reasoning")),
        (CHAT, chat("refusal")),
        (Format::AnthropicMessages, block("text")),
        (Format::AnthropicMessages, block("thinking")),
        (Format::Responses, response("output_text")),
        (Format::Responses, response("refusal")),
        (Format::Responses, response("reasoning_summary_text")),
        (Format::ChatgptResponses, response("reasoning_text")),
        (Format::Gemini, gemini(false)),
        (Format::Gemini, gemini(true)),
        (Format::Ollama, ollama("content")),
        (Format::Ollama, ollama("thinking")),
    ]
}

#[test]
fn an_answer_without_an_end_is_ended() {
    for (format, chunk) in chunks(&"again ".repeat(20_000)) {
        let about = format!("{format:?}: {}", &chunk[..120]);
        let (mut decoder, mut said, mut pushes) = (format.decoder(), 0, 0);
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
            assert!(pushes < 1_000, "{about} goes on for ever");
        }
        assert!((15_000_000..=16 * 1024 * 1024).contains(&said), "{about}: {said}");
    }
}

#[test]
fn the_last_piece_of_an_answer_counts_too() {
    for (format, chunk) in chunks(&"x".repeat(9 * 1024 * 1024)) {
        let mut decoder = format.decoder();
        assert_eq!(decoder.push(chunk.as_bytes()).len(), 1, "{format:?}");
        // Without what ends a frame it is read when the body ends.
        assert_eq!(decoder.push(chunk.trim_end().as_bytes()), [], "{format:?}");
        assert_eq!(decoder.finish(), [error(ErrorKind::Malformed, None, None, "")], "{format:?}");
    }
}

#[test]
fn what_comes_after_the_last_word_is_known_of_every_format() {
    let done = [
        (CHAT, json!({ "choices": [{ "delta": { "content": "a" }, "finish_reason": "stop" }] })),
        (Format::AnthropicMessages, json!({ "type": "message_delta", "delta": { "stop_reason": "end_turn" } })),
        (Format::Gemini, json!({ "candidates": [{ "content": {}, "finishReason": "STOP" }] })),
    ];
    for (format, chunk) in done {
        let mut decoder = format.decoder();
        assert!(!decoder.is_done(), "{format:?} has not begun");
        decoder.push(format!("data: {chunk}\n\n").as_bytes());
        assert!(decoder.is_done() && !decoder.has_ended(), "{format:?}: the count of tokens may still come");
    }
}

#[test]
fn formats_have_names() {
    let names = FORMATS.map(|format| serde_json::to_value(format).expect("it is a name"));
    let expected = ["chat_completions", "responses", "chatgpt_responses", "anthropic_messages", "gemini", "ollama"];
    assert_eq!(names, expected.map(Value::from));
}

#[test]
fn blanks_without_an_end_cost_no_more_and_no_more() {
    for (format, chunk) in [
        (CHAT, "data: {\"choices\":[{\"delta\":{\"content\":\"    \"}}]}\n\n"),
        (Format::Ollama, "{\"message\":{\"content\":\"    \"},\"done\":false}\n"),
    ] {
        let chunk = chunk.repeat(1_000);
        let mut decoder = format.decoder();
        let started = std::time::Instant::now();
        let shown: usize = (0..200).map(|_| decoder.push(chunk.as_bytes()).len()).sum();
        assert!(shown > 190_000, "{format:?}: blanks are given out once they cannot lead to a tag: {shown}");
        assert!(started.elapsed().as_secs() < 20, "{format:?}: {:?}", started.elapsed());
    }
}

proptest! {
    #[test]
    fn any_bytes_end_somehow(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..64), 0..8)) {
        for format in FORMATS {
            decode(format, pieces.iter().map(Vec::as_slice));
        }
    }

    #[test]
    fn any_chunks_end_somehow(lines in prop::collection::vec(line(), 0..12), size in 1..40_usize) {
        let stream = lines.concat();
        for format in FORMATS {
            let whole = decode(format, [stream.as_bytes()]);
            prop_assert_eq!(whole, decode(format, stream.as_bytes().chunks(size)));
        }
    }

    #[test]
    fn any_event_ends_somehow(events in prop::collection::vec(event(), 0..16), size in 1..40_usize) {
        let stream = events.concat();
        for format in [Format::AnthropicMessages, Format::Responses] {
            let whole = decode(format, [stream.as_bytes()]);
            prop_assert_eq!(whole, decode(format, stream.as_bytes().chunks(size)));
        }
    }

    #[test]
    fn any_conversation_can_be_written(turns in prop::collection::vec(turn(), 0..8)) {
        for format in FORMATS {
            let extra = Map::new();
            let request = ChatRequest { model: "m", messages: &turns, system: Some("s"), max_output: None, extra: &extra };
            prop_assert!(format.encode(&request).body.is_object());
        }
    }

    #[test]
    fn any_body_is_an_error(status in 0..1_000_u16, body in prop::collection::vec(any::<u8>(), 0..200), words in ".{0,80}") {
        let error = CHAT.error(status, &http::HeaderMap::new(), &body);
        prop_assert!(!error.words("X").is_empty() && !error.message.contains(char::is_control));
        let error = CHAT.error(status, &http::HeaderMap::new(), words.as_bytes());
        prop_assert!(error.message.chars().count() <= 500);
    }
}

/// An event of the formats that name theirs, with anything in it.
fn event() -> impl Strategy<Value = String> {
    let types = prop::sample::select(vec![
        "message_start",
        "content_block_start",
        "content_block_delta",
        "message_delta",
        "message_stop",
        "ping",
        "error",
        "response.output_item.added",
        "response.output_item.done",
        "response.output_text.delta",
        "response.output_text.done",
        "response.reasoning_summary_text.delta",
        "response.function_call_arguments.delta",
        "response.function_call_arguments.done",
        "response.refusal.delta",
        "response.completed",
        "response.incomplete",
        "response.failed",
    ]);
    let block = prop::sample::select(vec![
        json!(null),
        json!("x"),
        json!([]),
        json!({}),
        json!({"type": "text", "text": "t", "stop_reason": "end_turn"}),
        json!({"type": "thinking", "thinking": "t", "signature": "s"}),
        json!({"type": "redacted_thinking", "data": "d"}),
        json!({"type": "tool_use", "id": "i", "name": "f", "input": {}}),
        json!({"partial_json": "{"}),
        json!({"type": "message", "id": "a", "phase": "commentary", "content": [{"text": "c"}, 3]}),
        json!({"type": "reasoning", "id": "a", "summary": [{"text": "s"}], "encrypted_content": "e"}),
        json!({"type": "function_call", "id": "b", "call_id": "c", "name": "f", "arguments": "{}"}),
        json!({"status": "completed", "output": [{"type": "message", "content": [{"text": "o"}]}], "usage": {}}),
    ]);
    (types, block, 0..3_u64).prop_map(|(type_, block, index)| {
        let event = json!({
            "type": type_, "index": index, "output_index": index, "content_block": block, "delta": block,
            "item": block, "response": block, "message": block, "usage": block, "error": block,
        });
        format!("event: {type_}\ndata: {event}\n\n")
    })
}

fn turn() -> impl Strategy<Value = Turn> {
    let id = || "[a-c/]{0,2}";
    let part = prop_oneof![
        "[ a\n]{0,3}".prop_map(Part::Text),
        Just(Part::Image { media_type: "image/png".to_owned(), data: "AAAA".to_owned() }),
        (id(), "[{}a]{0,2}").prop_map(|(id, arguments)| Part::ToolCall { id, name: "f".to_owned(), arguments }),
        (id(), any::<bool>()).prop_map(|(id, is_error)| Part::ToolResult {
            id,
            name: "f".to_owned(),
            content: "r".to_owned(),
            is_error,
        }),
    ];
    let outline = prop::sample::select(vec![
        json!([]),
        json!([{ "echo": {} }, { "text": 1, "note": null }]),
        json!([{ "text": 0 }, { "call": "a" }]),
        json!({ "reasoning_details": [] }),
        json!(null),
    ]);
    let wire = prop::sample::select(FORMATS.to_vec());
    let opaque = prop::option::of((wire, outline).prop_map(|(wire, blob)| Opaque {
        wire,
        provider: "p".to_owned(),
        model: "m".to_owned(),
        connection: "c".to_owned(),
        blob,
    }));
    (any::<bool>(), prop::collection::vec(part, 0..4), opaque).prop_map(|(person, parts, opaque)| Turn {
        role: if person { Role::User } else { Role::Assistant },
        parts,
        opaque,
    })
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
