//! What the commands share: the core, or why there is none.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use patchbay_core::app::App;
use patchbay_core::error::{Code, Error};
use patchbay_core::startup::Startup;
use patchbay_core::vault::VaultState;
use patchbay_core::words::say;
use tauri::async_runtime::JoinHandle;

use crate::preferences::PreferencesFile;

/// What the commands share.
pub(crate) struct Patchbay {
    core: OnceLock<Arc<App>>,
    failure: Mutex<Option<Failure>>,
    /// The person's preferences.
    pub(crate) preferences: PreferencesFile,
    /// What to tell where there is no core to keep it.
    notices: Mutex<Vec<String>>,
    feeds: Mutex<HashMap<(String, Feed), JoinHandle<()>>>,
}

/// Why the core could not be opened.
struct Failure {
    error: Error,
    /// A window has shown it, so that asking again means to try again.
    shown: bool,
}

/// What a window is sent without asking each time. It has at most one of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Feed {
    /// Every change of state.
    Events,
    /// The answer that is being written in the chat it shows.
    Run,
}

impl Patchbay {
    /// Before the core is opened.
    pub(crate) fn new(preferences: PreferencesFile) -> Self {
        Self {
            core: OnceLock::new(),
            failure: Mutex::default(),
            preferences,
            notices: Mutex::default(),
            feeds: Mutex::default(),
        }
    }

    /// The core was opened; `false` if it was already.
    pub(crate) fn opened(&self, core: &Arc<App>) -> bool {
        let first = self.core.set(core.clone()).is_ok();
        if first {
            for notice in std::mem::take(&mut *locked(&self.notices)) {
                core.notice(notice);
            }
        }
        first
    }

    /// The core could not be opened.
    pub(crate) fn failed(&self, error: Error) {
        *locked(&self.failure) = Some(Failure { error, shown: false });
    }

    /// Whether the person has seen the failure, and a window asks once more.
    pub(crate) fn tries_again(&self) -> bool {
        self.core.get().is_none() && locked(&self.failure).as_ref().is_some_and(|failure| failure.shown)
    }

    /// The core, or the reason why it could not be opened.
    pub(crate) fn core(&self) -> Result<&Arc<App>, Error> {
        self.core.get().ok_or_else(|| match &*locked(&self.failure) {
            Some(failure) => failure.error.clone(),
            None => Error::new(Code::NoDatabase, say("shell-opening")),
        })
    }

    /// As [`Self::core`], for a window that is beginning and will show the failure.
    pub(crate) fn core_for_window(&self) -> Result<&Arc<App>, Error> {
        self.core().inspect_err(|_| {
            if let Some(failure) = &mut *locked(&self.failure) {
                failure.shown = true;
            }
        })
    }

    /// Tells the person something that belongs to no control, as soon as a window can show it.
    pub(crate) fn tell(&self, message: String) {
        match self.core.get() {
            Some(core) => core.notice(message),
            None => locked(&self.notices).push(message),
        }
    }

    /// What a window needs to know first; where the core could not be opened that is the reason.
    pub(crate) fn startup(&self) -> Startup {
        let error = match self.core_for_window() {
            Ok(core) => return core.startup(),
            Err(error) => error,
        };
        Startup {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            development: cfg!(debug_assertions),
            failure: Some(error),
            notices: Vec::new(),
            vault: VaultState::Unopened,
            current_chat: None,
        }
    }

    /// Keeps a window's feed until the window goes. A new one takes the place of the one before: the page was loaded
    /// anew, or shows another chat.
    pub(crate) fn feed(&self, window: &str, feed: Feed, task: JoinHandle<()>) {
        if let Some(before) = locked(&self.feeds).insert((window.to_owned(), feed), task) {
            before.abort();
        }
    }

    /// Ends everything that a window was sent.
    pub(crate) fn forget(&self, window: &str) {
        locked(&self.feeds).retain(|(fed, _), task| {
            let keep = fed != window;
            if !keep {
                task.abort();
            }
            keep
        });
    }
}

/// A part that panicked while it held the lock left nothing half done that could matter here.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
