//! All connections, and the credential to use for each.
//!
//! [`Pool`] owns the connections' records (kept in memory, written through to the store) and one `Slot` a
//! connection, where its credential is cached and refreshed by a single flight (`credential`). Making, renewing and
//! ending a connection is in `connect`; calling a provider with one is in `call`.

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
    /// Held while a record changes, so that memory and store see the same changes in the same order.
    changes: tokio::sync::Mutex<()>,
    slots: RwLock<HashMap<ConnectionId, Arc<Slot>>>,
}

impl Pool {
    /// Reads the connections; neither a secret nor the network is touched.
    pub async fn open(options: PoolOptions) -> Result<Self, StoreError> {
        let records = options.store.read(connections::all).await?;
        let (records, changes, slots) = (RwLock::new(records), tokio::sync::Mutex::default(), RwLock::default());
        Ok(Self(Arc::new(Inner { options, records, changes, slots })))
    }

    /// The connection's record.
    pub fn record(&self, id: ConnectionId) -> Option<ConnectionRecord> {
        let records = self.0.records.read().unwrap_or_else(PoisonError::into_inner);
        records.iter().find(|record| record.id == id).cloned()
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

    /// What the person reads as the provider of a connection.
    pub fn provider_name(&self, id: ConnectionId) -> String {
        let record = self.record(id);
        let provider = record.as_ref().and_then(|record| self.provider(record));
        provider.map(|provider| provider.name.clone()).or(record.map(|record| record.label)).unwrap_or_default()
    }

    /// Changes a record in the store, then in memory.
    async fn change(
        &self,
        id: ConnectionId,
        change: impl FnOnce(&mut ConnectionRecord) + Send,
    ) -> Result<(), StoreError> {
        let _order = self.0.changes.lock().await;
        if let Some(record) = self.changed(id, change) {
            self.write(record.clone()).await?;
            self.keep(record);
        }
        Ok(())
    }

    /// Changes what is known of a connection: in memory in any case, in the store if it takes it.
    async fn note(&self, id: ConnectionId, change: impl FnOnce(&mut ConnectionRecord) + Send) {
        let _order = self.0.changes.lock().await;
        let Some(record) = self.changed(id, change) else { return };
        self.keep(record.clone());
        if let Err(error) = self.write(record).await {
            tracing::warn!(%error, "a connection's state could not be saved");
        }
    }

    /// The record after a change, if that makes a difference.
    fn changed(&self, id: ConnectionId, change: impl FnOnce(&mut ConnectionRecord)) -> Option<ConnectionRecord> {
        let before = self.record(id)?;
        let mut record = before.clone();
        change(&mut record);
        (record != before).then_some(record)
    }

    async fn write(&self, record: ConnectionRecord) -> Result<(), StoreError> {
        self.0.options.store.write(move |transaction| connections::put(transaction, &record)).await
    }

    /// Puts a record, new or known, in its place in memory, and tells everyone.
    fn keep(&self, record: ConnectionRecord) {
        {
            let mut records = self.0.records.write().unwrap_or_else(PoisonError::into_inner);
            match records.iter_mut().find(|known| known.id == record.id) {
                Some(known) => *known = record,
                None => records.push(record),
            }
        }
        self.0.options.events.send(AppEvent::ConnectionsChanged);
    }

    fn slot(&self, id: ConnectionId) -> Arc<Slot> {
        if let Some(slot) = self.0.slots.read().unwrap_or_else(PoisonError::into_inner).get(&id) {
            return slot.clone();
        }
        let mut slots = self.0.slots.write().unwrap_or_else(PoisonError::into_inner);
        slots.entry(id).or_default().clone()
    }
}
