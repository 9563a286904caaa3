//! Requests, as they are written.

use super::super::{Opaque, Part, Turn};
use super::*;

fn turn(role: Role, texts: &[&str]) -> Turn {
    Turn::new(role, texts.iter().map(|text| Part::Text((*text).to_owned())).collect())
}

fn request<'a>(model: &'a str, messages: &'a [Turn], extra: &'a Map<String, Value>) -> ChatRequest<'a> {
    ChatRequest { model, messages, system: None, max_output: None, extra }
}

#[test]
fn a_request_is_what_was_asked_for() {
    let messages = [
        turn(Role::User, &["Hello"]),
        turn(Role::Assistant, &["", " \n"]),
        turn(Role::Assistant, &[]),
        turn(Role::User, &["and ", "more"]),
    ];
    let extra = json!({
        "model": "other", "messages": [], "stream": false,
        "temperature": 0.5, "nothing": null, "stream_options": { "include_usage": false },
    });
    let extra = extra.as_object().expect("it is an object");
    let encoded = encode(&request("m", &messages, extra));
    let body = json!({
        "model": "m",
        "messages": [{ "role": "user", "content": "Hello" }, { "role": "user", "content": "and \n\nmore" }],
        "stream": true,
        "stream_options": { "include_usage": false },
        "temperature": 0.5,
    });
    assert_eq!(encoded, EncodedRequest { path: "chat/completions".to_owned(), headers: vec![], body });
}

#[test]
fn null_takes_a_parameter_away() {
    let extra = Map::from_iter([("stream_options".to_owned(), Value::Null)]);
    let encoded = encode(&request("m", &[], &extra));
    assert_eq!(encoded.body, json!({ "model": "m", "messages": [], "stream": true }));
}

#[test]
fn a_limit_has_the_name_that_is_known() {
    let limit = |model: &str, extra: Value| {
        let extra = extra.as_object().expect("it is an object");
        let mut body = encode(&ChatRequest { max_output: Some(9), ..request(model, &[], extra) }).body;
        (body["max_tokens"].take(), body["max_completion_tokens"].take())
    };
    let (absent, nine) = (Value::Null, Value::from(9));
    assert_eq!(limit("gpt-6-mini", json!({})), (absent.clone(), nine.clone()));
    assert_eq!(limit("o3", json!({})), (absent.clone(), nine.clone()));
    for model in ["gpt-oss:20b", "openai/gpt-6", "glm-5", "deepseek-chat"] {
        assert_eq!(limit(model, json!({})), (nine.clone(), absent.clone()), "{model}");
    }
    assert_eq!(limit("glm-5", json!({ "max_tokens": null })), (absent.clone(), nine));
    assert_eq!(
        limit("glm-5", json!({ "max_tokens": null, "max_completion_tokens": null })),
        (absent.clone(), absent.clone())
    );
    assert_eq!(
        limit("glm-5", json!({ "max_completion_tokens": 5 })),
        (absent, Value::from(5)),
        "the profile's own counts"
    );
}

fn call(id: &str) -> Part {
    Part::ToolCall { id: id.to_owned(), name: "weather".to_owned(), arguments: String::new() }
}

fn result(id: &str) -> Part {
    Part::ToolResult { id: id.to_owned(), name: "weather".to_owned(), content: "sun".to_owned(), is_error: false }
}

fn conversation(wire: Format, blob: Value) -> Vec<Turn> {
    let (provider, model, connection) = ("p".to_owned(), "m".to_owned(), "c".to_owned());
    let image = Part::Image { media_type: "image/png".to_owned(), data: "AAAA".to_owned() };
    vec![
        Turn::new(Role::User, vec![image, Part::Text("Where?".to_owned())]),
        Turn {
            role: Role::Assistant,
            parts: vec![call("call_1")],
            opaque: Some(Opaque { wire, provider, model, connection, blob }),
        },
        Turn::new(Role::User, vec![Part::Text("And?".to_owned()), result("call_1")]),
        Turn::new(Role::Assistant, vec![Part::Text("Sun.".to_owned()), call("unanswered")]),
    ]
}

fn messages(model: &str, turns: &[Turn]) -> Value {
    let extra = Map::new();
    encode(&ChatRequest { system: Some("Be brief."), ..request(model, turns, &extra) }).body["messages"].take()
}

#[test]
fn pictures_and_tools_are_written() {
    let function = json!({ "name": "weather", "arguments": "{}" });
    let expected = json!([
        { "role": "system", "content": "Be brief." },
        { "role": "user", "content": [
            { "type": "image_url", "image_url": { "url": "data:image/png;base64,AAAA" } },
            { "type": "text", "text": "Where?" },
        ] },
        { "role": "assistant", "content": null, "tool_calls": [
            { "id": "call_1", "type": "function", "function": function },
        ] },
        { "role": "tool", "tool_call_id": "call_1", "content": "sun" },
        { "role": "user", "content": "And?" },
        { "role": "assistant", "content": "Sun." },
    ]);
    assert_eq!(messages("m", &conversation(Format::Gemini, json!({ "reasoning_content": "foreign" }))), expected);
}

#[test]
fn thoughts_go_back_to_whom_they_came_from() {
    let details = json!([{ "type": "reasoning.encrypted", "data": "x" }]);
    let blob = json!({ "reasoning_details": details, "content": "forged", "reasoning_content": 3 });
    let written = messages("anthropic/claude", &conversation(Format::ChatCompletions, blob));
    assert_eq!(written[2]["reasoning_details"], details);
    assert_eq!(
        (&written[2]["content"], written[2].get("reasoning_content")),
        (&Value::Null, None),
        "nothing else does"
    );

    let blob = json!({ "reasoning_content": "Look." });
    let own = messages("deepseek-v4", &conversation(Format::ChatCompletions, blob));
    assert_eq!(own[2]["reasoning_content"], "Look.");
    let foreign = messages("deepseek-v4", &conversation(Format::Gemini, json!({})));
    assert_eq!(foreign[2]["reasoning_content"], "", "DeepSeek refuses tool calls without any");
    assert_eq!(foreign[5].get("reasoning_content"), None, "and needs none elsewhere");
}

#[test]
fn ids_are_as_the_vendor_takes_them() {
    let id = |model: &str, id: &str| {
        let turns = [Turn::new(Role::Assistant, vec![call(id)]), Turn::new(Role::User, vec![result(id)])];
        let written = messages(model, &turns);
        assert_eq!(written[1]["tool_calls"][0]["id"], written[2]["tool_call_id"], "both name the same");
        written[2]["tool_call_id"].as_str().unwrap_or_default().to_owned()
    };
    let long = "x".repeat(41);
    assert_eq!(id("mistral-large-latest", "toolu_1"), "call00001");
    assert_eq!(id("mistral-large-latest", "abc123XYZ"), "abc123XYZ");
    assert_eq!(id("gpt-6", &long), "call00001");
    assert_eq!(id("google/gemini", &long), long);
    assert_eq!(id("llama", ""), "call00001");
}
