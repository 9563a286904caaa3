//! What a person does in the window, in their steps.

use std::path::PathBuf;

use support::browser::{Browser, Consent};
use support::sandbox::{Captured, Sandbox, SandboxOptions};
use support::session::{Opener, Session, SessionOptions};
use support::window::App;
use support::{PATIENCE, Result, until};

/// A session with a sandbox in the application's catalogue.
pub(crate) async fn desk(options: SessionOptions) -> (Session, Sandbox) {
    let session = Session::start(options).await.unwrap();
    let sandbox = Sandbox::start(SandboxOptions::default()).await.unwrap();
    session.add_provider("sandbox", &sandbox.provider_toml()).unwrap();
    (session, sandbox)
}

/// Presses "Sign in to …" and waits for the page that opens in the browser.
pub(crate) async fn begin_sign_in(session: &Session, app: &App<'_>, provider: &str) -> String {
    app.click("button", &format!("Sign in to {provider}")).await.unwrap();
    app.wait_for_role("dialog", &format!("Sign in to {provider}")).await.unwrap();
    session.next_browser_url(PATIENCE).await.unwrap()
}

/// Allows it in the browser, and gives the address that leads back.
pub(crate) async fn allow(page: &str, account: &str) -> String {
    Browser::new().unwrap().authorize(page, &Consent::allow(account)).await.unwrap().url
}

/// The whole sign-in to the sandbox, by link.
pub(crate) async fn sign_in(session: &Session, app: &App<'_>, account: &str, opener: Opener) {
    let page = begin_sign_in(session, app, "Sandbox").await;
    let link = allow(&page, &format!("{account}@sandbox.example")).await;
    session.open_link(&link, opener).unwrap();
    app.wait_until_gone("dialog", "Sign in to Sandbox").await.unwrap();
}

/// Writes a message, waits for the end of its answer, and gives the request that arrived.
pub(crate) async fn say(app: &App<'_>, sandbox: &Sandbox, text: &str) -> Captured {
    let before = sandbox.chats().len();
    app.say(text).await.unwrap();
    let chats = sandbox.chats();
    assert_eq!(chats.len(), before + 1, "one message is one request");
    chats.into_iter().next_back().unwrap()
}

/// Waits until the chat's dropdown shows this.
pub(crate) async fn shows_model(app: &App<'_>, label: &str) {
    app.wait_for_value("combobox", "Model", |value| value == label).await.unwrap_or_else(|error| panic!("{error:?}"));
}

/// Opens a chat from the sidebar.
pub(crate) async fn open_chat(app: &App<'_>, title: &str) {
    until(&format!("the chat {title}"), PATIENCE, async || {
        let clicked = app
            .script(
                "const wanted = arguments[0];
                 const list = document.querySelector('[aria-label=\"Chats\"]');
                 const entry = [...list.querySelectorAll('button')].find((it) => it.textContent.includes(wanted));
                 if (entry) entry.click();
                 return Boolean(entry);",
                vec![title.into()],
            )
            .await?;
        Ok((clicked == true).then_some(()))
    })
    .await
    .unwrap();
}

/// Keeps a picture of how a test ended; only looked at by people.
pub(crate) async fn picture(session: &Session, name: &str) -> Result<()> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/e2e");
    std::fs::create_dir_all(&folder)?;
    session.screenshot(&folder.join(format!("{name}.png"))).await
}
