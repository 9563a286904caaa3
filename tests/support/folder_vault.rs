//! A keychain of plain files, for processes that are killed. Nothing but test secrets ever goes in.

use std::path::PathBuf;

use patchbay_core::vault::{Backend, Secret, VaultError};

use crate::Context;

/// One file an account.
pub struct FolderVault(PathBuf);

impl FolderVault {
    /// The keychain in this folder.
    pub fn new(folder: PathBuf) -> crate::Result<Self> {
        std::fs::create_dir_all(&folder).context("the folder of the test keychain")?;
        Ok(Self(folder))
    }

    fn write_whole(&self, account: &str, record: &Secret) -> std::io::Result<()> {
        // Written beside and renamed, as a keychain that takes a record whole or not at all.
        let beside = self.0.join(format!(".{account}"));
        std::fs::write(&beside, record.expose())?;
        std::fs::rename(beside, self.0.join(account))
    }
}

impl Backend for FolderVault {
    fn name(&self) -> String {
        "test folder".to_owned()
    }

    fn read(&self, account: &str) -> Result<Option<Secret>, VaultError> {
        match std::fs::read_to_string(self.0.join(account)) {
            Ok(record) => Ok(Some(Secret::new(record))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(_) => Err(VaultError::Refused),
        }
    }

    fn write(&self, account: &str, record: &Secret) -> Result<(), VaultError> {
        self.write_whole(account, record).map_err(|_| VaultError::Refused)
    }

    fn delete(&self, account: &str) -> Result<(), VaultError> {
        match std::fs::remove_file(self.0.join(account)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(VaultError::Refused),
            _ => Ok(()),
        }
    }
}
