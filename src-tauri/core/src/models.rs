//! Lists of models, and which model a chat uses.
//!
//! [`Models`] fetches and keeps each connection's list and knows the default; `choice` says, without touching
//! anything, what a choice resolves to. Nothing here ever replaces one model by another.

mod choice;
mod list;
mod view;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use choice::Landscape;
pub use view::{Choice, EffectiveModel, Mark, ModelGroup, ModelView, Picker, Unavailable, UnavailableReason};

pub use crate::store::chats::SavedModel;

use crate::error::{Code, Error};
use crate::event::{AppEvent, Events};
use crate::ids::{ConnectionId, ModelReference};
use crate::pool::{ConnectionView, Pool};
use crate::ports::Clock;
use crate::store::{Store, StoreError, model_lists, settings};
use crate::words::say;
use list::ModelList;

const DEFAULT_MODEL: &str = "default_model";

/// What the lists work with.
#[derive(Clone)]
pub struct ModelsOptions {
    /// Where lists and the default are kept.
    pub store: Store,
    /// Whose models.
    pub pool: Pool,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Who is told of changes.
    pub events: Events,
}

/// Why a model could not be chosen.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// Its connection is gone.
    #[error("there is no such connection")]
    NoConnection,
    /// The store did not take the choice.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ModelError> for Error {
    fn from(error: ModelError) -> Self {
        match error {
            ModelError::NoConnection => Self::new(Code::NotFound, say("pool-no-connection")),
            ModelError::Store(error) => Self::other(error.words()),
        }
    }
}

/// All lists, and the default. Cloning shares them.
#[derive(Clone)]
pub struct Models(Arc<Inner>);

struct Inner {
    options: ModelsOptions,
    lists: Mutex<HashMap<ConnectionId, ModelList>>,
    default: Mutex<Option<SavedModel>>,
}

impl Models {
    /// Reads the stored lists and the default; the network is not touched.
    pub async fn open(options: ModelsOptions) -> Result<Self, StoreError> {
        let read = |connection: &rusqlite::Connection| {
            Ok((model_lists::all(connection)?, settings::get::<SavedModel>(connection, DEFAULT_MODEL)?))
        };
        let (records, default) = options.store.read(read).await?;
        let lists = records.into_iter().map(|record| (record.connection, ModelList::stored(record))).collect();
        Ok(Self(Arc::new(Inner { options, lists: Mutex::new(lists), default: Mutex::new(default) })))
    }

    /// Sets the default. Chats on the default follow it; no other chat moves.
    pub async fn set_default(&self, reference: Option<ModelReference>) -> Result<(), ModelError> {
        let saved = reference.map(|reference| self.describe(reference)).transpose()?;
        let stored = saved.clone();
        self.0
            .options
            .store
            .write(move |transaction| match &stored {
                Some(saved) => settings::put(transaction, DEFAULT_MODEL, saved),
                None => settings::delete(transaction, DEFAULT_MODEL),
            })
            .await?;
        *lock(&self.0.default) = saved;
        self.0.options.events.send(AppEvent::DefaultModelChanged);
        Ok(())
    }

    /// Makes the first model of a new connection the default when there is none yet, so that chats can start.
    pub async fn set_first_default(&self, connection: ConnectionId) -> Result<(), ModelError> {
        if lock(&self.0.default).is_some() {
            return Ok(());
        }
        let first = lock(&self.0.lists).get(&connection).and_then(|list| list.models.first().map(|it| it.id.clone()));
        match first {
            Some(model) => self.set_default(Some(ModelReference { connection, model })).await,
            None => Ok(()),
        }
    }

    /// The model with what is known of it now, for storing it as a choice.
    pub fn describe(&self, reference: ModelReference) -> Result<SavedModel, ModelError> {
        let label = self.0.options.pool.record(reference.connection).ok_or(ModelError::NoConnection)?.label;
        let listed = lock(&self.0.lists)
            .get(&reference.connection)
            .and_then(|list| list.models.iter().find(|model| model.id == reference.model).cloned());
        Ok(SavedModel {
            name: listed.as_ref().map_or_else(|| reference.model.to_string(), |model| model.name.clone()),
            listed: listed.is_some(),
            label,
            reference,
        })
    }

    /// What a chat's pin (or the default, without one) resolves to now.
    pub fn resolve(&self, pin: Option<&SavedModel>) -> EffectiveModel {
        let default = lock(&self.0.default).clone();
        let lists = lock(&self.0.lists);
        let landscape = Landscape {
            connections: &self.0.options.pool.records(),
            listed: &|id| {
                lists
                    .get(&id)
                    .filter(|list| list.fetched_at.is_some() && list.error.is_none())
                    .map(|list| &*list.models)
            },
        };
        choice::resolve(pin, default.as_ref(), &landscape)
    }

    /// Everything the dropdown shows.
    pub fn picker(&self) -> Picker {
        let default = self.resolve(None);
        let lists = lock(&self.0.lists);
        let pool = &self.0.options.pool;
        let groups = pool.records().into_iter().map(|record| {
            let provider_name =
                pool.provider(&record).map_or_else(|| record.provider.to_string(), |it| it.name.clone());
            let list = lists.get(&record.id).cloned().unwrap_or_default();
            ModelGroup {
                connection: record.id,
                label: record.label,
                provider_name,
                hue: record.hue,
                state: record.state,
                models: list.models.to_vec(),
                fetched_at: list.fetched_at,
                loading: list.loading,
                error: list.error,
            }
        });
        Picker { default, groups: groups.collect() }
    }

    /// All connections as the window shows them.
    pub fn connection_views(&self) -> Vec<ConnectionView> {
        let lists = lock(&self.0.lists);
        let pool = &self.0.options.pool;
        let views = pool.records().into_iter().map(|record| {
            let count = lists.get(&record.id).filter(|list| list.fetched_at.is_some()).map(|list| list.models.len());
            let count = count.and_then(|count| u32::try_from(count).ok());
            ConnectionView::of(&record, pool.provider(&record).as_deref(), count)
        });
        views.collect()
    }

    fn lists(&self) -> MutexGuard<'_, HashMap<ConnectionId, ModelList>> {
        lock(&self.0.lists)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
