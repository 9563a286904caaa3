//! What the commands share: the core, or why there is none.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use patchbay_core::app::App;
use patchbay_core::error::Error;
use patchbay_core::startup::Startup;
use patchbay_core::vault::VaultState;
use tauri::async_runtime::JoinHandle;

use crate::preferences::PreferencesFile;

/// What the commands share.
pub(crate) struct Patchbay {
    core: Result<Arc<App>, Error>,
    /// The person's preferences.
    pub(crate) preferences: PreferencesFile,
    /// What to tell where there is no core to keep it.
    notices: Mutex<Vec<String>>,
    feeds: Mutex<HashMap<(String, Feed), JoinHandle<()>>>,
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
    /// With the core as it opened.
    pub(crate) fn new(core: Result<Arc<App>, Error>, preferences: PreferencesFile) -> Self {
        Self { core, preferences, notices: Mutex::default(), feeds: Mutex::default() }
    }

    /// The core, or the reason why it could not be opened.
    pub(crate) fn core(&self) -> Result<&Arc<App>, Error> {
        self.core.as_ref().map_err(Clone::clone)
    }

    /// Tells the person something that belongs to no control, as soon as a window can show it.
    pub(crate) fn tell(&self, message: String) {
        match &self.core {
            Ok(core) => core.notice(message),
            Err(_) => locked(&self.notices).push(message),
        }
    }

    /// What a window needs to know first; where the core could not be opened that is the reason.
    pub(crate) fn startup(&self) -> Startup {
        match &self.core {
            Ok(core) => core.startup(),
            Err(failure) => Startup {
                version: env!("CARGO_PKG_VERSION").to_owned(),
                development: cfg!(debug_assertions),
                failure: Some(failure.clone()),
                notices: std::mem::take(&mut *locked(&self.notices)),
                vault: VaultState::Unopened,
                current_chat: None,
            },
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
