//! Lists of models and what they say of their connection; the default.

use std::collections::BTreeMap;
use std::sync::Arc;

use patchbay_core::error::Code;
use patchbay_core::ids::{ConnectionId, ModelReference};
use patchbay_core::models::{Choice, Mark, ModelGroup};
use patchbay_core::pool::ConnectionState;
use patchbay_core::vault::{Secret, VaultError};
use support::sandbox::{Endpoint, Fault};

use crate::harness::{Harness, PATIENCE};

fn status(status: u16, body: &str) -> Fault {
    Fault::Status { status, body: body.to_owned(), headers: BTreeMap::new() }
}

fn group(harness: &Harness, id: ConnectionId) -> ModelGroup {
    harness.app.picker().groups.into_iter().find(|group| group.connection == id).expect("it is connected")
}

fn lists(harness: &Harness) -> usize {
    harness.sandbox.captures_of("/v1/models").len()
}

#[tokio::test]
async fn who_asks_while_a_list_is_fetched_waits_for_that_one() {
    let harness = Harness::start().await;
    let id = harness.sign_in("ada").await;
    harness.sandbox.clear();
    harness.sandbox.inject_once(Endpoint::Models, Fault::Delay { milliseconds: 100 });
    let (one, two, three) =
        tokio::join!(harness.app.refresh_models(id), harness.app.check_connection(id), harness.app.refresh_models(id));
    assert!(one.is_ok() && two.is_ok() && three.is_ok());
    assert_eq!(lists(&harness), 1);
    assert!(!group(&harness, id).loading);
}

#[tokio::test]
async fn an_old_list_is_fetched_again_when_the_dropdown_opens_and_stays_beside_its_error() {
    let harness = Harness::start().await;
    let id = harness.sign_in("ada").await;
    let listed = group(&harness, id);
    harness.sandbox.clear();
    harness.app.models_opened();
    harness.clock.advance(std::time::Duration::from_mins(61));
    harness.sandbox.expire_access_tokens();
    harness.sandbox.inject(Endpoint::Models, status(500, "{}"), None);
    let mut events = harness.app.events().listen();
    harness.app.models_opened();
    let failed = async {
        while group(&harness, id).error.is_none() {
            events.next().await.expect("the application runs");
        }
    };
    tokio::time::timeout(PATIENCE, failed).await.expect("the list is asked for");
    let now = group(&harness, id);
    assert_eq!((now.models, now.fetched_at), (listed.models, listed.fetched_at), "the old list and its age stay");
    assert_eq!(now.state, ConnectionState::Failing);
    assert_eq!(harness.app.picker().default.mark, Mark::Default, "a list that failed takes no model away");
}

#[tokio::test]
async fn a_list_fetched_with_a_replaced_key_is_nobodys() {
    let harness = Harness::start().await;
    let id = harness.add_key("sk-sandbox-first").await;
    harness.sandbox.clear();
    harness.sandbox.inject_once(Endpoint::Models, Fault::Delay { milliseconds: 1_000 });
    let app = Arc::clone(&harness.app);
    let late = tokio::spawn(async move { app.refresh_models(id).await });
    harness.sandbox.wait_for("/v1/models", 1, PATIENCE).await.unwrap();
    harness.app.replace_key(id, Secret::new("sk-sandbox-second".to_owned())).await.unwrap();
    late.await.unwrap().expect_err("what it brings belongs to the key before");
    let group = group(&harness, id);
    assert_eq!((group.models.len(), group.loading, group.error), (4, false, None), "the new key's list stands");
    assert_eq!(group.state, ConnectionState::Connected);
    assert_eq!(lists(&harness), 3, "the late one, the trial of the new key, and its list");
}

#[tokio::test]
async fn a_refused_chat_says_nothing_of_its_connection_but_a_refused_list_does() {
    let harness = Harness::start().await;
    let id = harness.sign_in("ada").await;
    let chat = harness.app.create_chat().await.unwrap().id;
    for refused in [400, 403, 404] {
        harness.sandbox.inject_once(Endpoint::Chat, status(refused, r#"{"error":{"message":"not this model"}}"#));
        harness.say(chat, "Hello").await;
        assert_eq!(harness.app.connections()[0].state, ConnectionState::Connected, "{refused}");
    }
    harness.sandbox.inject_once(Endpoint::Models, status(404, "{}"));
    let error = harness.app.check_connection(id).await.unwrap_err();
    let view = harness.app.connections().remove(0);
    assert_eq!((view.state, view.last_error), (ConnectionState::Failing, Some(error.message)));
    harness.say(chat, "Hello").await;
    assert_eq!(harness.app.connections()[0].state, ConnectionState::Connected, "the next call that works mends it");
}

#[tokio::test]
async fn a_default_that_was_taken_away_stays_away() {
    let harness = Harness::start().await;
    let id = harness.sign_in("ada").await;
    assert!(harness.app.picker().default.reference.is_some(), "the first connection brings one");
    harness.app.set_default_model(None).await.unwrap();
    harness.app.check_connection(id).await.unwrap();
    harness.app.refresh_models(id).await.unwrap();
    assert_eq!(harness.app.picker().default.reference, None, "looking at a list chooses nothing");
}

#[tokio::test]
async fn a_model_of_a_connection_that_is_gone_cannot_be_chosen() {
    let harness = Harness::start().await;
    let id = harness.sign_in("ada").await;
    let chat = harness.app.create_chat().await.unwrap();
    let reference = ModelReference { connection: id, model: "sandbox-large".into() };
    harness.app.disconnect(id).await.unwrap();
    let choice = Choice::Pinned { reference: reference.clone() };
    assert_eq!(harness.app.set_choice(chat.id, choice).await.unwrap_err().code, Code::NotFound);
    let default = harness.app.picker().default;
    assert_eq!(harness.app.set_default_model(Some(reference)).await.unwrap_err().code, Code::NotFound);
    assert_eq!(harness.app.picker().default, default);
    assert_eq!(harness.app.open_chat(chat.id).await.unwrap().summary.choice, Choice::Default);
}

#[tokio::test]
async fn a_connection_stays_until_the_keychain_lets_go_of_its_credential() {
    let harness = Harness::start().await;
    let id = harness.sign_in("ada").await;
    harness.keychain.break_down(Some(VaultError::Locked));
    assert_eq!(harness.app.disconnect(id).await.unwrap_err().code, Code::NoKeychain);
    assert_eq!(harness.app.connections().len(), 1, "it can be tried again");
    assert!(harness.sandbox.captures_of("/oauth/revoke").is_empty());
    harness.keychain.break_down(None);
    harness.app.retry_vault().await;
    harness.app.disconnect(id).await.unwrap();
    assert!(harness.keychain.records().is_empty() && harness.app.connections().is_empty());
    assert_eq!(harness.sandbox.live_grants(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_was_disconnected_during_a_call_does_not_come_back() {
    let harness = Harness::start().await;
    for round in 0..20 {
        let id = harness.add_key(&format!("sk-sandbox-{round}")).await;
        let app = Arc::clone(&harness.app);
        let checking = tokio::spawn(async move { app.check_connection(id).await });
        harness.app.disconnect(id).await.unwrap();
        let _ = checking.await.unwrap();
        let stored: i64 =
            harness.database().query_row("SELECT count(*) FROM connections", [], |row| row.get(0)).unwrap();
        assert_eq!((stored, harness.app.connections().len()), (0, 0), "round {round}");
        assert!(harness.keychain.records().is_empty(), "round {round}");
    }
}
