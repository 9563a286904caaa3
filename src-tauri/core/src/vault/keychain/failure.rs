//! What a keychain library's error means for the person.
//!
//! Some of those errors carry the bytes that were read, and their Debug prints them: nothing here formats one of those.

use keyring_core::Error;

use super::super::VaultError;
use super::platform;
use crate::words;

pub(super) fn translate(error: &Error) -> VaultError {
    match error {
        Error::PlatformFailure(cause) => {
            tracing::warn!(%cause, "the keychain failed");
            VaultError::Unavailable(words::say(platform::FAILED))
        }
        Error::NoStorageAccess(cause) => {
            tracing::warn!(%cause, "the keychain gives no access");
            if platform::is_absent(&**cause) {
                VaultError::Unavailable(words::say("vault-no-collection"))
            } else {
                VaultError::Locked
            }
        }
        Error::BadEncoding(_) | Error::BadDataFormat(..) | Error::BadStoreFormat(_) => VaultError::Damaged,
        Error::TooLong(..) | Error::Invalid(..) | Error::Ambiguous(_) | Error::NoEntry => VaultError::Refused,
        _ => VaultError::Unavailable(words::say(platform::FAILED)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_never_quote_what_was_read() {
        let read = b"canary".to_vec();
        let cause = || Box::new(std::io::Error::other("canary"));
        for error in [Error::BadEncoding(read.clone()), Error::BadDataFormat(read, cause())] {
            let translated = translate(&error);
            assert_eq!(translated, VaultError::Damaged);
            assert!(!format!("{translated} {translated:?}").contains("canary"));
        }
        assert_eq!(translate(&Error::NoStorageAccess(cause())), VaultError::Locked);
        assert!(matches!(translate(&Error::PlatformFailure(cause())), VaultError::Unavailable(_)));
        assert_eq!(translate(&Error::TooLong("password".to_owned(), 2560)), VaultError::Refused);
    }
}
