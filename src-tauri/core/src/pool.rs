//! All connections, and the credential to use for each.
//!
//! [`Pool`] owns the connections' records (kept in memory, written through to the store) and one [`slot::Slot`] a
//! connection, where its credential is cached and refreshed by a single flight ([`credential`]). Making, renewing and
//! ending a connection is in [`connect`]; calling a provider with one is in [`call`].

mod call;
mod connect;
mod credential;
mod slot;
mod view;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

pub use call::CallError;
pub(crate) use call::read_all;
pub use connect::PoolError;
pub use credential::CredentialError;
pub use view::{ConnectionState, ConnectionView, Disconnected, Method, ProviderView};

use crate::event::{AppEvent, Events};
use crate::ids::ConnectionId;
use crate::ports::Clock;
use crate::providers::{Catalogue, Provider};
use crate::store::connections::ConnectionRecord;
use crate::store::{Store, StoreError, connections};
use crate::vault::Vault;
use slot::Slot;

/// What the pool works with.
#[derive(Clone)]
pub struct PoolOptions {
    /// Where records are kept.
    pub store: Store,
    /// Where credentials are kept.
    pub vault: Arc<Vault>,
    /// The one HTTP client.
    pub http: reqwest::Client,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Who is told of changes.
    pub events: Events,
    /// The providers.
    pub catalogue: Arc<Catalogue>,
}

/// All connections. Cloning shares them.
#[derive(Clone)]
pub struct Pool(Arc<Inner>);

struct Inner {
    options: PoolOptions,
    records: RwLock<Vec<ConnectionRecord>>,
    slots: RwLock<HashMap<ConnectionId, Arc<Slot>>>,
}

impl Pool {
    /// Reads the connections; neither a secret nor the network is touched.
    pub async fn open(options: PoolOptions) -> Result<Self, StoreError> {
        let records = options.store.read(connections::all).await?;
        Ok(Self(Arc::new(Inner { options, records: RwLock::new(records), slots: RwLock::default() })))
    }

    /// The connection's record.
    pub fn record(&self, id: ConnectionId) -> Option<ConnectionRecord> {
        self.records().iter().find(|record| record.id == id).cloned()
    }

    /// All connections' records, oldest first.
    pub fn records(&self) -> Vec<ConnectionRecord> {
        self.0.records.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The connection's provider, unless it has left the catalogue.
    pub fn provider(&self, record: &ConnectionRecord) -> Option<Arc<Provider>> {
        self.0.options.catalogue.get(&record.provider)
    }

    /// The providers as the window shows them.
    pub fn provider_views(&self) -> Vec<ProviderView> {
        self.0.options.catalogue.iter().map(|provider| ProviderView::of(provider)).collect()
    }

    /// Changes a record in memory and in the store, and tells everyone if `visible` parts changed.
    async fn update(
        &self,
        id: ConnectionId,
        change: impl FnOnce(&mut ConnectionRecord) + Send,
    ) -> Result<(), StoreError> {
        let changed = {
            let mut records = self.0.records.write().unwrap_or_else(PoisonError::into_inner);
            let Some(record) = records.iter_mut().find(|record| record.id == id) else { return Ok(()) };
            let before = record.clone();
            change(record);
            (before != *record).then(|| record.clone())
        };
        if let Some(record) = changed {
            self.0.options.store.write(move |transaction| connections::put(transaction, &record)).await?;
            self.0.options.events.send(AppEvent::ConnectionsChanged);
        }
        Ok(())
    }

    /// As [`Pool::update`], for what is worth knowing but not worth failing for.
    async fn note(&self, id: ConnectionId, change: impl FnOnce(&mut ConnectionRecord) + Send) {
        if let Err(error) = self.update(id, change).await {
            tracing::warn!(%error, "a connection's state could not be saved");
        }
    }

    fn slot(&self, id: ConnectionId) -> Arc<Slot> {
        if let Some(slot) = self.0.slots.read().unwrap_or_else(PoisonError::into_inner).get(&id) {
            return slot.clone();
        }
        let mut slots = self.0.slots.write().unwrap_or_else(PoisonError::into_inner);
        slots.entry(id).or_default().clone()
    }
}
