//! How the vault stands, with the error itself where the interface sees only its words.

use super::{VaultError, VaultState};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Unopened,
    Keychain { name: String },
    Session,
    Unusable(VaultError),
}

impl Standing {
    pub(super) fn view(&self) -> VaultState {
        match self {
            Self::Unopened => VaultState::Unopened,
            Self::Keychain { name } => VaultState::Keychain { name: name.clone() },
            Self::Session => VaultState::Session,
            Self::Unusable(error) => VaultState::Unavailable { message: error.to_string() },
        }
    }
}
