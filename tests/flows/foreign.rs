//! Servers made by others: `oidc-provider` as the authorization server, `aimock` as the model server.

use std::time::Duration;

use patchbay_core::chat::MessageState;
use patchbay_core::ids::ModelReference;
use patchbay_core::oauth::ReturnKind;
use patchbay_core::pool::ConnectionState;
use patchbay_core::vault::{Change, Credential, Secret};
use support::browser::{Browser as Person, Consent};
use support::foreign::{Aimock, OidcOptions, OidcProvider};
use support::sandbox::SandboxOptions;

use crate::harness::Harness;

async fn start(lifetime: Duration) -> (Harness, OidcProvider) {
    let oidc = OidcProvider::start(OidcOptions { access_token_lifetime: Some(lifetime) }).await.unwrap();
    let harness = Harness::with(SandboxOptions { accepts_any_token: true, ..SandboxOptions::default() }).await;
    let entry = oidc.provider_toml(&harness.sandbox.base_url());
    (harness.reopened(&entry).await, oidc)
}

async fn sign_in(harness: &Harness, return_kind: ReturnKind) {
    let view = harness.start_sign_in(OidcProvider::ID, Some(return_kind)).await;
    let page = harness.browser.next().await;
    let person = Person::new().unwrap();
    let consent = Consent::allow("alice");
    match return_kind {
        ReturnKind::Loopback => {
            person.authorize(page.as_str(), &consent).await.unwrap();
            harness.settled(view.id).await;
        }
        ReturnKind::DeepLink => {
            let link = person.authorize(page.as_str(), &consent).await.unwrap().url;
            harness.app.receive_link(&link).await;
        }
        ReturnKind::Paste => {
            let link = person.consent(page.as_str(), &consent).await.unwrap();
            harness.app.submit_sign_in(view.id, &link).await.unwrap();
        }
    }
    harness.connected(view.id);
}

fn kept_tokens(harness: &Harness) -> patchbay_core::vault::OAuthTokens {
    match harness.keychain.changes().iter().rev().find_map(Change::credential) {
        Some(Credential::OAuth(tokens)) => tokens,
        _ => panic!("tokens are kept"),
    }
}

#[tokio::test]
async fn every_return_works_against_a_certified_server() {
    let (mut harness, _oidc) = start(Duration::from_hours(1)).await;
    for return_kind in [ReturnKind::DeepLink, ReturnKind::Loopback, ReturnKind::Paste] {
        harness.sandbox.clear();
        sign_in(&harness, return_kind).await;
        let call = harness.sandbox.captures_of("/v1/models").pop().expect("a real call was made");
        assert_eq!(call.bearer(), Some(kept_tokens(&harness).access_token.expose()), "{return_kind:?}");
        for connection in harness.app.connections() {
            let outcome = harness.app.disconnect(connection.id).await.unwrap();
            assert_eq!(outcome.remote_error, None, "{return_kind:?}: revoked");
        }
        assert!(harness.keychain.records().is_empty());
    }
    // And by the link that starts the application.
    harness.start_sign_in(OidcProvider::ID, Some(ReturnKind::DeepLink)).await;
    let page = harness.browser.next().await;
    let link = Person::new().unwrap().authorize(page.as_str(), &Consent::allow("alice")).await.unwrap().url;
    harness = harness.reopened("").await;
    harness.app.receive_link(&link).await;
    assert_eq!(harness.app.connections()[0].state, ConnectionState::Connected);
}

#[tokio::test]
async fn rotation_holds_over_many_refreshes() {
    let (harness, _oidc) = start(Duration::from_secs(30)).await;
    sign_in(&harness, ReturnKind::DeepLink).await;
    let id = harness.app.connections()[0].id;
    let mut seen = vec![kept_tokens(&harness).refresh_token.unwrap().expose().to_owned()];
    for _ in 0..5 {
        harness.app.check_connection(id).await.unwrap();
        seen.push(kept_tokens(&harness).refresh_token.unwrap().expose().to_owned());
    }
    let count = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), count, "each refresh brought another refresh token, and the latest was used each time");
}

#[tokio::test]
async fn an_answer_of_a_model_server_made_by_others_arrives_whole() {
    let aimock = Aimock::start("A *calm* answer, from elsewhere.", Some("Let me see.")).await.unwrap();
    let harness = Harness::start().await;
    let provider = "openai-compatible".parse().unwrap();
    let key = Secret::new("sk-anything");
    let connection = harness.app.add_key(&provider, key, None, Some(aimock.base_url())).await.unwrap().id;
    let models = &harness.app.picker().groups[0].models;
    assert!(!models.is_empty());
    let reference = ModelReference { connection, model: models[0].id.clone() };
    harness.app.set_default_model(Some(reference)).await.unwrap();
    let chat = harness.app.create_chat().await.unwrap().id;
    let view = harness.say(chat, "Hello").await;
    let answer = view.messages.last().unwrap();
    assert_eq!(answer.state, MessageState::Complete, "{:?}", answer.remark);
    assert_eq!(answer.text, "A *calm* answer, from elsewhere.");
    assert_eq!(answer.reasoning.as_deref(), Some("Let me see."));
    assert_eq!(answer.blocks.concat().trim(), "<p>A <em>calm</em> answer, from elsewhere.</p>");
}
