//! One sign-in from its start to its end: what the dialog sees of it, and what it must keep to itself.
//!
//! Everything secret is in [`Live`] and goes when the attempt ends. Digests of its states stay, so that a link which is
//! used a second time can be told from one that was never ours.

use std::sync::Arc;

use url::Url;

use super::loopback::Loopback;
use super::pending::{Digest, Pending};
use super::{SignInError, SignInStage, SignInView, authorize};
use crate::ids::SignInId;
use crate::providers::SignInDefinition;
use crate::vault::Secret;

/// One sign-in.
pub(super) struct Attempt {
    pub(super) view: SignInView,
    /// The states it had, the present one last: another return begins a new one.
    states: Vec<Digest>,
    pub(super) live: Option<Live>,
    expired: bool,
}

/// What a sign-in needs while it can still succeed.
pub(super) struct Live {
    pub(super) pending: Pending,
    /// As it was when the sign-in began.
    pub(super) definition: Arc<SignInDefinition>,
    pub(super) page: Url,
    /// The code that came back; stays until it is exchanged, for another try.
    pub(super) code: Option<Secret>,
    pub(super) exchanging: bool,
    /// The code was typed or pasted alone: a wrong one must not cost the whole sign-in.
    pub(super) by_hand: bool,
    pub(super) loopback: Option<Loopback>,
}

/// How a state relates to an attempt.
pub(super) enum Match {
    /// It is the one that is waited for.
    Waiting(SignInId),
    /// It was this attempt's, and can no longer be used, because of this.
    Over(SignInError),
}

impl Attempt {
    pub(super) fn new(view: SignInView, live: Live) -> Self {
        Self { view, states: vec![Digest::of(&live.pending.state)], live: Some(live), expired: false }
    }

    pub(super) fn id(&self) -> SignInId {
        self.view.id
    }

    /// Takes over the request of another return.
    pub(super) fn replace(&mut self, live: Live) {
        self.states.push(Digest::of(&live.pending.state));
        self.live = Some(live);
    }

    /// Whether the state is this attempt's. Looks at all of them in any case.
    pub(super) fn look_up(&self, state: &Digest) -> Option<Match> {
        let found =
            self.states.iter().enumerate().filter(|(_, known)| known.matches(state)).map(|(at, _)| at).next_back()?;
        let is_present = found + 1 == self.states.len();
        Some(match &self.live {
            Some(live) if is_present && live.code.is_none() => Match::Waiting(self.id()),
            Some(_) if is_present => Match::Over(SignInError::Used),
            None if self.expired => Match::Over(SignInError::Expired),
            None if is_present && self.view.stage != SignInStage::Cancelled => Match::Over(SignInError::Used),
            _ => Match::Over(SignInError::Cancelled),
        })
    }

    /// Ends it: nothing secret stays and the return closes. The return is handed out for whoever has to wait for that.
    pub(super) fn finish(&mut self, stage: SignInStage, error: Option<String>) -> Option<Loopback> {
        self.view.stage = stage;
        self.view.error = error;
        self.view.can_retry = false;
        self.live.take().and_then(|live| live.loopback)
    }

    /// Ends it because its time is over.
    pub(super) fn expire(&mut self) {
        self.expired = true;
        drop(self.finish(SignInStage::Failed, Some(crate::words::say("sign-in-expired-here"))));
    }

    /// It waits for its response.
    pub(super) fn waiting(&mut self) -> Result<&mut Live, SignInError> {
        match &mut self.live {
            Some(live) if live.code.is_none() => Ok(live),
            Some(_) => Err(SignInError::NotWaiting),
            None => Err(SignInError::NotFound),
        }
    }
}

/// The view of an attempt that begins to wait.
pub(super) fn begin(live: &Live, provider_name: &str, return_kind: super::ReturnKind) -> SignInView {
    SignInView {
        id: live.pending.id,
        provider: live.pending.provider.clone(),
        provider_name: provider_name.to_owned(),
        return_kind,
        returns: authorize::returns(&live.definition),
        stage: SignInStage::Waiting,
        browser_opened: false,
        error: None,
        can_retry: false,
        started_at: live.pending.started_at,
        expires_at: live.pending.expires_at,
        connection: live.pending.reconnect,
    }
}
