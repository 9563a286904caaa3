//! One connection's credential in memory, and the one flight that may be fetching or refreshing it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use futures_util::future::{BoxFuture, Shared};
use tokio::sync::Semaphore;

use super::credential::CredentialError;
use crate::time::Timestamp;
use crate::vault::Credential;

/// How many requests a connection has under way at once.
const REQUESTS_AT_ONCE: usize = 4;
/// A token is renewed when it has less than this left, so that it does not run out on the way.
const LEAD: Duration = Duration::from_mins(1);

/// The result that all waiters of a flight share.
pub(super) type Flight = Shared<BoxFuture<'static, Result<Arc<Credential>, CredentialError>>>;

/// One connection's credential in memory.
pub(super) struct Slot {
    /// The credential that callers get; read without waiting for anything.
    ready: RwLock<Option<Arc<Credential>>>,
    state: Mutex<SlotState>,
    /// Held while the vault's record is written or deleted, so that the last word is the last credential's.
    pub(super) vault_order: tokio::sync::Mutex<()>,
    /// Permits for requests.
    pub(super) requests: Arc<Semaphore>,
}

/// What changes under the slot's lock.
#[derive(Default)]
pub(super) struct SlotState {
    /// Counts sign-ins, replacements and sign-outs; a flight that began under an earlier count is void.
    pub(super) generation: u64,
    /// The flight under way.
    pub(super) flight: Option<Flight>,
    /// A refreshed credential that could not be written to the vault yet; it must be before it is used.
    pub(super) unsaved: Option<Arc<Credential>>,
    /// Temporary failures in a row.
    pub(super) failures: u32,
    /// No refresh is tried before.
    pub(super) not_before: Option<Timestamp>,
}

impl Default for Slot {
    fn default() -> Self {
        Self {
            ready: RwLock::default(),
            state: Mutex::default(),
            vault_order: tokio::sync::Mutex::default(),
            requests: Arc::new(Semaphore::new(REQUESTS_AT_ONCE)),
        }
    }
}

impl Slot {
    /// The credential if it can be used as it is.
    pub(super) fn fresh(&self, now: Timestamp) -> Option<Arc<Credential>> {
        self.known().filter(|credential| is_fresh(credential, now))
    }

    /// The credential as last read or refreshed, however old.
    pub(super) fn known(&self) -> Option<Arc<Credential>> {
        self.ready.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn state(&self) -> MutexGuard<'_, SlotState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes `credential` the one that callers get, unless the connection was signed out or renewed since.
    pub(super) fn publish(&self, generation: u64, credential: Arc<Credential>) -> bool {
        let state = self.state();
        if state.generation != generation {
            return false;
        }
        *self.ready.write().unwrap_or_else(PoisonError::into_inner) = Some(credential);
        true
    }

    /// Voids the cached credential and the flight under way; returns the new generation.
    pub(super) fn renew(&self) -> u64 {
        let mut state = self.state();
        *state = SlotState { generation: state.generation + 1, ..SlotState::default() };
        *self.ready.write().unwrap_or_else(PoisonError::into_inner) = None;
        state.generation
    }
}

/// Whether a credential can be used for a request that starts now.
pub(super) fn is_fresh(credential: &Credential, now: Timestamp) -> bool {
    match credential {
        Credential::OAuth(tokens) => tokens.expires_at.is_none_or(|at| at > now + LEAD),
        Credential::ApiKey(_) => true,
    }
}

/// Whether a credential has not run out yet, though it may soon.
pub(super) fn is_alive(credential: &Credential, now: Timestamp) -> bool {
    match credential {
        Credential::OAuth(tokens) => tokens.expires_at.is_none_or(|at| at > now),
        Credential::ApiKey(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::{ApiKey, OAuthTokens, Secret};

    const NOW: Timestamp = Timestamp(1_000_000);

    fn tokens(expires_at: Option<Timestamp>) -> Arc<Credential> {
        let access_token = Secret::new("canary".to_owned());
        Arc::new(Credential::OAuth(OAuthTokens { access_token, refresh_token: None, expires_at, scope: None }))
    }

    #[test]
    fn a_token_is_renewed_before_it_runs_out_and_usable_until_it_does() {
        let key = Credential::ApiKey(ApiKey(Secret::new("canary".to_owned())));
        assert!(is_fresh(&key, NOW) && is_alive(&key, NOW), "a key does not run out");
        let second = Duration::from_secs(1);
        for (expires_at, fresh, alive) in [
            (None, true, true),
            (Some(NOW + LEAD + second), true, true),
            (Some(NOW + LEAD), false, true),
            (Some(NOW + second), false, true),
            (Some(NOW), false, false),
            (Some(NOW - second), false, false),
        ] {
            let tokens = tokens(expires_at);
            assert_eq!((is_fresh(&tokens, NOW), is_alive(&tokens, NOW)), (fresh, alive), "{expires_at:?}");
        }
    }

    #[test]
    fn what_a_flight_brings_counts_only_in_its_own_generation() {
        let slot = Slot::default();
        let (old, new) = (tokens(None), tokens(None));
        assert!(slot.publish(0, old.clone()));
        assert!(slot.fresh(NOW).is_some_and(|known| Arc::ptr_eq(&known, &old)));
        slot.state().unsaved = Some(old.clone());
        slot.state().failures = 4;
        assert_eq!(slot.renew(), 1);
        assert!(slot.known().is_none(), "the old one is not given out any more");
        assert!(!slot.publish(0, old), "a flight that began before lands nowhere");
        assert!(slot.known().is_none());
        assert!(slot.state().unsaved.is_none() && slot.state().failures == 0, "nothing of the old one is left");
        assert!(slot.publish(1, new.clone()));
        assert!(slot.known().is_some_and(|known| Arc::ptr_eq(&known, &new)));
    }
}
