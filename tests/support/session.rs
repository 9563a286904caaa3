//! A whole desktop session of its own for the real window: display, window manager, session bus, keyring and folders.
//!
//! Everything runs as child processes below one temporary folder with a clean environment; nothing of the person's
//! own session is seen or touched. When the handle is dropped, or the test is killed, every process of the session
//! ends and its folder goes.

mod browser;
mod guard;
mod link;
mod processes;
mod services;
mod setup;

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tempfile::TempDir;
use tokio::process::{Child, Command};

pub use link::Opener;

use crate::{Context, Result, ensure};
use guard::Guard;

/// What kind of keyring the session has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keyring {
    /// gnome-keyring, unlocked, as after a normal login.
    #[default]
    Unlocked,
    /// The bus would start gnome-keyring, but nobody unlocked it: there is no collection to write to.
    Locked,
    /// There is a bus and no Secret Service on it.
    Absent,
}

/// How the session is set up.
#[derive(Clone, Debug)]
pub struct SessionOptions {
    /// Its keyring. Without a bus there is none.
    pub keyring: Keyring,
    /// It has a session bus.
    pub bus: bool,
    /// More environment variables for every program.
    pub environment: Vec<(String, String)>,
}

impl Default for SessionOptions {
    fn default() -> Self {
        Self { keyring: Keyring::default(), bus: true, environment: Vec::new() }
    }
}

/// A running session.
pub struct Session {
    folder: TempDir,
    environment: Vec<(String, String)>,
    mark: String,
    bus_address: Option<String>,
    programs: AtomicUsize,
    services: Mutex<Vec<Child>>,
    browser: browser::TestBrowser,
    _guard: Guard,
}

impl Session {
    /// Starts a session; it is ready when this returns.
    pub async fn start(options: SessionOptions) -> Result<Self> {
        setup::start(options).await
    }

    /// The folder that everything of the session is in.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// `$XDG_CONFIG_HOME`.
    pub fn config(&self) -> PathBuf {
        self.folder().join("config")
    }

    /// `$XDG_DATA_HOME`.
    pub fn data(&self) -> PathBuf {
        self.folder().join("data")
    }

    /// `$XDG_STATE_HOME`.
    pub fn state(&self) -> PathBuf {
        self.folder().join("state")
    }

    /// `$XDG_CACHE_HOME`.
    pub fn cache(&self) -> PathBuf {
        self.folder().join("cache")
    }

    /// Where the output of every program is kept.
    pub fn logs(&self) -> PathBuf {
        self.folder().join("logs")
    }

    /// The folders that the application can write to, and the output of everything: where to search for secrets.
    pub fn traces(&self) -> Vec<PathBuf> {
        ["home", "config", "data", "state", "cache", "logs"].iter().map(|name| self.folder().join(name)).collect()
    }

    /// Searches everything that the session's programs left behind for these secrets.
    pub fn search(&self, canary: &crate::canary::Canary) -> Result<Vec<crate::canary::Hit>> {
        let traces = self.traces();
        canary.search(&traces.iter().map(PathBuf::as_path).collect::<Vec<_>>())
    }

    /// The folder of the application's preferences and `providers.d/`.
    pub fn app_config(&self) -> PathBuf {
        self.config().join("app.patchbay.desktop")
    }

    /// The folder of the application's database.
    pub fn app_data(&self) -> PathBuf {
        self.data().join("app.patchbay.desktop")
    }

    /// Puts a catalogue entry into the application's `providers.d/`; read at its next start.
    pub fn add_provider(&self, name: &str, toml: &str) -> Result<()> {
        let folder = self.app_config().join("providers.d");
        std::fs::create_dir_all(&folder).context("providers.d")?;
        std::fs::write(folder.join(format!("{name}.toml")), toml).context("a file of providers.d")
    }

    /// The address of the session bus.
    pub fn bus_address(&self) -> Option<&str> {
        self.bus_address.as_deref()
    }

    /// A connection of the test's own to the session bus.
    pub async fn bus(&self) -> Result<zbus::Connection> {
        let address = self.bus_address().context("this session has no bus")?;
        zbus::connection::Builder::address(address)?.build().await.context("the session bus")
    }

    /// A program in the session: its environment, a process group of its own, its output in [`Session::logs`].
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Result<Command> {
        let program = program.as_ref();
        let name = Path::new(program).file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let number = self.programs.fetch_add(1, Ordering::Relaxed);
        let log = |stream: &str| {
            let path = self.logs().join(format!("{number:03}-{name}.{stream}.log"));
            std::fs::File::create(&path).with_context(|| format!("{}", path.display()))
        };
        let mut command = Command::new(program);
        command
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .current_dir(self.folder().join("home"))
            .stdin(std::process::Stdio::null())
            .stdout(log("out")?)
            .stderr(log("err")?)
            .process_group(0);
        Ok(command)
    }

    /// The value of a variable of the session's environment.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.environment.iter().rev().find(|(variable, _)| variable == name).map(|(_, value)| value.as_str())
    }

    /// Waits for the next address that something opens in the browser, in the order of opening.
    pub async fn next_browser_url(&self, patience: Duration) -> Result<String> {
        self.browser.next(patience).await
    }

    /// Every address opened in the browser so far.
    pub fn browser_urls(&self) -> Vec<String> {
        self.browser.all()
    }

    /// Makes the browser fail to start, or start again.
    pub fn break_browser(&self, broken: bool) -> Result<()> {
        self.browser.set_broken(broken)
    }

    /// Takes a picture of the whole screen (PNG).
    pub async fn screenshot(&self, file: &Path) -> Result<()> {
        let status = self.command("import")?.args(["-window", "root"]).arg(file).status().await.context("import")?;
        ensure!(status.success(), "no picture was taken: {status}");
        Ok(())
    }

    /// Reads a secret from the keyring with `secret-tool`, which knows nothing of Patchbay.
    pub async fn secret_lookup(&self, attributes: &[(&str, &str)]) -> Result<Option<String>> {
        let output = self
            .command("secret-tool")?
            .arg("lookup")
            .args(attributes.iter().flat_map(|(name, value)| [*name, *value]))
            .stdout(std::process::Stdio::piped())
            .output()
            .await
            .context("secret-tool")?;
        let secret = String::from_utf8(output.stdout).context("a secret that is no text")?;
        Ok(Some(secret).filter(|secret| output.status.success() && !secret.is_empty()))
    }

    /// Every item of the keyring with these attributes, with its secret, as `secret-tool search` writes it.
    pub async fn secret_search(&self, attributes: &[(&str, &str)]) -> Result<String> {
        let output = self
            .command("secret-tool")?
            .args(["search", "--all", "--unlock"])
            .args(attributes.iter().flat_map(|(name, value)| [*name, *value]))
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .output()
            .await
            .context("secret-tool")?;
        Ok(format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)))
    }

    /// Opens a link as a desktop does. The opener may live as long as what it started; it belongs to the session.
    pub fn open_link(&self, url: &str, opener: Opener) -> Result<Child> {
        opener.command(self)?.arg(url).spawn().with_context(|| format!("{opener:?}"))
    }

    /// The processes of this session that run this program, by its absolute path.
    pub fn processes_of(&self, program: &Path) -> Vec<u32> {
        processes::running(&self.mark, program)
    }

    /// Kills (-9) the processes of this session that run this program; gives how many.
    pub fn kill9(&self, program: &Path) -> usize {
        let processes = self.processes_of(program);
        for process in &processes {
            processes::kill(*process);
        }
        processes.len()
    }

    /// Asks the processes of this session that run this program to end; gives how many.
    pub fn terminate(&self, program: &Path) -> usize {
        let processes = self.processes_of(program);
        for process in &processes {
            processes::terminate(*process);
        }
        processes.len()
    }

    /// Waits until this session runs this program no more.
    pub async fn wait_for_end(&self, program: &Path, patience: Duration) -> Result<()> {
        let what = format!("the end of {}", program.display());
        crate::until(&what, patience, async || Ok(self.processes_of(program).is_empty().then_some(()))).await
    }

    fn keep(&self, child: Child) {
        self.services.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(child);
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        processes::end_all(&self.mark);
    }
}
