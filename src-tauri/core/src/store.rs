//! The database: one SQLite file in the data folder, one thread that writes, one that reads.
//!
//! This module opens, migrates and guards the file and runs closures on it; the queries stand beside the data they
//! are about ([`connections`], [`model_lists`], [`settings`], [`chats`], [`messages`]). No secret ever comes here.

pub mod chats;
mod columns;
pub mod connections;
pub mod messages;
pub mod model_lists;
mod schema;
pub mod settings;
mod worker;

use std::path::Path;

use rusqlite::{Connection, Transaction};

use crate::words::{say, say_with};
use worker::Worker;

/// What can go wrong with the database.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A newer Patchbay wrote it.
    #[error("the database has version {found}, this build knows {known}")]
    Newer {
        /// The file's version.
        found: i64,
        /// The newest version this build knows.
        known: i64,
    },
    /// The disk is full.
    #[error("the disk is full")]
    Full,
    /// The file is not a database any more.
    #[error("the database is damaged")]
    Damaged,
    /// The folder or the file cannot be used.
    #[error("the data folder cannot be used: {0}")]
    Folder(#[from] std::io::Error),
    /// A stored value cannot be read.
    #[error("a stored value cannot be read: {0}")]
    Value(#[from] serde_json::Error),
    /// Anything else that SQLite says.
    #[error("the database refused: {0}")]
    Sqlite(rusqlite::Error),
    /// The database thread has ended.
    #[error("the database is closed")]
    Closed,
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{DatabaseCorrupt, DiskFull, NotADatabase};
        match error.sqlite_error_code() {
            Some(DiskFull) => Self::Full,
            Some(DatabaseCorrupt | NotADatabase) => Self::Damaged,
            _ => Self::Sqlite(error),
        }
    }
}

impl StoreError {
    /// What happened and what to do, for the person.
    pub fn words(&self) -> String {
        match self {
            Self::Newer { .. } => say("store-newer"),
            Self::Full => say("store-full"),
            Self::Damaged => say("store-damaged"),
            Self::Folder(error) => say_with("store-folder", &[("reason", &error.to_string())]),
            Self::Value(_) | Self::Sqlite(_) | Self::Closed => {
                say_with("store-refused", &[("reason", &self.to_string())])
            }
        }
    }
}

/// The open database. Cloning shares it.
#[derive(Clone, Debug)]
pub struct Store {
    writer: Worker,
    reader: Worker,
}

impl Store {
    /// Opens (or creates) the database in `folder` and brings it up to date; the file is copied before a migration.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        std::fs::create_dir_all(folder)?;
        let path = folder.join("patchbay.db");
        let mut writer = connect(&path)?;
        schema::migrate(&mut writer, &path)?;
        let reader = connect(&path)?;
        reader.pragma_update(None, "query_only", true)?;
        Ok(Self { writer: Worker::start("store-writer", writer)?, reader: Worker::start("store-reader", reader)? })
    }

    /// Runs `work` in a transaction on the writing thread; an error rolls everything back.
    pub async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        self.writer
            .run(move |connection| {
                let transaction = connection.transaction()?;
                let value = work(&transaction)?;
                transaction.commit()?;
                Ok(value)
            })
            .await
    }

    /// Runs `work` on the reading thread.
    pub async fn read<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        self.reader.run(move |connection| work(connection)).await
    }
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    Ok(connection)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_failed_write_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let failed: Result<(), StoreError> = store
            .write(|transaction| {
                settings::put(transaction, "key", &"value")?;
                Err(StoreError::Full)
            })
            .await;
        assert!(matches!(failed, Err(StoreError::Full)));
        let value: Option<String> = store.read(|connection| settings::get(connection, "key")).await.unwrap();
        assert_eq!(value, None, "the transaction was rolled back");
    }

    #[test]
    fn a_newer_database_is_refused_and_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        drop(Store::open(folder.path()).unwrap());
        let path = folder.path().join("patchbay.db");
        Connection::open(&path).unwrap().pragma_update(None, "user_version", 9_999).unwrap();
        assert!(matches!(Store::open(folder.path()), Err(StoreError::Newer { found: 9_999, .. })));
        let version: i64 =
            Connection::open(&path).unwrap().pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
        assert_eq!(version, 9_999, "nothing was written to it");
    }

    #[test]
    fn a_file_that_is_no_database_is_refused_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("patchbay.db");
        std::fs::write(&path, vec![b'x'; 8_192]).unwrap();
        assert!(matches!(Store::open(folder.path()), Err(StoreError::Damaged)));
        assert_eq!(std::fs::read(&path).unwrap(), vec![b'x'; 8_192], "the file is as it was");
    }

    #[test]
    fn an_older_database_is_copied_before_it_is_migrated() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("patchbay.db");
        let old = Connection::open(&path).unwrap();
        old.execute_batch("CREATE TABLE relic (id INTEGER); INSERT INTO relic VALUES (7);").unwrap();
        drop(old);
        drop(Store::open(folder.path()).unwrap());
        let copy = Connection::open(folder.path().join("patchbay.db.before-0")).unwrap();
        let kept: i64 = copy.query_row("SELECT id FROM relic", [], |row| row.get(0)).unwrap();
        assert_eq!(kept, 7);
    }
}
