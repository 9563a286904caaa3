//! The main job in the real window: sign in by link, choose a model for one chat, talk, switch in the tray.

use support::PATIENCE;
use support::canary::Canary;
use support::session::{Opener, Session, SessionOptions};
use support::tray::Tray;
use support::window::App;

use crate::steps::{desk, open_chat, picture, say, shows_model, sign_in};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_chats_keep_their_models_through_window_and_tray() {
    let (session, sandbox) = desk(SessionOptions::default()).await;
    let tray = Tray::start(&session).await.unwrap();
    let app = App::launch(&session).await.unwrap();
    sign_in(&session, &app, "ada", Opener::Gio).await;
    shows_model(&app, "Default: Sandbox Small").await;

    // One chat is pinned, the other stays on the default.
    app.choose("Model", "Sandbox Large").await.unwrap();
    shows_model(&app, "Pinned: Sandbox Large").await;
    let pinned = say(&app, &sandbox, "Trip to Lisbon").await;
    assert_eq!(pinned.model().as_deref(), Some("sandbox-large"));
    app.wait_for_role("article", "Sandbox Large").await.expect("the answer names who wrote it");
    app.click("button", "New chat").await.unwrap();
    shows_model(&app, "Default: Sandbox Small").await;
    let on_default = say(&app, &sandbox, "Rust lifetimes").await;
    assert_eq!(on_default.model().as_deref(), Some("sandbox-small"));
    for request in [&pinned, &on_default] {
        let account = sandbox.account_of(request.bearer().unwrap());
        assert_eq!(account.as_deref(), Some("ada@sandbox.example"), "with that account's token");
    }

    // The default moves in the tray: only the chat on the default follows.
    tray.wait_for_item(PATIENCE).await.unwrap();
    let layouts = tray.layouts();
    tray.wait_for_label(&["Default model", "Sandbox Poet"], PATIENCE).await.unwrap();
    tray.click(&["Default model", "Sandbox Poet"]).await.unwrap();
    shows_model(&app, "Default: Sandbox Poet").await;
    let after = say(&app, &sandbox, "And a poem").await;
    assert_eq!(after.model().as_deref(), Some("sandbox-poet"));
    open_chat(&app, "Trip to Lisbon").await;
    shows_model(&app, "Pinned: Sandbox Large").await;
    let unmoved = say(&app, &sandbox, "What should I see?").await;
    assert_eq!(unmoved.model().as_deref(), Some("sandbox-large"), "the pinned chat never moved");

    // The tray follows the window, and moves this chat.
    let now = tray
        .wait_until("the current chat", PATIENCE, |menu| {
            menu.first().is_some_and(|it| it.label.contains("Trip to Lisbon"))
        })
        .await;
    now.expect("the tray names the chat that is open");
    tray.click(&["This chat", "Sandbox Thinker"]).await.unwrap();
    shows_model(&app, "Pinned: Sandbox Thinker").await;
    let switched = say(&app, &sandbox, "Think about it").await;
    assert_eq!(switched.model().as_deref(), Some("sandbox-thinker"));
    app.choose("Model", "Use default").await.unwrap();
    shows_model(&app, "Default: Sandbox Poet").await;
    assert_eq!(tray.layouts(), layouts, "marks and labels changed in place: an open menu stays open");
    picture(&session, "main-job").await.unwrap();

    // The token is in the keyring and nowhere else.
    let kept = session.secret_search(&[("service", "app.patchbay")]).await.unwrap();
    assert!(kept.contains("username"), "an item is in the keyring: {kept}");
    let hits = session.search(&Canary::new(sandbox.secrets())).unwrap();
    assert!(hits.is_empty(), "{hits:#?}");
    app.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_in_mid_stream_the_window_comes_back_with_what_had_arrived() {
    let (session, sandbox) = desk(SessionOptions::default()).await;
    let mut app = App::launch(&session).await.unwrap();
    sign_in(&session, &app, "ada", Opener::Gio).await;
    let gate = sandbox.hold();
    app.fill("textbox", "Message", "Tell me a long story").await.unwrap();
    app.click("button", "Send").await.unwrap();
    gate.release(4);
    app.wait_for_role("button", "Stop").await.unwrap();
    app.wait_for_text("Sandbox", PATIENCE).await.unwrap();
    let kept = support::until("the first flush", PATIENCE, async || Ok(flushed(&session))).await.unwrap();
    app.kill9().await.unwrap();
    let app = App::launch(&session).await.unwrap();
    app.wait_for_text(kept.split_whitespace().next().unwrap(), PATIENCE).await.expect("what had arrived is shown");
    app.wait_for_role("article", "You").await.expect("the message is there");
    app.wait_for_role("article", "Sandbox Small").await.expect("the answer is there");
    app.wait_for_text("What had arrived is kept", PATIENCE).await.expect("marked as what it is");
    app.click("button", "Try again").await.unwrap();
    gate.open();
    app.wait_until_gone("button", "Try again").await.unwrap();
    sandbox.wait_for("/v1/chat/completions", 2, PATIENCE).await.unwrap();
    app.close().await.unwrap();
}

/// What the database holds of the running answer, once it holds something.
fn flushed(session: &Session) -> Option<String> {
    let database = rusqlite::Connection::open(session.app_data().join("patchbay.db")).unwrap();
    let sql = "SELECT group_concat(body, '' ORDER BY position) FROM parts JOIN messages ON messages.id = message
               WHERE role = 'assistant' AND kind = 'text'";
    let text: Option<String> = database.query_row(sql, [], |row| row.get(0)).unwrap();
    text.filter(|text| !text.trim().is_empty())
}
