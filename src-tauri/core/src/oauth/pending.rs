//! What a sign-in that waits for its response is bound to, and how that is written down for its ten minutes.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;

use super::ReturnKind;
use crate::ids::{ConnectionId, ProviderId, SignInId};
use crate::time::Timestamp;
use crate::vault::{Secret, VaultError};

/// How long a sign-in waits; RFC 6749 4.1.2 recommends no more for the code itself.
pub(super) const LIFE: Duration = Duration::from_mins(10);

/// A state that can be remembered after the state itself is gone.
#[derive(Clone, Copy)]
pub(super) struct Digest([u8; 32]);

impl Digest {
    pub(super) fn of(state: &Secret) -> Self {
        Self(Sha256::digest(state.expose()).into())
    }

    /// In a time that tells nothing of where they differ.
    pub(super) fn matches(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

/// What a sign-in is bound to.
#[derive(Clone, Deserialize)]
pub(super) struct Pending {
    pub(super) id: SignInId,
    pub(super) provider: ProviderId,
    pub(super) reconnect: Option<ConnectionId>,
    /// In a key exchange this is the nonce in the callback's path.
    pub(super) state: Secret,
    pub(super) verifier: Secret,
    /// `DeepLink` or `Loopback`: where the redirect URI leads.
    pub(super) redirect_kind: ReturnKind,
    pub(super) redirect_uri: String,
    pub(super) started_at: Timestamp,
    pub(super) expires_at: Timestamp,
}

impl Pending {
    pub(super) fn is_expired(&self, now: Timestamp) -> bool {
        // A clock that was set back by more than a sign-in's life makes it no younger.
        now >= self.expires_at || now + LIFE < self.started_at
    }
}

/// The same as it is written; borrows, so that no copy outlives the write.
#[derive(Serialize)]
struct Written<'a> {
    id: SignInId,
    provider: &'a ProviderId,
    reconnect: Option<ConnectionId>,
    state: &'a str,
    verifier: &'a str,
    redirect_kind: ReturnKind,
    redirect_uri: &'a str,
    started_at: Timestamp,
    expires_at: Timestamp,
}

/// The record of all of them.
pub(super) fn write(all: &[Pending]) -> Result<Secret, VaultError> {
    let written: Vec<_> = all
        .iter()
        .map(|pending| Written {
            id: pending.id,
            provider: &pending.provider,
            reconnect: pending.reconnect,
            state: pending.state.expose(),
            verifier: pending.verifier.expose(),
            redirect_kind: pending.redirect_kind,
            redirect_uri: &pending.redirect_uri,
            started_at: pending.started_at,
            expires_at: pending.expires_at,
        })
        .collect();
    serde_json::to_string(&written).map(Secret::new).map_err(|_| VaultError::Damaged)
}

/// Reads the record back.
pub(super) fn read(record: &Secret) -> Result<Vec<Pending>, VaultError> {
    serde_json::from_str(record.expose()).map_err(|_| VaultError::Damaged)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pending() -> Pending {
        Pending {
            id: SignInId::new(),
            provider: "sandbox".parse().unwrap(),
            reconnect: Some(ConnectionId::new()),
            state: Secret::new("state"),
            verifier: Secret::new("verifier"),
            redirect_kind: ReturnKind::DeepLink,
            redirect_uri: "app.patchbay:/oauth/sandbox".to_owned(),
            started_at: Timestamp(1_000_000),
            expires_at: Timestamp(1_000_000) + LIFE,
        }
    }

    #[test]
    fn the_record_comes_back_whole() {
        let one = pending();
        let back = read(&write(std::slice::from_ref(&one)).unwrap()).unwrap();
        assert_eq!(back.len(), 1);
        let found = &back[0];
        assert!(found.state.matches(&one.state) && found.verifier.matches(&one.verifier));
        assert_eq!(
            (found.id, &found.provider, found.reconnect, found.redirect_kind, &found.redirect_uri, found.expires_at),
            (one.id, &one.provider, one.reconnect, one.redirect_kind, &one.redirect_uri, one.expires_at)
        );
        assert!(read(&Secret::new("{}")).is_err() && read(&Secret::new("")).is_err());
    }

    #[test]
    fn ten_minutes_are_ten_minutes() {
        let one = pending();
        assert!(!one.is_expired(one.expires_at - Duration::from_millis(1)));
        assert!(one.is_expired(one.expires_at));
        assert!(one.is_expired(Timestamp(0)), "a clock set far back does not revive it");
    }
}
