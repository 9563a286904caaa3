//! The platform's keychain: Secret Service on Linux, Keychain on macOS, Credential Manager on Windows.
//!
//! Every item has the application's service name and, as its account, the connection's id. Its value is text. The store
//! is opened by the first call and again after a failure of the platform, since a keychain daemon may be restarted
//! under a running application. Only reviewed words leave here: the libraries' errors can hold what was read.

mod failure;
mod pieces;
mod platform;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use keyring_core::{CredentialStore, Entry, Error};
use zeroize::Zeroizing;

use super::{Backend, Secret, VaultError};
use pieces::Items;

/// The platform's keychain.
pub struct Keychain {
    service: String,
    store: Mutex<Option<Arc<CredentialStore>>>,
}

impl Keychain {
    /// The keychain's items of this service, such as `app.patchbay`; nothing is asked of it yet.
    pub fn new(service: impl Into<String>) -> Self {
        Self { service: service.into(), store: Mutex::new(None) }
    }

    fn store(&self) -> Result<Arc<CredentialStore>, Error> {
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = &*store {
            return Ok(open.clone());
        }
        let opened = platform::open()?;
        *store = Some(opened.clone());
        Ok(opened)
    }

    fn forget_store(&self) {
        *self.store.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn entry(&self, account: &str) -> Result<Entry, Error> {
        let modifiers = platform::modifiers(&self.service, account);
        let modifiers: HashMap<&str, &str> = modifiers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.store()?.build(&self.service, account, Some(&modifiers))
    }

    /// Runs the work on the account's item; once more with a new connection if the platform failed.
    fn with_entry<T>(&self, account: &str, work: impl Fn(&Entry) -> Result<T, Error>) -> Result<T, VaultError> {
        let attempt = || self.entry(account).and_then(|entry| work(&entry));
        let result = match attempt() {
            Err(Error::PlatformFailure(_)) => {
                self.forget_store();
                attempt()
            }
            other => other,
        };
        result.map_err(|error| failure::translate(&error))
    }
}

impl Drop for Keychain {
    /// Closing the connection to the Secret Service blocks, which its library refuses to do on a thread that drives
    /// asynchronous tasks; the last owner may be dropped on one.
    fn drop(&mut self) {
        if let Some(store) = self.store.get_mut().unwrap_or_else(PoisonError::into_inner).take() {
            std::thread::spawn(move || drop(store));
        }
    }
}

impl Items for Keychain {
    fn get(&self, account: &str) -> Result<Option<Secret>, VaultError> {
        self.with_entry(account, |entry| match entry.get_secret() {
            Ok(bytes) => {
                let bytes = Zeroizing::new(bytes);
                let text = std::str::from_utf8(&bytes).map_err(|_| Error::BadEncoding(Vec::new()))?;
                Ok(Some(Secret::new(text)))
            }
            Err(Error::NoEntry) => Ok(None),
            // Two items with our name can only be copies, from a restored backup for instance.
            Err(Error::Ambiguous(copies)) => match copies.first().map(Entry::get_password) {
                Some(Ok(text)) => Ok(Some(Secret::new(text))),
                Some(Err(error)) => Err(error),
                None => Ok(None),
            },
            Err(error) => Err(error),
        })
    }

    fn set(&self, account: &str, value: &Secret) -> Result<(), VaultError> {
        self.with_entry(account, |entry| match entry.set_secret(value.expose().as_bytes()) {
            Err(Error::Ambiguous(copies)) => {
                copies.iter().try_for_each(Entry::delete_credential)?;
                entry.set_secret(value.expose().as_bytes())
            }
            result => result,
        })
    }

    fn remove(&self, account: &str) -> Result<(), VaultError> {
        self.with_entry(account, |entry| match entry.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(Error::Ambiguous(copies)) => copies.iter().try_for_each(Entry::delete_credential),
            Err(error) => Err(error),
        })
    }
}

impl Backend for Keychain {
    fn name(&self) -> String {
        platform::name()
    }

    fn read(&self, account: &str) -> Result<Option<Secret>, VaultError> {
        pieces::read(self, account)
    }

    fn write(&self, account: &str, record: &Secret) -> Result<(), VaultError> {
        pieces::write(self, account, record, platform::ITEM_LIMIT)
    }

    fn delete(&self, account: &str) -> Result<(), VaultError> {
        pieces::delete(self, account)
    }
}
