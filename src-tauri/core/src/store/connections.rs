//! Connections as they are stored: everything about an account but its secret.

use rusqlite::{Connection, Row, params};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::StoreError;
use super::columns::Word;
use crate::ids::{ConnectionId, ProviderId};
use crate::time::Timestamp;

/// How a connection proves who the person is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Signed in through the browser.
    Oauth,
    /// With a key the person pasted, or one a sign-in returned.
    ApiKey,
    /// With nothing: a server on this machine, say.
    None,
}

/// What is known of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionState {
    /// Its first real call is under way.
    Checking,
    /// The last real call succeeded.
    Connected,
    /// Its credential is no longer accepted, or is gone.
    NeedsSignIn,
    /// The last call failed for another reason; it may pass.
    Failing,
}

/// A stored connection.
#[derive(Clone, Debug, PartialEq)]
pub struct ConnectionRecord {
    /// Which connection.
    pub id: ConnectionId,
    /// At which provider.
    pub provider: ProviderId,
    /// The person's name for it.
    pub label: String,
    /// Its own colour, as a hue in degrees.
    pub hue: u16,
    /// How it proves who the person is.
    pub method: Method,
    /// What is known of it.
    pub state: ConnectionState,
    /// Whose account, where the provider says so.
    pub account: Option<String>,
    /// The key with its middle left out.
    pub masked_key: Option<String>,
    /// Where requests go.
    pub base_url: String,
    /// Counts the credentials this connection has had; a list fetched with an earlier one is not shown.
    pub generation: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When the access token runs out, where that is known.
    pub expires_at: Option<Timestamp>,
    /// When a real call last succeeded.
    pub last_ok_at: Option<Timestamp>,
    /// What the last failed call said, in words.
    pub last_error: Option<String>,
}

const COLUMNS: &str = "id, provider, label, hue, method, state, account, masked_key, base_url, generation, created_at, \
                       expires_at, last_ok_at, last_error";

/// All connections, oldest first.
pub fn all(connection: &Connection) -> Result<Vec<ConnectionRecord>, StoreError> {
    let mut statement = connection.prepare(&format!("SELECT {COLUMNS} FROM connections ORDER BY created_at, id"))?;
    let rows = statement.query_map([], read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Writes a connection, new or known.
pub fn put(connection: &Connection, record: &ConnectionRecord) -> Result<(), StoreError> {
    connection.execute(
        &format!(
            "INSERT INTO connections ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
             ON CONFLICT (id) DO UPDATE SET label = excluded.label, method = excluded.method, state = excluded.state,
             account = excluded.account, masked_key = excluded.masked_key, base_url = excluded.base_url,
             generation = excluded.generation, expires_at = excluded.expires_at, last_ok_at = excluded.last_ok_at,
             last_error = excluded.last_error"
        ),
        params![
            Word(record.id),
            Word(&record.provider),
            record.label,
            record.hue,
            Word(record.method),
            Word(record.state),
            record.account,
            record.masked_key,
            record.base_url,
            record.generation,
            record.created_at.0,
            record.expires_at.map(|at| at.0),
            record.last_ok_at.map(|at| at.0),
            record.last_error,
        ],
    )?;
    Ok(())
}

/// Deletes a connection and its list of models.
pub fn delete(connection: &Connection, id: ConnectionId) -> Result<(), StoreError> {
    connection.execute("DELETE FROM connections WHERE id = ?1", [Word(id)])?;
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<ConnectionRecord> {
    Ok(ConnectionRecord {
        id: row.get::<_, Word<_>>(0)?.0,
        provider: row.get::<_, Word<_>>(1)?.0,
        label: row.get(2)?,
        hue: row.get(3)?,
        method: row.get::<_, Word<_>>(4)?.0,
        state: row.get::<_, Word<_>>(5)?.0,
        account: row.get(6)?,
        masked_key: row.get(7)?,
        base_url: row.get(8)?,
        generation: row.get(9)?,
        created_at: Timestamp(row.get(10)?),
        expires_at: row.get::<_, Option<i64>>(11)?.map(Timestamp),
        last_ok_at: row.get::<_, Option<i64>>(12)?.map(Timestamp),
        last_error: row.get(13)?,
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::store::schema::in_memory;

    pub(in crate::store) fn record(created_at: i64) -> ConnectionRecord {
        ConnectionRecord {
            id: ConnectionId::new(),
            provider: "sandbox".parse().unwrap(),
            label: "Work".to_owned(),
            hue: 210,
            method: Method::ApiKey,
            state: ConnectionState::NeedsSignIn,
            account: Some("ada".to_owned()),
            masked_key: Some("sk-…abcd".to_owned()),
            base_url: "https://host/v1".to_owned(),
            generation: 3,
            created_at: Timestamp(created_at),
            expires_at: Some(Timestamp(7)),
            last_ok_at: None,
            last_error: Some("It did not answer.".to_owned()),
        }
    }

    #[test]
    fn connections_are_read_as_they_were_written_oldest_first() {
        let connection = in_memory();
        let (first, second) = (record(1), record(2));
        put(&connection, &second).unwrap();
        put(&connection, &first).unwrap();
        assert_eq!(all(&connection).unwrap(), [first.clone(), second.clone()]);
        let renewed = ConnectionRecord {
            label: "Home".to_owned(),
            method: Method::Oauth,
            state: ConnectionState::Connected,
            account: None,
            masked_key: None,
            base_url: "https://other/v1".to_owned(),
            generation: 4,
            expires_at: None,
            last_ok_at: Some(Timestamp(9)),
            last_error: None,
            ..first.clone()
        };
        put(&connection, &renewed).unwrap();
        assert_eq!(all(&connection).unwrap(), [renewed, second.clone()]);
        delete(&connection, first.id).unwrap();
        assert_eq!(all(&connection).unwrap(), [second]);
    }
}
