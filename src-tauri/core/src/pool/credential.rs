//! The credential to use now: cached, read from the vault, or refreshed, once for all who wait.
//!
//! A refreshed credential is in the vault before anyone sees it, because the provider may have made the old refresh
//! token worthless. The flight runs as a task of its own: a caller who gives up does not stop it half-way.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;

use super::slot::{Slot, is_alive, is_fresh};
use super::{ConnectionState, Method, Pool};
use crate::ids::ConnectionId;
use crate::oauth::{self, RefreshError};
use crate::vault::{Credential, VaultError};
use crate::words::{say, say_with};

/// Why there is no credential to use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// The connection is gone.
    #[error("the connection does not exist")]
    NoConnection,
    /// Only signing in again, or a new key, helps.
    #[error("the connection has to be signed in to again")]
    NeedsSignIn(String),
    /// It may pass: the token endpoint could not be reached, say.
    #[error("the access token could not be refreshed for now")]
    Temporary(String),
    /// The vault did not give or take it.
    #[error("the vault cannot be used")]
    Vault {
        /// No keychain can be used at all: the person has to choose.
        unavailable: bool,
        /// What happened and what to do.
        words: String,
    },
}

impl CredentialError {
    /// What happened and what to do, for the person.
    pub fn words(&self) -> String {
        match self {
            Self::NoConnection => say("pool-no-connection"),
            Self::NeedsSignIn(words) | Self::Temporary(words) | Self::Vault { words, .. } => words.clone(),
        }
    }
}

impl From<VaultError> for CredentialError {
    fn from(error: VaultError) -> Self {
        Self::Vault { unavailable: error.concerns_the_keychain(), words: error.to_string() }
    }
}

impl Pool {
    /// The credential for a request that starts now; `None` for a connection that needs none.
    pub async fn credential(&self, id: ConnectionId) -> Result<Option<Arc<Credential>>, CredentialError> {
        let slot = self.slot(id);
        if let Some(credential) = slot.fresh(self.0.options.clock.now()) {
            return Ok(Some(credential));
        }
        match self.record(id).map(|record| record.method) {
            None => Err(CredentialError::NoConnection),
            Some(Method::None) => Ok(None),
            Some(Method::Oauth | Method::ApiKey) => self.join_flight(id, &slot, None).await.map(Some),
        }
    }

    /// A credential other than `refused`, which the provider did not accept though it looked valid.
    pub(super) async fn credential_after(
        &self,
        id: ConnectionId,
        refused: &Arc<Credential>,
    ) -> Result<Arc<Credential>, CredentialError> {
        let slot = self.slot(id);
        match slot.known() {
            Some(known) if !Arc::ptr_eq(&known, refused) => Ok(known),
            _ => self.join_flight(id, &slot, Some(refused.clone())).await,
        }
    }

    /// Waits for the flight under way, or starts one.
    async fn join_flight(
        &self,
        id: ConnectionId,
        slot: &Arc<Slot>,
        refused: Option<Arc<Credential>>,
    ) -> Result<Arc<Credential>, CredentialError> {
        let flight = {
            let mut state = slot.state();
            // Someone may have landed between the first look and this lock.
            if let Some(credential) = slot.fresh(self.0.options.clock.now())
                && refused.as_ref().is_none_or(|refused| !Arc::ptr_eq(refused, &credential))
            {
                return Ok(credential);
            }
            if let Some(flight) = &state.flight {
                flight.clone()
            } else {
                let generation = state.generation;
                let (pool, of) = (self.clone(), slot.clone());
                let task = tokio::spawn(async move {
                    let result = pool.obtain(id, &of, generation, refused).await;
                    let mut state = of.state();
                    if state.generation == generation {
                        state.flight = None;
                    }
                    result
                });
                let flight = async move { task.await.unwrap_or_else(|_| Err(CredentialError::NoConnection)) };
                state.flight.insert(flight.boxed().shared()).clone()
            }
        };
        flight.await
    }

    /// Reads, and refreshes where needed. Runs in the one flight of its slot.
    async fn obtain(
        &self,
        id: ConnectionId,
        slot: &Slot,
        generation: u64,
        refused: Option<Arc<Credential>>,
    ) -> Result<Arc<Credential>, CredentialError> {
        let now = self.0.options.clock.now();
        let unsaved = slot.state().unsaved.clone();
        if let Some(credential) = unsaved {
            return self.save_and_publish(id, slot, generation, credential).await;
        }
        let known = match slot.known() {
            Some(known) => known,
            None => match self.0.options.vault.read_credential(id).await? {
                Some(credential) => Arc::new(credential),
                None => return Err(self.needs_sign_in(id, slot, generation, say("pool-credential-gone")).await),
            },
        };
        let signed_out = || say_with("pool-signed-out", &[("provider", &self.provider_name(id))]);
        // Refused was what the slot held then; one that took its place since is another.
        let is_refused = refused.is_some_and(|refused| Arc::ptr_eq(&refused, &known));
        if !is_refused && is_fresh(&known, now) {
            return publish(slot, generation, known);
        }
        let Credential::OAuth(tokens) = &*known else {
            return Err(self.needs_sign_in(id, slot, generation, say("pool-key-refused")).await);
        };
        let usable = !is_refused && is_alive(&known, now);
        if slot.state().not_before.is_some_and(|at| now < at) {
            return if usable { publish(slot, generation, known) } else { Err(temporary(&self.provider_name(id))) };
        }
        let definition =
            self.record(id).and_then(|record| self.provider(&record)).and_then(|provider| provider.sign_in.clone());
        let Some(definition) = definition.filter(|_| tokens.refresh_token.is_some()) else {
            if usable {
                return publish(slot, generation, known);
            }
            return Err(self.needs_sign_in(id, slot, generation, signed_out()).await);
        };
        match oauth::refresh(&self.0.options.http, &definition, tokens, now).await {
            Ok(tokens) => {
                let credential = Arc::new(Credential::OAuth(tokens));
                self.save_and_publish(id, slot, generation, credential).await
            }
            Err(RefreshError::Final(code)) => {
                tracing::info!(connection = %id, code, "the token endpoint refused for good");
                Err(self.needs_sign_in(id, slot, generation, signed_out()).await)
            }
            Err(RefreshError::Temporary(code)) => {
                tracing::info!(connection = %id, code, "a refresh failed for now");
                {
                    let mut state = slot.state();
                    if state.generation == generation {
                        state.failures += 1;
                        state.not_before = Some(now + backoff(state.failures));
                    }
                }
                if usable { publish(slot, generation, known) } else { Err(temporary(&self.provider_name(id))) }
            }
        }
    }

    /// Vault first, then everyone. A sign-out in the meantime wins: nothing is written or given out then.
    async fn save_and_publish(
        &self,
        id: ConnectionId,
        slot: &Slot,
        generation: u64,
        credential: Arc<Credential>,
    ) -> Result<Arc<Credential>, CredentialError> {
        {
            let _order = slot.vault_order.lock().await;
            if slot.state().generation != generation {
                return Err(CredentialError::NoConnection);
            }
            if let Err(error) = self.0.options.vault.write_credential(id, &credential).await {
                slot.state().unsaved = Some(credential);
                return Err(error.into());
            }
        }
        let expires_at = expires_at(&credential);
        let credential = publish(slot, generation, credential)?;
        {
            let mut state = slot.state();
            (state.unsaved, state.failures, state.not_before) = (None, 0, None);
        }
        self.note(id, |record| record.expires_at = expires_at).await;
        Ok(credential)
    }

    /// Marks the connection and makes the error that says so, unless it has got another credential or gone since.
    async fn needs_sign_in(&self, id: ConnectionId, slot: &Slot, generation: u64, words: String) -> CredentialError {
        if slot.state().generation != generation {
            return CredentialError::NoConnection;
        }
        let last_error = Some(words.clone());
        self.note(id, |record| {
            record.state = ConnectionState::NeedsSignIn;
            record.last_error = last_error;
        })
        .await;
        CredentialError::NeedsSignIn(words)
    }
}

/// When the credential runs out, where that is known.
pub(super) fn expires_at(credential: &Credential) -> Option<crate::time::Timestamp> {
    match credential {
        Credential::OAuth(tokens) => tokens.expires_at,
        Credential::ApiKey(_) => None,
    }
}

fn publish(slot: &Slot, generation: u64, credential: Arc<Credential>) -> Result<Arc<Credential>, CredentialError> {
    if slot.publish(generation, credential.clone()) { Ok(credential) } else { Err(CredentialError::NoConnection) }
}

fn temporary(provider: &str) -> CredentialError {
    CredentialError::Temporary(say_with("pool-refresh-failed", &[("provider", provider)]))
}

/// Doubles from one second to one minute, with up to a quarter more, so that not everyone comes back at once.
fn backoff(failures: u32) -> Duration {
    let seconds = 1_u64 << failures.saturating_sub(1).min(6);
    let base = Duration::from_secs(seconds.min(60));
    let mut random = [0_u8; 1];
    let _ = getrandom::fill(&mut random);
    base + base.mul_f32(f32::from(random[0]) / 1_024.0)
}
