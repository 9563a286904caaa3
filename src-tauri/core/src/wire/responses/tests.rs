//! Requests as they are written, and recorded answers.

use super::super::replay::{decode, error, events_of, fixture, replay, text, thought, tool, usage};
use super::super::{ErrorKind, FinishReason, Opaque, Part, StreamEvent, Turn};
use super::*;

fn said(text: &str) -> Part {
    Part::Text(text.to_owned())
}

fn body(dialect: Dialect, model: &str, messages: &[Turn], extra: &Value) -> Value {
    let extra = extra.as_object().expect("it is an object");
    let request = ChatRequest { model, messages, system: Some("Be brief."), max_output: Some(9), extra };
    let encoded = encode(&request, dialect);
    assert_eq!((encoded.path.as_str(), encoded.headers.len()), ("responses", 0));
    encoded.body
}

#[test]
fn a_request_is_what_was_asked_for() {
    let messages = [Turn::new(Role::User, vec![said("Hello")])];
    let input = json!([{ "role": "user", "content": [{ "type": "input_text", "text": "Hello" }] }]);
    let expected = json!({
        "model": "gpt-6", "instructions": "Be brief.", "input": input, "store": false, "stream": true,
        "include": ["reasoning.encrypted_content"], "max_output_tokens": 9, "reasoning": { "effort": "low" },
    });
    let extra = json!({ "model": "x", "input": "x", "stream": false, "reasoning": { "effort": "low" } });
    assert_eq!(body(Dialect::Platform, "gpt-6", &messages, &extra), expected);
    for model in ["gpt-4o", "chatgpt-4o-latest", "gpt-5-chat-latest", "openai/gpt-4.1"] {
        assert_eq!(body(Dialect::Platform, model, &messages, &extra).get("include"), None, "{model} has no reasoning");
    }
    let without = json!({ "include": null });
    assert_eq!(body(Dialect::Platform, "gpt-6", &messages, &without).get("include"), None);
}

#[test]
fn a_plan_is_never_sent_what_it_refuses() {
    let mut extra = Map::new();
    for name in RESERVED_CHATGPT {
        extra.insert(name.to_owned(), json!("forbidden"));
    }
    extra.insert("reasoning".to_owned(), json!({ "effort": "high" }));
    let tools = json!([{ "type": "function", "name": "f", "parameters": {} }]);
    extra.insert("tools".to_owned(), tools.clone());
    let messages = [Turn::new(Role::User, vec![said("Hello")])];
    let expected = json!({
        "model": "gpt-6", "instructions": "Be brief.", "store": false, "stream": true,
        "include": ["reasoning.encrypted_content"], "reasoning": { "effort": "high" },
        "input": [
            { "type": "additional_tools", "role": "developer", "tools": tools },
            { "role": "user", "content": [{ "type": "input_text", "text": "Hello" }] },
        ],
    });
    assert_eq!(body(Dialect::Chatgpt, "gpt-6", &messages, &extra.into()), expected);
}

/// Decodes a recording and sends it back as the next request would.
fn sent_back(format: Format, recording: &'static [u8], change: impl Fn(&mut Turn)) -> Value {
    let (mut parts, mut blob) = (Vec::new(), Value::Null);
    for event in decode(format, [recording]) {
        match event {
            StreamEvent::Text(text) => parts.push(Part::Text(text)),
            StreamEvent::ToolCall { id, name, arguments } => parts.push(Part::ToolCall { id, name, arguments }),
            StreamEvent::Opaque(value) => blob = value,
            _ => {}
        }
    }
    let (provider, model, connection) = ("p".to_owned(), "m".to_owned(), "c".to_owned());
    let opaque = Some(Opaque { wire: format, provider, model, connection, blob });
    let mut answer = Turn { role: Role::Assistant, parts, opaque };
    change(&mut answer);
    let result = |id: &str| Part::ToolResult {
        id: id.to_owned(),
        name: String::new(),
        content: "sun".to_owned(),
        is_error: false,
    };
    let image = Part::Image { media_type: "image/png".to_owned(), data: "AAAA".to_owned() };
    let messages = [answer, Turn::new(Role::User, vec![said("And this?"), image, result("call_1"), result("call_2")])];
    let dialect = if format == Format::Responses { Dialect::Platform } else { Dialect::Chatgpt };
    body(dialect, "gpt-6", &messages, &json!({}))["input"].take()
}

#[test]
fn reasoning_goes_back_before_what_it_led_to() {
    let (_, tools) = fixture!("responses_tools.sse");
    let person = json!({ "role": "user", "content": [
        { "type": "input_text", "text": "And this?" },
        { "type": "input_image", "image_url": "data:image/png;base64,AAAA", "detail": "auto" },
    ] });
    let plain = [
        json!({ "type": "function_call", "call_id": "call_1", "name": "weather", "arguments": "{\"city\":\"Köln\"}" }),
        json!({ "type": "function_call", "call_id": "call_2", "name": "time", "arguments": "{}" }),
        json!({ "type": "function_call_output", "call_id": "call_1", "output": "sun" }),
        json!({ "type": "function_call_output", "call_id": "call_2", "output": "sun" }),
        person.clone(),
    ];
    let reasoning = json!({ "type": "reasoning", "summary": [], "encrypted_content": "gAAA-tools" });
    let whole: Vec<Value> = [reasoning].into_iter().chain(plain.clone()).collect();
    assert_eq!(sent_back(Format::Responses, tools, |_| ()), Value::from(whole), "without ids, which nobody stores");
    let plain = Value::from(plain.to_vec());
    assert_eq!(sent_back(Format::Responses, tools, |turn| turn.opaque = None), plain);
    let called = |turn: &mut Turn| drop(turn.parts.remove(1));
    let without = sent_back(Format::Responses, tools, called);
    assert_eq!(without.as_array().map(Vec::len), Some(3), "with a call gone the reasoning is gone too: {without}");

    let message = |phase: &str, text: &str| json!({ "role": "assistant", "phase": phase, "content": [{ "type": "output_text", "text": text }] });
    let summary = json!([{ "type": "summary_text", "text": "Plan." }]);
    let whole = json!([
        { "type": "reasoning", "summary": summary, "encrypted_content": "gAAA-plan" },
        message("commentary", "Let me see."),
        message("final_answer", "Four."),
        person,
    ]);
    let (_, recording) = fixture!("chatgpt.sse");
    assert_eq!(sent_back(Format::ChatgptResponses, recording, |_| ()), whole);
}

#[test]
fn recordings_mean_the_same_however_they_arrive() {
    let stop = || StreamEvent::Finish(FinishReason::Stop);
    let counted = || usage(30, 20, Some(10), Some(12));
    let summary =
        |texts: &[&str]| texts.iter().map(|text| json!({ "type": "summary_text", "text": text })).collect::<Value>();
    let reasoning = |texts: &[&str], encrypted: &str| json!({ "echo": { "type": "reasoning", "summary": summary(texts), "encrypted_content": encrypted } });
    let recordings = vec![
        (
            fixture!("responses.sse"),
            vec![
                thought("**Greeting**\n\nSay hällo.\n\nThen the world."),
                text("Grüße, 世界 🚀!"),
                StreamEvent::Opaque(json!([
                    reasoning(&["**Greeting**\n\nSay hällo.", "Then the world."], "gAAAAABo-secret=="),
                    { "text": "Grüße, 世界 🚀!".len(), "note": null },
                ])),
                counted(),
                stop(),
            ],
        ),
        (
            fixture!("responses_tools.sse"),
            vec![
                tool("call_1", "weather", "{\"city\":\"Köln\"}"),
                tool("call_2", "time", "{}"),
                StreamEvent::Opaque(json!([
                    reasoning(&[], "gAAA-tools"), { "call": "call_1" }, { "call": "call_2" },
                ])),
                counted(),
                StreamEvent::Finish(FinishReason::ToolCalls),
            ],
        ),
        (
            fixture!("responses_incomplete.sse"),
            vec![text("Too lo"), counted(), StreamEvent::Finish(FinishReason::Length)],
        ),
        (
            fixture!("responses_failed.sse"),
            vec![
                text("Half"),
                error(ErrorKind::RateLimited, None, Some("rate_limit_exceeded"), "Rate limit reached for gpt-6"),
            ],
        ),
        (
            fixture!("responses_error.sse"),
            vec![error(ErrorKind::Server, None, Some("server_error"), "The server had an error, key •••")],
        ),
        (fixture!("responses_refusal.sse"), vec![StreamEvent::Refusal("I cannot help.".to_owned()), counted(), stop()]),
        (fixture!("responses_cut.sse"), vec![text("The first half"), error(ErrorKind::Cut, None, None, "")]),
        (
            fixture!("responses_whole.json"),
            vec![
                thought("Hm."),
                text("One.\n\nTwo."),
                tool("call_1", "weather", "{\"city\":\"Köln\"}"),
                counted(),
                StreamEvent::Finish(FinishReason::ToolCalls),
            ],
        ),
    ];
    replay(Format::Responses, recordings);
    let plan = vec![
        (
            fixture!("chatgpt.sse"),
            vec![
                thought("Plan.\n\nLet me see."),
                text("Four."),
                StreamEvent::Opaque(json!([
                    reasoning(&["Plan."], "gAAA-plan"),
                    { "echo": {
                        "role": "assistant", "phase": "commentary",
                        "content": [{ "type": "output_text", "text": "Let me see." }],
                    } },
                    { "text": 5, "note": { "phase": "final_answer" } },
                ])),
                counted(),
                stop(),
            ],
        ),
        (
            fixture!("chatgpt_detail.json"),
            vec![error(
                ErrorKind::Quota,
                None,
                Some("subscription_sharing_usage_limit_exceeded"),
                "Usage limit reached.",
            )],
        ),
    ];
    replay(Format::ChatgptResponses, plan);
}

fn stream(events: &[Value]) -> Vec<StreamEvent> {
    decode(Format::Responses, [events_of(events).as_bytes()])
}

#[test]
fn an_answer_may_be_said_only_at_the_end() {
    let message = |text: &str| json!({ "type": "message", "content": [{ "type": "output_text", "text": text }] });
    let completed = json!({
        "type": "response.completed",
        "response": { "status": "completed", "output": [message("Only "), message("here.")] },
    });
    let expected = [text("Only \n\nhere."), StreamEvent::Finish(FinishReason::Stop)];
    assert_eq!(stream(std::slice::from_ref(&completed)), expected);
    let delta = json!({ "type": "response.output_text.delta", "output_index": 0, "delta": "Only " });
    assert_eq!(stream(&[delta, completed]), expected, "and what was said before is not said twice");
}

#[test]
fn every_end_is_told() {
    let ends = [
        ("incomplete", json!({ "incomplete_details": { "reason": "content_filter" } }), FinishReason::ContentFilter),
        ("incomplete", json!({ "incomplete_details": null }), FinishReason::Other("incomplete".to_owned())),
        ("completed", json!({ "status": "cancelled" }), FinishReason::Other("cancelled".to_owned())),
        ("completed", Value::Null, FinishReason::Stop),
    ];
    for (name, response, expected) in ends {
        let event = json!({ "type": format!("response.{name}"), "response": response });
        assert_eq!(stream(&[event]), [StreamEvent::Finish(expected)], "{name} {response}");
    }
    let failed = json!({ "type": "response.failed", "response": { "status": "failed", "error": null } });
    assert_eq!(stream(&[failed]), [error(ErrorKind::Server, None, None, "")]);
    let prompt = json!({ "code": "invalid_prompt", "message": "no" });
    let failed = json!({ "type": "response.failed", "response": { "status": "failed", "error": prompt } });
    assert_eq!(stream(&[failed]), [error(ErrorKind::Invalid, None, Some("invalid_prompt"), "no")]);
    let nested = json!({ "type": "error", "error": { "type": "insufficient_quota", "message": "none left" } });
    assert_eq!(stream(&[nested]), [error(ErrorKind::Quota, None, Some("insufficient_quota"), "none left")]);
    let unknown = json!({ "type": "response.some_future_event", "output_index": 0, "delta": "x" });
    assert_eq!(stream(&[unknown]), [error(ErrorKind::Cut, None, None, "")], "unknown events are passed over");
}

#[test]
fn endless_calls_are_refused() {
    let call = |index: u64| {
        let item = json!({ "type": "function_call", "name": "f", "arguments": "{}" });
        json!({ "type": "response.output_item.added", "output_index": index, "item": item })
    };
    let events = stream(&(0..5_000).map(call).collect::<Vec<_>>());
    assert_eq!(events, [error(ErrorKind::Malformed, None, None, "")]);
}
