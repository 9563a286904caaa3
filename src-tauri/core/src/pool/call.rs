//! Calling a provider with a connection's credential.
//!
//! A 401 on a token that looked valid forces one refresh and one retry. What the call says of the connection is noted;
//! what breaks off later, inside a stream, is the answer's alone.

use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, RequestBuilder, Response, StatusCode};
use tokio::sync::OwnedSemaphorePermit;

use super::{ConnectionState, CredentialError, Pool};
use crate::ids::ConnectionId;
use crate::providers::{CallProfile, ProfileError};
use crate::store::connections::ConnectionRecord;
use crate::vault::Credential;
use crate::wire::{ErrorKind, ProviderError};
use crate::words::{say, say_with};

/// An error body longer than this is cut: it is for reading.
const ERROR_BODY: usize = 64 * 1024;
/// How long the trial of a new key may take.
const TRIAL: Duration = Duration::from_secs(30);

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

    /// Whether it says something of the connection, and not only of this one request or its model.
    fn concerns_the_connection(&self) -> bool {
        use ErrorKind::{ContextLength, Forbidden, Invalid, NotFound, RateLimited};
        match self {
            Self::Provider(error) => {
                !matches!(error.kind, ContextLength | Forbidden | Invalid | NotFound | RateLimited)
            }
            Self::Credential(CredentialError::NoConnection) => false,
            Self::Credential(_) | Self::Profile(_) | Self::Unreachable { .. } | Self::Answer => true,
        }
    }

    /// Whether only another credential helps.
    fn needs_sign_in(&self) -> bool {
        match self {
            Self::Provider(error) => error.kind == ErrorKind::Unauthorized,
            Self::Credential(error) => matches!(error, CredentialError::NeedsSignIn(_)),
            Self::Profile(_) | Self::Unreachable { .. } | Self::Answer => false,
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
        let generation = self.record(id).map(|record| record.generation);
        let result = self.try_call(id, &request).await;
        match (&result, generation) {
            (Ok(_), Some(generation)) => self.note_success(id, generation).await,
            (Err(error), Some(generation)) if error.concerns_the_connection() => {
                self.note_failure(id, generation, error).await;
            }
            _ => {}
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

    /// Makes a real call with a credential that is not the connection's yet, and notes nothing.
    pub(super) async fn try_credential(
        &self,
        record: &ConnectionRecord,
        credential: &Credential,
    ) -> Result<(), CallError> {
        let provider = self.provider(record).ok_or(CredentialError::NoConnection)?;
        let profile = CallProfile::new(&provider, &record.base_url, Some(credential))?;
        let path = provider.check.clone().unwrap_or_else(|| provider.list.first_request().path);
        let response = profile.get(&self.0.options.http, &path).timeout(TRIAL).send().await?;
        match check(profile, response).await {
            // An older server without that page has not refused the key; the list looks elsewhere.
            Err(CallError::Provider(ProviderError { kind: ErrorKind::NotFound, .. })) => Ok(()),
            other => other.map(|_| ()),
        }
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

    async fn note_success(&self, id: ConnectionId, generation: u32) {
        let now = self.0.options.clock.now();
        self.note(id, |record| {
            if record.generation == generation {
                record.state = ConnectionState::Connected;
                record.last_ok_at = Some(now);
                record.last_error = None;
            }
        })
        .await;
    }

    /// Notes a failure of the connection, unless it has got another credential since the call began.
    pub(crate) async fn note_failure(&self, id: ConnectionId, generation: u32, error: &CallError) {
        let state = if error.needs_sign_in() { ConnectionState::NeedsSignIn } else { ConnectionState::Failing };
        let words = error.words(&self.provider_name(id));
        self.note(id, |record| {
            if record.generation == generation {
                record.state = state;
                record.last_error = Some(words);
            }
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
    let error = profile.format().error(status, &headers, &body);
    Err(CallError::Provider(profile.without_credential(error)))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn provider(kind: ErrorKind) -> CallError {
        CallError::Provider(ProviderError::new(kind, ""))
    }

    #[test]
    fn every_error_says_whether_to_repeat_the_call_and_what_it_means_for_the_connection() {
        let signed_out = CredentialError::NeedsSignIn("Sign in again.".to_owned());
        let locked = CredentialError::Vault { unavailable: true, words: "It is locked.".to_owned() };
        // The error, whether to repeat it, whether it is about the connection, whether only a credential helps.
        let cases = [
            (CallError::Unreachable { timeout: false }, true, true, false),
            (CallError::Unreachable { timeout: true }, false, true, false),
            (CallError::Answer, false, true, false),
            (CallError::Profile(ProfileError::BaseUrl), false, true, false),
            (CallError::Profile(ProfileError::Header), false, true, false),
            (CallError::Credential(signed_out), false, true, true),
            (CallError::Credential(locked), false, true, false),
            (CallError::Credential(CredentialError::Temporary("Later.".to_owned())), false, true, false),
            (CallError::Credential(CredentialError::NoConnection), false, false, false),
            (provider(ErrorKind::Unauthorized), false, true, true),
            (provider(ErrorKind::Quota), false, true, false),
            (provider(ErrorKind::Overloaded), true, true, false),
            (provider(ErrorKind::Server), true, true, false),
            (provider(ErrorKind::Malformed), false, true, false),
            (provider(ErrorKind::RateLimited), true, false, false),
            (provider(ErrorKind::Forbidden), false, false, false),
            (provider(ErrorKind::NotFound), false, false, false),
            (provider(ErrorKind::ContextLength), false, false, false),
            (provider(ErrorKind::Invalid), false, false, false),
        ];
        for (error, repeat, about, needs) in cases {
            assert_eq!(error.is_retryable(), repeat, "{error:?}");
            assert_eq!(error.concerns_the_connection(), about, "{error:?}");
            assert_eq!(error.needs_sign_in(), needs, "{error:?}");
            let words = error.words("OpenAI");
            assert!(words.ends_with('.') && !words.contains('{'), "{error:?} has words: {words}");
            assert_ne!(words, error.to_string(), "{error:?} is told as a person would");
        }
    }
}
