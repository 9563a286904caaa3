//! The session that all other tests here stand on: it is complete, closed to the outside, and gone afterwards.

use std::process::Stdio;
use std::time::Duration;

use support::canary::Canary;
use support::session::{Keyring, Opener, Session, SessionOptions};
use support::{PATIENCE, until};
use tokio::io::AsyncWriteExt;

const ATTRIBUTES: [(&str, &str); 2] = [("service", "patchbay-self-test"), ("username", "one")];

/// Stores a secret; gives whether that worked.
async fn store(session: &Session, secret: &str) -> bool {
    let mut command = session.command("secret-tool").unwrap();
    command.args(["store", "--label=Self test"]).args(ATTRIBUTES.iter().flat_map(|(name, value)| [*name, *value]));
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(secret.as_bytes()).await.unwrap();
    tokio::time::timeout(PATIENCE, child.wait()).await.is_ok_and(|status| status.unwrap().success())
}

#[tokio::test]
async fn a_secret_goes_into_the_keyring_and_nowhere_else() {
    let session = Session::start(SessionOptions::default()).await.unwrap();
    let secret = "a-secret-of-the-session-test";
    assert!(store(&session, secret).await, "the keyring is unlocked");
    assert_eq!(session.secret_lookup(&ATTRIBUTES).await.unwrap().as_deref(), Some(secret), "it is read back");
    assert_eq!(session.secret_lookup(&[("service", "another")]).await.unwrap(), None, "another one is not there");
    let hits = session.search(&Canary::new([secret.to_owned()])).unwrap();
    assert_eq!(hits, [], "no file holds it in the clear");
}

#[tokio::test]
async fn a_session_can_lack_a_keyring_or_a_bus() {
    for keyring in [Keyring::Absent, Keyring::Locked] {
        let session = Session::start(SessionOptions { keyring, ..SessionOptions::default() }).await.unwrap();
        let stored = tokio::time::timeout(Duration::from_secs(5), store(&session, "a-secret")).await;
        assert!(!stored.unwrap_or(false), "nothing can be stored: {keyring:?}");
    }
    let session = Session::start(SessionOptions { bus: false, ..SessionOptions::default() }).await.unwrap();
    assert!(session.bus().await.is_err(), "there is no bus");
    assert!(!store(&session, "a-secret").await, "and so no keyring");
}

#[tokio::test]
async fn addresses_end_in_the_test_browser() {
    let session = Session::start(SessionOptions::default()).await.unwrap();
    for (opener, address) in
        [(Opener::Gio, "http://127.0.0.1:9/a?b=c&d=%20e"), (Opener::XdgOpen, "https://sandbox.example/x?y=z&w=1")]
    {
        session.open_link(address, opener).unwrap();
        assert_eq!(session.next_browser_url(PATIENCE).await.unwrap(), address, "as it was given to {opener:?}");
    }
    assert_eq!(session.browser_urls().len(), 2, "and nothing else was opened");
}

#[tokio::test]
async fn a_picture_can_be_taken() {
    let session = Session::start(SessionOptions::default()).await.unwrap();
    let picture = session.folder().join("screen.png");
    session.screenshot(&picture).await.unwrap();
    assert!(std::fs::read(&picture).unwrap().starts_with(b"\x89PNG"), "it is a picture");
}

#[tokio::test]
async fn everything_ends_with_the_session() {
    let session = Session::start(SessionOptions::default()).await.unwrap();
    let folder = session.folder().to_owned();
    let sleep = std::fs::canonicalize("/usr/bin/sleep").unwrap();
    // It leaves the process group, as detached programs do.
    let _detached = session.command("setsid").unwrap().args(["--fork", "sleep", "600"]).spawn().unwrap();
    let started = until("sleep", PATIENCE, async || {
        let found = session.processes_of(&sleep);
        Ok(found.first().copied())
    });
    let process = started.await.unwrap();
    drop(session);
    assert!(!folder.exists(), "the folder is gone");
    until("the end of sleep", PATIENCE, async || {
        let state = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        Ok((state.is_empty() || state.contains(") Z ")).then_some(()))
    })
    .await
    .unwrap();
}
