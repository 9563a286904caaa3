//! Making, renewing and ending connections.

use std::sync::{Arc, PoisonError};

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
    /// The provider did not take the key, or could not be asked, in words.
    #[error("the provider did not take the key")]
    NotTaken(String),
    /// The base URL is missing or is not one.
    #[error("the base URL is not an http or https address")]
    BaseUrl,
    /// The vault did not take the credential, or did not let go of it.
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
            PoolError::NotTaken(words) => Self::other(words),
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
        let mut record = known.unwrap_or_else(|| self.new_record(&provider, base_url.clone(), None));
        record.account.clone_from(&signed_in.account);
        // The new token is for the provider as it is now; where the connection led before may be somebody else's.
        record.base_url = base_url;
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
        let credential = credential_of(&key)?;
        if credential.is_none() && !provider.takes_none {
            return Err(PoolError::NoKey);
        }
        let base_url = match (&provider.base_url, base_url) {
            (Some(base_url), None) => base_url.to_string(),
            (_, Some(given)) => given.trim().to_owned(),
            (None, None) => return Err(PoolError::BaseUrl),
        };
        let profile = CallProfile::new(&provider, &base_url, credential.as_ref()).map_err(|_| PoolError::BaseUrl)?;
        let base_url = profile.base_url().to_string();
        self.put(self.new_record(&provider, base_url, label), credential.as_ref()).await
    }

    /// Gives a connection another key, if the provider takes it; else the one before stays.
    pub async fn replace_key(&self, id: ConnectionId, key: Secret) -> Result<(), PoolError> {
        let record = self.record(id).ok_or(PoolError::NoConnection)?;
        let credential = credential_of(&key)?.ok_or(PoolError::NoKey)?;
        self.try_credential(&record, &credential)
            .await
            .map_err(|error| PoolError::NotTaken(error.words(&self.provider_name(id))))?;
        self.put(record, Some(&credential)).await.map(|_| ())
    }

    /// Renames a connection; an empty name changes nothing.
    pub async fn rename(&self, id: ConnectionId, label: &str) -> Result<(), PoolError> {
        self.record(id).ok_or(PoolError::NoConnection)?;
        let label = label.trim();
        if !label.is_empty() {
            self.change(id, |record| label.clone_into(&mut record.label)).await?;
        }
        Ok(())
    }

    /// Ends a connection: its credential goes first, then its record, and then the provider is told. Where the vault
    /// does not let go of the credential the connection stays, so that this can be repeated.
    pub async fn disconnect(&self, id: ConnectionId) -> Result<Disconnected, PoolError> {
        let slot = self.slot(id);
        let known = slot.known();
        slot.renew();
        let (record, credential, removed) = {
            let _vault = slot.vault_order.lock().await;
            let record = self.record(id).ok_or(PoolError::NoConnection)?;
            let mut credential = known;
            if record.method != Method::None {
                if credential.is_none() {
                    credential = self.0.options.vault.read_credential(id).await.ok().flatten().map(Arc::new);
                }
                self.0.options.vault.delete_credential(id).await?;
            }
            (record, credential, self.remove(id).await)
        };
        let remote_error = match credential {
            Some(credential) => self.revoke(&record.provider, &credential).await,
            None => None,
        };
        removed?;
        Ok(Disconnected { remote_error })
    }

    async fn remove(&self, id: ConnectionId) -> Result<(), StoreError> {
        let _order = self.0.changes.lock().await;
        self.0.options.store.write(move |transaction| connections::delete(transaction, id)).await?;
        self.0.records.write().unwrap_or_else(PoisonError::into_inner).retain(|record| record.id != id);
        self.0.slots.write().unwrap_or_else(PoisonError::into_inner).remove(&id);
        self.0.options.events.send(AppEvent::ConnectionsChanged);
        Ok(())
    }

    /// Tells the provider that a credential is not used any more, where it can be told; if that fails, why, in words.
    pub async fn revoke(&self, provider: &ProviderId, credential: &Credential) -> Option<String> {
        let provider = self.0.options.catalogue.get(provider)?;
        let (Some(definition), Credential::OAuth(tokens)) = (&provider.sign_in, credential) else { return None };
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
        let (id, is_new) = (record.id, record.generation == 0);
        let slot = self.slot(id);
        let _vault = slot.vault_order.lock().await;
        if !is_new && self.record(id).is_none() {
            return Err(PoolError::NoConnection);
        }
        if let Some(credential) = credential {
            self.0.options.vault.write_credential(id, credential).await?;
        }
        slot.renew();
        let _order = self.0.changes.lock().await;
        if let Some(known) = self.record(id) {
            record = ConnectionRecord { account: record.account, base_url: record.base_url, ..known };
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
        if let Err(error) = self.write(record.clone()).await {
            if is_new && credential.is_some() {
                // A credential that no record leads to would never be found again.
                let _ = self.0.options.vault.delete_credential(id).await;
            }
            return Err(error.into());
        }
        self.keep(record);
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
fn credential_of(key: &Secret) -> Result<Option<Credential>, PoolError> {
    let text = key.expose().trim();
    if text.is_empty() {
        return Ok(None);
    }
    if text.len() > 8_192 || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(PoolError::NotAKey);
    }
    Ok(Some(Credential::ApiKey(ApiKey(Secret::new(text.to_owned())))))
}
