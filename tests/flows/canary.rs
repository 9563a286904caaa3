//! P3: known secrets go through every flow; afterwards every byte that was written or logged is searched for them.

use patchbay_core::oauth::ReturnKind;
use support::canary::Canary;
use support::sandbox::{Endpoint, Fault};

use crate::harness::{Harness, LOG};

#[tokio::test]
async fn no_secret_is_written_or_logged_anywhere_but_in_the_keychain() {
    let harness = Harness::start().await;
    let mut events = harness.app.events().listen();
    // Every return, a failed exchange, a refused one, and a cancelled sign-in.
    harness.sign_in("ada").await;
    let view = harness.start_sign_in("sandbox", Some(ReturnKind::Loopback)).await;
    harness.allow("grace").await;
    harness.settled(view.id).await;
    for fault in [Fault::Reset, Fault::OAuth { error: "invalid_grant".to_owned() }] {
        harness.start_sign_in("sandbox", Some(ReturnKind::DeepLink)).await;
        let link = harness.allow("ada").await;
        harness.sandbox.inject_once(Endpoint::Exchange, fault);
        harness.app.receive_link(&link).await;
        harness.app.receive_link(&link.replace("state=", "state=0")).await;
    }
    let cancelled = harness.start_sign_in("sandbox", Some(ReturnKind::DeepLink)).await;
    let link = harness.allow("ada").await;
    harness.app.cancel_sign_in(cancelled.id).await;
    harness.app.submit_sign_in(cancelled.id, &link).await.unwrap_err();
    let pending = harness.start_sign_in("sandbox", Some(ReturnKind::DeepLink)).await;
    // A key, one that is refused with its own text in the answer, chats, refreshes.
    harness.add_key("sk-sandbox-canary-3141592653589793").await;
    let echo = r#"{"error":{"message":"Incorrect API key provided: sk-wrong-canary-2718281828459045."}}"#;
    let refused = Fault::Status { status: 401, body: echo.to_owned(), headers: std::collections::BTreeMap::new() };
    harness.sandbox.inject_once(Endpoint::Models, refused);
    let wrong = "sk-wrong-canary-2718281828459045".to_owned();
    let error = harness.app.add_key(&"sandbox".parse().unwrap(), wrong.clone().into(), None, None).await.unwrap_err();
    let chat = harness.app.create_chat().await.unwrap().id;
    harness.say(chat, "Hello").await;
    harness.sandbox.expire_access_tokens();
    harness.say(chat, "Hello again").await;
    harness.sandbox.inject_once(Endpoint::Chat, Fault::StreamError { after: 2, message: format!("key {wrong}") });
    let failed = harness.say(chat, "And again").await;
    // What would have reached the webview.
    let mut shown = vec![format!("{error:?} {failed:?} {:?} {:?}", harness.app.sign_ins(), harness.app.connections())];
    shown.push(format!("{:?} {:?} {:?}", harness.app.picker(), harness.app.chats().await, harness.app.startup()));
    while let Ok(Some(event)) = tokio::time::timeout(std::time::Duration::ZERO, events.next()).await {
        shown.push(format!("{event:?}"));
    }
    let connections = harness.app.connections();
    harness.app.disconnect(connections[0].id).await.unwrap();
    let mut secrets = harness.sandbox.secrets();
    secrets.push(wrong);
    secrets.push("sk-sandbox-canary-3141592653589793".to_owned());
    assert!(secrets.len() > 8, "codes, verifiers and tokens are known: {}", secrets.len());
    for record in harness.keychain.records().values() {
        secrets.push(record.expose().to_owned());
    }
    let canary = Canary::new(secrets);
    harness.app.cancel_sign_in(pending.id).await;
    let folder = harness.folder.clone();
    drop(harness);
    let mut hits = canary.search(&[folder.path()]).unwrap();
    canary.in_bytes("what the interface was given".as_ref(), shown.concat().as_bytes(), &mut hits);
    canary.in_bytes("the log".as_ref(), &LOG.bytes(), &mut hits);
    assert!(hits.is_empty(), "{hits:#?}");
    assert!(!LOG.bytes().is_empty(), "there is a log to search");
}

#[test]
fn the_search_finds_a_secret_that_is_there() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("leak.log"), b"GET /?key=c2VjcmV0LWNhbmFyeS12YWx1ZQ== HTTP/1.1").unwrap();
    let hits = Canary::new(["secret-canary-value".to_owned()]).search(&[folder.path()]).unwrap();
    assert_eq!(hits.len(), 1, "also in another writing: {hits:?}");
}
