//! Signing in to the sandbox: every return, and everything that can come back wrong.

use std::sync::atomic::Ordering;
use std::time::Duration;

use patchbay_core::oauth::{ReturnKind, SignInStage};
use patchbay_core::pool::ConnectionState;
use patchbay_core::vault::VaultState;
use patchbay_core::vault::{Credential, VaultError};
use support::browser::Consent;
use support::sandbox::{Endpoint, Fault};

use crate::harness::{Harness, PATIENCE, SCHEME};

/// The exchanges that reached the server.
fn exchanges(harness: &Harness) -> usize {
    let is_exchange = |grant: Option<String>| grant.as_deref() == Some("authorization_code");
    harness.sandbox.captures_of("/oauth/token").iter().filter(|it| is_exchange(it.field("grant_type"))).count()
}

fn assert_signed_in(harness: &Harness, account: &str) {
    let connections = harness.app.connections();
    assert_eq!(connections.len(), 1, "{connections:?}");
    assert_eq!(connections[0].state, ConnectionState::Connected);
    assert_eq!(connections[0].account.as_deref(), Some(&*format!("{account}@sandbox.example")));
    assert_eq!(connections[0].model_count, Some(4), "a real call was made before it said Connected");
    let models = harness.sandbox.captures_of("/v1/models");
    let token = models.last().and_then(|capture| capture.bearer()).expect("the list was asked for with a token");
    assert_eq!(harness.sandbox.account_of(token), Some(format!("{account}@sandbox.example")));
    let kept = harness.keychain.records();
    assert!(kept.contains_key(&connections[0].id.to_string()), "the credential is in the keychain under its id");
}

fn assert_not_signed_in(harness: &Harness) {
    assert!(harness.app.connections().is_empty(), "no connection was made");
    assert!(harness.sandbox.captures_of("/v1/models").is_empty(), "no call was made");
}

#[tokio::test]
async fn by_a_link_while_the_application_runs() {
    let harness = Harness::start().await;
    harness.sign_in("ada").await;
    assert_signed_in(&harness, "ada");
    let authorize = &harness.sandbox.captures_of("/oauth/authorize")[0];
    assert_eq!(authorize.parameter("redirect_uri").unwrap(), format!("{SCHEME}:/oauth/sandbox"));
    assert_eq!(authorize.parameter("code_challenge_method").unwrap(), "S256");
    let exchange = &harness.sandbox.captures_of("/oauth/token")[0];
    assert_eq!(exchange.field("redirect_uri").unwrap(), format!("{SCHEME}:/oauth/sandbox"));
    assert_eq!(exchange.query, None, "nothing secret is in an address");
}

#[tokio::test]
async fn by_a_link_that_starts_the_application() {
    let harness = Harness::start().await;
    harness.start_sign_in("sandbox", Some(ReturnKind::DeepLink)).await;
    let link = harness.allow("grace").await;
    let harness = harness.reopened("").await;
    harness.app.receive_link(&link).await;
    assert_signed_in(&harness, "grace");
    assert_eq!(harness.notices(), ["Signed in to Sandbox."], "there is no dialog that could say so");
    assert!(!harness.keychain.records().contains_key("sign-ins"), "the pending sign-in is gone from the keychain");
}

#[tokio::test]
async fn by_the_loopback_page() {
    let harness = Harness::start().await;
    let view = harness.start_sign_in("sandbox", Some(ReturnKind::Loopback)).await;
    let returned = harness.allow("ada").await;
    assert!(returned.starts_with("http://127.0.0.1:"), "{returned}");
    harness.settled(view.id).await;
    assert_signed_in(&harness, "ada");
    let again = reqwest::get(&returned).await;
    assert!(again.is_err(), "the page is closed at the end");
}

#[tokio::test]
async fn by_pasting_what_the_browser_shows() {
    for cut in ["whole", "query", "code"] {
        let harness = Harness::start().await;
        let view = harness.start_sign_in("sandbox", Some(ReturnKind::DeepLink)).await;
        let link = harness.allow("ada").await;
        let query = link.split_once('?').unwrap().1;
        let pasted = match cut {
            "whole" => link.clone(),
            "query" => format!("?{query}"),
            _ => url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "code").unwrap().1.into_owned(),
        };
        harness.app.submit_sign_in(view.id, &pasted).await.unwrap_or_else(|error| panic!("{cut}: {error}"));
        assert_signed_in(&harness, "ada");
    }
}

#[tokio::test]
async fn a_wrong_code_typed_by_hand_does_not_cost_the_sign_in() {
    let harness = Harness::start().await;
    let view = harness.start_sign_in("sandbox", Some(ReturnKind::DeepLink)).await;
    let link = harness.allow("ada").await;
    for wrong in ["", "not a code", "not-it", "https://elsewhere.example/?code=x&state=y", "?state=z", "c#other-state"]
    {
        harness.app.submit_sign_in(view.id, wrong).await.unwrap_err();
        let waiting = harness.view(view.id);
        assert_eq!(waiting.stage, SignInStage::Waiting, "{wrong:?}");
        assert!(waiting.error.is_some(), "{wrong:?} is told");
    }
    assert_eq!(exchanges(&harness), 1, "only what can be a code was tried");
    harness.app.receive_link(&link).await;
    assert_signed_in(&harness, "ada");
}

#[tokio::test]
async fn a_link_works_once() {
    let harness = Harness::start().await;
    let view = harness.start_sign_in("sandbox", Some(ReturnKind::DeepLink)).await;
    let link = harness.allow("ada").await;
    harness.app.receive_link(&link).await;
    harness.connected(view.id);
    let before = harness.sandbox.captures().len();
    harness.app.receive_link(&link).await;
    assert_eq!(harness.sandbox.captures().len(), before, "no request was made");
    assert_eq!(harness.notices().len(), 1, "and the person is told");
    assert_signed_in(&harness, "ada");
}

#[tokio::test]
async fn what_no_sign_in_waits_for_changes_nothing() {
    let harness = Harness::start().await;
    let view = harness.start_sign_in("sandbox", Some(ReturnKind::DeepLink)).await;
    let link = harness.allow("ada").await;
    let before = harness.sandbox.captures().len();
    let wrong_state = link.replace("state=", "state=x");
    let wrong_provider = link.replace("/oauth/sandbox", "/oauth/openrouter");
    let extra = format!("{link}&then=https://evil.example");
    let twice = format!("{link}&state=other");
    let long = format!("{link}&{}", "x=y&".repeat(250_000));
    let wrong_path = link.replace("/oauth/", "/settings/");
    for bad in [&wrong_state, &wrong_provider, &extra, &twice, &long, &wrong_path] {
        harness.app.receive_link(bad).await;
    }
    let notices = harness.notices();
    assert_eq!(notices.len(), 5, "each is told, the same words once: {notices:?}");
    assert!(notices.iter().all(|notice| !notice.contains("code") || !notice.contains('=')), "no link is quoted");
    assert_eq!(harness.sandbox.captures().len(), before, "no request was made");
    assert_not_signed_in(&harness);
    assert_eq!(harness.view(view.id).stage, SignInStage::Waiting, "the sign-in still waits");
    harness.app.receive_link(&link).await;
    assert_signed_in(&harness, "ada");
}

#[tokio::test]
async fn after_ten_minutes_a_link_is_too_late() {
    let harness = Harness::start().await;
    harness.start_sign_in("sandbox", Some(ReturnKind::DeepLink)).await;
    let link = harness.allow("ada").await;
    harness.clock.advance(Duration::from_mins(11));
    harness.app.receive_link(&link).await;
    assert_eq!(exchanges(&harness), 0, "the code was not exchanged");
    assert_not_signed_in(&harness);
    assert_eq!(harness.notices().len(), 1);
}

#[tokio::test]
async fn a_response_of_another_issuer_or_of_none_is_refused() {
    for fault in [Fault::WrongIssuer, Fault::MissingIssuer] {
        let harness = Harness::start().await;
        let view = harness.start_sign_in("sandbox", Some(ReturnKind::DeepLink)).await;
        harness.sandbox.inject_once(Endpoint::Authorize, fault.clone());
        let link = harness.allow("ada").await;
        harness.app.receive_link(&link).await;
        assert_eq!(exchanges(&harness), 0, "{fault:?}: the code was not exchanged");
        assert_not_signed_in(&harness);
        assert!(harness.view(view.id).error.is_some(), "{fault:?}: the dialog says so");
    }
}

#[tokio::test]
async fn the_person_says_no() {
    let harness = Harness::start().await;
    let view = harness.start_sign_in("sandbox", Some(ReturnKind::DeepLink)).await;
    let link = harness.consent(&Consent::Deny).await;
    assert!(link.contains("error=access_denied"), "{link}");
    harness.app.receive_link(&link).await;
    assert_eq!(exchanges(&harness), 0);
    assert_not_signed_in(&harness);
    let view = harness.view(view.id);
    assert!(view.error.is_some(), "{view:?}");
}

#[tokio::test]
async fn a_refused_code_ends_the_sign_in_and_a_broken_server_does_not() {
    let faults = [
        (Fault::OAuth { error: "invalid_grant".to_owned() }, false),
        (Fault::Html, true),
        (Fault::TruncatedJson, true),
        (Fault::Reset, true),
        (Fault::HugeBody { bytes: 50_000_000 }, true),
        (Fault::Status { status: 503, body: "busy".to_owned(), headers: std::collections::BTreeMap::new() }, true),
    ];
    for (fault, can_retry) in faults {
        let harness = Harness::start().await;
        let view = harness.start_sign_in("sandbox", Some(ReturnKind::DeepLink)).await;
        let link = harness.allow("ada").await;
        harness.sandbox.inject_once(Endpoint::Exchange, fault.clone());
        harness.app.receive_link(&link).await;
        assert_not_signed_in(&harness);
        let failed = harness.view(view.id);
        assert!(failed.error.is_some(), "{fault:?}: the dialog says what happened");
        assert_eq!(failed.can_retry, can_retry, "{fault:?}: {:?}", failed.error);
        let retried = harness.app.retry_sign_in(view.id).await;
        // A code that never reached the token endpoint's own logic is still good there.
        assert_eq!(retried.is_ok(), can_retry, "{fault:?}: {retried:?}");
        if can_retry {
            assert_signed_in(&harness, "ada");
        }
    }
}

#[tokio::test]
async fn a_second_sign_in_replaces_the_first_and_cancelling_ends_it() {
    let harness = Harness::start().await;
    let first = harness.start_sign_in("sandbox", Some(ReturnKind::DeepLink)).await;
    let stale = harness.allow("ada").await;
    let second = harness.start_sign_in("sandbox", Some(ReturnKind::DeepLink)).await;
    harness.app.receive_link(&stale).await;
    assert_not_signed_in(&harness);
    assert_eq!(
        harness.app.sign_ins().iter().find(|view| view.id == first.id).map(|view| view.stage),
        Some(SignInStage::Cancelled)
    );
    let link = harness.allow("grace").await;
    harness.app.cancel_sign_in(second.id).await;
    harness.app.receive_link(&link).await;
    assert_eq!(exchanges(&harness), 0);
    assert_not_signed_in(&harness);
}

#[tokio::test]
async fn without_a_browser_pasting_still_works() {
    let harness = Harness::start().await;
    harness.browser.broken.store(true, Ordering::SeqCst);
    let view = harness.start_sign_in("sandbox", Some(ReturnKind::DeepLink)).await;
    assert!(!view.browser_opened);
    assert!(view.error.is_some(), "the dialog says that the browser did not start");
    harness.browser.broken.store(false, Ordering::SeqCst);
    harness.app.open_browser_again(view.id).await.unwrap();
    let link = harness.allow("ada").await;
    harness.app.submit_sign_in(view.id, &link).await.unwrap();
    assert_signed_in(&harness, "ada");
}

#[tokio::test]
async fn changing_the_return_keeps_one_sign_in() {
    let harness = Harness::start().await;
    let view = harness.start_sign_in("sandbox", Some(ReturnKind::DeepLink)).await;
    let _unused = harness.browser.next().await;
    harness.app.switch_return(view.id, ReturnKind::Loopback).await.unwrap();
    let returned = harness.allow("ada").await;
    assert!(returned.starts_with("http://127.0.0.1:"), "{returned}");
    let id = harness.app.sign_ins().last().unwrap().id;
    harness.settled(id).await;
    assert_signed_in(&harness, "ada");
}

#[tokio::test]
async fn without_a_keychain_the_person_chooses_and_nothing_is_lost() {
    let harness = Harness::start().await;
    harness.keychain.break_down(Some(VaultError::Unavailable("No keychain was found.".to_owned())));
    let view = harness.start_sign_in("sandbox", Some(ReturnKind::DeepLink)).await;
    let link = harness.allow("ada").await;
    harness.app.receive_link(&link).await;
    assert!(matches!(harness.app.vault(), VaultState::Unavailable { .. }));
    assert!(harness.app.connections().is_empty(), "no connection without its credential");
    assert!(harness.view(view.id).error.is_some(), "the dialog says why");
    assert_eq!(harness.app.use_session_vault().await, VaultState::Session);
    harness.connected(view.id);
    assert_eq!(harness.app.connections().len(), 1, "what waited was stored; no second sign-in was needed");
    assert_eq!(exchanges(&harness), 1);
    assert!(harness.keychain.records().is_empty(), "nothing was written to the broken keychain");
    // The session ends with the application: the connection is there and says what it needs.
    harness.keychain.break_down(None);
    let harness = harness.reopened("").await;
    let id = harness.app.connections()[0].id;
    harness.app.check_connection(id).await.unwrap_err();
    assert_eq!(harness.app.connections()[0].state, ConnectionState::NeedsSignIn);
}

#[tokio::test]
async fn a_new_sign_in_gives_back_what_the_one_before_could_not_store() {
    let harness = Harness::start().await;
    harness.keychain.break_down(Some(VaultError::Unavailable("No keychain was found.".to_owned())));
    let first = harness.start_sign_in("sandbox", Some(ReturnKind::DeepLink)).await;
    let link = harness.allow("ada").await;
    harness.app.receive_link(&link).await;
    assert_eq!(harness.sandbox.live_grants(), 1);
    harness.start_sign_in("sandbox", Some(ReturnKind::DeepLink)).await;
    assert_eq!(harness.view(first.id).stage, SignInStage::Cancelled);
    harness.sandbox.wait_for("/oauth/revoke", 2, PATIENCE).await.expect("refresh and access token are withdrawn");
    harness.app.use_session_vault().await;
    assert!(harness.app.connections().is_empty(), "only the new sign-in makes a connection");
}

#[tokio::test]
async fn signing_in_again_keeps_the_connection_and_disconnecting_ends_it_on_both_sides() {
    let harness = Harness::start().await;
    let first = harness.sign_in("ada").await;
    let again = harness.sign_in("ada").await;
    assert_eq!(first, again, "the same account is the same connection");
    let other = harness.sign_in("grace").await;
    assert_ne!(first, other);
    assert_eq!(harness.app.connections().len(), 2);
    let outcome = harness.app.disconnect(first).await.unwrap();
    assert_eq!(outcome.remote_error, None);
    let revoked = harness.sandbox.captures_of("/oauth/revoke");
    assert_eq!(revoked[0].field("token_type_hint").as_deref(), Some("refresh_token"), "the refresh token goes first");
    assert_eq!(revoked[0].query, None);
    assert!(!harness.keychain.records().contains_key(&first.to_string()), "it is gone from the keychain");
    assert!(harness.keychain.records().contains_key(&other.to_string()), "the other one is not");
    harness.sandbox.inject_once(Endpoint::Revoke, Fault::Reset);
    let outcome = harness.app.disconnect(other).await.unwrap();
    assert!(outcome.remote_error.is_some(), "the person is told that the provider was not");
    assert!(harness.app.connections().is_empty());
    assert!(harness.keychain.records().is_empty(), "deleted here in any case");
}

#[tokio::test]
async fn a_key_is_tried_before_it_counts() {
    let harness = Harness::start().await;
    let provider = "sandbox".parse().unwrap();
    let refused = harness.app.add_key(&provider, "wrong-key".to_owned().into(), None, None).await.unwrap_err();
    assert!(!refused.message.contains("wrong-key"), "{refused}");
    assert!(harness.app.connections().is_empty());
    assert!(harness.keychain.records().is_empty(), "a refused key is not kept");
    for bad in ["", "two words", "no\u{a0}key"] {
        harness.app.add_key(&provider, bad.to_owned().into(), None, None).await.unwrap_err();
    }
    assert_eq!(harness.sandbox.captures_of("/v1/models").len(), 1, "what is no key is not even sent");
    let id = harness.add_key("sk-sandbox-canary-key-0001").await;
    let view = harness.app.connections().into_iter().find(|view| view.id == id).unwrap();
    assert_eq!(view.state, ConnectionState::Connected);
    assert_eq!(view.masked_key.as_deref(), Some("sk-…0001"));
    let stored = harness.keychain.changes().iter().rev().find_map(patchbay_core::vault::Change::credential);
    assert!(matches!(stored, Some(Credential::ApiKey(_))));
    harness.sandbox.wait_for("/v1/models", 2, PATIENCE).await.unwrap();
}

#[tokio::test]
async fn a_wrong_key_does_not_take_the_place_of_a_good_one() {
    let harness = Harness::start().await;
    let id = harness.add_key("sk-sandbox-good-0001").await;
    let before = harness.keychain.records()[&id.to_string()].expose().to_owned();
    let refused = harness.app.replace_key(id, "wrong".to_owned().into()).await.unwrap_err();
    assert!(!refused.message.is_empty());
    harness.sandbox.inject_once(Endpoint::Models, Fault::Reset);
    harness.app.replace_key(id, "sk-sandbox-unheard".to_owned().into()).await.unwrap_err();
    assert_eq!(harness.keychain.records()[&id.to_string()].expose(), before, "the good key is kept");
    let view = harness.app.connections().remove(0);
    assert_eq!((view.state, view.masked_key.as_deref()), (ConnectionState::Connected, Some("sk-…0001")));
    harness.app.replace_key(id, "sk-sandbox-better-0002".to_owned().into()).await.unwrap();
    assert_eq!(harness.app.connections()[0].masked_key.as_deref(), Some("sk-…0002"));
    let last = harness.sandbox.captures_of("/v1/models").pop().unwrap();
    assert_eq!(last.bearer(), Some("sk-sandbox-better-0002"));
}
