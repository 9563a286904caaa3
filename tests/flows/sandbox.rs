//! The sandbox keeps the rules that the application is tested against.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::StatusCode;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use support::browser::{Browser, Consent};
use support::foreign::{Aimock, OidcOptions, OidcProvider};
use support::sandbox::{Answer, Endpoint, Fault, Model, Sandbox, SandboxOptions};
use support::{PATIENCE, http};
use url::Url;

const VERIFIER: &str = "a-verifier-of-forty-three-letters-or-more-0123456789";
const REDIRECT: &str = "app.patchbay:/oauth/sandbox";
const ADA: &str = "ada@sandbox.example";

/// An authorization request as the application would write it.
fn request(authorize: &str, redirect_uri: &str, scope: &str) -> String {
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
    let parameters = [
        ("response_type", "code"),
        ("client_id", "patchbay"),
        ("redirect_uri", redirect_uri),
        ("state", "a-state"),
        ("scope", scope),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    Url::parse_with_params(authorize, parameters).unwrap().into()
}

fn parameter(url: &str, name: &str) -> Option<String> {
    let url = Url::parse(url).unwrap();
    url.query_pairs().find(|(found, _)| found == name).map(|(_, value)| value.into_owned())
}

async fn post(address: &str, fields: &[(&str, &str)]) -> (StatusCode, Value) {
    let response = http::client().unwrap().post(address).form(fields).send().await.unwrap();
    (response.status(), response.json().await.unwrap_or(Value::Null))
}

async fn exchange(address: &str, code: &str, redirect_uri: &str) -> (StatusCode, Value) {
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", "patchbay"),
        ("code", code),
        ("redirect_uri", redirect_uri),
        ("code_verifier", VERIFIER),
    ];
    post(address, &fields).await
}

async fn refresh(address: &str, token: &str) -> (StatusCode, Value) {
    post(address, &[("grant_type", "refresh_token"), ("client_id", "patchbay"), ("refresh_token", token)]).await
}

async fn models(sandbox: &Sandbox, token: &str) -> (StatusCode, Value) {
    let request = http::client().unwrap().get(format!("{}/models", sandbox.base_url())).bearer_auth(token);
    let response = request.send().await.unwrap();
    (response.status(), response.json().await.unwrap_or(Value::Null))
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("{name} in {value}")).to_owned()
}

/// Signs in as Ada; gives the code and the tokens.
async fn sign_in(sandbox: &Sandbox) -> (String, Value) {
    let authorize = request(&format!("{}/oauth/authorize", sandbox.issuer()), REDIRECT, "models chat");
    let browser = Browser::new().unwrap();
    let returned = browser.authorize(&authorize, &Consent::allow(ADA)).await.unwrap();
    assert!(returned.url.starts_with("app.patchbay:/oauth/sandbox?"), "the link goes to the application");
    assert_eq!(parameter(&returned.url, "state").as_deref(), Some("a-state"), "the state comes back");
    assert_eq!(parameter(&returned.url, "iss").as_deref(), Some(sandbox.issuer()), "the issuer names itself");
    let code = parameter(&returned.url, "code").unwrap();
    let (status, tokens) = exchange(&format!("{}/oauth/token", sandbox.issuer()), &code, REDIRECT).await;
    assert_eq!(status, StatusCode::OK, "the code is exchanged: {tokens}");
    (code, tokens)
}

async fn start() -> Sandbox {
    Sandbox::start(SandboxOptions::default()).await.unwrap()
}

#[tokio::test]
async fn a_sign_in_rotates_and_reuse_withdraws_it() {
    let sandbox = start().await;
    let token = format!("{}/oauth/token", sandbox.issuer());
    let (_, first) = sign_in(&sandbox).await;
    assert_eq!(sandbox.account_of(&text(&first, "access_token")).as_deref(), Some(ADA), "the token is Ada's");
    let (status, second) = refresh(&token, &text(&first, "refresh_token")).await;
    assert_eq!(status, StatusCode::OK, "a refresh token works once");
    assert_ne!(first["refresh_token"], second["refresh_token"], "and is replaced");
    let access = text(&second, "access_token");
    assert_eq!(models(&sandbox, &access).await.0, StatusCode::OK, "the new access token works");
    let (status, refused) = refresh(&token, &text(&first, "refresh_token")).await;
    assert_eq!((status, text(&refused, "error").as_str()), (StatusCode::BAD_REQUEST, "invalid_grant"), "reuse is seen");
    assert_eq!(models(&sandbox, &access).await.0, StatusCode::UNAUTHORIZED, "and withdraws the whole sign-in");
    let (status, _) = refresh(&token, &text(&second, "refresh_token")).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "the newest refresh token included");
    assert_eq!(sandbox.live_grants(), 0, "nothing is left");
}

#[tokio::test]
async fn a_code_works_once_and_only_with_its_verifier() {
    let sandbox = start().await;
    let token = format!("{}/oauth/token", sandbox.issuer());
    let (code, tokens) = sign_in(&sandbox).await;
    let (status, _) = exchange(&token, &code, REDIRECT).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "a second use is refused");
    let (status, _) = models(&sandbox, &text(&tokens, "access_token")).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED, "and takes back what the first gave");

    let authorize = request(&format!("{}/oauth/authorize", sandbox.issuer()), REDIRECT, "chat");
    let returned = Browser::new().unwrap().consent(&authorize, &Consent::allow(ADA)).await.unwrap();
    let code = parameter(&returned, "code").unwrap();
    let wrong = [
        ("grant_type", "authorization_code"),
        ("client_id", "patchbay"),
        ("code", &code),
        ("redirect_uri", REDIRECT),
        ("code_verifier", "another-verifier-of-forty-three-letters-or-more"),
    ];
    assert_eq!(post(&token, &wrong).await.0, StatusCode::BAD_REQUEST, "another verifier is refused");
    let (status, _) = exchange(&token, &code, "app.patchbay:/oauth/other").await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "another redirect URI is refused");
}

#[tokio::test]
async fn a_person_can_say_no_and_a_stranger_gets_no_redirect() {
    let sandbox = start().await;
    let authorize = format!("{}/oauth/authorize", sandbox.issuer());
    let browser = Browser::new().unwrap();
    let returned = browser.consent(&request(&authorize, REDIRECT, "chat"), &Consent::Deny).await.unwrap();
    assert_eq!(parameter(&returned, "error").as_deref(), Some("access_denied"), "the refusal is told");
    assert_eq!(parameter(&returned, "code"), None, "and no code comes with it");
    let stranger = request(&authorize, "evil.example:/oauth/sandbox", "chat");
    assert!(browser.consent(&stranger, &Consent::allow(ADA)).await.is_err(), "an unknown redirect URI gets a page");
    let plain = request(&authorize, REDIRECT, "chat").replace("S256", "plain");
    let returned = browser.consent(&plain, &Consent::allow(ADA)).await.unwrap();
    assert_eq!(parameter(&returned, "error").as_deref(), Some("invalid_request"), "PKCE must be S256");
}

#[tokio::test]
async fn chats_stream_and_are_captured() {
    let sandbox = start().await;
    let gate = sandbox.hold();
    let address = format!("{}/chat/completions", sandbox.base_url());
    let body = json!({"model": "sandbox-thinker", "stream": true, "stream_options": {"include_usage": true},
        "messages": [{"role": "user", "content": "Are you there?"}]});
    let request = http::client().unwrap().post(&address).bearer_auth("sk-sandbox-canary").json(&body);
    let response = request.send().await.unwrap();
    sandbox.wait_for_streams(1, PATIENCE).await.unwrap();
    gate.open();
    let stream = response.text().await.unwrap();
    for part in ["\"reasoning_content\":\"The", "\"finish_reason\":\"stop\"", "\"total_tokens\":", "data: [DONE]\n\n"] {
        assert!(stream.contains(part), "{part} in {stream}");
    }
    assert!(joined(&stream).contains("**sandbox-thinker**, answering the holder of a key"), "it says who was asked");
    let chats = sandbox.wait_for("/v1/chat/completions", 1, PATIENCE).await.unwrap();
    assert_eq!(chats[0].model().as_deref(), Some("sandbox-thinker"), "the model arrived");
    assert_eq!(chats[0].bearer(), Some("sk-sandbox-canary"), "and the key");
    assert_eq!(chats[0].json(), body, "and the body as it was sent");
    assert_eq!(sandbox.secrets(), ["sk-sandbox-canary"], "the key is one of the secrets to search for");
    sandbox.wait_for_streams(0, PATIENCE).await.unwrap();
}

/// The text of a stream.
fn joined(stream: &str) -> String {
    let events = stream.lines().filter_map(|line| line.strip_prefix("data: "));
    let chunks = events.filter_map(|event| serde_json::from_str::<Value>(event).ok());
    chunks.filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str().map(str::to_owned)).collect()
}

#[tokio::test]
async fn a_reader_that_leaves_is_noticed() {
    let sandbox = start().await;
    let _gate = sandbox.hold();
    let address = format!("{}/chat/completions", sandbox.base_url());
    let body = json!({"model": "sandbox-small", "stream": true, "messages": [{"role": "user", "content": "Hello"}]});
    let response = http::client().unwrap().post(&address).bearer_auth("sk-sandbox-1").json(&body).send().await.unwrap();
    sandbox.wait_for_streams(1, PATIENCE).await.unwrap();
    drop(response);
    sandbox.wait_for_streams(0, PATIENCE).await.unwrap();
}

#[tokio::test]
async fn faults_happen_as_often_as_told() {
    let sandbox = start().await;
    let key = "sk-sandbox-1";
    sandbox.inject_once(Endpoint::Models, Fault::RateLimited { retry_after: 7 });
    assert_eq!(models(&sandbox, key).await.0, StatusCode::TOO_MANY_REQUESTS, "once");
    assert_eq!(models(&sandbox, key).await.0, StatusCode::OK, "and not twice");
    sandbox.inject(Endpoint::Models, Fault::Reset, None);
    let request = http::client().unwrap().get(format!("{}/models", sandbox.base_url())).bearer_auth(key);
    assert!(request.send().await.is_err(), "the connection is reset");
    sandbox.clear();
    sandbox.set_models(vec![Model::new("only", "Only", 1_000)]);
    assert_eq!(models(&sandbox, key).await.1["data"][0]["id"], "only", "the list can be changed");
    assert_eq!(models(&sandbox, "wrong").await.0, StatusCode::UNAUTHORIZED, "a wrong token is refused");

    sandbox.set_answer(Some(Answer::lines(20)));
    sandbox.inject_once(Endpoint::Chat, Fault::StreamCut { after: 3 });
    let body = json!({"model": "only", "stream": true, "messages": [{"role": "user", "content": "Hello"}]});
    let address = format!("{}/chat/completions", sandbox.base_url());
    let response = http::client().unwrap().post(&address).bearer_auth(key).json(&body).send().await.unwrap();
    assert!(response.text().await.is_err(), "the stream is cut");

    let (_, tokens) = sign_in(&sandbox).await;
    sandbox.inject_once(Endpoint::Refresh, Fault::Status { status: 500, body: String::new(), headers: [].into() });
    let token = format!("{}/oauth/token", sandbox.issuer());
    let (status, _) = refresh(&token, &text(&tokens, "refresh_token")).await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR, "a refresh can fail for a while");
    assert_eq!(refresh(&token, &text(&tokens, "refresh_token")).await.0, StatusCode::OK, "and work again");
    sandbox.expire_access_tokens();
    assert_eq!(models(&sandbox, &text(&tokens, "access_token")).await.0, StatusCode::UNAUTHORIZED, "expired on demand");
}

#[tokio::test]
async fn a_foreign_page_cannot_talk_to_it() {
    let sandbox = start().await;
    let request =
        http::client().unwrap().get(format!("{}/admin/captures", sandbox.issuer())).header("host", "evil.example");
    assert_eq!(request.send().await.unwrap().status(), StatusCode::MISDIRECTED_REQUEST, "another host is refused");
    let request = http::client().unwrap().post(format!("{}/admin/clear", sandbox.issuer())).body("{}");
    assert_eq!(request.send().await.unwrap().status(), StatusCode::UNSUPPORTED_MEDIA_TYPE, "a plain form is refused");
}

#[tokio::test]
async fn the_catalogue_entries_are_of_the_catalogues_format() {
    #[derive(serde::Deserialize)]
    struct File {
        provider: Vec<patchbay_core::providers::Provider>,
    }
    let sandbox = start().await;
    let oidc = OidcProvider::start(OidcOptions::default()).await.unwrap();
    for entry in [sandbox.provider_toml(), oidc.provider_toml(&sandbox.base_url())] {
        let file: File = toml::from_str(&entry).unwrap();
        assert_eq!(file.provider.len(), 1, "one entry");
        assert!(file.provider[0].sign_in.is_some(), "with a sign-in");
    }
}

#[tokio::test]
async fn the_certified_server_signs_in_and_the_sandbox_serves_its_models() {
    let oidc = OidcProvider::start(OidcOptions { access_token_lifetime: Some(Duration::from_mins(1)) }).await.unwrap();
    let options = SandboxOptions { accepts_any_token: true, ..SandboxOptions::default() };
    let sandbox = Sandbox::start(options).await.unwrap();
    for redirect in ["app.patchbay.dev:/oauth/oidc", "http://127.0.0.1:9/oauth/callback"] {
        let authorize = request(&format!("{}/auth", oidc.issuer()), redirect, "openid email");
        let returned = Browser::new().unwrap().consent(&authorize, &Consent::allow("ada")).await.unwrap();
        assert!(returned.starts_with(redirect), "{returned} goes to {redirect}");
        assert_eq!(parameter(&returned, "iss").as_deref(), Some(oidc.issuer()), "the issuer names itself");
        let code = parameter(&returned, "code").unwrap();
        let (status, tokens) = exchange(&format!("{}/token", oidc.issuer()), &code, redirect).await;
        assert_eq!(status, StatusCode::OK, "the code is exchanged: {tokens}");
        let access = text(&tokens, "access_token");
        assert_eq!(models(&sandbox, &access).await.0, StatusCode::OK, "the models come from the sandbox");
        assert_eq!(sandbox.captures().last().unwrap().bearer(), Some(access.as_str()), "which saw the token");
        let (status, second) = refresh(&format!("{}/token", oidc.issuer()), &text(&tokens, "refresh_token")).await;
        assert_eq!(status, StatusCode::OK, "it refreshes: {second}");
        assert_ne!(tokens["refresh_token"], second["refresh_token"], "and rotates");
    }
    let denied = request(&format!("{}/auth", oidc.issuer()), "app.patchbay:/oauth/oidc", "openid email");
    let returned = Browser::new().unwrap().consent(&denied, &Consent::Deny).await.unwrap();
    assert_eq!(parameter(&returned, "error").as_deref(), Some("access_denied"), "a person can say no there too");
}

#[tokio::test]
async fn the_model_server_made_by_others_answers() {
    let aimock = Aimock::start("Hello from elsewhere.", None).await.unwrap();
    let body = json!({"model": "gpt-4o", "stream": true, "messages": [{"role": "user", "content": "Hi"}]});
    let address = format!("{}/chat/completions", aimock.base_url());
    let response = http::client().unwrap().post(&address).bearer_auth("any").json(&body).send().await.unwrap();
    assert_eq!(joined(&response.text().await.unwrap()), "Hello from elsewhere.", "the fixture is streamed");
}
