//! From an authorization response to a connection that works: the response, the credential, the first real call.

use std::sync::Arc;

use super::{App, WindowRequest, lock};
use crate::deep_link::{self, Link};
use crate::error::{Code, Error};
use crate::ids::{ConnectionId, ProviderId, SignInId};
use crate::oauth::{Arrival, ReturnKind, SignInError, SignInView, SignedIn};
use crate::pool::PoolError;
use crate::providers::Provider;
use crate::vault::VaultState;
use crate::words::{say, say_with};

impl App {
    /// Starts a sign-in, and with it the person's browser. A sign-in to the same provider is replaced.
    pub async fn start_sign_in(
        &self,
        provider: &ProviderId,
        reconnect: Option<ConnectionId>,
        return_kind: Option<ReturnKind>,
    ) -> Result<SignInView, Error> {
        let provider =
            self.catalogue.get(provider).ok_or_else(|| Error::new(Code::NotFound, say("pool-unknown-provider")))?;
        let waiting: Vec<SignInId> =
            lock(&self.held).values().filter(|held| held.provider == provider.id).map(|held| held.sign_in).collect();
        for replaced in waiting {
            self.cancel_sign_in(replaced).await;
        }
        let view = self.sign_ins.start(&provider, reconnect, return_kind).await?;
        lock(&self.with_dialog).insert(view.id);
        Ok(view)
    }

    /// The sign-ins of this run, the newest last.
    pub fn sign_ins(&self) -> Vec<SignInView> {
        self.sign_ins.views()
    }

    /// Opens the sign-in's page again.
    pub async fn open_browser_again(&self, id: SignInId) -> Result<(), Error> {
        Ok(self.sign_ins.open_browser_again(id).await?)
    }

    /// Goes on with another return.
    pub async fn switch_return(&self, id: SignInId, return_kind: ReturnKind) -> Result<(), Error> {
        Ok(self.sign_ins.switch_return(id, return_kind).await?)
    }

    /// Takes the address or code that the person pasted.
    pub async fn submit_sign_in(&self, id: SignInId, text: &str) -> Result<(), Error> {
        let signed_in = self.sign_ins.paste(id, text, &self.lookup()).await?;
        self.connect(signed_in).await
    }

    /// Repeats the step that failed: the exchange, or storing what it brought.
    pub async fn retry_sign_in(&self, id: SignInId) -> Result<(), Error> {
        let held = lock(&self.held).remove(&id);
        let signed_in = match held {
            Some(signed_in) => signed_in,
            None => self.sign_ins.retry(id, &self.lookup()).await?,
        };
        self.connect(signed_in).await
    }

    /// Ends a sign-in. What it brought but could not be stored is given back to the provider.
    pub async fn cancel_sign_in(&self, id: SignInId) {
        let held = lock(&self.held).remove(&id);
        self.sign_ins.cancel(id).await;
        if let Some(signed_in) = held {
            let pool = self.pool.clone();
            // The dialog has closed; whether the provider could be told changes nothing here.
            tokio::spawn(async move { pool.revoke(&signed_in.provider, &signed_in.credential).await });
        }
    }

    /// Handles a link that the desktop handed over. What it says is never passed on; the outcome is told in words.
    pub async fn receive_link(&self, raw: &str) -> Option<WindowRequest> {
        match deep_link::parse(raw, &[&self.scheme]) {
            Ok(Link::Focus) => {}
            Ok(Link::SignIn { provider, response }) => {
                let arrival = Arrival { kind: ReturnKind::DeepLink, provider: Some(provider), response };
                if let Err(words) = self.receive(arrival).await {
                    self.notice(words);
                }
            }
            Err(error) => {
                tracing::info!(%error, "a link was not taken");
                self.notice(error.to_string());
            }
        }
        Some(WindowRequest::Chat)
    }

    /// Where credentials are kept.
    pub fn vault(&self) -> VaultState {
        self.vault.state()
    }

    /// Keeps credentials in memory until Patchbay closes, as the person chose, and stores what waited for that.
    pub async fn use_session_vault(&self) -> VaultState {
        self.vault.use_session();
        self.connect_held().await;
        self.vault.state()
    }

    /// Looks for the keychain again, and stores what waited for it.
    pub async fn retry_vault(&self) -> VaultState {
        let state = self.vault.retry().await;
        if matches!(state, VaultState::Keychain { .. }) {
            self.connect_held().await;
        }
        state
    }

    /// Takes what the loopback return receives, for as long as the application runs.
    pub(super) fn listen_for_returns(self: Arc<Self>) {
        let Some(mut arrivals) = self.sign_ins.arrivals() else { return };
        let app = Arc::downgrade(&self);
        tokio::spawn(async move {
            while let Some(arrival) = arrivals.recv().await {
                let Some(app) = app.upgrade() else { break };
                if let Err(words) = app.receive(arrival).await {
                    app.notice(words);
                }
            }
        });
    }

    /// A response arrived by itself. What its own dialog does not show comes back in words.
    async fn receive(&self, arrival: Arrival) -> Result<(), String> {
        match self.sign_ins.receive(arrival, &self.lookup()).await {
            Ok(signed_in) => {
                let (id, provider) = (signed_in.sign_in, signed_in.provider.clone());
                let dialog = lock(&self.with_dialog).contains(&id);
                match self.connect(signed_in).await {
                    _ if dialog => Ok(()),
                    Ok(()) => Err(say_with("sign-in-completed", &[("provider", &self.name_of(&provider))])),
                    Err(error) => Err(error.message),
                }
            }
            Err(error) => Err(error.words()),
        }
    }

    /// Stores the credential, makes a real call, and only then says "Connected".
    async fn connect(&self, signed_in: SignedIn) -> Result<(), Error> {
        let id = signed_in.sign_in;
        self.sign_ins.checking(id);
        let connection = match self.pool.adopt(&signed_in).await {
            Ok(connection) => connection,
            Err(error) => {
                let can_be_repeated = matches!(error, PoolError::Vault(_) | PoolError::Store(_));
                let error = Error::from(error);
                if can_be_repeated {
                    lock(&self.held).insert(id, signed_in);
                    self.sign_ins.held(id, error.message.clone());
                } else {
                    self.sign_ins.failed(id, error.message.clone());
                }
                return Err(error);
            }
        };
        self.models.drop_list(connection);
        if let Err(words) = self.models.refresh(connection).await {
            self.sign_ins.failed(id, say_with("sign-in-first-call", &[("reason", &words)]));
            return Err(Error::other(words));
        }
        let defaulted = self.models.set_first_default(connection).await;
        self.sign_ins.connected(id, connection);
        Ok(defaulted?)
    }

    async fn connect_held(&self) {
        let held: Vec<_> = lock(&self.held).drain().collect();
        for (_, signed_in) in held {
            // The dialog shows how it went.
            let _ = self.connect(signed_in).await;
        }
    }

    fn lookup(&self) -> impl Fn(&ProviderId) -> Option<Arc<Provider>> + Send + Sync + use<'_> {
        |id| self.catalogue.get(id)
    }

    fn name_of(&self, provider: &ProviderId) -> String {
        self.catalogue.get(provider).map_or_else(|| provider.to_string(), |provider| provider.name.clone())
    }
}

impl From<SignInError> for Error {
    fn from(error: SignInError) -> Self {
        let code = if error == SignInError::NotFound { Code::NotFound } else { Code::Other };
        Self::new(code, error.words())
    }
}
