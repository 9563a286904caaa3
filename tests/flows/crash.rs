//! P5: the process is killed (SIGKILL) at any instant, and nothing is lost.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use patchbay_core::app::{App, AppOptions};
use patchbay_core::chat::MessageState;
use patchbay_core::oauth::ReturnKind;
use patchbay_core::pool::ConnectionState;
use patchbay_core::ports::SystemClock;
use support::folder_vault::FolderVault;
use support::sandbox::{Answer, Sandbox, SandboxOptions};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use crate::harness::{Harness, PATIENCE};

/// What may be lost of a streamed answer: the time between two flushes, and as much again for a slow machine.
const MAY_BE_LOST: Duration = Duration::from_millis(500);

fn subject(folder: &Path, command: &str) -> (Child, Lines<BufReader<ChildStdout>>) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_patchbay-subject"))
        .arg(folder)
        .arg(command)
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    (child, lines)
}

/// Some time within the first second and a half of a stream.
fn random_instant() -> Duration {
    let mut bytes = [0; 2];
    getrandom::fill(&mut bytes).unwrap();
    Duration::from_micros(u64::from(u16::from_le_bytes(bytes)) * 1_500_000 / 65_536)
}

async fn line(lines: &mut Lines<BufReader<ChildStdout>>) -> String {
    let line = tokio::time::timeout(PATIENCE, lines.next_line()).await.expect("the subject goes on");
    line.unwrap().expect("the subject runs")
}

async fn open(folder: &Path) -> Arc<App> {
    let (_, browser) = Harness::recorder();
    App::open(AppOptions {
        data_dir: folder.join("data"),
        config_dir: folder.join("config"),
        browser,
        clock: Arc::new(SystemClock),
        backend: Arc::new(FolderVault::new(folder.join("vault")).unwrap()),
        scheme: crate::harness::SCHEME.to_owned(),
        development: true,
    })
    .await
    .unwrap()
}

fn folder_with(sandbox: &Sandbox) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let providers = folder.path().join("config/providers.d");
    std::fs::create_dir_all(&providers).unwrap();
    std::fs::write(providers.join("sandbox.toml"), sandbox.provider_toml()).unwrap();
    folder
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_in_mid_stream_thirty_times_the_chat_is_there_up_to_the_last_flush() {
    // A piece a millisecond, each with its number: how much had arrived can be read from the text.
    let sandbox =
        Sandbox::start(SandboxOptions { tokens_per_second: Some(1_000), ..SandboxOptions::default() }).await.unwrap();
    let folder = folder_with(&sandbox);
    let app = open(folder.path()).await;
    app.add_key(&"sandbox".parse().unwrap(), "sk-sandbox-crash".to_owned().into(), None, None).await.unwrap();
    drop(app);
    let mut total = 0;
    for round in 0..30 {
        sandbox.clear();
        sandbox.set_answer(Some(Answer::lines(100_000)));
        let (mut child, mut lines) = subject(folder.path(), "stream");
        let sent = line(&mut lines).await;
        let chat = sent.strip_prefix("sent ").unwrap().parse().unwrap();
        sandbox.wait_for("/v1/chat/completions", 1, PATIENCE).await.unwrap();
        let began = Instant::now();
        tokio::time::sleep(random_instant()).await;
        let lived = began.elapsed();
        child.kill().await.unwrap();
        let app = open(folder.path()).await;
        let view = app.open_chat(chat).await.unwrap();
        assert_eq!(view.messages.len(), 2, "round {round}: the person's message and the answer are there");
        assert_eq!(view.messages[0].text, "Write without an end");
        let answer = &view.messages[1];
        assert_eq!(answer.state, MessageState::Interrupted, "round {round}: marked as what it is");
        assert!(answer.remark.is_some());
        let whole = Answer::lines(100_000).text();
        assert!(whole.starts_with(&answer.text), "round {round}: what is kept is a beginning of what was sent");
        if lived > MAY_BE_LOST {
            // The first byte may take as long as a flush; after that the stream is at most a flush behind.
            assert!(!answer.text.is_empty(), "round {round}: {lived:?} of streaming and nothing was kept");
        }
        total += answer.text.len();
        assert_eq!(app.chats().await.unwrap().len(), round + 1, "no chat was lost");
    }
    assert!(total > 0, "some round kept a part of its answer");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_right_after_a_rotated_token_was_given_out_nobody_is_signed_out() {
    let sandbox =
        Sandbox::start(SandboxOptions { access_token_lifetime: Duration::from_secs(30), ..SandboxOptions::default() })
            .await
            .unwrap();
    let folder = folder_with(&sandbox);
    let (mut opened, browser) = Harness::recorder();
    let app = App::open(AppOptions {
        data_dir: folder.path().join("data"),
        config_dir: folder.path().join("config"),
        browser,
        clock: Arc::new(SystemClock),
        backend: Arc::new(FolderVault::new(folder.path().join("vault")).unwrap()),
        scheme: crate::harness::SCHEME.to_owned(),
        development: true,
    })
    .await
    .unwrap();
    app.start_sign_in(&"sandbox".parse().unwrap(), None, Some(ReturnKind::DeepLink)).await.unwrap();
    let page = opened.recv().await.unwrap();
    let person = support::browser::Browser::new().unwrap();
    let consent = support::browser::Consent::allow("ada@sandbox.example");
    let link = person.authorize(page.as_str(), &consent).await.unwrap().url;
    app.receive_link(&link).await;
    assert_eq!(app.connections()[0].state, ConnectionState::Connected);
    drop(app);
    for round in 0..5 {
        // A token with half a minute left is inside the lead: every start refreshes and rotates.
        let (mut child, mut lines) = subject(folder.path(), "credential");
        assert_eq!(line(&mut lines).await, "given out");
        child.kill().await.unwrap();
        let app = open(folder.path()).await;
        let id = app.connections()[0].id;
        app.check_connection(id).await.unwrap_or_else(|error| panic!("round {round}: {error}"));
        assert_eq!(app.connections()[0].state, ConnectionState::Connected);
    }
    let rotations = sandbox.captures_of("/oauth/token").len();
    assert!(rotations >= 6, "each round rotated, {rotations} token requests");
    assert_eq!(sandbox.live_grants(), 1, "the server saw no reuse");
}
