//! The real Secret Service: gnome-keyring in a session of its own, read back with `secret-tool`.

use support::sandbox::{Sandbox, SandboxOptions};
use support::session::{Keyring, Session, SessionOptions};

async fn run(session: &Session, folder: &std::path::Path, arguments: &[&str]) -> (bool, String) {
    let mut command = session.command(env!("CARGO_BIN_EXE_patchbay-subject")).unwrap();
    let output = command
        .arg("--keychain")
        .arg(folder)
        .args(arguments)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .output()
        .await
        .unwrap();
    let words = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&words).trim().to_owned())
}

fn folder_with(sandbox: &Sandbox, session: &Session) -> std::path::PathBuf {
    let folder = session.folder().join("subject");
    std::fs::create_dir_all(folder.join("config/providers.d")).unwrap();
    std::fs::write(folder.join("config/providers.d/sandbox.toml"), sandbox.provider_toml()).unwrap();
    folder
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_credential_is_kept_read_back_and_removed() {
    let sandbox = Sandbox::start(SandboxOptions::default()).await.unwrap();
    let session = Session::start(SessionOptions::default()).await.unwrap();
    let folder = folder_with(&sandbox, &session);
    let (done, id) = run(&session, &folder, &["add-key", "sk-sandbox-in-the-keyring"]).await;
    assert!(done, "{id}");
    let attributes = [("service", "app.patchbay"), ("username", id.as_str())];
    let found = session.secret_lookup(&attributes).await.unwrap();
    assert!(found.is_some(), "secret-tool finds the item of {id}");
    sandbox.clear();
    let (done, words) = run(&session, &folder, &["check"]).await;
    assert!(done, "{words}");
    let calls = sandbox.captures_of("/v1/models");
    assert_eq!(calls.last().and_then(|call| call.bearer()), Some("sk-sandbox-in-the-keyring"));
    let (done, words) = run(&session, &folder, &["disconnect"]).await;
    assert!(done, "{words}");
    assert_eq!(session.secret_lookup(&attributes).await.unwrap(), None, "nothing is left in the keyring");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_usable_keychain_it_says_so_and_keeps_nothing() {
    for options in [
        SessionOptions { keyring: Keyring::Locked, ..SessionOptions::default() },
        SessionOptions { bus: false, ..SessionOptions::default() },
    ] {
        let sandbox = Sandbox::start(SandboxOptions::default()).await.unwrap();
        let session = Session::start(options.clone()).await.unwrap();
        let folder = folder_with(&sandbox, &session);
        let (done, words) = run(&session, &folder, &["add-key", "sk-sandbox-homeless"]).await;
        assert!(!done, "{options:?}: {words}");
        assert!(words.to_lowercase().contains("keychain") || words.to_lowercase().contains("keyring"), "{words}");
        assert!(!words.contains("sk-sandbox-homeless"), "no secret in an error");
        assert!(sandbox.captures_of("/v1/models").is_empty(), "a key that cannot be kept is not used");
        let (done, words) = run(&session, &folder, &["check"]).await;
        assert!(done && words.is_empty(), "no connection was made: {words}");
    }
}
