//! Requests as they are written, and recorded answers.

use super::super::replay::{decode, error, events_of, fixture, replay, text, thought, tool, usage};
use super::super::{ErrorKind, FinishReason, Opaque, Part, StreamEvent, Turn, Usage};
use super::*;

const FORMAT: Format = Format::AnthropicMessages;

fn said(text: &str) -> Part {
    Part::Text(text.to_owned())
}

fn call(id: &str, name: &str, arguments: &str) -> Part {
    Part::ToolCall { id: id.to_owned(), name: name.to_owned(), arguments: arguments.to_owned() }
}

fn result(id: &str, name: &str, is_error: bool) -> Part {
    Part::ToolResult { id: id.to_owned(), name: name.to_owned(), content: "sun".to_owned(), is_error }
}

fn opaque(wire: Format, blob: Value) -> Opaque {
    let (provider, model, connection) = ("p".to_owned(), "m".to_owned(), "c".to_owned());
    Opaque { wire, provider, model, connection, blob }
}

fn body(messages: &[Turn], system: Option<&str>, max_output: Option<u32>, extra: &Value) -> Value {
    let extra = extra.as_object().expect("it is an object");
    let encoded = encode(&ChatRequest { model: "claude", messages, system, max_output, extra });
    assert_eq!(encoded.path, "messages");
    assert_eq!(encoded.headers, [("anthropic-version", "2023-06-01".to_owned())]);
    encoded.body
}

#[test]
fn a_request_is_what_was_asked_for() {
    let messages = [Turn::new(Role::User, vec![said("Hello")])];
    let content = json!([{ "type": "text", "text": "Hello" }]);
    let expected = json!({
        "model": "claude", "max_tokens": 8192, "stream": true,
        "messages": [{ "role": "user", "content": content }],
    });
    let reserved = json!({ "model": "x", "messages": [], "stream": false, "max_tokens": null });
    assert_eq!(body(&messages, Some(" \n"), None, &reserved), expected, "a limit has to be there");
    let expected = json!({
        "model": "claude", "max_tokens": 64_000, "stream": true, "system": "Be brief.",
        "thinking": { "type": "adaptive" },
        "messages": [{ "role": "user", "content": content }],
    });
    let extra = json!({ "thinking": { "type": "adaptive" } });
    assert_eq!(body(&messages, Some("Be brief."), Some(64_000), &extra), expected);
    let budget = json!({ "thinking": { "type": "enabled", "budget_tokens": 16_000 } });
    assert_eq!(body(&messages, None, None, &budget)["max_tokens"], 24_192, "thoughts leave room for the answer");
}

#[test]
fn turns_alternate_and_results_come_first() {
    let image = Part::Image { media_type: "image/jpeg".to_owned(), data: "AAAA".to_owned() };
    let messages = [
        Turn::new(Role::Assistant, vec![said("Nobody asked.")]),
        Turn::new(Role::User, vec![said("One")]),
        Turn::new(Role::Assistant, vec![said(" ")]),
        Turn::new(Role::User, vec![image, said("Two")]),
        Turn::new(Role::Assistant, vec![said("Looking."), call("a b", "weather", "{\"city\":\"Köln\"}")]),
        Turn::new(Role::Assistant, vec![call("t", "time", ""), call("u", "u", "[1]"), call("v", "v", "{")]),
        Turn::new(Role::User, vec![said("Well?"), result("t", "time", true), result("u", "u", false)]),
        Turn::new(Role::User, vec![result("v", "v", false)]),
    ];
    let expected = json!([
        { "role": "user", "content": [
            { "type": "text", "text": "One" },
            { "type": "image", "source": { "type": "base64", "media_type": "image/jpeg", "data": "AAAA" } },
            { "type": "text", "text": "Two" },
        ] },
        { "role": "assistant", "content": [
            { "type": "text", "text": "Looking." },
            { "type": "tool_use", "id": "t", "name": "time", "input": {} },
            { "type": "tool_use", "id": "u", "name": "u", "input": { "arguments": [1] } },
            { "type": "tool_use", "id": "v", "name": "v", "input": { "arguments": "{" } },
        ] },
        { "role": "user", "content": [
            { "type": "tool_result", "tool_use_id": "t", "content": "sun", "is_error": true },
            { "type": "tool_result", "tool_use_id": "u", "content": "sun" },
            { "type": "tool_result", "tool_use_id": "v", "content": "sun" },
            { "type": "text", "text": "Well?" },
        ] },
    ]);
    assert_eq!(body(&messages, None, None, &json!({}))["messages"], expected);
}

/// Decodes a recording and sends it back as the next request would.
fn sent_back(recording: &'static [u8], change: impl Fn(&mut Turn)) -> Value {
    let (mut parts, mut blob) = (Vec::new(), Value::Null);
    for event in decode(FORMAT, [recording]) {
        match event {
            StreamEvent::Text(text) => parts.push(Part::Text(text)),
            StreamEvent::ToolCall { id, name, arguments } => parts.push(Part::ToolCall { id, name, arguments }),
            StreamEvent::Opaque(value) => blob = value,
            _ => {}
        }
    }
    let mut answer = Turn { role: Role::Assistant, parts, opaque: Some(opaque(FORMAT, blob)) };
    change(&mut answer);
    let results = vec![result("toolu_01", "weather", false), result("toolu_02", "time", false), said("Go on.")];
    let messages = [Turn::new(Role::User, vec![said("Hi")]), answer, Turn::new(Role::User, results)];
    body(&messages, None, None, &json!({}))["messages"][1]["content"].take()
}

#[test]
fn thoughts_go_back_in_their_place() {
    let (_, tools) = fixture!("anthropic_tools.sse");
    let plain = [
        json!({ "type": "text", "text": "Let me look." }),
        json!({ "type": "tool_use", "id": "toolu_01", "name": "weather", "input": { "city": "Köln" } }),
        json!({ "type": "tool_use", "id": "toolu_02", "name": "time", "input": {} }),
    ];
    let [looking, weather, time] = plain.clone();
    let whole = json!([
        { "type": "redacted_thinking", "data": "EmwKAhgBEgy3va3pzix" },
        looking,
        { "type": "thinking", "thinking": "", "signature": "c2lnbmVk" },
        weather,
        time,
    ]);
    assert_eq!(sent_back(tools, |_| ()), whole, "word by word");
    let plain = Value::from(plain.to_vec());
    assert_eq!(sent_back(tools, |turn| turn.opaque = None), plain);
    assert_eq!(sent_back(tools, |turn| turn.opaque = Some(opaque(Format::Gemini, json!([])))), plain, "another wire's");
    let edited = sent_back(tools, |turn| turn.parts[0] = said("Edited."));
    assert_eq!(edited.as_array().map(Vec::len), Some(3), "an edited answer goes without thoughts: {edited}");

    let (_, thinking) = fixture!("anthropic.sse");
    let whole = json!([
        { "type": "thinking", "thinking": "Ein Gruß, also 世界.", "signature": "EqQBCgIYAhIkNjc2+/==" },
        { "type": "text", "text": "Grüße, 世界 🚀!\n" },
    ]);
    assert_eq!(sent_back(thinking, |_| ()), whole);
}

#[test]
fn recordings_mean_the_same_however_they_arrive() {
    let thinking = |thinking: &str, signature: &str| json!({ "echo": { "type": "thinking", "thinking": thinking, "signature": signature } });
    let recordings = vec![
        (
            fixture!("anthropic.sse"),
            vec![
                thought("Ein Gruß, also 世界."),
                text("Grüße, 世界 🚀!\n"),
                StreamEvent::Opaque(json!([
                    thinking("Ein Gruß, also 世界.", "EqQBCgIYAhIkNjc2+/=="),
                    { "text": "Grüße, 世界 🚀!\n".len(), "note": null },
                ])),
                usage(2_112, 42, Some(2_000), Some(30)),
                StreamEvent::Finish(FinishReason::Stop),
            ],
        ),
        (
            fixture!("anthropic_tools.sse"),
            vec![
                text("Let me look."),
                tool("toolu_01", "weather", "{\"city\": \"Köln\"}"),
                tool("toolu_02", "time", "{}"),
                StreamEvent::Opaque(json!([
                    { "echo": { "type": "redacted_thinking", "data": "EmwKAhgBEgy3va3pzix" } },
                    { "text": 12, "note": null },
                    thinking("", "c2lnbmVk"),
                    { "call": "toolu_01" },
                    { "call": "toolu_02" },
                ])),
                usage(50, 77, Some(0), None),
                StreamEvent::Finish(FinishReason::ToolCalls),
            ],
        ),
        (
            fixture!("anthropic_overloaded.sse"),
            vec![
                text("Half an answer"),
                usage(9, 1, Some(0), None),
                error(ErrorKind::Overloaded, None, Some("overloaded_error"), "Overloaded"),
            ],
        ),
        (
            fixture!("anthropic_refusal.sse"),
            vec![
                text("I "),
                StreamEvent::Refusal("This may cause harm.".to_owned()),
                usage(9, 3, Some(0), None),
                StreamEvent::Finish(FinishReason::ContentFilter),
            ],
        ),
        (
            fixture!("anthropic_max_tokens.sse"),
            vec![thought("Never done"), usage(9, 8_192, Some(0), None), StreamEvent::Finish(FinishReason::Length)],
        ),
        (
            fixture!("anthropic_cut.sse"),
            vec![
                thought("Hm"),
                text("The first half"),
                usage(9, 1, Some(0), None),
                error(ErrorKind::Cut, None, None, ""),
            ],
        ),
        (
            fixture!("anthropic_whole.json"),
            vec![
                thought("Hm."),
                text("All at once."),
                tool("toolu_1", "f", "{\"a\":1}"),
                StreamEvent::Opaque(json!([
                    thinking("Hm.", "sig"),
                    { "text": 12, "note": null },
                    { "call": "toolu_1" },
                ])),
                usage(4, 5, None, None),
                StreamEvent::Finish(FinishReason::ToolCalls),
            ],
        ),
        (
            fixture!("anthropic_error.json"),
            vec![error(ErrorKind::Quota, None, Some("billing_error"), "Your credit balance is too low.")],
        ),
    ];
    replay(FORMAT, recordings);
}

#[test]
fn every_reason_to_stop_is_told() {
    let reasons = [
        ("end_turn", FinishReason::Stop),
        ("stop_sequence", FinishReason::Stop),
        ("max_tokens", FinishReason::Length),
        ("model_context_window_exceeded", FinishReason::Length),
        ("tool_use", FinishReason::ToolCalls),
        ("refusal", FinishReason::ContentFilter),
        ("pause_turn", FinishReason::Other("pause_turn".to_owned())),
        ("novel", FinishReason::Other("novel".to_owned())),
    ];
    for (reason, expected) in reasons {
        let delta = json!({ "type": "message_delta", "delta": { "stop_reason": reason } });
        let stream = format!("event: message_delta\ndata: {delta}\n\n");
        assert_eq!(decode(FORMAT, [stream.as_bytes()]), [StreamEvent::Finish(expected)], "{reason}");
    }
}

#[test]
fn quirks_are_read() {
    let stream = |events: &[Value]| decode(FORMAT, [events_of(events).as_bytes()]);
    let delta = |text: &str| json!({ "type": "content_block_delta", "index": 0, "delta": { "text": text } });
    let stop = json!({ "type": "message_stop" });
    let stopped = StreamEvent::Finish(FinishReason::Stop);
    assert_eq!(stream(&[delta("no "), delta("start"), stop.clone()]), [text("no start"), stopped.clone()]);
    let later = [
        json!({ "type": "message_start", "message": { "usage": { "input_tokens": 3, "output_tokens": 1 } } }),
        json!({ "type": "message_delta", "delta": {}, "usage": { "cache_read_input_tokens": 4, "output_tokens": 7 } }),
        stop,
    ];
    let counted = Usage { input: Some(7), cached: Some(4), output: Some(7), reasoning: None };
    assert_eq!(stream(&later), [StreamEvent::Usage(counted), stopped], "later counts include the earlier ones");
    let failed = stream(&[json!({ "error": { "message": "no", "type": "api_error" } })]);
    assert_eq!(failed, [error(ErrorKind::Server, None, Some("api_error"), "no")], "an error without its event");
    let done = decode(FORMAT, [b"data: [DONE]\n\n".as_slice()]);
    assert_eq!(done, [error(ErrorKind::Cut, None, None, "")], "nothing was said");
    let broken = decode(FORMAT, [b"data: {\"type\":\n\n".as_slice()]);
    assert!(matches!(broken.as_slice(), [StreamEvent::Error(error)] if error.kind == ErrorKind::Malformed));
}

#[test]
fn endless_thoughts_are_refused() {
    let delta = |bytes: usize| {
        let delta = json!({ "thinking": "x".repeat(bytes) });
        format!("data: {}\n\n", json!({ "type": "content_block_delta", "index": 0, "delta": delta }))
    };
    let piece = delta(1024 * 1024);
    let events = decode(FORMAT, std::iter::repeat_n(piece.as_bytes(), 17));
    assert_eq!(events.last(), Some(&error(ErrorKind::Malformed, None, None, "")));
}
