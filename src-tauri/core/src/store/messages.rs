//! Messages and their content as they are stored.

use rusqlite::{Connection, Row, params};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::StoreError;
use super::columns::{Json, Word};
use super::connections::Method;
use crate::ids::{ChatId, MessageId, ModelReference};
use crate::time::Timestamp;
use crate::wire::{Role, Usage};

/// How a message stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum MessageState {
    /// All of it is there.
    Complete,
    /// It is being written.
    Streaming,
    /// The person stopped it.
    Stopped,
    /// Patchbay ended while it was being written; what had arrived is there.
    Interrupted,
    /// It failed; what had arrived is there.
    Failed,
}

/// Who wrote an answer, as it was then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct WrittenBy {
    /// The model and the connection.
    pub reference: ModelReference,
    /// The model's name for people.
    pub name: String,
    /// The connection's label.
    pub connection_label: String,
    /// The connection's colour, as a hue in degrees.
    pub hue: u16,
    /// How the connection proved who the person is.
    pub method: Method,
    /// Whether the chat was on the default.
    pub on_default: bool,
}

/// A stored message with its content.
#[derive(Clone, Debug, PartialEq)]
pub struct MessageRecord {
    /// Which message.
    pub id: MessageId,
    /// The chat it belongs to.
    pub chat: ChatId,
    /// The message it follows.
    pub parent: Option<MessageId>,
    /// Who speaks.
    pub role: Role,
    /// How it stands.
    pub state: MessageState,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who wrote it; answers only.
    pub written_by: Option<WrittenBy>,
    /// Tokens, where the provider said.
    pub usage: Option<Usage>,
    /// How long the answer took.
    pub duration_ms: Option<u32>,
    /// What to know of how it ended, in words.
    pub remark: Option<String>,
    /// The text.
    pub text: String,
    /// What the model thought before it answered.
    pub reasoning: String,
}

/// What a piece of content is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartKind {
    /// Text.
    Text,
    /// What the model thought.
    Reasoning,
}

/// The branch of messages that ends in `head`, oldest first.
pub fn branch(connection: &Connection, head: MessageId) -> Result<Vec<MessageRecord>, StoreError> {
    let mut statement = connection.prepare_cached(
        "WITH RECURSIVE branch (id, depth) AS (
           SELECT ?1, 0 UNION ALL
           SELECT m.parent, depth + 1 FROM branch JOIN messages m ON m.id = branch.id WHERE m.parent IS NOT NULL
         )
         SELECT m.id, m.chat, m.parent, m.role, m.state, m.created_at, m.written_by, m.usage, m.duration_ms, m.remark,
           (SELECT group_concat(body, '' ORDER BY position) FROM parts WHERE message = m.id AND kind = 'text'),
           (SELECT group_concat(body, '' ORDER BY position) FROM parts WHERE message = m.id AND kind = 'reasoning')
         FROM branch JOIN messages m ON m.id = branch.id ORDER BY depth DESC",
    )?;
    let rows = statement.query_map([Word(head)], read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Writes a new message with its content.
pub fn insert(connection: &Connection, record: &MessageRecord) -> Result<(), StoreError> {
    connection.execute(
        "INSERT INTO messages (id, chat, parent, role, state, created_at, written_by, usage, duration_ms, remark)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            Word(record.id),
            Word(record.chat),
            record.parent.map(Word),
            Word(record.role),
            Word(record.state),
            record.created_at.0,
            record.written_by.as_ref().map(Json),
            record.usage.as_ref().map(Json),
            record.duration_ms,
            record.remark,
        ],
    )?;
    put_content(connection, record)
}

/// Adds what arrived of a running answer, as part number `position`.
pub fn append(
    connection: &Connection,
    message: MessageId,
    position: u32,
    kind: PartKind,
    body: &str,
) -> Result<(), StoreError> {
    connection
        .prepare_cached("INSERT INTO parts (message, position, kind, body) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![Word(message), position, Word(kind), body])?;
    Ok(())
}

/// Writes how an answer ended, and its content as one part a kind.
pub fn finish(connection: &Connection, record: &MessageRecord) -> Result<(), StoreError> {
    connection.execute(
        "UPDATE messages SET state = ?2, usage = ?3, duration_ms = ?4, remark = ?5 WHERE id = ?1",
        params![
            Word(record.id),
            Word(record.state),
            record.usage.as_ref().map(Json),
            record.duration_ms,
            record.remark,
        ],
    )?;
    connection.execute("DELETE FROM parts WHERE message = ?1", [Word(record.id)])?;
    put_content(connection, record)
}

/// Marks the answers that were being written when the application ended. How many there were is returned.
pub fn interrupt_streaming(connection: &Connection, remark: &str) -> Result<usize, StoreError> {
    let sql = "UPDATE messages SET state = 'interrupted', remark = ?1 WHERE state = 'streaming'";
    Ok(connection.execute(sql, [remark])?)
}

fn put_content(connection: &Connection, record: &MessageRecord) -> Result<(), StoreError> {
    let content = [(PartKind::Reasoning, &record.reasoning), (PartKind::Text, &record.text)];
    for (position, (kind, body)) in (0..).zip(content) {
        if !body.is_empty() {
            append(connection, record.id, position, kind, body)?;
        }
    }
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<MessageRecord> {
    Ok(MessageRecord {
        id: row.get::<_, Word<_>>(0)?.0,
        chat: row.get::<_, Word<_>>(1)?.0,
        parent: row.get::<_, Option<Word<_>>>(2)?.map(|parent| parent.0),
        role: row.get::<_, Word<_>>(3)?.0,
        state: row.get::<_, Word<_>>(4)?.0,
        created_at: Timestamp(row.get(5)?),
        written_by: row.get::<_, Option<Json<_>>>(6)?.map(|written_by| written_by.0),
        usage: row.get::<_, Option<Json<_>>>(7)?.map(|usage| usage.0),
        duration_ms: row.get(8)?,
        remark: row.get(9)?,
        text: row.get::<_, Option<String>>(10)?.unwrap_or_default(),
        reasoning: row.get::<_, Option<String>>(11)?.unwrap_or_default(),
    })
}
