//! What a hostile page, provider, file or disk tries: the promises hold, or the person is told.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use patchbay_core::chat::MessageState;
use patchbay_core::ids::ProviderId;
use patchbay_core::oauth::{ReturnKind, SignInStage};
use patchbay_core::vault::{Backend as _, Secret, VaultError};
use support::sandbox::{Answer, Endpoint, Fault, Model, Piece, Sandbox, SandboxOptions};

use crate::harness::{Harness, PATIENCE};

fn status(status: u16, body: &str) -> Fault {
    Fault::Status { status, body: body.to_owned(), headers: BTreeMap::new() }
}

/// The database refuses this kind of change from now on, as a full disk would.
fn refuse(data: &Path, event: &str, table: &str) {
    let database = rusqlite::Connection::open(data.join("patchbay.db")).unwrap();
    let name = format!("{event}_{table}").replace(' ', "_");
    let sql = format!("CREATE TRIGGER {name} BEFORE {event} ON {table} BEGIN SELECT RAISE(FAIL, 'no room'); END");
    database.execute_batch(&sql).unwrap();
}

#[tokio::test]
async fn a_key_of_any_shape_that_a_provider_echoes_shows_nowhere() {
    let harness = Harness::start().await;
    // No prefix, no digits: nothing in its shape gives it away.
    let key = "correct.horse.battery.staple";
    let echo = format!("I do not like {key} at all");
    harness.sandbox.inject(Endpoint::Models, status(400, &format!("{{\"error\":{{\"message\":\"{echo}\"}}}}")), None);
    let provider: ProviderId = "sandbox".parse().unwrap();
    let error = harness.app.add_key(&provider, Secret::new(key), None, None).await.unwrap_err();
    assert!(!error.message.contains(key), "{}", error.message);
    assert!(error.message.contains("I do not like"), "what the provider said is told: {}", error.message);

    harness.sandbox.clear();
    harness.add_key("sk-sandbox-plain").await;
    let chat = harness.app.create_chat().await.unwrap().id;
    for fault in [
        status(400, "{\"error\":{\"message\":\"so it was sk-sandbox-plain then\",\"code\":\"sk-sandbox-plain\"}}"),
        Fault::StreamError { after: 1, message: "so it was sk-sandbox-plain then".to_owned() },
    ] {
        harness.sandbox.inject_once(Endpoint::Chat, fault.clone());
        let view = harness.say(chat, "Hello").await;
        let remark = view.messages.last().unwrap().remark.clone().unwrap();
        assert!(!remark.contains("sk-sandbox-plain"), "{fault:?}: {remark}");
    }
}

#[tokio::test]
async fn a_new_token_never_meets_the_home_that_its_provider_left() {
    let harness = Harness::start().await;
    let connection = harness.sign_in("ada").await;
    let elsewhere = Sandbox::start(SandboxOptions::default()).await.unwrap();
    // The last file of a name wins.
    let moved = harness.folder.path().join("config/providers.d/zz.toml");
    std::fs::write(moved, elsewhere.provider_toml()).unwrap();
    let harness = harness.reopened("").await;
    harness.sandbox.clear();

    let provider: ProviderId = "sandbox".parse().unwrap();
    let view = harness.app.start_sign_in(&provider, Some(connection), Some(ReturnKind::DeepLink)).await.unwrap();
    let link = harness.allow("ada").await;
    harness.app.receive_link(&link).await;

    assert_eq!(harness.connected(view.id), connection, "the same connection was renewed");
    assert_eq!(harness.sandbox.captures().len(), 0, "the old home saw nothing of the new token");
    assert_eq!(harness.app.connections()[0].base_url, elsewhere.base_url());
}

#[tokio::test]
async fn a_base_url_holds_no_password() {
    let harness = Harness::start().await;
    let provider: ProviderId = "openai-compatible".parse().unwrap();
    let address = harness.sandbox.base_url().replace("http://", "http://ada:hunter2@");
    let refused = harness.app.add_key(&provider, Secret::new("sk-sandbox-x"), None, Some(address)).await.unwrap_err();
    assert!(!refused.message.contains("hunter2"), "{}", refused.message);
    assert!(harness.app.connections().is_empty());
    let database = std::fs::read(harness.folder.path().join("data/patchbay.db-wal")).unwrap_or_default();
    assert!(!database.windows(7).any(|bytes| bytes == b"hunter2"), "a password was written to the database");
}

#[tokio::test]
async fn hostile_names_of_models_cannot_pose_as_others() {
    let models = vec![
        Model::new("evil\u{202E}mini", "GPT\u{202E}ini\u{2066}m\u{200B}", 1),
        Model::new("good", "Go\u{E0041}od\u{061C} \u{2028}Model", 1),
        Model::new("a/b/../c?x=1&y", "<img src=x onerror=alert(1)>", 1),
        Model::new("  ", "blank", 1),
        Model::new("good", "twice", 1),
    ];
    let harness = Harness::with(SandboxOptions { models, ..SandboxOptions::default() }).await;
    harness.sign_in("ada").await;
    let group = &harness.app.picker().groups[0];
    let shown: Vec<(&str, &str)> = group.models.iter().map(|it| (it.id.as_str(), it.name.as_str())).collect();
    assert_eq!(shown, [("good", "Good Model"), ("a/b/../c?x=1&y", "<img src=x onerror=alert(1)>")]);
    // What cannot pose can still be used, byte for byte.
    let chat = harness.app.create_chat().await.unwrap().id;
    let id = format!("chat/use/{}/a/b/../c?x=1&y", group.connection);
    harness.app.open_chat(chat).await.unwrap();
    harness.app.tray_action(&id).await.unwrap();
    harness.say(chat, "Hello").await;
    assert_eq!(harness.sandbox.chats()[0].model().unwrap(), "a/b/../c?x=1&y");
}

#[tokio::test]
async fn an_endless_answer_ends() {
    let harness = Harness::start().await;
    harness.sign_in("ada").await;
    let chat = harness.app.create_chat().await.unwrap().id;
    let piece = Piece::Reasoning("thinking about it again and again. ".repeat(10_000));
    harness.sandbox.set_answer(Some(Answer {
        pieces: vec![piece; 120],
        finish_reason: "stop".to_owned(),
        bytes_per_write: None,
    }));
    let view = harness.say(chat, "Go").await;
    let answer = view.messages.last().unwrap();
    assert_eq!(answer.state, MessageState::Failed, "40 MB of an answer are no answer");
    let kept = answer.reasoning.as_ref().map_or(0, String::len);
    assert!((10_000_000..20_000_000).contains(&kept), "what came until then is there: {kept}");
    harness.sandbox.wait_for_streams(0, PATIENCE).await.expect("nobody listens any more");
}

#[tokio::test]
async fn a_write_that_is_refused_changes_nothing_that_is_shown() {
    let harness = Harness::start().await;
    let connection = harness.add_key("sk-sandbox-1").await;
    let chat = harness.app.create_chat().await.unwrap().id;
    harness.say(chat, "Kept").await;
    let data = harness.folder.path().join("data");
    let label = harness.app.connections()[0].label.clone();
    for table in ["connections", "messages", "chats", "settings"] {
        refuse(&data, "INSERT", table);
        refuse(&data, "UPDATE", table);
    }

    harness.app.rename_connection(connection, "Lost").await.unwrap_err();
    assert_eq!(harness.app.connections()[0].label, label, "a name that was not kept is not shown");
    harness.app.send(chat, "Refused").await.unwrap_err();
    harness.app.create_chat().await.unwrap_err();
    harness.app.rename_chat(chat, "Refused").await.unwrap_err();
    let before: Vec<String> = harness.keychain.records().into_keys().collect();
    let provider: ProviderId = "sandbox".parse().unwrap();
    harness.app.add_key(&provider, Secret::new("sk-sandbox-2"), None, None).await.unwrap_err();
    let after: Vec<String> = harness.keychain.records().into_keys().collect();
    assert_eq!(after, before, "a key without a connection would stay in the keychain for ever");
    let view = harness.app.open_chat(chat).await.unwrap();
    assert_eq!((view.messages.len(), view.summary.running), (2, false));
    assert_eq!(view.messages[0].text, "Kept");
}

#[tokio::test]
async fn what_a_cancelled_sign_in_obtained_is_given_back() {
    let harness = Harness::start().await;
    let view = harness.start_sign_in("sandbox", Some(ReturnKind::DeepLink)).await;
    let link = harness.allow("ada").await;
    harness.keychain.break_down(Some(VaultError::Locked));
    harness.app.receive_link(&link).await;
    assert!(harness.view(view.id).can_retry, "the credential is held for another try");
    assert_eq!(harness.sandbox.live_grants(), 1);
    harness.app.cancel_sign_in(view.id).await;
    assert_eq!(harness.view(view.id).stage, SignInStage::Cancelled);
    harness.sandbox.wait_for("/oauth/revoke", 1, PATIENCE).await.expect("the grant is withdrawn");
    let gone = async {
        while harness.sandbox.live_grants() != 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, gone).await.expect("nobody could use it any more");
}

#[tokio::test]
async fn many_links_at_once_make_one_connection_and_no_link_gets_two() {
    let harness = Harness::start().await;
    let view = harness.start_sign_in("sandbox", Some(ReturnKind::DeepLink)).await;
    let link = harness.allow("ada").await;
    let forged = |number: usize| link.replace("state=", &format!("state={number}x"));
    let all = (0..200).map(|number| {
        let (app, link) = (harness.app.clone(), if number % 2 == 0 { link.clone() } else { forged(number) });
        tokio::spawn(async move { app.receive_link(&link).await })
    });
    for task in all.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    harness.connected(view.id);
    assert_eq!(harness.app.connections().len(), 1);
    let exchanges = harness.sandbox.captures_of("/oauth/token");
    assert_eq!(exchanges.len(), 1, "a code was exchanged more than once");
    assert!(harness.notices().len() <= 20, "a page that fires links cannot fill the memory with notices");
}

#[tokio::test]
async fn a_provider_that_redirects_gets_nobody_elses_credential() {
    let thief = Sandbox::start(SandboxOptions { accepts_any_token: true, ..SandboxOptions::default() }).await.unwrap();
    let harness = Harness::start().await;
    harness.sign_in("ada").await;
    let chat = harness.app.create_chat().await.unwrap().id;
    for code in [301, 302, 303, 307, 308] {
        let to = |path: &str| Fault::Status {
            status: code,
            body: String::new(),
            headers: BTreeMap::from([("location".to_owned(), format!("{}{path}", thief.issuer()))]),
        };
        harness.sandbox.inject_once(Endpoint::Chat, to("/v1/chat/completions"));
        let view = harness.say(chat, "Hello").await;
        assert_eq!(view.messages.last().unwrap().state, MessageState::Failed, "{code}");
        let connection = harness.app.connections()[0].id;
        harness.sandbox.inject_once(Endpoint::Models, to("/v1/models"));
        harness.app.refresh_models(connection).await.unwrap_err();
        harness.sandbox.inject_once(Endpoint::Refresh, to("/oauth/token"));
        harness.clock.advance(Duration::from_hours(2));
        let _ = harness.app.refresh_models(connection).await;
        harness.clock.advance(Duration::from_mins(5));
        harness.app.refresh_models(connection).await.unwrap();
    }
    assert_eq!(thief.captures().len(), 0, "something was sent to where the provider pointed");
}

#[tokio::test]
async fn a_token_answer_with_odd_members_does_not_cost_the_sign_in() {
    let harness = Harness::start().await;
    for (number, odd) in
        ["\"scope\":[\"models\"]", "\"scope\":7,\"expires_in\":\"soon\"", "\"expires_in\":-5,\"id_token\":{}"]
            .into_iter()
            .enumerate()
    {
        let view = harness.start_sign_in("sandbox", Some(ReturnKind::DeepLink)).await;
        let link = harness.allow("ada").await;
        let body = format!("{{\"access_token\":\"odd-{number}\",\"token_type\":\"Bearer\",{odd}}}");
        harness.sandbox.inject_once(Endpoint::Exchange, status(200, &body));
        harness.sandbox.inject_once(Endpoint::Models, status(200, "{\"data\":[{\"id\":\"m\"}]}"));
        harness.app.receive_link(&link).await;
        harness.connected(view.id);
    }
}

#[tokio::test]
async fn a_record_that_somebody_wrote_over_costs_nothing_but_the_waiting() {
    let garbage = [
        "",
        "not base64 %%",
        "W10",
        "eyJ2ZXJzaW9uIjo5OX0",
        // [{"id":"x","redirect_kind":"telepathy"}]
        "W3siaWQiOiJ4IiwicmVkaXJlY3Rfa2luZCI6InRlbGVwYXRoeSJ9XQ",
    ];
    for record in garbage.into_iter().map(str::to_owned).chain(["QUFB".repeat(1 << 20)]) {
        let harness = Harness::start().await;
        harness.start_sign_in("sandbox", Some(ReturnKind::DeepLink)).await;
        let link = harness.allow("ada").await;
        let harness = harness.reopened("").await;
        harness.keychain.write("sign-ins", &Secret::new(record)).unwrap();
        harness.app.receive_link(&link).await;
        assert_eq!(harness.notices().len(), 1, "the person is told");
        assert!(harness.app.connections().is_empty() && harness.sandbox.captures_of("/oauth/token").is_empty());
        harness.sign_in("grace").await;
    }
}

#[tokio::test]
async fn a_clock_that_jumps_ends_a_sign_in_in_words_and_never_revives_one() {
    let harness = Harness::start().await;
    let view = harness.start_sign_in("sandbox", Some(ReturnKind::DeepLink)).await;
    let link = harness.allow("ada").await;
    harness.clock.advance(Duration::from_hours(24));
    harness.app.receive_link(&link).await;
    let ended = harness.view(view.id);
    assert_eq!(ended.stage, SignInStage::Failed);
    assert!(ended.error.is_some());
    harness.app.receive_link(&link).await;
    assert!(harness.app.connections().is_empty());
    harness.sign_in("ada").await;
}

#[tokio::test]
async fn an_answer_that_is_done_is_complete_though_the_server_never_closes() {
    let harness = Harness::start().await;
    harness.sign_in("ada").await;
    let done = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n".to_owned();
    let said = Answer {
        pieces: vec![Piece::Text("All of it".to_owned()), Piece::Raw(done), Piece::Raw(": on and on\n\n".to_owned())],
        finish_reason: "stop".to_owned(),
        bytes_per_write: None,
    };
    harness.sandbox.set_answer(Some(said));
    let chat = harness.app.create_chat().await.unwrap().id;
    let gate = harness.sandbox.hold();
    gate.release(2);
    let view = harness.say(chat, "Hello").await;
    let answer = view.messages.last().unwrap();
    assert_eq!((answer.text.as_str(), answer.state), ("All of it", MessageState::Complete), "{:?}", answer.remark);
    harness.sandbox.wait_for_streams(0, PATIENCE).await.expect("nobody waits for more");
    gate.open();
}
