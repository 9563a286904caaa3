//! Fetching a connection's list of models, and what is known of it in the meantime.
//!
//! One fetch a connection at a time; whoever asks meanwhile waits for that one. While it is under way, and after it
//! failed, the old list stays with its age and the error beside it.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};

use super::{ModelView, Models};
use crate::event::AppEvent;
use crate::ids::{ConnectionId, ModelId};
use crate::pool::{CallError, ConnectionState};
use crate::store::connections::ConnectionRecord;
use crate::store::model_lists::{self, ModelListRecord};
use crate::time::Timestamp;
use crate::wire::ListedModel;
use crate::words::say;

/// A list older than this is fetched again when the dropdown opens.
const STALE_AFTER: Duration = Duration::from_hours(1);
/// The longest list that is read.
const LIST_BODY: usize = 16 * 1024 * 1024;
/// How long a list may take.
const LIST_TIME: Duration = Duration::from_secs(30);

/// What is known of one connection's models.
#[derive(Clone, Default)]
pub(super) struct ModelList {
    /// The models, in the provider's order.
    pub(super) models: Arc<[ModelView]>,
    /// When they were listed.
    pub(super) fetched_at: Option<Timestamp>,
    /// Why the last fetch failed, in words.
    pub(super) error: Option<String>,
    /// A fetch is under way.
    pub(super) loading: bool,
    flight: Option<Shared<BoxFuture<'static, Result<(), String>>>>,
}

impl ModelList {
    pub(super) fn stored(record: ModelListRecord) -> Self {
        Self { models: record.models.into(), fetched_at: Some(record.fetched_at), ..Self::default() }
    }
}

impl Models {
    /// Fetches the list now: a real call, which also settles the connection's state. The error is in words.
    pub async fn refresh(&self, connection: ConnectionId) -> Result<(), String> {
        let flight = {
            let mut lists = self.lists();
            let list = lists.entry(connection).or_default();
            if let Some(flight) = &list.flight {
                flight.clone()
            } else {
                list.loading = true;
                let models = self.clone();
                let task = tokio::spawn(async move { models.fetch(connection).await });
                let flight = async move { task.await.unwrap_or_else(|error| Err(error.to_string())) };
                list.flight.insert(flight.boxed().shared()).clone()
            }
        };
        self.0.options.events.send(AppEvent::ModelsChanged { connection });
        flight.await
    }

    /// The dropdown opened: lists that are missing or old are fetched in the background.
    pub fn opened(&self) {
        let now = self.0.options.clock.now();
        for record in self.0.options.pool.records() {
            let stale = match self.lists().get(&record.id) {
                Some(list) => list.fetched_at.is_none_or(|at| now.since(at) > STALE_AFTER),
                None => true,
            };
            if stale && record.state != ConnectionState::NeedsSignIn {
                let models = self.clone();
                tokio::spawn(async move { models.refresh(record.id).await });
            }
        }
    }

    /// Drops the list: the connection has another credential, or is gone.
    pub fn drop_list(&self, connection: ConnectionId) {
        self.lists().remove(&connection);
        self.0.options.events.send(AppEvent::ModelsChanged { connection });
    }

    async fn fetch(&self, connection: ConnectionId) -> Result<(), String> {
        let pool = &self.0.options.pool;
        let asked = pool.record(connection).ok_or_else(|| say("pool-no-connection"))?;
        let result = self.call(&asked).await;
        let still = pool.record(connection).ok_or_else(|| say("pool-no-connection"))?;
        if (asked.generation, &asked.base_url) != (still.generation, &still.base_url) {
            // Whoever changed the credential has dropped this list, and what stands there now may be the new one.
            return Err(say("models-superseded"));
        }
        let outcome = match result {
            Ok(models) => {
                let fetched_at = self.0.options.clock.now();
                let stored = ModelListRecord {
                    connection,
                    base_url: still.base_url,
                    generation: still.generation,
                    fetched_at,
                    models: models.clone(),
                };
                if let Err(error) =
                    self.0.options.store.write(move |transaction| model_lists::put(transaction, &stored)).await
                {
                    tracing::warn!(%error, "a list of models could not be saved");
                }
                let list = ModelList { models: models.into(), fetched_at: Some(fetched_at), ..ModelList::default() };
                self.lists().insert(connection, list);
                Ok(())
            }
            Err(error) => {
                let words = error.words(&pool.provider_name(connection));
                let mut lists = self.lists();
                let list = lists.entry(connection).or_default();
                (list.loading, list.flight, list.error) = (false, None, Some(words.clone()));
                Err(words)
            }
        };
        self.0.options.events.send(AppEvent::ModelsChanged { connection });
        outcome
    }

    async fn call(&self, connection: &ConnectionRecord) -> Result<Vec<ModelView>, CallError> {
        let pool = &self.0.options.pool;
        let call = pool.call(connection.id, |profile, http| profile.get(http, profile.format().models_path()));
        let listing = async {
            let (profile, response) = call.await?;
            let body = crate::pool::read_all(response, LIST_BODY).await?;
            profile.format().parse_models(&body).map_err(|_| CallError::Answer)
        };
        let result = tokio::time::timeout(LIST_TIME, listing).await;
        let listed = match result.unwrap_or(Err(CallError::Unreachable { timeout: true })) {
            Ok(listed) => listed,
            Err(error) => {
                // This is the call that settles a connection's state, whatever the error.
                pool.note_failure(connection.id, connection.generation, &error).await;
                return Err(error);
            }
        };
        Ok(listed.into_iter().map(view).collect())
    }
}

fn view(listed: ListedModel) -> ModelView {
    ModelView {
        name: listed.name.unwrap_or_else(|| listed.id.clone()),
        id: ModelId::from(listed.id),
        context: listed.context,
    }
}
