//! The credential of a connection under load, under failure, and across a sign-out.

use std::sync::Arc;
use std::time::Duration;

use patchbay_core::pool::{ConnectionState, CredentialError};
use patchbay_core::vault::{Credential, VaultError};
use support::sandbox::{Captured, Endpoint, Fault};

use crate::harness::{Harness, PATIENCE};

fn refreshes(harness: &Harness) -> Vec<Captured> {
    let is_refresh = |capture: &Captured| capture.field("grant_type").as_deref() == Some("refresh_token");
    harness.sandbox.captures_of("/oauth/token").into_iter().filter(is_refresh).collect()
}

fn access_token(credential: &Credential) -> &str {
    match credential {
        Credential::OAuth(tokens) => tokens.access_token.expose(),
        Credential::ApiKey(_) => panic!("a sign-in brings tokens"),
    }
}

fn refresh_token(credential: &Credential) -> &str {
    match credential {
        Credential::OAuth(tokens) => tokens.refresh_token.as_ref().expect("it can be refreshed").expose(),
        Credential::ApiKey(_) => panic!("a sign-in brings tokens"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_callers_of_an_expired_token_cause_one_refresh_and_the_keychain_knows_first() {
    let harness = Harness::start().await;
    let id = harness.sign_in("ada").await;
    harness.clock.advance(Duration::from_hours(2));
    harness.sandbox.expire_access_tokens();
    let callers: Vec<_> = (0..1_000)
        .map(|_| {
            let (app, keychain) = (harness.app.clone(), harness.keychain.clone());
            tokio::spawn(async move {
                let credential = app.pool().credential(id).await.unwrap().unwrap();
                // What the keychain holds at the moment this caller sees the new token.
                let kept = keychain.changes().iter().rev().find_map(patchbay_core::vault::Change::credential).unwrap();
                (credential, refresh_token(&kept).to_owned())
            })
        })
        .collect();
    let mut seen = Vec::new();
    for caller in callers {
        let (credential, kept) = caller.await.unwrap();
        assert_eq!(
            refresh_token(&credential),
            kept,
            "the rotated refresh token was kept before anyone saw the access token"
        );
        seen.push(access_token(&credential).to_owned());
    }
    seen.dedup();
    assert_eq!(seen.len(), 1, "all share the result");
    assert_eq!(refreshes(&harness).len(), 1);
}

#[tokio::test]
async fn a_refused_token_is_refreshed_once_and_the_call_repeated_once() {
    let harness = Harness::start().await;
    let id = harness.sign_in("ada").await;
    harness.sandbox.clear();
    harness.sandbox.expire_access_tokens();
    harness.app.check_connection(id).await.unwrap();
    assert_eq!(refreshes(&harness).len(), 1);
    let calls = harness.sandbox.captures_of("/v1/models");
    assert_eq!(calls.len(), 2, "refused, then repeated");
    assert_ne!(calls[0].bearer(), calls[1].bearer());
    harness.sandbox.clear();
    let refused = Fault::Status { status: 401, body: "{}".to_owned(), headers: std::collections::BTreeMap::new() };
    harness.sandbox.inject(Endpoint::Models, refused, None);
    harness.app.check_connection(id).await.unwrap_err();
    assert_eq!(harness.sandbox.captures_of("/v1/models").len(), 2, "it does not go on for ever");
    assert_eq!(refreshes(&harness).len(), 1);
}

#[tokio::test]
async fn a_temporary_failure_keeps_the_token_while_it_lives_and_does_not_storm() {
    let harness = Harness::start().await;
    let id = harness.sign_in("ada").await;
    let first = harness.app.pool().credential(id).await.unwrap().unwrap();
    let down = Fault::Status { status: 503, body: "busy".to_owned(), headers: std::collections::BTreeMap::new() };
    harness.sandbox.inject(Endpoint::Refresh, down, None);
    harness.clock.advance(Duration::from_secs(3_600 - 30));
    for _ in 0..20 {
        let credential = harness.app.pool().credential(id).await.unwrap().unwrap();
        assert_eq!(access_token(&credential), access_token(&first), "it lives another half minute");
    }
    assert_eq!(refreshes(&harness).len(), 1, "the next try waits");
    harness.clock.advance(Duration::from_mins(1));
    let error = harness.app.pool().credential(id).await.unwrap_err();
    assert!(matches!(error, CredentialError::Temporary(_)), "{error:?}");
    let state = harness.app.connections()[0].state;
    assert_ne!(state, ConnectionState::NeedsSignIn, "a server that is down signs nobody out");
    harness.sandbox.clear();
    harness.clock.advance(Duration::from_mins(2));
    let renewed = harness.app.pool().credential(id).await.unwrap().unwrap();
    assert_ne!(access_token(&renewed), access_token(&first));
}

#[tokio::test]
async fn a_final_failure_says_sign_in_again_and_stops_asking() {
    let harness = Harness::start().await;
    let id = harness.sign_in("ada").await;
    harness.sandbox.revoke_everything();
    harness.clock.advance(Duration::from_hours(2));
    let error = harness.app.pool().credential(id).await.unwrap_err();
    assert!(matches!(error, CredentialError::NeedsSignIn(_)), "{error:?}");
    assert_eq!(harness.app.connections()[0].state, ConnectionState::NeedsSignIn);
    // Signing in again keeps the connection, and its chats with it.
    assert_eq!(harness.sign_in("ada").await, id);
    assert_eq!(harness.app.connections()[0].state, ConnectionState::Connected);
}

#[tokio::test]
async fn a_rotated_token_that_could_not_be_kept_is_kept_before_it_is_used() {
    let harness = Harness::start().await;
    let id = harness.sign_in("ada").await;
    harness.clock.advance(Duration::from_hours(2));
    harness.keychain.fail_next(VaultError::Refused);
    let error = harness.app.pool().credential(id).await.unwrap_err();
    assert!(matches!(error, CredentialError::Vault { .. }), "{error:?}");
    let credential = harness.app.pool().credential(id).await.unwrap().unwrap();
    let kept = harness.keychain.changes().iter().rev().find_map(patchbay_core::vault::Change::credential).unwrap();
    assert_eq!(refresh_token(&credential), refresh_token(&kept));
    assert_eq!(refreshes(&harness).len(), 1, "the refresh that worked was not wasted");
}

#[tokio::test]
async fn signing_out_during_a_refresh_wins() {
    let harness = Harness::start().await;
    let id = harness.sign_in("ada").await;
    harness.clock.advance(Duration::from_hours(2));
    harness.sandbox.inject_once(Endpoint::Refresh, Fault::Delay { milliseconds: 300 });
    let app = Arc::clone(&harness.app);
    let waiting = tokio::spawn(async move { app.pool().credential(id).await.map(|_| ()) });
    harness.sandbox.wait_for("/oauth/token", 2, PATIENCE).await.unwrap();
    harness.app.disconnect(id).await.unwrap();
    waiting.await.unwrap().unwrap_err();
    assert!(harness.keychain.records().is_empty(), "the refresh wrote nothing back");
    assert!(harness.app.connections().is_empty());
}

#[tokio::test]
async fn start_up_asks_neither_the_keychain_nor_the_network() {
    let harness = Harness::start().await;
    harness.sign_in("ada").await;
    let (calls, requests) = (harness.keychain.calls(), harness.sandbox.captures().len());
    let harness = harness.reopened("").await;
    assert_eq!(harness.app.connections().len(), 1);
    harness.app.picker();
    assert_eq!((harness.keychain.calls(), harness.sandbox.captures().len()), (calls, requests));
}
