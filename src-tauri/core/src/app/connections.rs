//! Connections, models and the default, as the interface asks for them.

use super::App;
use crate::error::{Code, Error};
use crate::ids::{ConnectionId, ModelReference, ProviderId};
use crate::models::Picker;
use crate::pool::{ConnectionView, Disconnected, ProviderView};
use crate::vault::Secret;
use crate::words::say;

impl App {
    /// The providers of the catalogue.
    pub fn providers(&self) -> Vec<ProviderView> {
        self.pool.provider_views()
    }

    /// All connections.
    pub fn connections(&self) -> Vec<ConnectionView> {
        self.models.connection_views()
    }

    /// Makes a connection with a key, and a real call with it. A key that is refused makes no connection.
    pub async fn add_key(
        &self,
        provider: &ProviderId,
        key: Secret,
        label: Option<String>,
        base_url: Option<String>,
    ) -> Result<ConnectionView, Error> {
        let connection = self.pool.add_key(provider, key, label, base_url).await?;
        if let Err(words) = self.models.refresh(connection).await {
            self.pool.disconnect(connection).await?;
            self.models.drop_list(connection);
            return Err(Error::other(words));
        }
        self.models.set_first_default(connection).await?;
        self.connection(connection)
    }

    /// Gives a connection another key and makes a real call with it.
    pub async fn replace_key(&self, connection: ConnectionId, key: Secret) -> Result<ConnectionView, Error> {
        self.pool.replace_key(connection, key).await?;
        self.models.drop_list(connection);
        self.models.refresh(connection).await.map_err(Error::other)?;
        self.connection(connection)
    }

    /// Renames a connection.
    pub async fn rename_connection(&self, connection: ConnectionId, label: &str) -> Result<(), Error> {
        Ok(self.pool.rename(connection, label).await?)
    }

    /// Ends a connection. Chats pinned to it keep their choice and say so.
    pub async fn disconnect(&self, connection: ConnectionId) -> Result<Disconnected, Error> {
        let outcome = self.pool.disconnect(connection).await;
        self.models.drop_list(connection);
        Ok(outcome?)
    }

    /// Makes a real call now.
    pub async fn check_connection(&self, connection: ConnectionId) -> Result<(), Error> {
        self.connection(connection)?;
        self.models.refresh(connection).await.map_err(Error::other)
    }

    /// Everything the model dropdown shows.
    pub fn picker(&self) -> Picker {
        self.models.picker()
    }

    /// The dropdown opened: old lists are fetched in the background.
    pub fn models_opened(&self) {
        self.models.opened();
    }

    /// Fetches a connection's list now.
    pub async fn refresh_models(&self, connection: ConnectionId) -> Result<(), Error> {
        self.connection(connection)?;
        self.models.refresh(connection).await.map_err(Error::other)
    }

    /// Sets the default. Chats on the default follow; no other chat moves.
    pub async fn set_default_model(&self, reference: Option<ModelReference>) -> Result<(), Error> {
        Ok(self.models.set_default(reference).await?)
    }

    fn connection(&self, id: ConnectionId) -> Result<ConnectionView, Error> {
        let found = self.models.connection_views().into_iter().find(|view| view.id == id);
        found.ok_or_else(|| Error::new(Code::NotFound, say("pool-no-connection")))
    }
}
