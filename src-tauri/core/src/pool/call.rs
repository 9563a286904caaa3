//! Calling a provider with a connection's credential.
//!
//! A 401 on a token that looked valid forces one refresh and one retry; what the call says of the connection is noted.

use std::sync::Arc;

use reqwest::{Client, RequestBuilder, Response, StatusCode};
use tokio::sync::OwnedSemaphorePermit;

use super::{ConnectionState, CredentialError, Pool};
use crate::ids::ConnectionId;
use crate::providers::{CallProfile, ProfileError};
use crate::vault::Credential;
use crate::wire::{ErrorKind, ProviderError};
use crate::words::{say, say_with};

/// An error body longer than this is cut: it is for reading.
const ERROR_BODY: usize = 64 * 1024;

/// Why a call did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// There is no credential to call with.
    #[error(transparent)]
    Credential(#[from] CredentialError),
    /// No request could be built.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// Nobody answered.
    #[error("the provider did not answer")]
    Unreachable {
        /// It took too long.
        timeout: bool,
    },
    /// The provider answered with an error.
    #[error("the provider refused")]
    Provider(ProviderError),
    /// The answer is not of the expected shape, or too large.
    #[error("the answer is not of the expected shape")]
    Answer,
}

impl CallError {
    /// What happened, whose side it is on, and what to do, for the person.
    pub fn words(&self, provider: &str) -> String {
        match self {
            Self::Credential(error) => error.words(),
            Self::Profile(ProfileError::BaseUrl) => say("pool-base-url"),
            Self::Profile(ProfileError::Header) => say("pool-header"),
            Self::Unreachable { timeout: true } => say_with("pool-timeout", &[("provider", provider)]),
            Self::Unreachable { timeout: false } => say_with("pool-unreachable", &[("provider", provider)]),
            Self::Provider(error) => error.words(provider),
            Self::Answer => say_with("pool-answer", &[("provider", provider)]),
        }
    }

    /// Whether the same call may succeed in a moment.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Unreachable { timeout } => !timeout,
            Self::Provider(error) => error.is_retryable(),
            Self::Credential(_) | Self::Profile(_) | Self::Answer => false,
        }
    }
}

impl From<reqwest::Error> for CallError {
    fn from(error: reqwest::Error) -> Self {
        Self::Unreachable { timeout: error.is_timeout() }
    }
}

impl Pool {
    /// Waits for its turn among the connection's requests.
    pub async fn permit(&self, id: ConnectionId) -> Option<OwnedSemaphorePermit> {
        self.slot(id).requests.clone().acquire_owned().await.ok()
    }

    /// Makes one call: credential, profile, request; once more after a forced refresh if the token was refused.
    pub async fn call(
        &self,
        id: ConnectionId,
        request: impl Fn(&CallProfile, &Client) -> RequestBuilder + Send + Sync,
    ) -> Result<(CallProfile, Response), CallError> {
        let result = self.try_call(id, &request).await;
        match &result {
            Ok(_) => self.note_success(id).await,
            Err(error) => self.note_failure(id, error).await,
        }
        result
    }

    async fn try_call(
        &self,
        id: ConnectionId,
        request: &(impl Fn(&CallProfile, &Client) -> RequestBuilder + Send + Sync),
    ) -> Result<(CallProfile, Response), CallError> {
        let credential = self.credential(id).await?;
        let (profile, response) = self.call_once(id, credential.as_ref(), request).await?;
        let Some(refused) = credential.filter(|it| is_refused_token(it, &response)) else {
            return check(profile, response).await;
        };
        let renewed = self.credential_after(id, &refused).await?;
        let (profile, response) = self.call_once(id, Some(&renewed), request).await?;
        check(profile, response).await
    }

    async fn call_once(
        &self,
        id: ConnectionId,
        credential: Option<&Arc<Credential>>,
        request: &(impl Fn(&CallProfile, &Client) -> RequestBuilder + Send + Sync),
    ) -> Result<(CallProfile, Response), CallError> {
        let record = self.record(id).ok_or(CredentialError::NoConnection)?;
        let provider = self.provider(&record).ok_or_else(|| {
            let words = say_with("pool-no-provider", &[("provider", record.provider.as_str())]);
            CredentialError::NeedsSignIn(words)
        })?;
        let profile = CallProfile::new(&provider, &record.base_url, credential.map(Arc::as_ref))?;
        let response = request(&profile, &self.0.options.http).send().await?;
        Ok((profile, response))
    }

    async fn note_success(&self, id: ConnectionId) {
        let now = self.0.options.clock.now();
        self.note(id, |record| {
            record.state = ConnectionState::Connected;
            record.last_ok_at = Some(now);
            record.last_error = None;
        })
        .await;
    }

    /// Notes what the failure says of the connection; a refused request says nothing of it.
    pub(crate) async fn note_failure(&self, id: ConnectionId, error: &CallError) {
        let state = match error {
            CallError::Provider(error) => match error.kind {
                ErrorKind::Unauthorized => ConnectionState::NeedsSignIn,
                ErrorKind::Invalid | ErrorKind::ContextLength | ErrorKind::RateLimited => return,
                _ => ConnectionState::Failing,
            },
            CallError::Credential(CredentialError::NeedsSignIn(_)) => ConnectionState::NeedsSignIn,
            CallError::Credential(CredentialError::NoConnection) => return,
            _ => ConnectionState::Failing,
        };
        let words = error.words(&self.provider_name(id));
        self.note(id, |record| {
            record.state = state;
            record.last_error = Some(words);
        })
        .await;
    }
}

fn is_refused_token(credential: &Credential, response: &Response) -> bool {
    matches!(credential, Credential::OAuth(_)) && response.status() == StatusCode::UNAUTHORIZED
}

async fn check(profile: CallProfile, response: Response) -> Result<(CallProfile, Response), CallError> {
    if response.status().is_success() {
        return Ok((profile, response));
    }
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = read_up_to(response, ERROR_BODY).await.unwrap_or_default();
    Err(CallError::Provider(profile.format().error(status, &headers, &body)))
}

/// The first `limit` bytes of a body.
async fn read_up_to(mut response: Response, limit: usize) -> Result<Vec<u8>, reqwest::Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        body.extend_from_slice(&chunk[..chunk.len().min(limit - body.len())]);
        if body.len() == limit {
            break;
        }
    }
    Ok(body)
}

/// A whole body, refused when it is longer than `limit`.
pub(crate) async fn read_all(mut response: Response, limit: usize) -> Result<Vec<u8>, CallError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > limit {
            return Err(CallError::Answer);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
