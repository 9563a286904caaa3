//! The vault's record of pending sign-ins, so that a link which starts a closed application still completes.
//!
//! Only those that wait for a link are in it: a page on this machine dies with the process. With a vault for the session
//! there is no record. A vault that cannot be used is no reason to stop: the sign-in goes on in memory, and storing its
//! credential will say what is wrong.

use std::sync::Arc;
use std::time::Duration;

use super::SignIns;
use crate::ids::SignInId;
use crate::oauth::attempt::{self, Attempt, Live, Match};
use crate::oauth::pending::{self, Digest, Pending};
use crate::oauth::{Catalogue, ReturnKind, SignInError, authorize};
use crate::time::Timestamp;
use crate::vault::{Secret, VaultError};

/// The account of the record in the vault.
const ACCOUNT: &str = "sign-ins";
/// How long a start waits for the record. Unlocking a keyring may take longer and then goes on beside it.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is known of the record.
#[derive(Default)]
pub(super) struct Keeper {
    /// Those that an earlier run of the application left; unknown until the record was read.
    earlier: Option<Vec<Pending>>,
    /// The states in the record, as it was last written or read.
    recorded: Vec<Digest>,
}

impl SignIns {
    /// Brings the record up to date, and waits for that, but not long.
    pub(super) async fn keep_soon(self: &Arc<Self>) {
        let sign_ins = self.clone();
        let keeping = tokio::spawn(async move { sign_ins.keep().await });
        match tokio::time::timeout(PATIENCE, keeping).await {
            Ok(Ok(Ok(()))) => {}
            Ok(Ok(Err(_))) => tracing::warn!("pending sign-ins could not be kept in the vault"),
            Ok(Err(_)) => tracing::error!("keeping pending sign-ins failed"),
            Err(_) => tracing::warn!("the vault takes long to keep pending sign-ins"),
        }
    }

    async fn keep(&self) -> Result<(), VaultError> {
        let vault = &self.options.vault;
        if vault.is_session() {
            return Ok(());
        }
        // One at a time, and each writes what is true when its turn comes.
        let mut keeper = self.keeper.lock().await;
        if keeper.earlier.is_none() && self.waiting_for_links().is_empty() {
            return Ok(());
        }
        let now = self.options.clock.now();
        self.load(&mut keeper, now).await?;
        let live = self.waiting_for_links();
        let mut wanted: Vec<Pending> = keeper.earlier.clone().unwrap_or_default();
        wanted.retain(|earlier| !live.iter().any(|new| new.provider == earlier.provider));
        keeper.earlier = Some(wanted.clone());
        wanted.extend(live);
        let states: Vec<Digest> = wanted.iter().map(|pending| Digest::of(&pending.state)).collect();
        let unchanged = states.len() == keeper.recorded.len()
            && states.iter().zip(&keeper.recorded).all(|(one, other)| one.matches(other));
        if unchanged {
            return Ok(());
        }
        if wanted.is_empty() {
            vault.delete_record(ACCOUNT).await?;
        } else {
            vault.write_record(ACCOUNT, &pending::write(&wanted)?).await?;
        }
        keeper.recorded = states;
        Ok(())
    }

    /// Makes an attempt of one that an earlier run left, if the state is its.
    pub(super) async fn adopt(&self, state: &Secret, catalogue: Catalogue<'_>) -> Result<SignInId, SignInError> {
        if self.options.vault.is_session() {
            return Err(SignInError::Unknown);
        }
        let mut keeper = self.keeper.lock().await;
        let now = self.options.clock.now();
        let expired = self.load(&mut keeper, now).await?;
        let digest = Digest::of(state);
        // Another call with the same link may have adopted it while this one waited.
        if let Some(found) = self.attempts().iter().find_map(|attempt| attempt.look_up(&digest)) {
            return match found {
                Match::Waiting(id) => Ok(id),
                Match::Over(error) => Err(error),
            };
        }
        let earlier = keeper.earlier.get_or_insert_default();
        let Some(at) = earlier.iter().position(|pending| Digest::of(&pending.state).matches(&digest)) else {
            let was_ours = expired.iter().any(|pending| Digest::of(&pending.state).matches(&digest));
            return Err(if was_ours { SignInError::Expired } else { SignInError::Unknown });
        };
        let provider = catalogue(&earlier[at].provider).ok_or(SignInError::ProviderGone)?;
        let definition = provider.sign_in.clone().map(Arc::new).ok_or(SignInError::ProviderGone)?;
        let page = authorize::page(&definition, &provider.name, &earlier[at])?;
        let pending = earlier.remove(at);
        let id = pending.id;
        let live = Live { pending, definition, page, code: None, exchanging: false, by_hand: false, loopback: None };
        let mut view = attempt::begin(&live, &provider.name, ReturnKind::DeepLink);
        view.browser_opened = true;
        let mut attempts = self.attempts();
        attempts.push(Attempt::new(view.clone(), live));
        drop(attempts);
        self.tell(&view);
        Ok(id)
    }

    /// Reads the record once, and drops what has expired; those are handed out, to be named as what they are.
    async fn load(&self, keeper: &mut Keeper, now: Timestamp) -> Result<Vec<Pending>, VaultError> {
        if keeper.earlier.is_none() {
            let earlier = match self.options.vault.read_record(ACCOUNT).await {
                Ok(Some(record)) => pending::read(&record),
                Ok(None) => Ok(Vec::new()),
                Err(error) => Err(error),
            };
            let earlier = match earlier {
                Ok(earlier) => earlier,
                // Ten minutes of waiting are all that is lost.
                Err(VaultError::Damaged) => Vec::new(),
                Err(error) => return Err(error),
            };
            keeper.recorded = earlier.iter().map(|pending| Digest::of(&pending.state)).collect();
            keeper.earlier = Some(earlier);
        }
        let all = keeper.earlier.take().unwrap_or_default();
        let (expired, waiting) = all.into_iter().partition(|pending| pending.is_expired(now));
        keeper.earlier = Some(waiting);
        Ok(expired)
    }

    fn waiting_for_links(&self) -> Vec<Pending> {
        let attempts = self.attempts();
        let live = attempts.iter().filter_map(|attempt| attempt.live.as_ref());
        let waiting = live.filter(|live| live.code.is_none() && live.pending.redirect_kind == ReturnKind::DeepLink);
        waiting.map(|live| live.pending.clone()).collect()
    }
}
