//! Every return in the real window, against `oidc-provider`, which others made.

use base64::Engine;
use support::foreign::{OidcOptions, OidcProvider};
use support::sandbox::{Sandbox, SandboxOptions};
use support::session::{Opener, Session, SessionOptions};
use support::window::App;
use support::{PATIENCE, canary::Canary};

use crate::steps::{allow, begin_sign_in};

async fn start() -> (Session, Sandbox, OidcProvider) {
    let session = Session::start(SessionOptions::default()).await.unwrap();
    let oidc = OidcProvider::start(OidcOptions::default()).await.unwrap();
    let options = SandboxOptions { accepts_any_token: true, ..SandboxOptions::default() };
    let models = Sandbox::start(options).await.unwrap();
    session.add_provider("oidc", &oidc.provider_toml(&models.base_url())).unwrap();
    (session, models, oidc)
}

/// A record as the keyring keeps it, in the clear.
fn decode(record: &str) -> String {
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(record.trim()).expect("base64url");
    String::from_utf8(bytes).expect("text")
}

/// The bearer token of the call that made it "Connected" is in the keyring, and in no file.
async fn assert_kept_safely(session: &Session, models: &Sandbox) {
    let calls = models.wait_for("/v1/models", 1, PATIENCE).await.unwrap();
    let token = calls.last().unwrap().bearer().expect("a token").to_owned();
    let kept = session.secret_search(&[("service", "app.patchbay")]).await.unwrap();
    let records: Vec<String> = kept.lines().filter_map(|line| line.strip_prefix("secret = ")).map(decode).collect();
    assert_eq!(records.len(), 1, "one item for one connection, and no sign-in left behind");
    assert!(records[0].contains(&token), "the token is in the keyring");
    let hits = session.search(&Canary::new([token])).unwrap();
    assert!(hits.is_empty(), "{hits:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn by_a_link_while_it_runs_under_a_bare_window_manager() {
    let (session, models, _oidc) = start().await;
    let app = App::launch(&session).await.unwrap();
    let page = begin_sign_in(&session, &app, OidcProvider::NAME).await;
    let link = allow(&page, "alice").await;
    session.open_link(&link, Opener::XdgOpen).unwrap();
    app.wait_until_gone("dialog", "Sign in to OpenID").await.unwrap();
    assert_kept_safely(&session, &models).await;
    app.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn by_a_link_that_starts_it() {
    let (session, models, _oidc) = start().await;
    let mut app = App::launch(&session).await.unwrap();
    let page = begin_sign_in(&session, &app, OidcProvider::NAME).await;
    let binary = std::fs::canonicalize(app.binary()).unwrap();
    app.kill9().await.unwrap();
    let link = allow(&page, "alice").await;
    session.open_link(&link, Opener::Gio).unwrap();
    assert_kept_safely(&session, &models).await;
    for process in session.processes_of(&binary) {
        session.command("kill").unwrap().arg(process.to_string()).status().await.unwrap();
    }
    support::until("the end of the application", PATIENCE, async || {
        Ok(session.processes_of(&binary).is_empty().then_some(()))
    })
    .await
    .unwrap();
    let app = App::launch(&session).await.unwrap();
    app.wait_for_value("combobox", "Model", |value| value.starts_with("Default: ")).await.unwrap();
    assert_eq!(models.captures_of("/v1/models").len(), 1, "starting asks nobody");
    app.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn by_the_loopback_page() {
    let (session, models, _oidc) = start().await;
    let app = App::launch(&session).await.unwrap();
    begin_sign_in(&session, &app, OidcProvider::NAME).await;
    app.click("button", "Use a page on this machine instead").await.unwrap();
    let page = session.next_browser_url(PATIENCE).await.unwrap();
    let returned = allow(&page, "alice").await;
    assert!(returned.starts_with("http://127.0.0.1:"), "{returned}");
    app.wait_until_gone("dialog", "Sign in to OpenID").await.unwrap();
    assert_kept_safely(&session, &models).await;
    app.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn by_pasting_without_a_working_browser() {
    let (session, models, _oidc) = start().await;
    let app = App::launch(&session).await.unwrap();
    session.break_browser(true).unwrap();
    app.click("button", "Sign in to OpenID").await.unwrap();
    app.wait_for_text("The browser did not open", PATIENCE).await.expect("it does not pretend that it did");
    app.wait_for_role("textbox", "Paste the address or code").await.expect("the other way is shown at once");
    // Another browser is found: the same sign-in goes on.
    session.break_browser(false).unwrap();
    app.click("button", "Open the browser again").await.unwrap();
    let page = session.next_browser_url(PATIENCE).await.unwrap();
    let link = allow(&page, "alice").await;
    app.fill("textbox", "Paste the address or code", "not-it").await.unwrap();
    app.click("button", "Use it").await.unwrap();
    app.wait_for_text("not", PATIENCE).await.expect("a wrong code is told");
    app.fill("textbox", "Paste the address or code", &link).await.unwrap();
    app.click("button", "Use it").await.unwrap();
    app.wait_until_gone("dialog", "Sign in to OpenID").await.unwrap();
    assert_kept_safely(&session, &models).await;
    app.close().await.unwrap();
}
