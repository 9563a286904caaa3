//! The real window, driven over WebDriver: the built application in a [`Session`], its controls found by role and
//! accessible name, as a person with a screen reader finds them.
//!
//! `WebKitWebDriver` starts the application itself; nothing is compiled into it for the tests.

mod controls;
mod driver;

use std::path::{Path, PathBuf};
use std::time::Duration;

use thirtyfour::WebDriver;
use tokio::process::Child;

use crate::session::Session;
use crate::{Context, PATIENCE, Result, until};

/// What is started.
#[derive(Clone, Debug, Default)]
pub struct Launch {
    /// The program; `$PATCHBAY_BINARY` or the debug build unless said otherwise.
    pub binary: Option<PathBuf>,
    /// Its arguments, such as the link that a desktop would start it with.
    pub arguments: Vec<String>,
}

/// A running application with its windows. One of them is the current one, to which all steps go.
pub struct App<'session> {
    session: &'session Session,
    binary: PathBuf,
    driver: Option<WebDriver>,
    service: Child,
}

/// The built application: `$PATCHBAY_BINARY`, else the debug build.
pub fn binary() -> PathBuf {
    let built = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/debug/patchbay");
    let path = std::env::var_os("PATCHBAY_BINARY").map_or_else(built, PathBuf::from);
    path.canonicalize().unwrap_or(path)
}

impl<'session> App<'session> {
    /// Starts the application and waits for its chat window.
    pub async fn launch(session: &'session Session) -> Result<Self> {
        let app = Self::launch_with(session, Launch::default()).await?;
        app.switch_to("chat").await?;
        Ok(app)
    }

    /// Starts a program; its first window is the current one.
    pub async fn launch_with(session: &'session Session, launch: Launch) -> Result<Self> {
        let binary = launch.binary.unwrap_or_else(binary);
        let (service, driver) = driver::start(session, &binary, &launch.arguments).await?;
        Ok(Self { session, binary, driver: Some(driver), service })
    }

    /// The program that runs.
    pub fn binary(&self) -> &Path {
        &self.binary
    }

    /// WebDriver itself, for what has no step of its own here.
    pub fn driver(&self) -> Result<&WebDriver> {
        self.driver.as_ref().context("the application was ended before")
    }

    /// The labels of the windows that exist, the hidden ones included.
    pub async fn windows(&self) -> Result<Vec<String>> {
        let driver = self.driver()?;
        let here = driver.window().await.ok();
        let mut labels = Vec::new();
        for handle in driver.windows().await? {
            driver.switch_to_window(handle).await?;
            labels.extend(self.label().await.ok().flatten());
        }
        if let Some(here) = here {
            let _ = driver.switch_to_window(here).await;
        }
        Ok(labels)
    }

    /// Makes the window with this label the current one; waits until it is there.
    pub async fn switch_to(&self, label: &str) -> Result<()> {
        until(&format!("the window {label}"), PATIENCE, async || {
            let driver = self.driver()?;
            for handle in driver.windows().await? {
                // A window may close between the list and the switch.
                if driver.switch_to_window(handle).await.is_ok() && self.label().await?.as_deref() == Some(label) {
                    return Ok(Some(()));
                }
            }
            Ok(None)
        })
        .await
    }

    /// The label of the current window: the fragment of its address.
    async fn label(&self) -> Result<Option<String>> {
        Ok(self.driver()?.current_url().await?.fragment().map(str::to_owned))
    }

    /// Runs JavaScript in the current window; `arguments` holds what is passed.
    pub async fn script(&self, code: &str, arguments: Vec<serde_json::Value>) -> Result<serde_json::Value> {
        Ok(self.driver()?.execute(code, arguments).await.context("a script in the window")?.json().clone())
    }

    /// Writes a message, sends it, and waits until its answer has ended, one way or another.
    pub async fn say(&self, text: &str) -> Result<()> {
        let before = self.ended_messages().await?.unwrap_or_default();
        self.fill("textbox", "Message", text).await?;
        self.click("button", "Send").await?;
        until("the end of the answer", PATIENCE, async || {
            let ended = self.ended_messages().await?;
            Ok(ended.filter(|ended| *ended >= before + 2))
        })
        .await?;
        Ok(())
    }

    /// How many messages of the open chat have ended; nothing while one is being written.
    async fn ended_messages(&self) -> Result<Option<u64>> {
        let count = self
            .script(
                "const states = [...document.querySelectorAll('article[data-state]')].map((it) => it.dataset.state);
                 return states.includes('streaming') ? null : states.length;",
                Vec::new(),
            )
            .await?;
        Ok(count.as_u64())
    }

    /// Waits until the current window shows this text somewhere.
    pub async fn wait_for_text(&self, text: &str, patience: Duration) -> Result<()> {
        until(&format!("the text {text:?}"), patience, async || {
            let shown = self.script("return document.body.innerText", Vec::new()).await?;
            Ok(shown.as_str().is_some_and(|shown| shown.contains(text)).then_some(()))
        })
        .await
    }

    /// Everything that the current window shows as text.
    pub async fn shown_text(&self) -> Result<String> {
        let shown = self.script("return document.body.innerText", Vec::new()).await?;
        Ok(shown.as_str().unwrap_or_default().to_owned())
    }

    /// Kills the application without a warning, as a power cut would.
    pub async fn kill9(&mut self) -> Result<()> {
        self.session.kill9(&self.binary);
        self.session.wait_for_end(&self.binary, PATIENCE).await?;
        self.end().await
    }

    /// Ends the application in good order (SIGTERM where closing its windows does not end it).
    pub async fn close(mut self) -> Result<()> {
        if let Some(driver) = self.driver.take() {
            let _ = tokio::time::timeout(PATIENCE, driver.quit()).await;
        }
        let calm = Duration::from_secs(2);
        if self.session.wait_for_end(&self.binary, calm).await.is_err() {
            self.session.terminate(&self.binary);
            self.session.wait_for_end(&self.binary, PATIENCE).await?;
        }
        self.end().await
    }

    async fn end(&mut self) -> Result<()> {
        self.forget_driver();
        self.service.kill().await.context("WebKitWebDriver")
    }

    /// Without this, dropping the driver would say goodbye to an application that is gone, and wait for its answer.
    fn forget_driver(&mut self) {
        if let Some(driver) = self.driver.take() {
            let _ = driver.leak();
        }
    }
}

impl Drop for App<'_> {
    fn drop(&mut self) {
        self.forget_driver();
        let _ = self.service.start_kill();
        self.session.kill9(&self.binary);
    }
}
