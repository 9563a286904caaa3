//! Recorded lists through the real parser.
//!
//! The recordings in `fixtures/lists/` have the shape of what each service sends, with every identifier made up or
//! public.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::wire::ErrorKind;

const FORMATS: [ListFormat; 13] = [
    ListFormat::OpenAi,
    ListFormat::Anthropic,
    ListFormat::Gemini,
    ListFormat::OpenRouter,
    ListFormat::Ollama,
    ListFormat::LmStudio,
    ListFormat::Mistral,
    ListFormat::Venice,
    ListFormat::Together,
    ListFormat::HuggingFace,
    ListFormat::Groq,
    ListFormat::Xai,
    ListFormat::ChatGpt,
];

macro_rules! fixture {
    ($name:literal) => {
        ($name, include_bytes!(concat!("../fixtures/lists/", $name)).as_slice())
    };
}

fn listed(id: &str, name: &str, context: u32) -> ListedModel {
    let name = (!name.is_empty()).then(|| name.to_owned());
    ListedModel { id: id.to_owned(), name, context: (context > 0).then_some(context) }
}

fn ids(ids: &[&str]) -> Vec<ListedModel> {
    ids.iter().map(|id| listed(id, "", 0)).collect()
}

fn list(value: &Value) -> Vec<ListedModel> {
    ListFormat::OpenAi.parse(value.to_string().as_bytes()).expect("there is a list").models
}

type Recording = (ListFormat, (&'static str, &'static [u8]), Vec<ListedModel>, Option<&'static str>);

#[expect(clippy::too_many_lines, reason = "it is a table")]
fn recordings() -> Vec<Recording> {
    use ListFormat as F;
    vec![
        (
            F::OpenAi,
            fixture!("openai.json"),
            ids(&["gpt-6.1", "gpt-6.1-mini", "o5", "gpt-4o-mini", "ft:gpt-4o-mini:acme::a1"]),
            None,
        ),
        (F::OpenAi, fixture!("deepseek.json"), ids(&["deepseek-chat", "deepseek-reasoner"]), None),
        (F::OpenAi, fixture!("vllm.json"), vec![listed("Qwen/Qwen3-8B", "", 40_960)], None),
        (
            F::ChatGpt,
            fixture!("chatgpt.json"),
            vec![listed("gpt-6.1", "GPT-6.1", 0), listed("gpt-6.1-codex", "GPT-6.1 Codex", 0)],
            None,
        ),
        (
            F::Anthropic,
            fixture!("anthropic_1.json"),
            vec![
                listed("claude-opus-5-5", "Claude Opus 5.5", 1_000_000),
                listed("claude-sonnet-5-5", "Claude Sonnet 5.5", 200_000),
            ],
            Some("models?limit=1000&after_id=claude-sonnet-5-5"),
        ),
        (
            F::Anthropic,
            fixture!("anthropic_2.json"),
            vec![listed("claude-haiku-4-5-20251001", "Claude Haiku 4.5", 0)],
            None,
        ),
        (
            F::Gemini,
            fixture!("gemini_1.json"),
            vec![
                listed("gemini-3-pro", "Gemini 3 Pro", 1_048_576),
                listed("gemini-2.5-flash", "Gemini 2.5 Flash", 1_048_576),
            ],
            Some("models?pageSize=1000&pageToken=Cg5tb2RlbHMv%2B%2Fa%3D%3D"),
        ),
        (F::Gemini, fixture!("gemini_2.json"), vec![listed("gemma-3-27b-it", "Gemma 3 27B", 131_072)], None),
        (
            F::OpenRouter,
            fixture!("openrouter.json"),
            vec![
                listed("anthropic/claude-sonnet-5.5", "Anthropic: Claude Sonnet 5.5", 1_000_000),
                listed("google/gemini-3-pro-image", "Google: Gemini 3 Pro Image", 65_536),
                listed("deepseek/deepseek-v4:free", "DeepSeek: V4 (free)", 163_840),
            ],
            None,
        ),
        (F::Ollama, fixture!("ollama.json"), ids(&["qwen3:8b", "gpt-oss:20b-cloud"]), None),
        (F::Ollama, fixture!("ollama_empty.json"), vec![], None),
        (
            F::LmStudio,
            fixture!("lm_studio_v1.json"),
            vec![
                listed("openai/gpt-oss-20b", "GPT-OSS 20B", 8_192),
                listed("google/gemma-3-27b", "Gemma 3 27B", 131_072),
            ],
            None,
        ),
        (
            F::LmStudio,
            fixture!("lm_studio_v0.json"),
            vec![listed("qwen2-vl-7b-instruct", "", 32_768), listed("llama-3.1-8b", "", 131_072)],
            None,
        ),
        (
            F::Mistral,
            fixture!("mistral.json"),
            vec![
                listed("mistral-large-latest", "mistral-large-2512", 131_072),
                listed("open-mistral-7b", "", 32_768),
                listed("ft:ministral-8b:acme:20260101:1", "ministral-8b-2410", 131_072),
            ],
            None,
        ),
        (
            F::Venice,
            fixture!("venice.json"),
            vec![
                listed("venice-uncensored", "Venice Uncensored 1.1", 32_768),
                listed("qwen3-4b", "Venice Small", 40_960),
            ],
            None,
        ),
        (
            F::Together,
            fixture!("together.json"),
            vec![listed("meta-llama/Llama-3.3-70B-Instruct-Turbo", "Meta Llama 3.3 70B Instruct Turbo", 131_072)],
            None,
        ),
        (
            F::HuggingFace,
            fixture!("hugging_face.json"),
            vec![listed("openai/gpt-oss-120b", "", 131_072), listed("zai-org/GLM-4.7", "", 202_752)],
            None,
        ),
        (
            F::Groq,
            fixture!("groq.json"),
            vec![listed("llama-3.3-70b-versatile", "", 131_072), listed("moonshotai/kimi-k2-instruct", "", 262_144)],
            None,
        ),
        (F::Xai, fixture!("xai.json"), vec![listed("grok-4-0709", "", 256_000), listed("grok-3-mini", "", 0)], None),
    ]
}

#[test]
fn every_service_s_list_is_read() {
    for (format, (name, body), models, next) in recordings() {
        let page = format.parse(body).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(page, ListPage { models, next: next.map(str::to_owned) }, "{name}");
    }
}

#[test]
fn a_list_cut_anywhere_is_an_error() {
    for (format, (name, body), ..) in recordings() {
        let body = body.trim_ascii_end();
        for at in 0..body.len() {
            assert_eq!(format.parse(&body[..at]), Err(ListError::NotJson), "{name} cut at {at}");
        }
    }
}

#[test]
fn what_cannot_be_seen_is_in_no_id_and_no_name() {
    let value = json!({ "data": [
        { "id": "x\u{0}" }, { "id": "x\u{202E}y" }, { "id": "\u{200B}" },
        { "id": "c", "name": "internal", "display_name": " The\tC " },
        { "id": "e", "name": "\u{2066}The\u{202E} E\u{E0041}\u{200B}" },
        { "id": "f", "name": "\u{200B} \u{2060}" },
    ]});
    assert_eq!(list(&value), [listed("c", "The C", 0), listed("e", "The E", 0), listed("f", "", 0)]);
}

#[test]
fn broken_lists_lose_as_little_as_they_can() {
    let (_, body) = fixture!("broken_entries.json");
    let expected = [
        listed("b", "The B", 128_000),
        listed("a", "", 0),
        listed("c", "The C", 200_000),
        listed("d", "The D", 32_768),
        listed("e", "", 0),
        listed("f", "", u32::MAX),
    ];
    for format in FORMATS {
        let mut expected = expected.clone();
        if format == ListFormat::Gemini {
            // There the name is the id.
            expected[0].name = None;
        }
        assert_eq!(format.parse(body).expect("there is a list").models, expected, "{format:?}");
    }
    let bytes = b"\xEF\xBB\xBF{\"data\":[{\"id\":\"a\",\"name\":\"\xFF\xFE\"},{\"id\":\"b\"}]}";
    let models = ListFormat::OpenAi.parse(bytes).expect("there is a list").models;
    assert_eq!(models, [listed("a", "\u{FFFD}\u{FFFD}", 0), listed("b", "", 0)]);
}

#[test]
fn lists_come_in_several_shapes() {
    let one = ids(&["x"]);
    assert_eq!(list(&json!([{ "id": "x" }])), one);
    assert_eq!(list(&json!({ "models": [{ "slug": "x" }] })), one);
    assert_eq!(list(&json!({ "models": [{ "name": "x" }], "data": null })), one);
    assert_eq!(list(&json!({ "models": ["x", "x", "text-embedding-3"] })), one);
    assert_eq!(list(&json!({ "object": "list", "data": null })), []);
    assert_eq!(list(&json!({ "models": null })), []);
    assert_eq!(list(&json!({ "data": [] })), []);
    assert_eq!(ListFormat::Gemini.parse(b"{}"), Ok(ListPage::default()), "Google leaves out what is empty");
    assert_eq!(ListFormat::OpenAi.parse(b"{}"), Err(ListError::NoList));
    let many: Vec<Value> = (0..30_000).map(|number| json!({ "id": number.to_string() })).collect();
    assert_eq!(list(&json!({ "data": many })).len(), MOST_MODELS);
}

#[test]
fn what_is_no_list_is_an_error() {
    for format in FORMATS {
        let (_, page) = fixture!("page.html");
        assert_eq!(format.parse(page), Err(ListError::NotJson));
        assert_eq!(format.parse(b""), Err(ListError::NotJson));
        assert_eq!(format.parse("[".repeat(10_000).as_bytes()), Err(ListError::NotJson), "however deep it is");
        assert_eq!(format.parse(b"{\"data\": {}}"), Err(ListError::NoList));
        assert_eq!(format.parse(b"null"), Err(ListError::NoList));
        let (_, refused) = fixture!("refused.json");
        let Err(ListError::Refused(error)) = format.parse(refused) else { panic!("{format:?} read an error") };
        assert_eq!(error.kind, ErrorKind::Unauthorized);
        let (_, elsewhere) = fixture!("lm_studio_unknown.json");
        assert!(matches!(format.parse(elsewhere), Err(ListError::Refused(_))), "a success may be an error");
    }
    for error in [ListError::NotJson, ListError::NoList] {
        assert!(error.words("OpenAI").contains("OpenAI"), "{error} names the provider");
    }
}

#[test]
fn what_is_said_counts_before_the_name() {
    let kept = |entry: Value| !list(&json!({ "data": [entry] })).is_empty();
    assert!(kept(json!({ "id": "image-talker", "architecture": { "output_modalities": ["image", "text"] } })));
    assert!(!kept(json!({ "id": "talker", "architecture": { "output_modalities": ["image"] } })));
    assert!(kept(json!({ "id": "x", "output_modalities": [] })), "an empty list says nothing");
    assert!(!kept(json!({ "id": "talker", "supports_chat": false })));
    assert!(!kept(json!({ "id": "talker", "capabilities": { "chat_completion": false, "embeddings": true } })));
    assert!(kept(json!({ "id": "deepseek-ocr", "capabilities": ["completion", "vision"] })));
    assert!(!kept(json!({ "id": "talker", "capabilities": ["embedding"] })));
    assert!(kept(json!({ "id": "talker", "capabilities": ["tools"] })), "what is unknown says nothing");
    assert!(!kept(json!({ "id": "talker", "active": false })));
    assert!(kept(json!({ "id": "talker", "type": "language" })), "elsewhere than at Together this is what chats");
    assert!(kept(json!({ "id": "talker", "type": "something new", "active": null, "capabilities": 3 })));
    for id in ["text-embedding-3-small", "gpt-image-1", "TTS-1-hd", "openai/whisper-large-v3", "omni-moderation-latest"]
    {
        assert!(!kept(json!({ "id": id })), "{id} is obviously not for chats");
    }
    for id in ["claude-opus-5-5", "embarcadero-7b", "gpt-oss-safeguard-20b", "llava-video", "imaginary-3b", "live-1"] {
        assert!(kept(json!({ "id": id })), "{id} may be for chats");
    }
}

#[test]
fn pages_follow_only_a_usable_cursor() {
    let next = |format: ListFormat, page: Value| format.parse(page.to_string().as_bytes()).expect("it is a page").next;
    let anthropic = |more: Value, last: Value| {
        next(ListFormat::Anthropic, json!({ "data": [], "has_more": more, "last_id": last }))
    };
    assert_eq!(
        anthropic(json!(true), json!("a&b=c #?")).as_deref(),
        Some("models?limit=1000&after_id=a%26b%3Dc+%23%3F")
    );
    assert_eq!(anthropic(json!(false), json!("a")), None);
    assert_eq!(anthropic(json!(true), json!(null)), None);
    assert_eq!(anthropic(json!(true), json!("")), None);
    assert_eq!(anthropic(json!("true"), json!("a")), None);
    assert_eq!(anthropic(json!(true), json!("x".repeat(5_000))), None, "no cursor is that long");
    assert_eq!(next(ListFormat::OpenAi, json!({ "data": [], "has_more": true, "last_id": "a" })), None);
}

#[test]
fn older_servers_are_asked_elsewhere() {
    let mut request = ListFormat::LmStudio.first_request();
    let mut paths = vec![request.path.clone()];
    while let Some(next) = ListFormat::LmStudio.fallback(&request) {
        paths.push(next.path.clone());
        request = next;
    }
    assert_eq!(paths, ["../api/v1/models", "../api/v0/models", "models"]);
    for format in FORMATS {
        let mut request = format.first_request();
        let mut steps = 0;
        while let Some(next) = format.fallback(&request) {
            request = next;
            steps += 1;
            assert!(steps < 5, "{format:?} gives up in the end");
        }
    }
}

#[test]
fn formats_have_the_names_of_the_catalogue() {
    let names = [
        "openai",
        "anthropic",
        "gemini",
        "openrouter",
        "ollama",
        "lm_studio",
        "mistral",
        "venice",
        "together",
        "hugging_face",
        "groq",
        "xai",
        "chatgpt",
    ];
    let parsed = names.map(|name| serde_json::from_value::<ListFormat>(json!(name)).expect("it is a format"));
    assert_eq!(parsed, FORMATS);
}

proptest! {
    #[test]
    fn any_bytes_are_a_list_or_not(body in prop::collection::vec(any::<u8>(), 0..200)) {
        for format in FORMATS {
            let _ = format.parse(&body);
        }
    }

    #[test]
    fn any_entries_are_read_or_passed_over(entries in prop::collection::vec(entry(), 0..6)) {
        let mut entries = entries;
        entries.push("{\"id\":\"sound\"}".to_owned());
        let body = format!("{{\"data\":[{}]}}", entries.join(","));
        for format in FORMATS {
            let page = format.parse(body.as_bytes()).expect("it is a list");
            prop_assert!(page.models.iter().any(|model| model.id == "sound"), "the sound one stays: {}", body);
            prop_assert!(page.models.iter().all(|model| !model.id.trim().is_empty()));
        }
    }
}

fn entry() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        Just("null".to_owned()),
        Just("[]".to_owned()),
        Just("{}".to_owned()),
        Just("true".to_owned()),
        Just("-1.5e300".to_owned()),
        Just("[null,{\"status\":\"live\",\"config\":{\"context_length\":{}}},\"text\"]".to_owned()),
        Just("{\"output_modalities\":7,\"offline\":[],\"completion_chat\":\"no\",\"family\":{}}".to_owned()),
        "\"[a-z/: \\\\u0000]{0,4}\"".prop_filter("it is JSON", |text| serde_json::from_str::<Value>(text).is_ok()),
    ];
    let field = prop::sample::select(vec![
        "id",
        "name",
        "type",
        "capabilities",
        "architecture",
        "output_modalities",
        "supportedGenerationMethods",
        "details",
        "model_spec",
        "providers",
        "loaded_instances",
        "context_length",
        "active",
        "visibility",
    ]);
    prop_oneof![
        4 => prop::collection::vec((field, value.clone()), 0..5).prop_map(|fields| {
            let fields: Vec<String> = fields.iter().map(|(field, value)| format!("\"{field}\":{value}")).collect();
            format!("{{{}}}", fields.join(","))
        }),
        1 => value,
    ]
}
