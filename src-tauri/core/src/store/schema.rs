//! The schema, as migrations that only ever grow.

use std::path::Path;

use rusqlite::Connection;
use rusqlite_migration::{M, Migrations};

use super::StoreError;

const STEPS: &[M<'static>] = &[M::up(include_str!("schema/0001.sql"))];
const MIGRATIONS: Migrations<'static> = Migrations::from_slice(STEPS);
/// The version of an up-to-date database.
const NEWEST: i64 = 1;

/// Brings the database up to date; refuses a newer one untouched and copies an older one first.
pub(super) fn migrate(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > NEWEST {
        return Err(StoreError::Newer { found, known: NEWEST });
    }
    if found == NEWEST {
        return Ok(());
    }
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0))?;
    if tables > 0 {
        let mut copy = path.as_os_str().to_owned();
        copy.push(format!(".before-{found}"));
        let _ = std::fs::remove_file(&copy);
        connection.execute("VACUUM INTO ?1", [copy.to_string_lossy()])?;
    }
    MIGRATIONS.to_latest(connection).map_err(|error| match error {
        rusqlite_migration::Error::RusqliteError { err, .. } => err.into(),
        _ => StoreError::Damaged,
    })
}

/// An empty database of the newest version, for tests of the queries.
#[cfg(test)]
pub(super) fn in_memory() -> Connection {
    let mut connection = Connection::open_in_memory().unwrap();
    connection.pragma_update(None, "foreign_keys", true).unwrap();
    MIGRATIONS.to_latest(&mut connection).unwrap();
    connection
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_migration_runs_and_the_version_is_counted() {
        MIGRATIONS.validate().unwrap();
        let version: i64 = in_memory().pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
        assert_eq!(version, NEWEST);
    }
}
