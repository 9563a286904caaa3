//! Every provider of the catalogue against a local server in its place: what goes out is what its entry says.
//!
//! The base URL keeps its path and has its host replaced. What is expected is written out below, entry by entry, and
//! not computed from the catalogue: a change there that was not meant shows here.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use patchbay_core::ids::{ModelId, ModelReference};
use patchbay_core::models::Choice;
use patchbay_core::pool::ConnectionState;
use patchbay_core::providers::{AuthHeader, CallProfile, Catalogue, Group, Provider};
use patchbay_core::vault::{ApiKey, Credential, OAuthTokens, Secret};
use patchbay_core::wire::{ChatRequest, Part, Role, Turn};
use serde_json::Value;
use url::Url;

use crate::harness::Harness;

const KEY: &str = "key-of-the-person";
const TOKEN: &str = "token-of-the-person";
const MODEL: &str = "model-1";
/// Every header in which some provider takes a credential.
const CREDENTIAL_HEADERS: [&str; 4] = ["authorization", "x-api-key", "x-goog-api-key", "api-key"];

/// What an entry has to come to: the entry, the path of its base URL, the list, the chat, the header of a key.
type Row = (&'static str, &'static str, &'static str, &'static str, &'static str);

const BEARER: &str = "authorization";
const GEMINI: &str = "/v1beta/models/model-1:streamGenerateContent?alt=sse";

#[rustfmt::skip]
const ROWS: [Row; 31] = [
    ("sandbox", "/v1", "/v1/models", "/v1/chat/completions", BEARER),
    ("openai", "/v1", "/v1/models", "/v1/responses", BEARER),
    ("anthropic", "/v1", "/v1/models?limit=1000", "/v1/messages", "x-api-key"),
    ("google-gemini", "/v1beta", "/v1beta/models?pageSize=1000", GEMINI, "x-goog-api-key"),
    ("openrouter", "/api/v1", "/api/v1/models", "/api/v1/chat/completions", BEARER),
    ("alibaba", "/compatible-mode/v1", "/compatible-mode/v1/models", "/compatible-mode/v1/chat/completions", BEARER),
    ("azure-openai", "/openai/v1", "/openai/v1/models", "/openai/v1/chat/completions", "api-key"),
    ("cerebras", "/v1", "/v1/models", "/v1/chat/completions", BEARER),
    ("cohere", "/compatibility/v1", "/compatibility/v1/models", "/compatibility/v1/chat/completions", BEARER),
    ("cometapi", "/v1", "/v1/models", "/v1/chat/completions", BEARER),
    ("deepseek", "", "/models", "/chat/completions", BEARER),
    ("fireworks", "/inference/v1", "/inference/v1/models", "/inference/v1/chat/completions", BEARER),
    ("groq", "/openai/v1", "/openai/v1/models", "/openai/v1/chat/completions", BEARER),
    ("minimax", "/v1", "/v1/models", "/v1/chat/completions", BEARER),
    ("mistral", "/v1", "/v1/models", "/v1/chat/completions", BEARER),
    ("moonshot", "/v1", "/v1/models", "/v1/chat/completions", BEARER),
    ("nebius", "/v1", "/v1/models", "/v1/chat/completions", BEARER),
    ("together", "/v1", "/v1/models", "/v1/chat/completions", BEARER),
    ("venice", "/api/v1", "/api/v1/models?type=text", "/api/v1/chat/completions", BEARER),
    ("vercel", "/v1", "/v1/models", "/v1/chat/completions", BEARER),
    ("xai", "/v1", "/v1/language-models", "/v1/chat/completions", BEARER),
    ("zai", "/api/paas/v4", "/api/paas/v4/models", "/api/paas/v4/chat/completions", BEARER),
    ("zai-coding", "/api/coding/paas/v4", "/api/coding/paas/v4/models", "/api/coding/paas/v4/chat/completions", BEARER),
    ("jan", "/v1", "/v1/models", "/v1/chat/completions", BEARER),
    ("llama-cpp", "/v1", "/v1/models", "/v1/chat/completions", BEARER),
    ("lm-studio", "/v1", "/api/v1/models", "/v1/chat/completions", BEARER),
    ("ollama", "", "/api/tags", "/api/chat", BEARER),
    ("vllm", "/v1", "/v1/models", "/v1/chat/completions", BEARER),
    ("openai-compatible", "/v1", "/v1/models", "/v1/chat/completions", BEARER),
    ("anthropic-compatible", "/v1", "/v1/models?limit=1000", "/v1/messages", "x-api-key"),
    ("gemini-compatible", "/v1beta", "/v1beta/models?pageSize=1000", GEMINI, "x-goog-api-key"),
];

/// What is read before the list, of those who list to anyone.
const CHECKS: [(&str, &str); 3] =
    [("openrouter", "/api/v1/key"), ("venice", "/api/v1/api_keys/rate_limits"), ("vercel", "/v1/credits")];

/// A request as it arrived.
struct Seen {
    method: Method,
    target: String,
    headers: HeaderMap,
    body: Bytes,
}

impl Seen {
    fn values(&self, header: &str) -> Vec<&str> {
        self.headers.get_all(header).iter().map(|value| value.to_str().unwrap()).collect()
    }

    /// The headers that hold `secret`, with their values.
    fn holding(&self, secret: &str) -> Vec<(&str, &str)> {
        let text = self.headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap()));
        text.filter(|(_, value)| value.contains(secret)).collect()
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// What the server of a test knows.
#[derive(Clone, Default)]
struct Known {
    seen: Arc<Mutex<Vec<Seen>>>,
    /// The one target at which it refuses the credential.
    refused: Option<&'static str>,
}

/// A server that takes everything down and lists one model in every shape at once.
struct Server {
    address: Url,
    known: Known,
}

impl Server {
    async fn start() -> Self {
        Self::refusing(None).await
    }

    async fn refusing(refused: Option<&'static str>) -> Self {
        const LIST: &str = r#"{"data":[{"id":"model-1"}],"models":[{"name":"model-1","key":"model-1"}]}"#;
        let known = Known { refused, ..Known::default() };
        let take = |State(known): State<Known>, method: Method, uri: Uri, headers: HeaderMap, body| async move {
            let target = uri.path_and_query().map(ToString::to_string).unwrap_or_default();
            let is_refused = known.refused == Some(target.as_str());
            known.seen.lock().unwrap().push(Seen { method, target, headers, body });
            if is_refused { (StatusCode::UNAUTHORIZED, "{}") } else { (StatusCode::OK, LIST) }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let router = Router::new().fallback(take).with_state(known.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, known }
    }

    /// The provider's base URL with this server in place of its own; where the person gives it, that of the table.
    fn in_place_of(&self, provider: &Provider) -> String {
        let path = provider.base_url.as_ref().map_or(row(provider).1, Url::path);
        self.address.join(path).unwrap().to_string()
    }

    fn taken(&self) -> Vec<Seen> {
        std::mem::take(&mut self.known.seen.lock().unwrap())
    }
}

fn catalogue() -> Catalogue {
    let folder = tempfile::tempdir().unwrap();
    let (catalogue, notices) = Catalogue::load(folder.path(), true);
    assert!(notices.is_empty(), "{notices:?}");
    catalogue
}

fn row(provider: &Provider) -> Row {
    let found = ROWS.into_iter().find(|row| row.0 == provider.id.as_str());
    found.unwrap_or_else(|| panic!("{} is in the catalogue and has no row here", provider.id))
}

fn key() -> Credential {
    Credential::ApiKey(ApiKey(Secret::new(KEY.to_owned())))
}

fn token() -> Credential {
    let access_token = Secret::new(TOKEN.to_owned());
    Credential::OAuth(OAuthTokens { access_token, refresh_token: None, expires_at: None, scope: None })
}

/// The list call and a chat call, as they arrived.
async fn calls(server: &Server, provider: &Provider, credential: Option<&Credential>) -> [Seen; 2] {
    let http = patchbay_core::http::client().unwrap();
    let profile = CallProfile::new(provider, &server.in_place_of(provider), credential).unwrap();
    profile.get(&http, &profile.list().first_request().path).send().await.unwrap();
    let messages = [Turn::new(Role::User, vec![Part::Text("Hello".to_owned())])];
    let (system, max_output, extra) = (None, None, profile.extra());
    let request =
        profile.format().encode(&ChatRequest { model: MODEL, messages: &messages, system, max_output, extra });
    profile.post(&http, &request).send().await.unwrap();
    server.taken().try_into().unwrap_or_else(|_| panic!("{}: two requests arrive", provider.id))
}

/// What holds of every request, whatever the credential.
fn check_request(provider: &Provider, seen: &Seen) {
    let id = &provider.id;
    for (name, value) in &provider.headers {
        assert_eq!(seen.values(name), [value.as_str()], "{id}: {name} is sent once");
    }
    for secret in [KEY, TOKEN] {
        assert!(!seen.target.contains(secret), "{id}: a credential is never in an address");
        assert!(!String::from_utf8_lossy(&seen.body).contains(secret), "{id}: nor in a body");
    }
}

fn check_targets(provider: &Provider, [list, chat]: &[Seen; 2]) {
    let (id, _, list_target, chat_target, _) = row(provider);
    assert_eq!((&list.method, list.target.as_str()), (&Method::GET, list_target), "{id}: the list");
    assert_eq!((&chat.method, chat.target.as_str()), (&Method::POST, chat_target), "{id}: the chat");
    assert_eq!(chat.values("content-type"), ["application/json"], "{id}");
    let body = chat.json();
    let names_model = body.get("model").and_then(Value::as_str) == Some(MODEL);
    assert!(names_model || chat.target.contains(MODEL), "{id}: the model is named");
    assert!(body.to_string().contains("Hello"), "{id}: the message is sent");
    for refused in &provider.refuses {
        assert!(body.get(refused).is_none(), "{id}: {refused} is not sent");
    }
}

#[test]
fn the_table_is_the_catalogue() {
    let catalogue = catalogue();
    let listed: Vec<&str> = catalogue.iter().map(|provider| provider.id.as_str()).collect();
    assert_eq!(listed, ROWS.map(|row| row.0));
    for provider in catalogue.iter() {
        let (id, path, _, _, header) = row(provider);
        match &provider.base_url {
            Some(base_url) => assert_eq!(base_url.path().trim_end_matches('/'), path, "{id}: the path is kept"),
            None => assert!(provider.group == Group::Own || id == "azure-openai", "{id}: the person says where"),
        }
        let kind = if header == BEARER { AuthHeader::Bearer } else { AuthHeader::Header(header.to_owned()) };
        assert_eq!(provider.auth, kind, "{id}");
    }
}

#[tokio::test]
async fn a_key_goes_where_the_provider_takes_keys_and_nowhere_else() {
    let server = Server::start().await;
    for provider in catalogue().iter() {
        let seen = calls(&server, provider, Some(&key())).await;
        check_targets(provider, &seen);
        let (id, .., header) = row(provider);
        let value = if header == BEARER { format!("Bearer {KEY}") } else { KEY.to_owned() };
        for request in &seen {
            check_request(provider, request);
            assert_eq!(request.holding(KEY), [(header, value.as_str())], "{id}");
            for other in CREDENTIAL_HEADERS.into_iter().filter(|other| *other != header) {
                assert!(request.values(other).is_empty(), "{id}: {other} stays out");
            }
        }
    }
}

#[tokio::test]
async fn a_token_is_a_bearer_token_everywhere() {
    let server = Server::start().await;
    for provider in catalogue().iter() {
        let seen = calls(&server, provider, Some(&token())).await;
        check_targets(provider, &seen);
        for request in &seen {
            let id = &provider.id;
            check_request(provider, request);
            assert_eq!(request.holding(TOKEN), [(BEARER, format!("Bearer {TOKEN}").as_str())], "{id}");
            for other in CREDENTIAL_HEADERS.into_iter().filter(|other| *other != BEARER) {
                assert!(request.values(other).is_empty(), "{id}: {other} stays out");
            }
        }
    }
}

#[tokio::test]
async fn what_needs_no_credential_sends_none() {
    let server = Server::start().await;
    for provider in catalogue().iter().filter(|provider| provider.takes_none) {
        let seen = calls(&server, provider, None).await;
        check_targets(provider, &seen);
        for request in &seen {
            check_request(provider, request);
            for header in CREDENTIAL_HEADERS {
                assert!(request.values(header).is_empty(), "{}: {header} stays out", provider.id);
            }
        }
    }
}

/// The regressions of older systems, by name, beside the table that holds them all.
#[tokio::test]
async fn what_went_wrong_elsewhere_does_not_here() {
    let server = Server::start().await;
    let catalogue = catalogue();
    let provider = |id: &str| catalogue.get(&id.parse().unwrap()).unwrap();

    for (id, path) in
        [("venice", "/api/v1"), ("lm-studio", "/v1"), ("zai", "/api/paas/v4"), ("zai-coding", "/api/coding/paas/v4")]
    {
        let [_, chat] = calls(&server, &provider(id), Some(&key())).await;
        assert_eq!(chat.target, format!("{path}/chat/completions"), "{id}: the path of the base URL is honoured");
    }
    let local = provider("lm-studio").base_url.clone().unwrap();
    assert_eq!((local.host_str(), local.port()), (Some("127.0.0.1"), Some(1234)), "LM Studio is on this machine");

    for request in calls(&server, &provider("google-gemini"), Some(&key())).await {
        assert!(request.values("authorization").is_empty(), "a key is never sent to Google as a bearer token");
        assert_eq!(request.values("x-goog-api-key"), [KEY]);
        assert!(!request.target.contains("key="), "nor as part of the address");
    }
    for request in calls(&server, &provider("google-gemini"), Some(&token())).await {
        assert!(request.values("x-goog-api-key").is_empty(), "a token is never sent as Google's key");
    }
    for request in calls(&server, &provider("anthropic"), Some(&token())).await {
        assert!(request.values("x-api-key").is_empty(), "a token is never sent as Anthropic's key");
    }
    for request in calls(&server, &provider("anthropic"), Some(&key())).await {
        assert_eq!(request.values("anthropic-version"), ["2023-06-01"]);
    }
    for id in ["mistral", "cohere"] {
        let [_, chat] = calls(&server, &provider(id), Some(&key())).await;
        assert!(chat.json().get("stream_options").is_none(), "{id} refuses this parameter");
    }
    let [_, chat] = calls(&server, &provider("groq"), Some(&key())).await;
    assert!(chat.json().get("stream_options").is_some(), "the others need it to count tokens");
}

#[tokio::test]
async fn the_application_sends_what_the_table_says() {
    let server = Server::start().await;
    let harness = Harness::start().await;
    let mut targets = BTreeMap::new();
    for provider in catalogue().iter().filter(|provider| !provider.development) {
        let (id, _, list, chat, header) = row(provider);
        let secret = Secret::new(KEY.to_owned());
        let connection =
            harness.app.add_key(&provider.id, secret, None, Some(server.in_place_of(provider))).await.unwrap().id;
        harness.app.check_connection(connection).await.unwrap();
        let view = harness.app.create_chat().await.unwrap().id;
        let reference = ModelReference { connection, model: ModelId::from(MODEL) };
        harness.app.set_choice(view, Choice::Pinned { reference }).await.unwrap();
        harness.say(view, "Hello").await;
        let seen = server.taken();
        for request in &seen {
            let holders: Vec<&str> = request.holding(KEY).into_iter().map(|(name, _)| name).collect();
            assert_eq!(holders, [header], "{id}");
        }
        let answered = seen.iter().find(|request| request.method == Method::POST).expect("the message was sent");
        for refused in &provider.refuses {
            assert!(answered.json().get(refused).is_none(), "{id}: {refused} is not sent");
        }
        let arrived: Vec<String> = seen.iter().map(|request| request.target.clone()).collect();
        assert!(arrived.iter().any(|target| target == list), "{id}: the list is at {list}: {arrived:?}");
        let check = CHECKS.iter().find(|(name, _)| *name == id).map(|(_, target)| *target);
        assert_eq!(arrived.first().map(String::as_str), Some(check.unwrap_or(list)), "{id}: what is asked first");
        let known = |target: &str| target == list || target == chat || Some(target) == check;
        assert!(arrived.iter().all(|target| known(target)), "{id}: and nothing else: {arrived:?}");
        targets.insert(id, arrived);
    }
    assert_eq!(targets.len(), ROWS.len() - 1);
}

#[tokio::test]
async fn a_wrong_key_is_no_connection_where_anyone_gets_the_list() {
    let catalogue = catalogue();
    let checked: Vec<&str> =
        catalogue.iter().filter(|it| it.check.is_some()).map(|provider| provider.id.as_str()).collect();
    assert_eq!(checked, CHECKS.map(|(id, _)| id));
    let harness = Harness::start().await;
    for (id, target) in CHECKS {
        let provider = catalogue.get(&id.parse().unwrap()).unwrap();
        let server = Server::refusing(Some(target)).await;
        let key = || Secret::new(KEY.to_owned());
        let address = server.in_place_of(&provider);
        let error = harness.app.add_key(&provider.id, key(), None, Some(address)).await.unwrap_err();
        assert!(error.message.contains(&provider.name) && !error.message.contains(KEY), "{id}: {error}");
        assert!(harness.app.connections().is_empty(), "{id}: there is no connection");
        let asked: Vec<String> = server.taken().into_iter().map(|request| request.target).collect();
        assert_eq!(asked, [target], "{id}: the list was not asked");
        let good = Server::start().await;
        let connection =
            harness.app.add_key(&provider.id, key(), None, Some(good.in_place_of(&provider))).await.unwrap();
        assert_eq!(connection.state, ConnectionState::Connected, "{id}");
        let asked: Vec<String> = good.taken().into_iter().map(|request| request.target).collect();
        assert_eq!(asked, [target, row(&provider).2], "{id}: the check, then the list");
        harness.app.disconnect(connection.id).await.unwrap();
    }
}
