//! Where credentials live: the platform's keychain or, when the person chooses so, memory until Patchbay closes.
//!
//! One record a connection. Nothing is read at start-up; the first use opens the vault by writing, reading and
//! deleting a canary, once, and what that showed is remembered until the person asks to try again. There is no silent
//! fallback: a keychain that cannot be used is an error with a state of its own, and only
//! [`Vault::use_session`], the person's choice, leads to memory.
//!
//! Which credential to use, and when to refresh it, is not decided here but in [`crate::pool`].

mod backend;
mod credential;
mod keychain;
mod memory;
mod record;
mod secret;
mod standing;
mod view;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Mutex as Door;

use crate::event::{AppEvent, Events};
use crate::ids::ConnectionId;
use crate::words;
use standing::Standing;

pub use backend::{Backend, PROBE_ACCOUNT, VaultError};
pub use credential::{ApiKey, Credential, OAuthTokens};
pub use keychain::Keychain;
#[cfg(any(test, feature = "test-support"))]
pub use memory::Change;
pub use memory::Memory;
pub use secret::Secret;
pub use view::VaultState;

/// How long one call may take. Long, since unlocking a keychain asks the person for a password.
const PATIENCE: Duration = Duration::from_mins(3);

/// The one owner of what is kept secret.
pub struct Vault {
    keychain: Arc<dyn Backend>,
    session: Arc<Memory>,
    standing: Mutex<Standing>,
    /// One call at a time: keychains answer parallel calls about one item unreliably.
    door: Arc<Door<()>>,
    /// Only one caller probes; the others wait for what it finds.
    opening: Door<()>,
    events: Events,
}

impl Vault {
    /// A vault over this keychain; nothing is asked of it yet.
    pub fn new(keychain: Arc<dyn Backend>, events: Events) -> Arc<Self> {
        Arc::new(Self {
            keychain,
            session: Arc::new(Memory::default()),
            standing: Mutex::new(Standing::Unopened),
            door: Arc::default(),
            opening: Door::default(),
            events,
        })
    }

    /// The credential of a connection.
    pub async fn read_credential(&self, connection: ConnectionId) -> Result<Option<Credential>, VaultError> {
        match self.read_packed(&connection.to_string()).await? {
            Some(packed) => record::unpack_credential(&packed).map(Some),
            None => Ok(None),
        }
    }

    /// Keeps the credential of a connection; it is stored when this returns.
    pub async fn write_credential(&self, connection: ConnectionId, credential: &Credential) -> Result<(), VaultError> {
        let packed = record::pack_credential(credential)?;
        self.write_packed(&connection.to_string(), packed).await
    }

    /// Forgets the credential of a connection; there being none is fine.
    pub async fn delete_credential(&self, connection: ConnectionId) -> Result<(), VaultError> {
        self.delete_record(&connection.to_string()).await
    }

    /// Reads a record of another kind than a credential.
    pub async fn read_record(&self, account: &str) -> Result<Option<Secret>, VaultError> {
        match self.read_packed(account).await? {
            Some(packed) => record::unpack(&packed).map(Some),
            None => Ok(None),
        }
    }

    /// Keeps a record of another kind than a credential.
    pub async fn write_record(&self, account: &str, content: &Secret) -> Result<(), VaultError> {
        self.write_packed(account, record::pack(content)).await
    }

    /// Forgets a record; there being none is fine.
    pub async fn delete_record(&self, account: &str) -> Result<(), VaultError> {
        let backend = self.open().await?;
        let account = account.to_owned();
        self.call(backend, move |backend| backend.delete(&account)).await
    }

    /// Opens the vault if nothing has yet, and says how it stands.
    pub async fn probe(&self) -> VaultState {
        // Why it could not be opened is part of the state.
        let _ = self.open().await;
        self.state()
    }

    /// How it stands, without asking the keychain.
    pub fn state(&self) -> VaultState {
        self.standing().view()
    }

    /// Whether credentials are kept in memory until Patchbay closes.
    pub fn is_session(&self) -> bool {
        matches!(self.standing(), Standing::Session)
    }

    /// From now on keeps credentials in memory only, as the person chose.
    pub fn use_session(&self) {
        self.stand(Standing::Session);
    }

    /// Asks the keychain again. What was kept for the session moves into it when it works; when it does not, what the
    /// person chose before stays.
    pub async fn retry(&self) -> VaultState {
        let _opening = self.opening.lock().await;
        let was_session = self.is_session();
        let found = match self.ask_keychain().await {
            Ok(name) => self.move_session_into_keychain().await.map(|()| name),
            Err(error) => Err(error),
        };
        match found {
            Ok(name) => self.stand(Standing::Keychain { name }),
            Err(error) if was_session => self.events.send(AppEvent::Notice { message: error.to_string() }),
            Err(error) => self.stand(Standing::Unusable(error)),
        }
        self.state()
    }

    /// The backend to use now; probes the keychain if nothing has yet.
    async fn open(&self) -> Result<Arc<dyn Backend>, VaultError> {
        if let Some(decided) = self.decided() {
            return decided;
        }
        let _opening = self.opening.lock().await;
        if let Some(decided) = self.decided() {
            return decided;
        }
        let standing = match self.ask_keychain().await {
            Ok(name) => Standing::Keychain { name },
            Err(error) => Standing::Unusable(error),
        };
        // The person may have chosen the session while the keychain was being asked.
        if !self.is_session() {
            self.stand(standing);
        }
        self.decided().unwrap_or(Err(VaultError::Locked))
    }

    fn decided(&self) -> Option<Result<Arc<dyn Backend>, VaultError>> {
        match self.standing() {
            Standing::Unopened => None,
            Standing::Keychain { .. } => Some(Ok(self.keychain.clone())),
            Standing::Session => Some(Ok(self.session.clone())),
            Standing::Unusable(error) => Some(Err(error)),
        }
    }

    /// Writes, reads and deletes a canary; the keychain's name if that worked.
    async fn ask_keychain(&self) -> Result<String, VaultError> {
        self.call_patiently(self.keychain.clone(), |backend| {
            let canary = record::pack(&Secret::new("canary"));
            backend.write(PROBE_ACCOUNT, &canary)?;
            let read = backend.read(PROBE_ACCOUNT)?;
            backend.delete(PROBE_ACCOUNT)?;
            match read {
                Some(read) if read.matches(&canary) => Ok(backend.name()),
                _ => Err(VaultError::Unavailable(words::say("vault-forgets"))),
            }
        })
        .await
    }

    async fn move_session_into_keychain(&self) -> Result<(), VaultError> {
        for (account, packed) in self.session.entries() {
            self.call_patiently(self.keychain.clone(), move |backend| backend.write(&account, &packed)).await?;
        }
        self.session.clear();
        Ok(())
    }

    async fn read_packed(&self, account: &str) -> Result<Option<Secret>, VaultError> {
        let backend = self.open().await?;
        let account = account.to_owned();
        self.call(backend, move |backend| backend.read(&account)).await
    }

    async fn write_packed(&self, account: &str, packed: Secret) -> Result<(), VaultError> {
        let backend = self.open().await?;
        let account = account.to_owned();
        self.call(backend, move |backend| backend.write(&account, &packed)).await
    }

    /// A call whose failure, where it concerns the whole keychain, becomes the vault's state.
    async fn call<T: Send + 'static>(
        &self,
        backend: Arc<dyn Backend>,
        work: impl FnOnce(&dyn Backend) -> Result<T, VaultError> + Send + 'static,
    ) -> Result<T, VaultError> {
        let result = self.call_patiently(backend, work).await;
        if let Err(error) = &result
            && error.concerns_the_keychain()
            && !self.is_session()
        {
            self.stand(Standing::Unusable(error.clone()));
        }
        result
    }

    async fn call_patiently<T: Send + 'static>(
        &self,
        backend: Arc<dyn Backend>,
        work: impl FnOnce(&dyn Backend) -> Result<T, VaultError> + Send + 'static,
    ) -> Result<T, VaultError> {
        let door = self.door.clone();
        let called = async move {
            let entered = door.lock_owned().await;
            tokio::task::spawn_blocking(move || {
                // Held to the end of the call, even if nobody waits for it any more.
                let _entered = entered;
                work(&*backend)
            })
            .await
        };
        match tokio::time::timeout(PATIENCE, called).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(VaultError::Unavailable(words::say("vault-failed"))),
            Err(_) => Err(VaultError::Unavailable(words::say("vault-silent"))),
        }
    }

    fn standing(&self) -> Standing {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn stand(&self, new: Standing) {
        let changed = {
            let mut standing = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
            let changed = *standing != new;
            *standing = new;
            changed
        };
        if changed {
            self.events.send(AppEvent::VaultChanged);
        }
    }
}

#[cfg(test)]
mod tests;
