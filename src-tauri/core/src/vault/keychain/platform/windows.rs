//! The Windows Credential Manager. Items stay on this machine and hold 2,560 bytes.

use std::sync::Arc;

use keyring_core::{CredentialStore, Error};

use crate::words;

pub(crate) const ITEM_LIMIT: Option<usize> = Some(2_560);
pub(crate) const FAILED: &str = "vault-failed";

pub(crate) fn open() -> Result<Arc<CredentialStore>, Error> {
    Ok(windows_native_keyring_store::Store::new()?)
}

/// Names the target itself: joined with a dot, service and account could not be told apart.
pub(crate) fn modifiers(service: &str, account: &str) -> Vec<(&'static str, String)> {
    vec![("target", format!("{service}/{account}")), ("persistence", "Local".to_owned())]
}

pub(crate) fn is_absent(_cause: &(dyn std::error::Error + 'static)) -> bool {
    false
}

pub(crate) fn name() -> String {
    words::say("vault-name-windows")
}
