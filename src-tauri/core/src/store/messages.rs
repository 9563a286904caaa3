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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::chats::{self, ChatRecord};
    use crate::store::schema::in_memory;

    fn chat(connection: &Connection) -> ChatId {
        let at = Timestamp(1);
        let record =
            ChatRecord { id: ChatId::new(), title: "T".into(), pin: None, head: None, created_at: at, updated_at: at };
        chats::put(connection, &record).unwrap();
        record.id
    }

    fn message(chat: ChatId, parent: Option<&MessageRecord>, role: Role, text: &str) -> MessageRecord {
        MessageRecord {
            id: MessageId::new(),
            chat,
            parent: parent.map(|parent| parent.id),
            role,
            state: MessageState::Complete,
            created_at: Timestamp(5),
            written_by: None,
            usage: None,
            duration_ms: None,
            remark: None,
            text: text.to_owned(),
            reasoning: String::new(),
        }
    }

    #[test]
    fn a_branch_is_read_as_it_was_written_and_without_its_siblings() {
        let connection = in_memory();
        let chat = chat(&connection);
        let question = message(chat, None, Role::User, "Hello\n\"world\" 🌍");
        let written_by = WrittenBy {
            reference: ModelReference { connection: crate::ids::ConnectionId::new(), model: "a/b".into() },
            name: "B".to_owned(),
            connection_label: "Work".to_owned(),
            hue: 35,
            method: Method::Oauth,
            on_default: true,
        };
        let first = MessageRecord {
            written_by: Some(written_by),
            usage: Some(Usage { input: Some(7), output: None, ..Usage::default() }),
            duration_ms: Some(1_200),
            remark: Some("Cut off.".to_owned()),
            reasoning: "Hm.".to_owned(),
            ..message(chat, Some(&question), Role::Assistant, "One")
        };
        let second = message(chat, Some(&question), Role::Assistant, "Two");
        let last = message(chat, Some(&first), Role::User, "Go on");
        for record in [&question, &first, &second, &last] {
            insert(&connection, record).unwrap();
        }
        assert_eq!(branch(&connection, last.id).unwrap(), [question.clone(), first, last]);
        assert_eq!(branch(&connection, second.id).unwrap(), [question, second], "a new answer is a sibling");
        assert_eq!(branch(&connection, MessageId::new()).unwrap(), []);
    }

    #[test]
    fn what_arrived_in_pieces_reads_in_order_and_ends_as_one() {
        let connection = in_memory();
        let streaming =
            MessageRecord { state: MessageState::Streaming, ..message(chat(&connection), None, Role::Assistant, "") };
        insert(&connection, &streaming).unwrap();
        // More than ten, so that an order by text would show.
        for position in 0..24 {
            let kind = if position % 2 == 0 { PartKind::Reasoning } else { PartKind::Text };
            append(&connection, streaming.id, position, kind, &format!("{position} ")).unwrap();
        }
        let read = branch(&connection, streaming.id).unwrap().remove(0);
        assert_eq!(read.text, "1 3 5 7 9 11 13 15 17 19 21 23 ");
        assert!(read.reasoning.starts_with("0 2 4 ") && read.reasoning.ends_with("22 "));
        let ended = MessageRecord { state: MessageState::Stopped, remark: Some("Stopped.".to_owned()), ..read };
        finish(&connection, &ended).unwrap();
        assert_eq!(branch(&connection, streaming.id).unwrap(), [ended]);
        let parts: i64 = connection.query_row("SELECT count(*) FROM parts", [], |row| row.get(0)).unwrap();
        assert_eq!(parts, 2, "one row a kind");
    }

    #[test]
    fn only_what_was_being_written_is_interrupted() {
        let connection = in_memory();
        let chat = chat(&connection);
        let whole = message(chat, None, Role::User, "Hello");
        let half =
            MessageRecord { state: MessageState::Streaming, ..message(chat, Some(&whole), Role::Assistant, "Well") };
        insert(&connection, &whole).unwrap();
        insert(&connection, &half).unwrap();
        assert_eq!(interrupt_streaming(&connection, "Interrupted.").unwrap(), 1);
        let read = branch(&connection, half.id).unwrap();
        assert_eq!(read[0], whole);
        let remark = Some("Interrupted.".to_owned());
        assert_eq!(read[1], MessageRecord { state: MessageState::Interrupted, remark, ..half });
        assert_eq!(interrupt_streaming(&connection, "Again.").unwrap(), 0);
    }
}
