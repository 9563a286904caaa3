//! What happens with a response: it is matched to its sign-in, checked, and its code exchanged.
//!
//! The checks come in this order: state, time, single use, the provider and the return whose redirect URI it came in on,
//! issuer, and what it says. One that fails any but the last leaves everything as it was, apart from words in the
//! dialog of the sign-in that it named.

use std::sync::Arc;

use super::{SignIns, SignedIn, find};
use crate::oauth::attempt::{Attempt, Match};
use crate::oauth::exchange::{self, Exchanged};
use crate::oauth::pending::Digest;
use crate::oauth::{
    Arrival, AuthorizationResponse, Catalogue, EndpointError, Outcome, PasteError, SignInError, SignInStage, paste,
    revoke,
};

use crate::ids::SignInId;
use crate::providers::SignInDefinition;
use crate::vault::{Credential, Secret};

/// Why an exchange yields nothing, and what it obtained for nobody.
struct Unsettled {
    error: SignInError,
    unwanted: Option<Box<Credential>>,
}

impl SignIns {
    /// Takes a response that came back by itself, for a sign-in in memory or one that an earlier run left in the vault.
    pub async fn receive(
        self: &Arc<Self>,
        arrival: Arrival,
        catalogue: Catalogue<'_>,
    ) -> Result<SignedIn, SignInError> {
        let state = arrival.response.state.as_ref().ok_or(SignInError::NoState)?;
        let id = match self.look_up(state) {
            Some(Match::Waiting(id)) => id,
            Some(Match::Over(error)) => return Err(error),
            None => self.adopt(state, catalogue).await?,
        };
        self.check_offered(id, catalogue)?;
        let taken = self.take(id, |attempt| check_route(attempt, &arrival), &arrival.response, true);
        self.exchange_taken(id, taken).await
    }

    /// Takes what the person pasted into this sign-in's dialog.
    pub async fn paste(
        self: &Arc<Self>,
        id: SignInId,
        text: &str,
        catalogue: Catalogue<'_>,
    ) -> Result<SignedIn, SignInError> {
        self.check_offered(id, catalogue)?;
        let strategy = {
            let mut attempts = self.attempts();
            find(&mut attempts, id)?.waiting()?.definition.strategy
        };
        let pasted = paste::read(text, strategy).map_err(|error| self.remark(id, error.into()))?;
        let check = |attempt: &mut Attempt| match &pasted.response.state {
            Some(state) if state.matches(&attempt.waiting()?.pending.state) => Ok(()),
            Some(_) => Err(PasteError::Other.into()),
            None if pasted.is_bare => Ok(()),
            None => Err(PasteError::Incomplete.into()),
        };
        // A code alone cannot carry the issuer; that it was exchanged at the right server proves as much.
        let taken = self.take(id, check, &pasted.response, !pasted.is_bare);
        self.exchange_taken(id, taken).await
    }

    /// Repeats an exchange that failed for a passing reason.
    pub async fn retry(self: &Arc<Self>, id: SignInId, catalogue: Catalogue<'_>) -> Result<SignedIn, SignInError> {
        self.check_offered(id, catalogue)?;
        {
            let mut attempts = self.attempts();
            let attempt = find(&mut attempts, id)?;
            match &attempt.live {
                Some(live) if live.code.is_some() && !live.exchanging => {}
                Some(_) => return Err(SignInError::NothingToRetry),
                None => return Err(SignInError::NotFound),
            }
            self.check_time(attempt)?;
        }
        self.exchange(id).await
    }

    /// A sign-in whose provider was taken out of the catalogue in the meantime goes no further. One that goes on uses the
    /// definition that it began with.
    fn check_offered(&self, id: SignInId, catalogue: Catalogue<'_>) -> Result<(), SignInError> {
        let provider = find(&mut self.attempts(), id)?.view.provider.clone();
        let offered = catalogue(&provider).is_some_and(|provider| provider.sign_in.is_some());
        if offered { Ok(()) } else { Err(self.remark(id, SignInError::ProviderGone)) }
    }

    fn look_up(&self, state: &Secret) -> Option<Match> {
        let digest = Digest::of(state);
        // All of them are looked at, so that the time tells nothing of which one it is.
        let found: Vec<Match> = self.attempts().iter().filter_map(|attempt| attempt.look_up(&digest)).collect();
        found.into_iter().next_back()
    }

    /// Single use: whoever gets past this has the code, and nobody after does.
    fn take(
        &self,
        id: SignInId,
        check: impl FnOnce(&mut Attempt) -> Result<(), SignInError>,
        response: &AuthorizationResponse,
        has_issuer: bool,
    ) -> Result<(), SignInError> {
        let mut attempts = self.attempts();
        let attempt = find(&mut attempts, id)?;
        self.check_time(attempt)?;
        attempt.waiting().map_err(|_| SignInError::Used)?;
        let checked = check(attempt).and_then(|()| if has_issuer { check_issuer(attempt, response) } else { Ok(()) });
        if let Err(error) = checked {
            reopen(attempt);
            attempt.view.error = Some(error.to_string());
            self.tell(&attempt.view);
            return Err(error);
        }
        let result = match &response.outcome {
            Outcome::Code(code) => {
                let live = attempt.waiting()?;
                live.code = Some(code.clone());
                live.by_hand = !has_issuer;
                if !live.by_hand {
                    live.loopback = None;
                }
                attempt.view.stage = SignInStage::Exchanging;
                attempt.view.error = None;
                Ok(())
            }
            Outcome::Refused { error, description } => {
                let error = refusal(&attempt.view.provider_name, error, description.as_deref());
                drop(attempt.finish(SignInStage::Failed, Some(error.to_string())));
                Err(error)
            }
        };
        self.tell(&attempt.view);
        result
    }

    fn check_time(&self, attempt: &mut Attempt) -> Result<(), SignInError> {
        let now = self.options.clock.now();
        if attempt.live.as_ref().is_some_and(|live| live.pending.is_expired(now)) {
            attempt.expire();
            self.tell(&attempt.view);
            return Err(SignInError::Expired);
        }
        Ok(())
    }

    async fn exchange_taken(
        self: &Arc<Self>,
        id: SignInId,
        taken: Result<(), SignInError>,
    ) -> Result<SignedIn, SignInError> {
        match taken {
            Ok(()) => self.exchange(id).await,
            Err(error) => {
                // A refusal, or the end of its time, ended it: then it has no place in the record either.
                self.keep_soon().await;
                Err(error)
            }
        }
    }

    async fn exchange(self: &Arc<Self>, id: SignInId) -> Result<SignedIn, SignInError> {
        let (definition, pending, code) = {
            let mut attempts = self.attempts();
            let attempt = find(&mut attempts, id)?;
            let live = attempt.live.as_mut().ok_or(SignInError::NotFound)?;
            let code = live.code.clone().filter(|_| !live.exchanging).ok_or(SignInError::NotWaiting)?;
            live.exchanging = true;
            let taken = (live.definition.clone(), live.pending.clone(), code);
            attempt.view.error = None;
            attempt.view.can_retry = false;
            self.tell(&attempt.view);
            taken
        };
        let now = self.options.clock.now();
        let exchanging = exchange::exchange(&self.options.http, &definition, &pending, &code, now);
        // The link is used up, whatever the exchange says.
        let (result, ()) = tokio::join!(exchanging, self.keep_soon());
        match self.settle(id, result) {
            Ok(Exchanged { credential, account }) => Ok(SignedIn {
                sign_in: id,
                provider: pending.provider,
                reconnect: pending.reconnect,
                credential,
                account,
            }),
            Err(Unsettled { error, unwanted }) => {
                if let Some(Credential::OAuth(tokens)) = unwanted.map(|unwanted| *unwanted) {
                    // Nobody waits for this; the grant that nobody will use should not stay behind.
                    let http = self.options.http.clone();
                    let definition: Arc<SignInDefinition> = definition;
                    tokio::spawn(async move { revoke(&http, &definition, &tokens).await });
                }
                self.keep_soon().await;
                Err(error)
            }
        }
    }

    /// Puts the end of an exchange into the attempt. A credential that came for a cancelled one is handed back.
    fn settle(&self, id: SignInId, result: Result<Exchanged, EndpointError>) -> Result<Exchanged, Unsettled> {
        let now = self.options.clock.now();
        let mut attempts = self.attempts();
        let found = find(&mut attempts, id).ok().filter(|attempt| attempt.live.is_some());
        let Some(attempt) = found else {
            let unwanted = result.ok().map(|exchanged| Box::new(exchanged.credential));
            return Err(Unsettled { error: SignInError::Cancelled, unwanted });
        };
        let settled = match result {
            Ok(exchanged) => {
                // Nothing secret is needed from here on.
                drop(attempt.finish(SignInStage::Exchanging, None));
                Ok(exchanged)
            }
            Err(error) => {
                let provider = attempt.view.provider_name.clone();
                let temporary = error.is_temporary();
                let error = SignInError::Exchange { provider, error };
                match &mut attempt.live {
                    Some(live) if temporary && !live.pending.is_expired(now) => {
                        live.exchanging = false;
                        attempt.view.error = Some(error.to_string());
                        attempt.view.can_retry = true;
                    }
                    // The right one may still come, by hand or by itself.
                    Some(live) if live.by_hand && !live.pending.is_expired(now) => {
                        (live.exchanging, live.code) = (false, None);
                        // What came by itself meanwhile was turned away; opened again, the page brings it once more.
                        if let Some(loopback) = &live.loopback {
                            loopback.reopen();
                        }
                        attempt.view.stage = SignInStage::Waiting;
                        attempt.view.error = Some(error.to_string());
                    }
                    _ => drop(attempt.finish(SignInStage::Failed, Some(error.to_string()))),
                }
                Err(Unsettled { error, unwanted: None })
            }
        };
        self.tell(&attempt.view);
        settled
    }

    /// Shows the error in the sign-in's dialog, and hands it on.
    fn remark(&self, id: SignInId, error: SignInError) -> SignInError {
        let mut attempts = self.attempts();
        if let Ok(attempt) = find(&mut attempts, id) {
            attempt.view.error = Some(error.to_string());
            self.tell(&attempt.view);
        }
        error
    }
}

/// What its page took did not end it, so the page takes another.
fn reopen(attempt: &Attempt) {
    if let Some(loopback) = attempt.live.as_ref().and_then(|live| live.loopback.as_ref()) {
        loopback.reopen();
    }
}

/// The redirect URI that it came in on is the one that it was asked for on.
fn check_route(attempt: &mut Attempt, arrival: &Arrival) -> Result<(), SignInError> {
    let name = attempt.view.provider_name.clone();
    let pending = &attempt.waiting()?.pending;
    if arrival.provider.as_ref().is_some_and(|provider| *provider != pending.provider) {
        return Err(SignInError::WrongProvider(name));
    }
    if arrival.kind != pending.redirect_kind {
        return Err(SignInError::WrongReturn(name));
    }
    Ok(())
}

/// RFC 9207 2.4: compared as it stands.
fn check_issuer(attempt: &mut Attempt, response: &AuthorizationResponse) -> Result<(), SignInError> {
    let name = attempt.view.provider_name.clone();
    let definition = &attempt.waiting()?.definition;
    match (&definition.issuer, &response.issuer) {
        (Some(expected), Some(issuer)) if expected != issuer => Err(SignInError::WrongIssuer(name)),
        (_, None) if definition.requires_issuer => Err(SignInError::NoIssuer(name)),
        _ => Ok(()),
    }
}

fn refusal(provider: &str, error: &str, description: Option<&str>) -> SignInError {
    let provider = provider.to_owned();
    match (error, description) {
        ("access_denied", _) => SignInError::Denied(provider),
        (error, Some(words)) if !words.is_empty() => {
            SignInError::Refused { provider, reason: format!("{error}: {words}") }
        }
        (error, _) => SignInError::Refused { provider, reason: error.to_owned() },
    }
}
