//! The macOS keychain; its items show the service as their name.

use std::sync::Arc;

use keyring_core::{CredentialStore, Error};

use crate::words;

pub(crate) const ITEM_LIMIT: Option<usize> = None;
pub(crate) const FAILED: &str = "vault-failed";

pub(crate) fn open() -> Result<Arc<CredentialStore>, Error> {
    Ok(apple_native_keyring_store::keychain::Store::new()?)
}

pub(crate) fn modifiers(_service: &str, _account: &str) -> Vec<(&'static str, String)> {
    Vec::new()
}

pub(crate) fn is_absent(_cause: &(dyn std::error::Error + 'static)) -> bool {
    false
}

pub(crate) fn name() -> String {
    words::say("vault-name-macos")
}
