//! The main job, played in a virtual display: every step on the terminal, pictures in a folder, an exit status that is
//! true to what happened.
//!
//! `cargo xtask run` plays it where there is no display. It uses the drivers of the end-to-end tests and has its own
//! session bus, keyring and folders, so nothing of the person's is touched.

#![expect(clippy::print_stdout, reason = "the steps are told on the terminal")]

#[cfg(target_os = "linux")]
mod linux {
    use std::path::PathBuf;

    use support::browser::{Browser, Consent};
    use support::canary::Canary;
    use support::sandbox::{Captured, Sandbox, SandboxOptions};
    use support::session::{Opener, Session, SessionOptions};
    use support::tray::Tray;
    use support::window::App;
    use support::{Context, PATIENCE, Result, ensure, until};

    /// Tells the steps and takes the pictures.
    struct Teller<'a> {
        session: &'a Session,
        folder: PathBuf,
        steps: u32,
    }

    impl Teller<'_> {
        fn step(&mut self, what: &str) {
            self.steps += 1;
            println!("{:>2}. {what}", self.steps);
        }

        /// A picture once nothing moves any more.
        async fn picture(&self, name: &str) -> Result<()> {
            tokio::time::sleep(std::time::Duration::from_millis(400)).await;
            let file = self.folder.join(format!("{name}.png"));
            self.session.screenshot(&file).await?;
            // The empty desktop around the windows says nothing.
            let mut trim = self.session.command("convert")?;
            let trimmed = trim.arg(&file).args(["-trim", "+repage"]).arg(&file).status().await.context("convert")?;
            ensure!(trimmed.success(), "the picture {name} could not be trimmed");
            println!("    {}", file.display());
            Ok(())
        }
    }

    pub(super) async fn play() -> Result<()> {
        let folder = std::env::var_os("PATCHBAY_TOUR_FOLDER")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/tour"), PathBuf::from);
        std::fs::create_dir_all(&folder).context("the folder of the pictures")?;
        let folder = std::fs::canonicalize(&folder).context("the folder of the pictures")?;
        println!("The main job of Patchbay, in a virtual display with its own session bus and keyring.");
        let session = Session::start(SessionOptions::default()).await?;
        let options = SandboxOptions { tokens_per_second: Some(60), ..SandboxOptions::default() };
        let sandbox = Sandbox::start(options).await?;
        session.add_provider("sandbox", &sandbox.provider_toml())?;
        let tray = Tray::start(&session).await?;
        let mut tell = Teller { session: &session, folder, steps: 0 };

        let app = App::launch(&session).await?;
        app.wait_for_role("button", "Sign in to Sandbox").await?;
        tell.step("Patchbay starts for the first time and offers to sign in.");
        tell.picture("1-first-start").await?;

        app.click("button", "Sign in to Sandbox").await?;
        let page = session.next_browser_url(PATIENCE).await?;
        app.wait_for_text("Waiting for you to allow Patchbay", PATIENCE).await?;
        tell.step("The browser opens the provider's consent page; Patchbay waits.");
        tell.picture("2-waiting").await?;
        let link = Browser::new()?.authorize(&page, &Consent::allow("ada@sandbox.example")).await?.url;
        tell.step("Ada allows it; the browser hands the sign-in back through a link of Patchbay's own scheme.");
        session.open_link(&link, Opener::Gio)?;
        app.wait_until_gone("dialog", "Sign in to Sandbox").await?;
        app.wait_for_value("combobox", "Model", |value| value == "Default: Sandbox Small").await?;
        tell.step("Connected: a real call was made, and the token is in the keyring.");

        app.click("combobox", "Model").await?;
        app.wait_for_role("option", "Sandbox Large").await?;
        tell.picture("3-choosing").await?;
        app.click("option", "Sandbox Large").await?;
        app.wait_for_value("combobox", "Model", |value| value == "Pinned: Sandbox Large").await?;
        let first = say(&app, &sandbox, "What should I see in Lisbon in two days?").await?;
        ensure!(first.model().as_deref() == Some("sandbox-large"), "the request named {:?}", first.model());
        tell.step("This chat is pinned to Sandbox Large; its answer streams, and the server saw exactly that model.");
        tell.picture("4-pinned").await?;

        app.click("button", "New chat").await?;
        app.wait_for_value("combobox", "Model", |value| value == "Default: Sandbox Small").await?;
        let second = say(&app, &sandbox, "Explain Rust lifetimes in one paragraph").await?;
        ensure!(second.model().as_deref() == Some("sandbox-small"), "the request named {:?}", second.model());
        tell.step("A second chat follows the default, Sandbox Small.");

        tray.wait_for_item(PATIENCE).await?;
        tray.wait_for_label(&["Default model", "Sandbox Poet"], PATIENCE).await?;
        tray.click(&["Default model", "Sandbox Poet"]).await?;
        app.wait_for_value("combobox", "Model", |value| value == "Default: Sandbox Poet").await?;
        let third = say(&app, &sandbox, "And now as a poem").await?;
        ensure!(third.model().as_deref() == Some("sandbox-poet"), "the request named {:?}", third.model());
        tell.step("The tray switches the default to Sandbox Poet; only the chat on the default follows.");
        tell.picture("5-switched-in-the-tray").await?;

        for request in [&first, &second, &third] {
            let account = sandbox.account_of(request.bearer().context("a request without a token")?);
            ensure!(account.as_deref() == Some("ada@sandbox.example"), "a request with the token of {account:?}");
        }
        let hits = session.search(&Canary::new(sandbox.secrets()))?;
        ensure!(hits.is_empty(), "a secret was found outside the keyring: {hits:?}");
        tell.step("Every request carried Ada's token, which is nowhere but in the keyring.");

        app.click("button", "Connections").await?;
        until("the connections window", PATIENCE, async || Ok(app.switch_to("connections").await.ok())).await?;
        app.wait_for_role("list", "Providers").await?;
        tell.picture("6-connections").await?;
        app.switch_to("chat").await?;
        app.click("button", "Settings").await?;
        until("the settings window", PATIENCE, async || Ok(app.switch_to("settings").await.ok())).await?;
        app.click("radio", "Dark").await?;
        tell.step("Settings: the dark appearance.");
        tell.picture("7-settings").await?;
        // It covers the other two.
        tray.click(&["Show Patchbay"]).await?;
        tell.step("The tray brings the chat window forward.");
        app.switch_to("chat").await?;
        app.wait_for_role("textbox", "Message").await?;
        tell.picture("8-dark").await?;
        app.close().await?;
        println!("Done: {} steps, all as promised. Pictures are in {}.", tell.steps, tell.folder.display());
        Ok(())
    }

    /// Sends a message, waits for the end of its answer, and gives the request that arrived.
    async fn say(app: &App<'_>, sandbox: &Sandbox, text: &str) -> Result<Captured> {
        let before = sandbox.chats().len();
        app.say(text).await?;
        let mut chats = sandbox.chats();
        ensure!(chats.len() == before + 1, "{} requests for one message", chats.len() - before);
        chats.pop().context("a request")
    }
}

#[cfg(target_os = "linux")]
#[tokio::main]
async fn main() -> support::Result<()> {
    linux::play().await
}

#[cfg(not(target_os = "linux"))]
fn main() -> support::Result<()> {
    support::bail!("the tour needs a virtual display, which is there on Linux only")
}
