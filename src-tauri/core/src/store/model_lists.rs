//! The last list of models of each connection.

use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::StoreError;
use super::columns::{Json, Word};
use crate::ids::{ConnectionId, ModelId};
use crate::time::Timestamp;

/// One model in the dropdown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ModelView {
    /// As the provider spells it.
    pub id: ModelId,
    /// For people.
    pub name: String,
    /// How many tokens it takes in, where the provider says so.
    pub context: Option<u32>,
}

/// A stored list.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelListRecord {
    /// Whose list.
    pub connection: ConnectionId,
    /// Where it was fetched from.
    pub base_url: String,
    /// With which of the connection's credentials.
    pub generation: u32,
    /// When.
    pub fetched_at: Timestamp,
    /// The models, in the provider's order.
    pub models: Vec<ModelView>,
}

/// All lists that still belong to their connection's address and credential.
pub fn all(connection: &Connection) -> Result<Vec<ModelListRecord>, StoreError> {
    let mut statement = connection.prepare(
        "SELECT l.connection, l.base_url, l.generation, l.fetched_at, l.models FROM model_lists l
         JOIN connections c ON c.id = l.connection AND c.base_url = l.base_url AND c.generation = l.generation",
    )?;
    let rows = statement.query_map([], |row| {
        Ok(ModelListRecord {
            connection: row.get::<_, Word<_>>(0)?.0,
            base_url: row.get(1)?,
            generation: row.get(2)?,
            fetched_at: Timestamp(row.get(3)?),
            models: row.get::<_, Json<_>>(4)?.0,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Writes a list; one for a connection that has gone since is dropped.
pub fn put(connection: &Connection, record: &ModelListRecord) -> Result<(), StoreError> {
    connection.execute(
        "INSERT INTO model_lists (connection, base_url, generation, fetched_at, models)
         SELECT ?1, ?2, ?3, ?4, ?5 WHERE EXISTS (SELECT 1 FROM connections WHERE id = ?1)
         ON CONFLICT (connection) DO UPDATE SET base_url = excluded.base_url, generation = excluded.generation,
         fetched_at = excluded.fetched_at, models = excluded.models",
        params![
            Word(record.connection),
            record.base_url,
            record.generation,
            record.fetched_at.0,
            Json(&record.models),
        ],
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::connections::{self, ConnectionRecord, tests::record};
    use crate::store::schema::in_memory;

    #[test]
    fn a_list_counts_for_the_address_and_the_credential_it_was_fetched_with() {
        let connection = in_memory();
        let owner = record(1);
        connections::put(&connection, &owner).unwrap();
        let models = vec![ModelView { id: "a/b".into(), name: "B".to_owned(), context: Some(8_000) }];
        let list = ModelListRecord {
            connection: owner.id,
            base_url: owner.base_url.clone(),
            generation: owner.generation,
            fetched_at: Timestamp(5),
            models,
        };
        put(&connection, &list).unwrap();
        assert_eq!(all(&connection).unwrap(), std::slice::from_ref(&list));
        let newer = ModelListRecord { fetched_at: Timestamp(6), models: Vec::new(), ..list.clone() };
        put(&connection, &newer).unwrap();
        assert_eq!(all(&connection).unwrap(), [newer], "one list a connection");
        for changed in [
            ConnectionRecord { generation: owner.generation + 1, ..owner.clone() },
            ConnectionRecord { base_url: "https://other/v1".to_owned(), ..owner.clone() },
        ] {
            connections::put(&connection, &changed).unwrap();
            assert_eq!(all(&connection).unwrap(), [], "it is not this connection's any more");
        }
        connections::put(&connection, &owner).unwrap();
        connections::delete(&connection, owner.id).unwrap();
        put(&connection, &list).unwrap();
        let rows: i64 = connection.query_row("SELECT count(*) FROM model_lists", [], |row| row.get(0)).unwrap();
        assert_eq!(rows, 0, "a list goes with its connection and does not come back without it");
    }
}
