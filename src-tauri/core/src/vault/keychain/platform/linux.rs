//! Secret Service: GNOME Keyring, KDE Wallet, `KeePassXC`. Its items have the attributes `service` and `username`.

use std::sync::Arc;

use keyring_core::{CredentialStore, Error};
use secret_service::Error as ServiceError;

use crate::words;

pub(crate) const ITEM_LIMIT: Option<usize> = None;
pub(crate) const FAILED: &str = "vault-no-service";

pub(crate) fn open() -> Result<Arc<CredentialStore>, Error> {
    Ok(zbus_secret_service_keyring_store::Store::new()?)
}

/// The label is what the person finds in their keyring's own window.
pub(crate) fn modifiers(_service: &str, account: &str) -> Vec<(&'static str, String)> {
    vec![("label", words::say_with("vault-item-label", &[("account", account)]))]
}

/// Whether there is nothing to unlock, as with a keyring daemon that was started but never set up.
pub(crate) fn is_absent(cause: &(dyn std::error::Error + 'static)) -> bool {
    matches!(cause.downcast_ref(), Some(ServiceError::NoResult | ServiceError::Unavailable))
}

/// The name of the program that owns the Secret Service's name on the session bus.
pub(crate) fn name() -> String {
    owner().as_deref().and_then(known).map_or_else(|| words::say("vault-name-service"), str::to_owned)
}

fn owner() -> Option<String> {
    let bus = zbus::blocking::Connection::session().ok()?;
    let daemon = zbus::blocking::fdo::DBusProxy::new(&bus).ok()?;
    let process = daemon.get_connection_unix_process_id("org.freedesktop.secrets".try_into().ok()?).ok()?;
    std::fs::read_to_string(format!("/proc/{process}/comm")).ok()
}

fn known(process: &str) -> Option<&'static str> {
    let process = process.trim();
    let names = [
        ("gnome-keyring", "GNOME Keyring"),
        ("kwallet", "KDE Wallet"),
        ("ksecret", "KDE Wallet"),
        ("keepassxc", "KeePassXC"),
    ];
    names.iter().find(|(prefix, _)| process.starts_with(prefix)).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_keyrings_are_named() {
        assert_eq!(known("gnome-keyring-d\n"), Some("GNOME Keyring"));
        assert_eq!(known("kwalletd6\n"), Some("KDE Wallet"));
        assert_eq!(known("bash\n"), None);
    }

    #[test]
    fn no_collection_is_told_from_a_locked_one() {
        assert!(is_absent(&ServiceError::NoResult));
        assert!(!is_absent(&ServiceError::Prompt), "a dismissed prompt means locked");
        assert!(!is_absent(&ServiceError::Locked));
    }
}
