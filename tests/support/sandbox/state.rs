//! Everything a running sandbox shares between its connections.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::KEY_PREFIX;
use super::answer::Answer;
use super::authority::Authority;
use super::capture::Captures;
use super::fault::Faults;
use super::gate::Gate;
use super::options::{Model, SandboxOptions};

/// The shared state. Each lock is held for a moment and never across an `await`.
pub(super) struct State {
    pub(super) options: SandboxOptions,
    pub(super) issuer: String,
    pub(super) authority: Mutex<Authority>,
    pub(super) access_token_lifetime: Mutex<Duration>,
    pub(super) models: Mutex<Vec<Model>>,
    pub(super) answer: Mutex<Option<Answer>>,
    pub(super) captures: Captures,
    pub(super) faults: Faults,
    /// How many answers are being streamed.
    pub(super) streams: watch::Sender<usize>,
    gate: Mutex<Option<Gate>>,
}

impl State {
    pub(super) fn new(options: SandboxOptions, issuer: String) -> Self {
        Self {
            issuer,
            authority: Mutex::new(Authority::default()),
            access_token_lifetime: Mutex::new(options.access_token_lifetime),
            models: Mutex::new(options.models.clone()),
            answer: Mutex::new(None),
            captures: Captures::default(),
            faults: Faults::default(),
            streams: watch::Sender::new(0),
            gate: Mutex::new(None),
            options,
        }
    }

    /// A new gate, closed; the one before is opened.
    pub(super) fn hold(&self) -> Gate {
        let gate = Gate::closed();
        if let Some(before) = lock(&self.gate).replace(gate.clone()) {
            before.open();
        }
        gate
    }

    /// The gate that answers pass now.
    pub(super) fn gate(&self) -> Option<Gate> {
        lock(&self.gate).clone()
    }

    pub(super) fn clear(&self) {
        self.captures.clear();
        self.faults.clear();
        *lock(&self.answer) = None;
        if let Some(gate) = lock(&self.gate).take() {
            gate.open();
        }
    }

    pub(super) fn secrets(&self) -> Vec<String> {
        let mut secrets = lock(&self.authority).issued().to_vec();
        for capture in self.captures.all() {
            let form = capture.form();
            secrets.extend(form.into_iter().filter(|(name, _)| name == "code_verifier").map(|(_, value)| value));
            secrets.extend(capture.bearer().filter(|token| token.starts_with(KEY_PREFIX)).map(str::to_owned));
        }
        secrets.sort();
        secrets.dedup();
        secrets
    }
}

/// Locks, also after a panic elsewhere: the sandbox goes on as long as its process does.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
