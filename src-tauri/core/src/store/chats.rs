//! Chats as they are stored.

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};

use super::StoreError;
use super::columns::{Json, Word};
use crate::ids::{ChatId, MessageId, ModelReference};
use crate::time::Timestamp;

/// A chosen model with what was known of it then, so that it can still be named when it has gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedModel {
    /// Which model of which connection.
    pub reference: ModelReference,
    /// The model's name for people.
    pub name: String,
    /// The connection's label.
    pub label: String,
    /// Whether the provider listed it; one that was typed in is not expected in the list.
    pub listed: bool,
}

/// A stored chat.
#[derive(Clone, Debug, PartialEq)]
pub struct ChatRecord {
    /// Which chat.
    pub id: ChatId,
    /// Its title; empty until the first message names it.
    pub title: String,
    /// The model it is pinned to; `None` follows the default.
    pub pin: Option<SavedModel>,
    /// The last message of the branch it shows.
    pub head: Option<MessageId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

const COLUMNS: &str = "id, title, pin, head, created_at, updated_at";

/// All chats that are not deleted, the last changed first.
pub fn all(connection: &Connection) -> Result<Vec<ChatRecord>, StoreError> {
    let mut statement = connection
        .prepare(&format!("SELECT {COLUMNS} FROM chats WHERE deleted_at IS NULL ORDER BY updated_at DESC, id DESC"))?;
    let rows = statement.query_map([], read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// One chat, unless it is deleted.
pub fn one(connection: &Connection, id: ChatId) -> Result<Option<ChatRecord>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM chats WHERE id = ?1 AND deleted_at IS NULL");
    Ok(connection.query_row(&sql, [Word(id)], read).optional()?)
}

/// Writes a chat, new or known.
pub fn put(connection: &Connection, record: &ChatRecord) -> Result<(), StoreError> {
    connection.execute(
        &format!(
            "INSERT INTO chats ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (id) DO UPDATE SET
             title = excluded.title, pin = excluded.pin, head = excluded.head, updated_at = excluded.updated_at"
        ),
        params![
            Word(record.id),
            record.title,
            record.pin.as_ref().map(Json),
            record.head.map(Word),
            record.created_at.0,
            record.updated_at.0,
        ],
    )?;
    Ok(())
}

/// Marks a chat as deleted at `at`, or brings it back with `None`. Whether there was such a chat is returned.
pub fn set_deleted(connection: &Connection, id: ChatId, at: Option<Timestamp>) -> Result<bool, StoreError> {
    let sql = "UPDATE chats SET deleted_at = ?2 WHERE id = ?1 AND (deleted_at IS NULL) = (?2 IS NOT NULL)";
    Ok(connection.execute(sql, params![Word(id), at.map(|at| at.0)])? == 1)
}

/// Removes for good what was deleted before `before`.
pub fn purge(connection: &Connection, before: Timestamp) -> Result<(), StoreError> {
    connection.execute("DELETE FROM chats WHERE deleted_at < ?1", [before.0])?;
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<ChatRecord> {
    Ok(ChatRecord {
        id: row.get::<_, Word<_>>(0)?.0,
        title: row.get(1)?,
        pin: row.get::<_, Option<Json<_>>>(2)?.map(|pin| pin.0),
        head: row.get::<_, Option<Word<_>>>(3)?.map(|head| head.0),
        created_at: Timestamp(row.get(4)?),
        updated_at: Timestamp(row.get(5)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::schema::in_memory;

    fn chat(updated_at: i64) -> ChatRecord {
        let reference = ModelReference { connection: crate::ids::ConnectionId::new(), model: "m".into() };
        ChatRecord {
            id: ChatId::new(),
            title: "Trip".to_owned(),
            pin: Some(SavedModel { reference, name: "M".to_owned(), label: "Work".to_owned(), listed: true }),
            head: Some(MessageId::new()),
            created_at: Timestamp(1),
            updated_at: Timestamp(updated_at),
        }
    }

    #[test]
    fn chats_are_read_as_they_were_written_the_last_changed_first() {
        let connection = in_memory();
        let (old, new) = (chat(5), chat(9));
        put(&connection, &new).unwrap();
        put(&connection, &old).unwrap();
        assert_eq!(all(&connection).unwrap(), [new.clone(), old.clone()]);
        let moved = ChatRecord { pin: None, title: "Tax".to_owned(), updated_at: Timestamp(20), ..old };
        put(&connection, &moved).unwrap();
        assert_eq!(all(&connection).unwrap(), [moved.clone(), new]);
        assert_eq!(one(&connection, moved.id).unwrap(), Some(moved));
        assert_eq!(one(&connection, ChatId::new()).unwrap(), None);
    }

    #[test]
    fn a_deleted_chat_is_gone_until_it_is_restored_and_purged_for_good() {
        let connection = in_memory();
        let (deleted, kept) = (chat(5), chat(9));
        put(&connection, &deleted).unwrap();
        put(&connection, &kept).unwrap();
        assert!(!set_deleted(&connection, deleted.id, None).unwrap(), "there is nothing to restore");
        assert!(set_deleted(&connection, deleted.id, Some(Timestamp(100))).unwrap());
        assert!(!set_deleted(&connection, deleted.id, Some(Timestamp(200))).unwrap(), "it is deleted already");
        assert_eq!(one(&connection, deleted.id).unwrap(), None);
        purge(&connection, Timestamp(100)).unwrap();
        assert!(set_deleted(&connection, deleted.id, None).unwrap(), "it can be restored for as long as was said");
        assert_eq!(all(&connection).unwrap().len(), 2);
        set_deleted(&connection, deleted.id, Some(Timestamp(100))).unwrap();
        purge(&connection, Timestamp(101)).unwrap();
        assert!(!set_deleted(&connection, deleted.id, None).unwrap());
        assert_eq!(all(&connection).unwrap(), [kept], "what was not deleted stays");
    }
}
