//! Memory as a place for secrets: what "keep for this session only" uses, and what stands in for a keychain in tests.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Backend, Secret, VaultError};
use crate::words;

/// Keeps records until the process ends.
#[derive(Default)]
pub struct Memory {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    records: BTreeMap<String, Secret>,
    #[cfg(any(test, feature = "test-support"))]
    test: fake::Switches,
}

impl Memory {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Everything that is kept.
    pub(super) fn entries(&self) -> Vec<(String, Secret)> {
        self.inner().records.iter().map(|(account, record)| (account.clone(), record.clone())).collect()
    }

    /// Forgets everything.
    pub(super) fn clear(&self) {
        self.inner().records.clear();
    }
}

impl Backend for Memory {
    fn name(&self) -> String {
        words::say("vault-name-memory")
    }

    fn read(&self, account: &str) -> Result<Option<Secret>, VaultError> {
        #[cfg_attr(not(any(test, feature = "test-support")), expect(unused_mut, reason = "the fake counts its calls"))]
        let mut inner = self.inner();
        #[cfg(any(test, feature = "test-support"))]
        inner.test.answer()?;
        Ok(inner.records.get(account).cloned())
    }

    fn write(&self, account: &str, record: &Secret) -> Result<(), VaultError> {
        let mut inner = self.inner();
        #[cfg(any(test, feature = "test-support"))]
        {
            inner.test.answer()?;
            inner.test.log.push(Change::Write { account: account.to_owned(), record: record.clone() });
        }
        inner.records.insert(account.to_owned(), record.clone());
        Ok(())
    }

    fn delete(&self, account: &str) -> Result<(), VaultError> {
        let mut inner = self.inner();
        #[cfg(any(test, feature = "test-support"))]
        {
            inner.test.answer()?;
            inner.test.log.push(Change::Delete { account: account.to_owned() });
        }
        inner.records.remove(account);
        Ok(())
    }
}

#[cfg(any(test, feature = "test-support"))]
pub use fake::Change;

#[cfg(any(test, feature = "test-support"))]
mod fake {
    //! What tests ask of the memory when it stands in for a keychain.

    use std::collections::VecDeque;

    use super::{BTreeMap, Memory, Secret, VaultError};
    use crate::vault::{Credential, record};

    /// One change that was made, in the order in which they were made; the probe's are among them.
    #[derive(Clone, Debug)]
    pub enum Change {
        /// A record was written, in the form a keychain keeps.
        Write {
            /// Whose.
            account: String,
            /// What.
            record: Secret,
        },
        /// A record was deleted.
        Delete {
            /// Whose.
            account: String,
        },
    }

    impl Change {
        /// The credential that was written, if this was one.
        pub fn credential(&self) -> Option<Credential> {
            match self {
                Self::Write { record, .. } => record::unpack_credential(record).ok(),
                Self::Delete { .. } => None,
            }
        }

        /// Whose record changed.
        pub fn account(&self) -> &str {
            match self {
                Self::Write { account, .. } | Self::Delete { account } => account,
            }
        }
    }

    #[derive(Default)]
    pub(super) struct Switches {
        pub(super) log: Vec<Change>,
        failures: VecDeque<VaultError>,
        broken: Option<VaultError>,
        calls: usize,
    }

    impl Switches {
        pub(super) fn answer(&mut self) -> Result<(), VaultError> {
            self.calls += 1;
            match self.failures.pop_front().or_else(|| self.broken.clone()) {
                Some(error) => Err(error),
                None => Ok(()),
            }
        }
    }

    impl Memory {
        /// The next call fails like this; several queue up. Mind that a vault's first call is its probe.
        pub fn fail_next(&self, error: VaultError) {
            self.inner().test.failures.push_back(error);
        }

        /// From now on every call fails like this, or none does.
        pub fn break_down(&self, error: Option<VaultError>) {
            self.inner().test.broken = error;
        }

        /// What is kept, in the form a keychain keeps.
        pub fn records(&self) -> BTreeMap<String, Secret> {
            self.inner().records.clone()
        }

        /// Every change that was made, oldest first.
        pub fn changes(&self) -> Vec<Change> {
            self.inner().test.log.clone()
        }

        /// How often it was asked for anything.
        pub fn calls(&self) -> usize {
            self.inner().test.calls
        }
    }
}
