//! Single values by key, as JSON.

use rusqlite::{Connection, OptionalExtension};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::StoreError;

/// The value of `key`, if it is set.
pub fn get<T: DeserializeOwned>(connection: &Connection, key: &str) -> Result<Option<T>, StoreError> {
    let text: Option<String> =
        connection.query_row("SELECT value FROM settings WHERE key = ?1", [key], |row| row.get(0)).optional()?;
    Ok(text.map(|text| serde_json::from_str(&text)).transpose()?)
}

/// Sets `key` to `value`.
pub fn put<T: Serialize>(connection: &Connection, key: &str, value: &T) -> Result<(), StoreError> {
    let text = serde_json::to_string(value)?;
    connection.execute(
        "INSERT INTO settings (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        [key, &text],
    )?;
    Ok(())
}

/// Unsets `key`.
pub fn delete(connection: &Connection, key: &str) -> Result<(), StoreError> {
    connection.execute("DELETE FROM settings WHERE key = ?1", [key])?;
    Ok(())
}
