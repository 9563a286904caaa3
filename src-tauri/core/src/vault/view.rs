//! The vault's state as the interface shows it.

use serde::Serialize;
use ts_rs::TS;

/// Where credentials are kept now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum VaultState {
    /// Nothing was read or written yet.
    Unopened,
    /// In the platform's keychain.
    Keychain {
        /// What the person calls it, such as "GNOME Keyring".
        name: String,
    },
    /// In memory until Patchbay closes, as the person chose.
    Session,
    /// No keychain can be used; the person has to choose.
    Unavailable {
        /// Why, and what to do.
        message: String,
    },
}
