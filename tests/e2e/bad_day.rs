//! What goes wrong around the window: no keychain, no session bus, hostile links, damaged files.

use support::PATIENCE;
use support::sandbox::Sandbox;
use support::session::{Keyring, Opener, Session, SessionOptions};
use support::window::App;

use crate::steps::{allow, begin_sign_in, desk, say, shows_model};

async fn choose_session_only(session: &Session, sandbox: &Sandbox, app: &App<'_>) {
    let page = begin_sign_in(session, app, "Sandbox").await;
    let returned = allow(&page, "ada@sandbox.example").await;
    if returned.starts_with("app.patchbay") {
        session.open_link(&returned, Opener::Gio).unwrap();
    }
    app.click("button", "Keep for this session only").await.unwrap();
    app.wait_until_gone("dialog", "Sign in to Sandbox").await.unwrap();
    shows_model(app, "Default: Sandbox Small").await;
    let request = say(app, sandbox, "Hello").await;
    assert_eq!(request.model().as_deref(), Some("sandbox-small"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_usable_keychain_the_person_chooses_and_goes_on() {
    let (session, sandbox) = desk(SessionOptions { keyring: Keyring::Locked, ..SessionOptions::default() }).await;
    let app = App::launch(&session).await.unwrap();
    choose_session_only(&session, &sandbox, &app).await;
    app.close().await.unwrap();
    // The credential is gone with the session; the connection is there and says what it needs.
    let app = App::launch(&session).await.unwrap();
    app.wait_for_role("combobox", "Model").await.unwrap();
    let chats = sandbox.chats().len();
    app.fill("textbox", "Message", "Still there?").await.unwrap();
    app.click("button", "Send").await.unwrap();
    app.wait_for_value("combobox", "Model", |value| value.starts_with("Unavailable")).await.ok();
    assert_eq!(sandbox.chats().len(), chats, "no request without its credential");
    app.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_session_bus_it_runs() {
    let (session, sandbox) = desk(SessionOptions { bus: false, ..SessionOptions::default() }).await;
    let app = App::launch(&session).await.unwrap();
    begin_sign_in(&session, &app, "Sandbox").await;
    // Without a bus a link would start a second instance; the page on this machine comes back to this one.
    app.click("button", "Use a page on this machine instead").await.unwrap();
    let page = session.next_browser_url(PATIENCE).await.unwrap();
    allow(&page, "ada@sandbox.example").await;
    app.click("button", "Keep for this session only").await.unwrap();
    app.wait_until_gone("dialog", "Sign in to Sandbox").await.unwrap();
    say(&app, &sandbox, "Hello").await;
    app.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_links_are_told_and_change_nothing() {
    let (session, sandbox) = desk(SessionOptions::default()).await;
    let app = App::launch(&session).await.unwrap();
    app.wait_for_role("button", "Sign in to Sandbox").await.unwrap();
    let long = format!("app.patchbay.dev:/oauth/sandbox?code={}&state=x", "a".repeat(100_000));
    let links = [
        "app.patchbay.dev:/oauth/sandbox?code=c&state=never-started",
        "app.patchbay.dev:/oauth/nobody?code=c&state=s",
        "app.patchbay.dev:/settings?theme=dark",
        "app.patchbay.dev://oauth/sandbox?code=c&state=s&next=https://evil.example",
        &long,
    ];
    for link in links {
        session.open_link(link, Opener::Gio).unwrap();
    }
    app.wait_for_text("link", PATIENCE).await.expect("the person is told");
    assert!(sandbox.captures().is_empty(), "no request was made");
    let shown = app.shown_text().await.unwrap();
    assert!(!shown.contains("evil.example") && !shown.contains("never-started"), "no link is quoted: {shown}");
    app.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn damaged_files_are_told_and_kept() {
    let (session, _sandbox) = desk(SessionOptions::default()).await;
    std::fs::create_dir_all(session.app_config()).unwrap();
    std::fs::write(session.app_config().join("preferences.json"), "{\"appearance\": ").unwrap();
    std::fs::write(session.app_config().join("providers.d/broken.toml"), "[[provider]").unwrap();
    let app = App::launch(&session).await.unwrap();
    app.wait_for_text("Your preferences could not be read", PATIENCE).await.unwrap();
    app.wait_for_text("broken.toml", PATIENCE).await.unwrap();
    app.wait_for_role("button", "Sign in to Sandbox").await.expect("everything else works");
    app.close().await.unwrap();
    let kept = std::fs::read_dir(session.app_config()).unwrap().flatten().any(|entry| {
        entry.file_name().to_string_lossy().starts_with("preferences.json.broken")
            && std::fs::read_to_string(entry.path()).is_ok_and(|text| text == "{\"appearance\": ")
    });
    assert!(kept, "the old file is kept");

    let database = session.app_data().join("patchbay.db");
    let newer = rusqlite::Connection::open(&database).unwrap();
    newer.pragma_update(None, "user_version", 9_999).unwrap();
    drop(newer);
    let app = App::launch(&session).await.unwrap();
    app.wait_for_text("written by a newer Patchbay", PATIENCE).await.unwrap();
    app.close().await.unwrap();
    let version: i64 = rusqlite::Connection::open(&database)
        .unwrap()
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .unwrap();
    assert_eq!(version, 9_999, "the newer data is untouched");
}
