//! Making, renewing and ending connections.

use std::sync::{Arc, PoisonError};

use url::Url;

use super::credential::expires_at;
use super::{ConnectionState, Disconnected, Method, Pool};
use crate::error::{Code, Error};
use crate::event::AppEvent;
use crate::ids::{ConnectionId, ProviderId};
use crate::oauth::{self, SignedIn};
use crate::providers::{CallProfile, Provider};
use crate::store::StoreError;
use crate::store::connections::{self, ConnectionRecord};
use crate::vault::{ApiKey, Credential, Secret, VaultError};
use crate::words::{say, say_with};

/// Hues that stay apart in both themes and for colour-blind eyes; connections take them in this order.
const HUES: [u16; 8] = [210, 35, 155, 285, 345, 95, 185, 60];

/// Why a connection could not be made or changed.
#[derive(Debug, thiserror::Error)]
pub enum PoolError {
    /// The catalogue has no such provider.
    #[error("there is no such provider")]
    NoProvider,
    /// The connection is gone.
    #[error("there is no such connection")]
    NoConnection,
    /// No key was given where one is needed.
    #[error("a key is needed")]
    NoKey,
    /// The key holds characters that no key holds.
    #[error("the text is not a key")]
    NotAKey,
    /// The base URL is missing or is not one.
    #[error("the base URL is not an http or https address")]
    BaseUrl,
    /// The vault did not take the credential.
    #[error("the vault cannot be used")]
    Vault(#[from] VaultError),
    /// The store did not take the record.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<PoolError> for Error {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::NoProvider => Self::new(Code::NotFound, say("pool-unknown-provider")),
            PoolError::NoConnection => Self::new(Code::NotFound, say("pool-no-connection")),
            PoolError::NoKey => Self::other(say("pool-no-key")),
            PoolError::NotAKey => Self::other(say("pool-not-a-key")),
            PoolError::BaseUrl => Self::other(say("pool-base-url")),
            PoolError::Vault(error) => error.into(),
            PoolError::Store(error) => Self::other(error.words()),
        }
    }
}

impl Pool {
    /// Stores what a sign-in brought: renews the connection it was for, or that of the same account, or makes one.
    pub async fn adopt(&self, signed_in: &SignedIn) -> Result<ConnectionId, PoolError> {
        let provider = self.known_provider(&signed_in.provider)?;
        let known = self.records().into_iter().find(|record| {
            record.provider == provider.id
                && (Some(record.id) == signed_in.reconnect
                    || (signed_in.reconnect.is_none()
                        && record.account.is_some()
                        && record.account == signed_in.account))
        });
        let base_url = provider.base_url.as_ref().ok_or(PoolError::BaseUrl)?.to_string();
        let mut record = known.unwrap_or_else(|| self.new_record(&provider, base_url, None));
        record.account.clone_from(&signed_in.account);
        self.put(record, Some(&signed_in.credential)).await
    }

    /// Makes a connection with a key, or with none where the provider takes none.
    pub async fn add_key(
        &self,
        provider: &ProviderId,
        key: Secret,
        label: Option<String>,
        base_url: Option<String>,
    ) -> Result<ConnectionId, PoolError> {
        let provider = self.known_provider(provider)?;
        let credential = credential_of(key)?;
        if credential.is_none() && !provider.takes_none {
            return Err(PoolError::NoKey);
        }
        let base_url = match (&provider.base_url, base_url) {
            (Some(base_url), None) => base_url.to_string(),
            (_, Some(given)) => Url::parse(given.trim()).map_err(|_| PoolError::BaseUrl)?.to_string(),
            (None, None) => return Err(PoolError::BaseUrl),
        };
        CallProfile::new(&provider, &base_url, credential.as_ref()).map_err(|_| PoolError::BaseUrl)?;
        self.put(self.new_record(&provider, base_url, label), credential.as_ref()).await
    }

    /// Gives a connection another key.
    pub async fn replace_key(&self, id: ConnectionId, key: Secret) -> Result<(), PoolError> {
        let record = self.record(id).ok_or(PoolError::NoConnection)?;
        let credential = credential_of(key)?.ok_or(PoolError::NoKey)?;
        self.put(record, Some(&credential)).await.map(|_| ())
    }

    /// Renames a connection; an empty name changes nothing.
    pub async fn rename(&self, id: ConnectionId, label: &str) -> Result<(), PoolError> {
        self.record(id).ok_or(PoolError::NoConnection)?;
        let label = label.trim();
        if !label.is_empty() {
            self.update(id, |record| label.clone_into(&mut record.label)).await?;
        }
        Ok(())
    }

    /// Ends a connection: everything local goes first and in any case, then the provider is told.
    pub async fn disconnect(&self, id: ConnectionId) -> Result<Disconnected, PoolError> {
        let record = self.record(id).ok_or(PoolError::NoConnection)?;
        let slot = self.slot(id);
        let known = slot.known();
        slot.renew();
        let (credential, deleted) = {
            let _order = slot.vault_order.lock().await;
            let credential = match known {
                Some(known) => Some(known),
                None if record.method == Method::None => None,
                None => self.0.options.vault.read_credential(id).await.ok().flatten().map(Arc::new),
            };
            (credential, self.0.options.vault.delete_credential(id).await)
        };
        self.0.records.write().unwrap_or_else(PoisonError::into_inner).retain(|record| record.id != id);
        self.0.slots.write().unwrap_or_else(PoisonError::into_inner).remove(&id);
        self.0.options.store.write(move |transaction| connections::delete(transaction, id)).await?;
        self.0.options.events.send(AppEvent::ConnectionsChanged);
        if record.method != Method::None {
            deleted?;
        }
        Ok(Disconnected { remote_error: self.revoke(&record, credential.as_deref()).await })
    }

    async fn revoke(&self, record: &ConnectionRecord, credential: Option<&Credential>) -> Option<String> {
        let provider = self.provider(record)?;
        let (Some(definition), Some(Credential::OAuth(tokens))) = (&provider.sign_in, credential) else { return None };
        definition.revocation_url.as_ref()?;
        match oauth::revoke(&self.0.options.http, definition, tokens).await {
            Ok(()) => None,
            Err(error) => {
                tracing::info!(provider = %provider.id, %error, "a token could not be revoked");
                Some(say_with("pool-not-revoked", &[("provider", &provider.name)]))
            }
        }
    }

    /// Writes credential and record under a new generation: the vault first, so that no record promises a missing one.
    async fn put(
        &self,
        mut record: ConnectionRecord,
        credential: Option<&Credential>,
    ) -> Result<ConnectionId, PoolError> {
        let id = record.id;
        let slot = self.slot(id);
        {
            let _order = slot.vault_order.lock().await;
            if let Some(credential) = credential {
                self.0.options.vault.write_credential(id, credential).await?;
            }
            slot.renew();
        }
        record.method = match credential {
            Some(Credential::OAuth(_)) => Method::Oauth,
            Some(Credential::ApiKey(_)) => Method::ApiKey,
            None => Method::None,
        };
        record.masked_key = match credential {
            Some(Credential::ApiKey(key)) => Some(key.masked()),
            _ => None,
        };
        record.expires_at = credential.and_then(expires_at);
        record.generation += 1;
        record.state = ConnectionState::Checking;
        record.last_error = None;
        let stored = record.clone();
        self.0.options.store.write(move |transaction| connections::put(transaction, &stored)).await?;
        {
            let mut records = self.0.records.write().unwrap_or_else(PoisonError::into_inner);
            match records.iter_mut().find(|known| known.id == id) {
                Some(known) => *known = record,
                None => records.push(record),
            }
        }
        self.0.options.events.send(AppEvent::ConnectionsChanged);
        Ok(id)
    }

    fn known_provider(&self, id: &ProviderId) -> Result<Arc<Provider>, PoolError> {
        self.0.options.catalogue.get(id).ok_or(PoolError::NoProvider)
    }

    fn new_record(&self, provider: &Provider, base_url: String, label: Option<String>) -> ConnectionRecord {
        let records = self.records();
        let label = label.map(|label| label.trim().to_owned()).filter(|label| !label.is_empty());
        let label = label.unwrap_or_else(|| {
            let taken = |label: &str| records.iter().any(|record| record.label == label);
            let mut names = std::iter::once(provider.name.clone())
                .chain((2_u32..).map(|number| format!("{} {number}", provider.name)));
            names.find(|name| !taken(name)).unwrap_or_default()
        });
        let free = HUES.into_iter().find(|hue| records.iter().all(|record| record.hue != *hue));
        ConnectionRecord {
            id: ConnectionId::new(),
            provider: provider.id.clone(),
            label,
            hue: free.unwrap_or(HUES[records.len() % HUES.len()]),
            method: Method::None,
            state: ConnectionState::Checking,
            account: None,
            masked_key: None,
            base_url,
            generation: 0,
            created_at: self.0.options.clock.now(),
            expires_at: None,
            last_ok_at: None,
            last_error: None,
        }
    }
}

/// The key as a credential; nothing for an empty one.
fn credential_of(key: Secret) -> Result<Option<Credential>, PoolError> {
    let text = key.expose().trim();
    if text.is_empty() {
        return Ok(None);
    }
    if text.len() > 8_192 || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(PoolError::NotAKey);
    }
    Ok(Some(Credential::ApiKey(ApiKey(Secret::new(text.to_owned())))))
}
