//! Recorded streams, and requests as they are written.
//!
//! The recordings in `fixtures/gemini/` have the shape of what the Gemini API sends, with every identifier made up;
//! those of `aimock` are what it takes that to be.

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::wire::replay::{Recording, decode, fixture, replay, text, thought, tool};
use crate::wire::{ErrorKind, FinishReason, Opaque, Part, ProviderError, StreamEvent, Turn, Usage};

const GEMINI: Format = Format::Gemini;

fn usage(input: u32, output: Option<u32>) -> StreamEvent {
    StreamEvent::Usage(Usage { input: Some(input), output, ..Usage::default() })
}

fn error(kind: ErrorKind, status: u16, message: &str, wait: Option<Duration>) -> StreamEvent {
    let code = Some(status.to_string());
    let error = ProviderError { status: Some(status), code, retry_after: wait, ..ProviderError::new(kind, message) };
    StreamEvent::Error(error)
}

fn stop() -> StreamEvent {
    StreamEvent::Finish(FinishReason::Stop)
}

fn recordings() -> Vec<Recording> {
    vec![
        (
            fixture!("gemini/thoughts.sse"),
            vec![
                thought("**Counting**\n\nI see two."),
                text("Grüße, 世界 🚀!\n"),
                StreamEvent::Opaque(json!([
                    { "text": 22, "note": null },
                    { "echo": "CikBVKhc7r+/A==" },
                    { "text": 0, "note": null },
                ])),
                StreamEvent::Usage(Usage { input: Some(9), cached: Some(4), output: Some(71), reasoning: Some(64) }),
                stop(),
            ],
        ),
        (
            fixture!("gemini/tools.sse"),
            vec![
                text("Let me look. Both at once."),
                tool("", "weather", "{\"city\":\"Köln\"}"),
                tool("fc-2", "time", "{}"),
                StreamEvent::Opaque(json!([
                    { "echo": "c2lnLXRleHQ=" },
                    { "text": 12, "note": null },
                    { "text": 14, "note": null },
                    { "echo": "c2lnLWNhbGw=" },
                    { "call": "" },
                    { "call": "fc-2" },
                ])),
                usage(40, Some(22)),
                StreamEvent::Finish(FinishReason::ToolCalls),
            ],
        ),
        (
            fixture!("gemini/filtered.sse"),
            vec![text("It begins"), usage(5, Some(2)), StreamEvent::Finish(FinishReason::ContentFilter)],
        ),
        (fixture!("gemini/blocked.sse"), vec![usage(8, None), StreamEvent::Finish(FinishReason::ContentFilter)]),
        (
            fixture!("gemini/cut.sse"),
            vec![text("The first half"), usage(5, Some(3)), StreamEvent::Error(ProviderError::new(ErrorKind::Cut, ""))],
        ),
        (
            fixture!("gemini/error_inside.sse"),
            vec![
                text("Only this"),
                usage(5, Some(2)),
                error(ErrorKind::Overloaded, 503, "The model is overloaded. Please try again later.", None),
            ],
        ),
        (
            fixture!("gemini/aimock.sse"),
            vec![thought("Let me think."), text("Grüße, 世界 🚀! It works."), usage(0, Some(0)), stop()],
        ),
        (
            fixture!("gemini/aimock_tools.sse"),
            vec![
                tool("", "weather", "{\"city\":\"Köln\"}"),
                tool("", "time", "{}"),
                usage(0, Some(0)),
                StreamEvent::Finish(FinishReason::ToolCalls),
            ],
        ),
        (fixture!("gemini/array.json"), vec![text("All in one array."), usage(4, Some(5)), stop()]),
        (
            fixture!("gemini/array_error.json"),
            vec![error(
                ErrorKind::RateLimited,
                429,
                "Resource has been exhausted (e.g. check quota).",
                Some(Duration::from_nanos(34_074_824_224)),
            )],
        ),
    ]
}

#[test]
fn recordings_mean_the_same_however_they_arrive() {
    replay(GEMINI, recordings());
}

#[test]
fn a_reason_in_every_chunk_ends_nothing() {
    let (_, stream) = fixture!("gemini/plain.sse");
    let expected = [text("Half and half"), usage(3, Some(3)), StreamEvent::Finish(FinishReason::Length)];
    for size in [1, 3, stream.len()] {
        assert_eq!(decode(GEMINI, stream.chunks(size)), expected);
    }
    let mut decoder = GEMINI.decoder();
    decoder.push(stream);
    assert!(!decoder.has_ended(), "only the end of the body is the end");
}

#[test]
fn reasons_are_told_apart() {
    let reasons = [
        ("STOP", FinishReason::Stop),
        ("MAX_TOKENS", FinishReason::Length),
        ("SAFETY", FinishReason::ContentFilter),
        ("RECITATION", FinishReason::ContentFilter),
        ("BLOCKLIST", FinishReason::ContentFilter),
        ("PROHIBITED_CONTENT", FinishReason::ContentFilter),
        ("SPII", FinishReason::ContentFilter),
        ("IMAGE_SAFETY", FinishReason::ContentFilter),
        ("FUNCTION_CALL", FinishReason::ToolCalls),
        ("MALFORMED_FUNCTION_CALL", FinishReason::Other("MALFORMED_FUNCTION_CALL".to_owned())),
        ("UNEXPECTED_TOOL_CALL", FinishReason::Other("UNEXPECTED_TOOL_CALL".to_owned())),
        ("LANGUAGE", FinishReason::Other("LANGUAGE".to_owned())),
    ];
    for (reason, expected) in reasons {
        let stream = format!("data: {{\"candidates\":[{{\"finishReason\":\"{reason}\"}}]}}\n\n");
        assert_eq!(decode(GEMINI, [stream.as_bytes()]), [StreamEvent::Finish(expected)], "{reason}");
    }
}

#[test]
fn quirks_are_read_and_bad_streams_end_in_an_error() {
    let first = r#"data: {"candidates":[{"index":1,"content":{"parts":[{"text":"other"}]}},{"content":{"parts":[{"text":"one"},{"inlineData":{}},null]},"finishReason":"STOP"}]}"#;
    assert_eq!(decode(GEMINI, [first.as_bytes()]), [text("one"), stop()]);
    let done = format!("{first}\n\ndata: [DONE]\n\n");
    assert_eq!(decode(GEMINI, [done.as_bytes()]), [text("one"), stop()], "a gateway's end is one");
    let array = b"data: [{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"a\"}]}}]},{\"error\":{\"code\":500,\"message\":\"b\"}}]\n\n";
    assert_eq!(decode(GEMINI, [array.as_slice()]), [text("a"), error(ErrorKind::Server, 500, "b", None)]);
    let cases: [(&[u8], ErrorKind); 10] = [
        (b"", ErrorKind::Cut),
        (b": comment\n\n", ErrorKind::Cut),
        (b"data: {\"usageMetadata\":null,\"promptFeedback\":{\"safetyRatings\":[]}}\n\n", ErrorKind::Cut),
        (b"data: {\"candidates\":[]}\n\n", ErrorKind::Cut),
        (b"data: {\"candidates\":\n\n", ErrorKind::Malformed),
        (b"[]", ErrorKind::Malformed),
        (b"{\"nothing\":true}", ErrorKind::Malformed),
        (b"[{\"candidates\":[{\"content\":", ErrorKind::Cut),
        (b"[{\"candidates\":[{\"content\":{}}]}]", ErrorKind::Cut),
        (b"<html><title>Wait</title>", ErrorKind::Malformed),
    ];
    for (stream, kind) in cases {
        let events = decode(GEMINI, [stream]);
        let [StreamEvent::Error(error)] = events.as_slice() else { panic!("{stream:?} gave {events:?}") };
        assert_eq!(error.kind, kind, "{:?}", String::from_utf8_lossy(stream));
    }
}

#[test]
fn refusals_of_the_whole_request_are_read() {
    let failed = |status, body: &str| GEMINI.error(status, &http::HeaderMap::new(), body.as_bytes());
    let (_, limited) = fixture!("gemini/array_error.json");
    let limited = GEMINI.error(429, &http::HeaderMap::new(), limited);
    assert_eq!(limited.kind, ErrorKind::RateLimited);
    assert_eq!(limited.retry_after, Some(Duration::from_nanos(34_074_824_224)));
    let daily = r#"{"error":{"code":429,"message":"You exceeded your current quota","status":"RESOURCE_EXHAUSTED","details":[{"violations":[{"quotaId":"GenerateRequestsPerDayPerProjectPerModel-FreeTier","quotaValue":"100"}]},{"retryDelay":"34s"}]}}"#;
    assert_eq!(failed(429, daily).kind, ErrorKind::Quota);
    assert!(!failed(429, daily).is_retryable(), "tomorrow is not soon");
    let key = r#"[{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT"}}]"#;
    assert_eq!(failed(400, key).kind, ErrorKind::Unauthorized);
    let denied = r#"{"error":{"code":403,"message":"no","status":"PERMISSION_DENIED"}}"#;
    assert_eq!(failed(403, denied).kind, ErrorKind::Forbidden);
    let unknown =
        r#"{"error":{"code":404,"message":"models/x is not found for API version v1beta","status":"NOT_FOUND"}}"#;
    assert_eq!(failed(404, unknown).kind, ErrorKind::NotFound);
}

fn request<'a>(model: &'a str, messages: &'a [Turn], extra: &'a Map<String, Value>) -> ChatRequest<'a> {
    ChatRequest { model, messages, system: None, max_output: None, extra }
}

fn contents_of(model: &str, messages: &[Turn]) -> Value {
    encode(&request(model, messages, &Map::new())).body["contents"].clone()
}

fn said(text: &str) -> Part {
    Part::Text(text.to_owned())
}

fn called(id: &str, name: &str, arguments: &str) -> Part {
    Part::ToolCall { id: id.to_owned(), name: name.to_owned(), arguments: arguments.to_owned() }
}

fn gave(id: &str, name: &str, content: &str) -> Part {
    Part::ToolResult { id: id.to_owned(), name: name.to_owned(), content: content.to_owned(), is_error: false }
}

#[test]
fn a_request_is_what_was_asked_for() {
    let image = Part::Image { media_type: "image/png".to_owned(), data: "iVBORw==".to_owned() };
    let messages = [
        Turn::new(Role::User, vec![said("Look"), image]),
        Turn::new(Role::Assistant, vec![said(" \n")]),
        Turn::new(Role::Assistant, vec![said("I do.")]),
        Turn::new(Role::User, vec![said("And?")]),
    ];
    let extra = json!({
        "contents": [], "model": "other", "safetySettings": [{ "category": "C", "threshold": "T" }],
        "generationConfig": { "temperature": 0.5, "maxOutputTokens": null, "topK": 3 },
    });
    let extra = extra.as_object().expect("it is an object");
    let asked = ChatRequest {
        system: Some("Be brief."),
        max_output: Some(100),
        ..request("gemini-2.5-flash", &messages, extra)
    };
    let encoded = encode(&asked);
    assert_eq!(encoded.path, "models/gemini-2.5-flash:streamGenerateContent?alt=sse");
    assert_eq!(encoded.headers, []);
    assert_eq!(
        encoded.body,
        json!({
            "contents": [
                { "role": "user", "parts": [
                    { "text": "Look" }, { "inlineData": { "mimeType": "image/png", "data": "iVBORw==" } },
                ] },
                { "role": "model", "parts": [{ "text": "I do." }] },
                { "role": "user", "parts": [{ "text": "And?" }] },
            ],
            "systemInstruction": { "parts": [{ "text": "Be brief." }] },
            "safetySettings": [{ "category": "C", "threshold": "T" }],
            "generationConfig": { "thinkingConfig": { "includeThoughts": true }, "temperature": 0.5, "topK": 3 },
        })
    );
}

#[test]
fn the_path_holds_the_model_and_nothing_else() {
    for (model, expected) in [
        ("gemini-3-pro", "models/gemini-3-pro"),
        ("models/gemini-3-pro", "models/gemini-3-pro"),
        ("tunedModels/my-1", "tunedModels/my-1"),
        ("a b+c/../d?e=f#g:h%", "models/a%20b%2Bc%2F..%2Fd%3Fe%3Df%23g%3Ah%25"),
    ] {
        let path = encode(&request(model, &[], &Map::new())).path;
        assert_eq!(path, format!("{expected}:streamGenerateContent?alt=sse"), "{model}");
    }
}

#[test]
fn only_models_that_think_are_asked_for_thoughts() {
    for (model, thinks) in [
        ("gemini-2.5-flash", true),
        ("gemini-3-pro-preview", true),
        ("gemini-10", true),
        ("models/gemini-flash-latest", true),
        ("gemini-2.0-flash", false),
        ("gemini-1.5-pro", false),
        ("gemini-exp-1206", false),
        ("gemma-3-27b-it", false),
        ("my-model", false),
    ] {
        let body = encode(&request(model, &[], &Map::new())).body;
        assert_eq!(body.get("generationConfig").is_some(), thinks, "{model}");
    }
    let extra = json!({ "generationConfig": { "thinkingConfig": null } });
    let body = encode(&request("gemini-3-pro", &[], extra.as_object().expect("it is an object"))).body;
    assert_eq!(body.get("generationConfig"), None, "a profile may do without");
}

/// The turn that an answer is stored as.
fn turn(events: Vec<StreamEvent>) -> Turn {
    let mut turn = Turn::new(Role::Assistant, Vec::new());
    for event in events {
        match event {
            StreamEvent::Text(text) => turn.parts.push(Part::Text(text)),
            StreamEvent::ToolCall { id, name, arguments } => turn.parts.push(Part::ToolCall { id, name, arguments }),
            StreamEvent::Opaque(blob) => {
                let (provider, model, connection) = (String::new(), String::new(), String::new());
                turn.opaque = Some(Opaque { wire: GEMINI, provider, model, connection, blob });
            }
            _ => {}
        }
    }
    turn
}

#[test]
fn an_answer_goes_back_as_it_came() {
    let (_, stream) = fixture!("gemini/tools.sse");
    let answer = turn(decode(GEMINI, [stream]));
    let messages = [
        Turn::new(Role::User, vec![said("Go")]),
        answer,
        Turn::new(Role::User, vec![gave("", "weather", "{\"rain\":true}")]),
        Turn::new(Role::User, vec![said("And hurry"), gave("fc-2", "time", "noon")]),
    ];
    let expected = json!([
        { "role": "user", "parts": [{ "text": "Go" }] },
        { "role": "model", "parts": [
            { "text": "Let me look.", "thoughtSignature": "c2lnLXRleHQ=" },
            { "text": " Both at once." },
            { "functionCall": { "name": "weather", "args": { "city": "Köln" } }, "thoughtSignature": "c2lnLWNhbGw=" },
            { "functionCall": { "id": "fc-2", "name": "time", "args": {} } },
        ] },
        { "role": "user", "parts": [
            { "functionResponse": { "name": "weather", "response": { "output": { "rain": true } } } },
            { "functionResponse": { "id": "fc-2", "name": "time", "response": { "output": "noon" } } },
            { "text": "And hurry" },
        ] },
    ]);
    assert_eq!(contents_of("gemini-3-pro", &messages), expected);

    let (_, stream) = fixture!("gemini/thoughts.sse");
    let answer = turn(decode(GEMINI, [stream]));
    let expected = json!([{ "role": "model", "parts": [
        { "text": "Grüße, 世界 🚀!\n" },
        { "text": "", "thoughtSignature": "CikBVKhc7r+/A==" },
    ] }]);
    let sent = contents_of("gemini-3-pro", std::slice::from_ref(&answer));
    assert_eq!(sent, expected, "a signature that came alone goes alone, and thoughts stay here");

    let edited = Turn { parts: vec![said("Something else")], ..answer.clone() };
    let expected = json!([{ "role": "model", "parts": [{ "text": "Something else" }] }]);
    assert_eq!(contents_of("gemini-3-pro", &[edited]), expected, "signatures do not fit another text");
    let foreign = answer.opaque.map(|opaque| Opaque { wire: Format::Responses, ..opaque });
    let foreign = Turn { opaque: foreign, ..Turn::new(Role::Assistant, vec![said("Grüße, 世界 🚀!\n")]) };
    let expected = json!([{ "role": "model", "parts": [{ "text": "Grüße, 世界 🚀!\n" }] }]);
    assert_eq!(contents_of("gemini-3-pro", &[foreign]), expected, "nor another wire's");
}

#[test]
fn calls_of_another_model_get_the_documented_placeholder() {
    let failed = Part::ToolResult { id: "b".into(), name: "g".into(), content: "no such city".into(), is_error: true };
    let messages = [
        Turn::new(Role::Assistant, vec![called("toolu_a", "f", "[1]"), called("b", "g", "broken {")]),
        Turn::new(Role::User, vec![gave("toolu_a", "f", "1"), failed]),
    ];
    let expected = |signature: Option<&str>| {
        let mut calls = [
            json!({ "functionCall": { "id": "toolu_a", "name": "f", "args": { "arguments": [1] } } }),
            json!({ "functionCall": { "id": "b", "name": "g", "args": { "arguments": "broken {" } } }),
        ];
        for call in &mut calls {
            if let Some(signature) = signature {
                call["thoughtSignature"] = signature.into();
            }
        }
        json!([
            { "role": "model", "parts": calls },
            { "role": "user", "parts": [
                { "functionResponse": { "id": "toolu_a", "name": "f", "response": { "output": 1 } } },
                { "functionResponse": { "id": "b", "name": "g", "response": { "error": "no such city" } } },
            ] },
        ])
    };
    let placeholder = Some("skip_thought_signature_validator");
    assert_eq!(contents_of("gemini-3-pro", &messages), expected(placeholder));
    assert_eq!(contents_of("gemini-flash-latest", &messages), expected(placeholder));
    assert_eq!(contents_of("gemini-2.5-pro", &messages), expected(None), "older ones do not know it");
}

proptest! {
    #[test]
    fn any_bytes_end_somehow(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..64), 0..8)) {
        decode(GEMINI, pieces.iter().map(Vec::as_slice));
    }

    #[test]
    fn any_chunks_end_somehow_and_go_back(chunks in prop::collection::vec(chunk(), 0..10), size in 1..40_usize) {
        let stream = format!("data: {}\n\n", chunks.join("\n\ndata: "));
        let events = decode(GEMINI, [stream.as_bytes()]);
        prop_assert_eq!(&events, &decode(GEMINI, stream.as_bytes().chunks(size)));
        let array = format!("[{}]", chunks.join(","));
        decode(GEMINI, array.as_bytes().chunks(size));
        let answer = turn(events);
        let results: Vec<Part> = answer.parts.iter().filter_map(|part| match part {
            Part::ToolCall { id, name, .. } => Some(gave(id, name, "")),
            _ => None,
        }).collect();
        let sent = contents_of("gemini-3-pro", &[answer, Turn::new(Role::User, results)]).to_string();
        prop_assert!(!sent.contains("\"thought\""), "thoughts are never sent: {}", sent);
    }
}

fn chunk() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just(json!(null)),
        Just(json!({ "text": "hidden", "thought": true, "thoughtSignature": "t" })),
        Just(json!({ "functionCall": { "name": "f", "args": { "x": 1 } } })),
        Just(json!({ "functionCall": { "name": "f", "args": "x" }, "thoughtSignature": "c" })),
        Just(json!({ "functionCall": { "id": "i", "name": "g" }, "text": 3 })),
        Just(json!({ "functionCall": [] })),
        Just(json!({ "thoughtSignature": "alone" })),
        "[a-zü ]{0,4}".prop_map(|text| json!({ "text": text })),
        "[a-zü ]{0,4}".prop_map(|text| json!({ "text": text, "thoughtSignature": "s" })),
    ];
    let reason = prop::sample::select(vec![json!(null), json!("STOP"), json!(7), json!("FINISH_REASON_UNSPECIFIED")]);
    prop_oneof![
        8 => (prop::collection::vec(part, 0..4), reason)
            .prop_map(|(parts, reason)| json!({ "candidates": [{ "content": { "parts": parts }, "finishReason": reason }] })),
        1 => Just(json!({ "usageMetadata": { "promptTokenCount": -1, "candidatesTokenCount": 1e20 } })),
        1 => Just(json!({ "candidates": null, "promptFeedback": { "blockReason": [] } })),
        1 => Just(json!({ "error": [] })),
    ]
    .prop_map(|chunk| chunk.to_string())
}
