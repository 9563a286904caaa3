//! The whole core in a folder of its own, with a sandbox provider, a recording browser, a clock that can be moved and
//! a keychain that can be looked into.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use patchbay_core::app::{App, AppOptions};
use patchbay_core::chat::ChatView;
use patchbay_core::event::AppEvent;
use patchbay_core::ids::{ChatId, ConnectionId, SignInId};
use patchbay_core::oauth::{ReturnKind, SignInStage, SignInView};
use patchbay_core::ports::{Browser, BrowserError, Clock};
use patchbay_core::time::Timestamp;
use patchbay_core::vault::{Backend, Memory, Secret};
use support::browser::{Browser as Person, Consent};
use support::sandbox::{Sandbox, SandboxOptions};
use tempfile::TempDir;
use tokio::sync::mpsc;
use url::Url;

/// Longer than anything here takes; a test that waits so long has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
/// The scheme of the application under test.
pub(crate) const SCHEME: &str = "app.patchbay.dev";

/// Everything that was logged by any test of this process.
pub(crate) static LOG: LazyLock<Log> = LazyLock::new(|| {
    let log = Log::default();
    let writer = log.clone();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(move || writer.clone()).finish();
    tracing::subscriber::set_global_default(subscriber).expect("nothing else sets a subscriber");
    log
});

#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap().clone()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Takes the addresses that would be opened.
pub(crate) struct Recorder {
    opened: mpsc::UnboundedSender<Url>,
    waiting: tokio::sync::Mutex<mpsc::UnboundedReceiver<Url>>,
    pub(crate) broken: AtomicBool,
}

impl Recorder {
    fn new() -> Arc<Self> {
        let (opened, waiting) = mpsc::unbounded_channel();
        Arc::new(Self { opened, waiting: waiting.into(), broken: AtomicBool::new(false) })
    }

    /// The next address that was opened.
    pub(crate) async fn next(&self) -> Url {
        let mut waiting = self.waiting.lock().await;
        tokio::time::timeout(PATIENCE, waiting.recv()).await.expect("the browser was opened").expect("it is there")
    }
}

impl Browser for Recorder {
    fn open(&self, page: &Url) -> Result<(), BrowserError> {
        if self.broken.load(Ordering::SeqCst) {
            return Err(BrowserError("no browser".to_owned()));
        }
        let _ = self.opened.send(page.clone());
        Ok(())
    }
}

/// The system's clock, moved.
#[derive(Default)]
pub(crate) struct MovedClock(AtomicI64);

impl MovedClock {
    pub(crate) fn advance(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

impl Clock for MovedClock {
    fn now(&self) -> Timestamp {
        Timestamp(Timestamp::system().0 + self.0.load(Ordering::SeqCst))
    }
}

/// The application and what surrounds it.
pub(crate) struct Harness {
    pub(crate) app: Arc<App>,
    pub(crate) sandbox: Arc<Sandbox>,
    pub(crate) keychain: Arc<Memory>,
    pub(crate) browser: Arc<Recorder>,
    pub(crate) clock: Arc<MovedClock>,
    pub(crate) folder: Arc<TempDir>,
}

impl Harness {
    pub(crate) async fn start() -> Self {
        Self::with(SandboxOptions::default()).await
    }

    pub(crate) async fn with(options: SandboxOptions) -> Self {
        LazyLock::force(&LOG);
        let sandbox = Arc::new(Sandbox::start(options).await.unwrap());
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let (keychain, browser, clock) = (Arc::<Memory>::default(), Recorder::new(), Arc::<MovedClock>::default());
        let app = Self::open(&folder, &keychain, &browser, &clock, &sandbox, "").await;
        Self { app, sandbox, keychain, browser, clock, folder }
    }

    /// The application closed and started again on the same folders and keychain, with more catalogue entries.
    pub(crate) async fn reopened(self, more_providers: &str) -> Self {
        let Self { app, sandbox, keychain, browser, clock, folder } = self;
        drop(app);
        let app = Self::open(&folder, &keychain, &browser, &clock, &sandbox, more_providers).await;
        Self { app, sandbox, keychain, browser, clock, folder }
    }

    /// A browser that only says what it was asked to open.
    pub(crate) fn recorder() -> (mpsc::UnboundedReceiver<Url>, Arc<dyn Browser>) {
        struct Opened(mpsc::UnboundedSender<Url>);
        impl Browser for Opened {
            fn open(&self, page: &Url) -> Result<(), BrowserError> {
                let _ = self.0.send(page.clone());
                Ok(())
            }
        }
        let (opened, waiting) = mpsc::unbounded_channel();
        (waiting, Arc::new(Opened(opened)))
    }

    async fn open(
        folder: &TempDir,
        keychain: &Arc<Memory>,
        browser: &Arc<Recorder>,
        clock: &Arc<MovedClock>,
        sandbox: &Sandbox,
        more_providers: &str,
    ) -> Arc<App> {
        let config_dir = folder.path().join("config");
        let providers = config_dir.join("providers.d");
        std::fs::create_dir_all(&providers).unwrap();
        std::fs::write(providers.join("sandbox.toml"), sandbox.provider_toml()).unwrap();
        if !more_providers.is_empty() {
            std::fs::write(providers.join("more.toml"), more_providers).unwrap();
        }
        let backend: Arc<dyn Backend> = keychain.clone();
        let options = AppOptions {
            data_dir: folder.path().join("data"),
            config_dir,
            browser: browser.clone(),
            clock: clock.clone(),
            backend,
            scheme: SCHEME.to_owned(),
            development: true,
        };
        App::open(options).await.unwrap()
    }

    /// Signs in to the sandbox as `account`, by deep link.
    pub(crate) async fn sign_in(&self, account: &str) -> ConnectionId {
        let view = self.start_sign_in("sandbox", Some(ReturnKind::DeepLink)).await;
        let link = self.allow(account).await;
        self.app.receive_link(&link).await;
        self.connected(view.id)
    }

    pub(crate) async fn start_sign_in(&self, provider: &str, return_kind: Option<ReturnKind>) -> SignInView {
        self.app.start_sign_in(&provider.parse().unwrap(), None, return_kind).await.unwrap()
    }

    /// The person allows it in the browser; where the browser is sent is given, and a loopback page was fetched.
    pub(crate) async fn allow(&self, account: &str) -> String {
        self.consent(&Consent::allow(&format!("{account}@sandbox.example"))).await
    }

    pub(crate) async fn consent(&self, consent: &Consent) -> String {
        let page = self.browser.next().await;
        Person::new().unwrap().authorize(page.as_str(), consent).await.unwrap().url
    }

    pub(crate) fn view(&self, id: SignInId) -> SignInView {
        self.app.sign_ins().into_iter().find(|view| view.id == id).expect("the sign-in is known")
    }

    /// The connection that a sign-in made.
    pub(crate) fn connected(&self, id: SignInId) -> ConnectionId {
        let view = self.view(id);
        assert_eq!(view.stage, SignInStage::Connected, "{:?}", view.error);
        view.connection.expect("a finished sign-in has its connection")
    }

    /// Waits until the sign-in has come to an end or to an error, as a dialog would.
    pub(crate) async fn settled(&self, id: SignInId) -> SignInView {
        let mut events = self.app.events().listen();
        let settled = async {
            loop {
                let view = self.view(id);
                let busy = matches!(view.stage, SignInStage::Exchanging | SignInStage::Checking);
                if (view.stage != SignInStage::Waiting || view.error.is_some()) && (!busy || view.error.is_some()) {
                    return view;
                }
                events.next().await.expect("the application runs");
            }
        };
        tokio::time::timeout(PATIENCE, settled).await.expect("the sign-in settles")
    }

    /// A key's connection to the sandbox.
    pub(crate) async fn add_key(&self, key: &str) -> ConnectionId {
        let key = Secret::new(key.to_owned());
        self.app.add_key(&"sandbox".parse().unwrap(), key, None, None).await.unwrap().id
    }

    /// Sends and waits for the end of the answer.
    pub(crate) async fn say(&self, chat: ChatId, text: &str) -> ChatView {
        let mut events = self.app.events().listen();
        self.app.send(chat, text).await.unwrap();
        self.finished(chat, &mut events).await
    }

    /// Waits for the end of the running answer.
    pub(crate) async fn finished(&self, chat: ChatId, events: &mut patchbay_core::event::Listener) -> ChatView {
        let finished = async {
            loop {
                let view = self.app.open_chat(chat).await.unwrap();
                if !view.summary.running {
                    return view;
                }
                while !matches!(events.next().await, Some(AppEvent::ChatChanged { .. } | AppEvent::Everything)) {}
            }
        };
        tokio::time::timeout(PATIENCE, finished).await.expect("the answer ends")
    }

    /// The database as a program beside the application sees it.
    pub(crate) fn database(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.folder.path().join("data/patchbay.db")).unwrap()
    }

    /// What the person was told outside of any dialog since the last time this was called first.
    pub(crate) fn notices(&self) -> Vec<String> {
        self.app.startup().notices
    }
}
