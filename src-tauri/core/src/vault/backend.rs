//! What the vault asks of a place that keeps secrets, and what can go wrong there.

use super::Secret;
use crate::error::{Code, Error};
use crate::words;

/// The account of the canary that a probe writes, reads and deletes.
pub const PROBE_ACCOUNT: &str = "probe";

/// A place that keeps secrets by account name. Its calls block, so the vault makes them on a thread for that, one at a
/// time.
pub trait Backend: Send + Sync {
    /// What the person calls it, such as "GNOME Keyring".
    fn name(&self) -> String;
    /// The record of this account, if there is one.
    fn read(&self, account: &str) -> Result<Option<Secret>, VaultError>;
    /// Keeps the record in place of the one before.
    fn write(&self, account: &str, record: &Secret) -> Result<(), VaultError>;
    /// Forgets the record; there being none is fine.
    fn delete(&self, account: &str) -> Result<(), VaultError>;
}

/// Why the vault could not do it, in words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// No keychain can be used, and why.
    #[error("{0}")]
    Unavailable(String),
    /// The keychain is locked and was not unlocked.
    #[error("{}", words::say("vault-locked"))]
    Locked,
    /// What is stored is not a record of ours.
    #[error("{}", words::say("vault-damaged"))]
    Damaged,
    /// The keychain works but did not take this record.
    #[error("{}", words::say("vault-refused"))]
    Refused,
}

impl VaultError {
    /// What happened and what to do, for the person.
    pub fn words(&self) -> String {
        self.to_string()
    }

    /// Whether every other call would fail as well, until the person does something.
    pub fn concerns_the_keychain(&self) -> bool {
        match self {
            Self::Unavailable(_) | Self::Locked => true,
            Self::Damaged | Self::Refused => false,
        }
    }
}

impl From<VaultError> for Error {
    fn from(error: VaultError) -> Self {
        let code = if error.concerns_the_keychain() { Code::NoKeychain } else { Code::Other };
        Self::new(code, error.to_string())
    }
}
