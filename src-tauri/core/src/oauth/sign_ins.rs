//! All sign-ins: the one owner of what is pending. Starting, switching and ending them is here, what happens with a
//! response in `complete`, and the record that lets a closed application finish one in `keep`.

mod complete;
mod keep;
mod prepare;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::Client;
use tokio::sync::mpsc;

use super::attempt::{self, Attempt};
use super::loopback::Loopback;
use super::{Arrival, ReturnKind, SignInError, SignInStage, SignInView, authorize};
use crate::event::{AppEvent, Events};
use crate::ids::{ConnectionId, ProviderId, SignInId};
use crate::ports::{Browser, Clock};
use crate::providers::Provider;
use crate::vault::{Credential, Vault};
use crate::words;
use keep::Keeper;
use prepare::Request;

/// How many are remembered, the ended ones included.
const REMEMBERED: usize = 32;

/// Finds a provider by its name.
pub type Catalogue<'a> = &'a (dyn Fn(&ProviderId) -> Option<Arc<Provider>> + Sync);

/// What sign-ins need.
pub struct SignInOptions {
    /// The client for every request; it must not follow redirects.
    pub http: Client,
    /// Where pending sign-ins wait for their link.
    pub vault: Arc<Vault>,
    /// Opens the page.
    pub browser: Arc<dyn Browser>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Told about every change.
    pub events: Events,
    /// The scheme of this build's links.
    pub scheme: String,
}

/// What a finished exchange yields; nothing of it is stored yet.
#[derive(Debug)]
pub struct SignedIn {
    /// Which sign-in; goes on with [`SignIns::checking`].
    pub sign_in: SignInId,
    /// At which provider.
    pub provider: ProviderId,
    /// The connection to renew, if it was started for one.
    pub reconnect: Option<ConnectionId>,
    /// The credential.
    pub credential: Credential,
    /// Whose account it is, where the provider says so.
    pub account: Option<String>,
}

/// The one owner of pending sign-ins.
pub struct SignIns {
    options: SignInOptions,
    attempts: Mutex<Vec<Attempt>>,
    /// Held while one starts: two that start at once would each find no other to end, or a port that is the other's.
    starting: tokio::sync::Mutex<()>,
    arrivals: (mpsc::Sender<Arrival>, Mutex<Option<mpsc::Receiver<Arrival>>>),
    keeper: tokio::sync::Mutex<Keeper>,
}

impl SignIns {
    /// With no sign-in yet.
    pub fn new(options: SignInOptions) -> Arc<Self> {
        let (sender, receiver) = mpsc::channel(16);
        Arc::new(Self {
            options,
            attempts: Mutex::default(),
            starting: tokio::sync::Mutex::default(),
            arrivals: (sender, Mutex::new(Some(receiver))),
            keeper: tokio::sync::Mutex::default(),
        })
    }

    /// The responses that the loopback return takes, to be passed to [`SignIns::receive`]; can be taken once.
    pub fn arrivals(&self) -> Option<mpsc::Receiver<Arrival>> {
        self.arrivals.1.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// All sign-ins that are remembered, oldest first.
    pub fn views(&self) -> Vec<SignInView> {
        self.attempts().iter().map(|attempt| attempt.view.clone()).collect()
    }

    /// One sign-in.
    pub fn view(&self, id: SignInId) -> Option<SignInView> {
        self.attempts().iter().find(|attempt| attempt.id() == id).map(|attempt| attempt.view.clone())
    }

    /// Starts one: the return listens first, then the browser opens. One that is under way at the same provider ends.
    /// A browser that does not start is no error: the view says so.
    pub async fn start(
        self: &Arc<Self>,
        provider: &Provider,
        reconnect: Option<ConnectionId>,
        return_kind: Option<ReturnKind>,
    ) -> Result<SignInView, SignInError> {
        let definition = provider.sign_in.clone().map(Arc::new);
        let definition = definition.ok_or_else(|| SignInError::NotOffered(provider.name.clone()))?;
        let returns = authorize::returns(&definition);
        let kind = return_kind.or_else(|| returns.first().copied()).unwrap_or(ReturnKind::Paste);
        if !returns.contains(&kind) {
            return Err(SignInError::ReturnRefused(provider.name.clone()));
        }
        let request = Request {
            id: SignInId::new(),
            provider: provider.id.clone(),
            provider_name: provider.name.clone(),
            definition,
            reconnect,
            started_at: self.options.clock.now(),
        };
        let starting = self.starting.lock().await;
        self.end_others(&provider.id).await;
        let prepared = match self.prepare(&request, kind).await {
            Ok(prepared) => prepared,
            Err(error) => {
                drop(starting);
                self.keep_soon().await;
                return Err(error);
            }
        };
        let mut view = attempt::begin(&prepared.live, &provider.name, prepared.kind);
        view.error = prepared.remark;
        let (id, expires_at) = (view.id, view.expires_at);
        {
            let mut attempts = self.attempts();
            attempts.push(Attempt::new(view.clone(), prepared.live));
            let surplus = attempts.len().saturating_sub(REMEMBERED);
            if let Some(oldest) = attempts.iter().position(|attempt| attempt.live.is_none()).filter(|_| surplus > 0) {
                attempts.remove(oldest);
            }
        }
        drop(starting);
        self.tell(&view);
        self.expire_later(id, expires_at.since(request.started_at));
        self.keep_soon().await;
        let _ = self.open_page(id).await;
        Ok(self.view(id).unwrap_or(view))
    }

    /// Opens the same page again.
    pub async fn open_browser_again(&self, id: SignInId) -> Result<(), SignInError> {
        self.open_page(id).await
    }

    /// Goes on with another return. Only a change of the redirect URI needs a new request and opens the browser.
    pub async fn switch_return(self: &Arc<Self>, id: SignInId, kind: ReturnKind) -> Result<(), SignInError> {
        let request = {
            let mut attempts = self.attempts();
            let attempt = find(&mut attempts, id)?;
            let name = attempt.view.provider_name.clone();
            if !attempt.view.returns.contains(&kind) {
                return Err(SignInError::ReturnRefused(name));
            }
            let live = attempt.waiting()?;
            let listens = live.loopback.is_some() || kind != ReturnKind::Loopback;
            if kind == ReturnKind::Paste || (live.pending.redirect_kind == kind && listens) {
                attempt.view.return_kind = kind;
                attempt.view.error = None;
                self.tell(&attempt.view);
                return Ok(());
            }
            Request {
                id,
                provider: live.pending.provider.clone(),
                provider_name: name,
                definition: live.definition.clone(),
                reconnect: live.pending.reconnect,
                started_at: live.pending.started_at,
            }
        };
        let prepared = self.prepare(&request, kind).await?;
        {
            let mut attempts = self.attempts();
            let attempt = find(&mut attempts, id)?;
            attempt.waiting()?;
            attempt.view.return_kind = prepared.kind;
            attempt.view.error = prepared.remark;
            attempt.view.browser_opened = false;
            attempt.replace(prepared.live);
            self.tell(&attempt.view);
        }
        self.keep_soon().await;
        let _ = self.open_page(id).await;
        Ok(())
    }

    /// Ends it at the person's wish; one that is over already stays as it is.
    pub async fn cancel(self: &Arc<Self>, id: SignInId) {
        let ended = {
            let mut attempts = self.attempts();
            match find(&mut attempts, id) {
                // One whose credential still has to be stored can be ended too; its credential is the caller's.
                Ok(attempt) if attempt.live.is_some() || attempt.view.can_retry => {
                    drop(attempt.finish(SignInStage::Cancelled, None));
                    self.tell(&attempt.view);
                    true
                }
                _ => false,
            }
        };
        if ended {
            self.keep_soon().await;
        }
    }

    /// The credential is stored, and a real call is being made.
    pub fn checking(&self, id: SignInId) {
        self.move_on(id, |attempt| {
            attempt.view.stage = SignInStage::Checking;
            attempt.view.error = None;
            attempt.view.can_retry = false;
        });
    }

    /// The credential could not be stored, for this reason, and the caller keeps it for another try.
    pub fn held(&self, id: SignInId, message: impl Into<String>) {
        self.move_on(id, |attempt| {
            attempt.view.stage = SignInStage::Exchanging;
            attempt.view.error = Some(message.into());
            attempt.view.can_retry = true;
        });
    }

    /// The real call succeeded.
    pub fn connected(&self, id: SignInId, connection: ConnectionId) {
        self.move_on(id, |attempt| {
            attempt.view.connection = Some(connection);
            drop(attempt.finish(SignInStage::Connected, None));
        });
    }

    /// Storing the credential or the real call failed, with these words.
    pub fn failed(&self, id: SignInId, message: impl Into<String>) {
        self.move_on(id, |attempt| drop(attempt.finish(SignInStage::Failed, Some(message.into()))));
    }

    fn move_on(&self, id: SignInId, change: impl FnOnce(&mut Attempt)) {
        let mut attempts = self.attempts();
        if let Ok(attempt) = find(&mut attempts, id) {
            change(attempt);
            self.tell(&attempt.view);
        }
    }

    /// Ends what is under way at the provider and waits until its port is free.
    async fn end_others(&self, provider: &ProviderId) {
        let listening: Vec<Loopback> = {
            let mut attempts = self.attempts();
            let others = attempts.iter_mut().filter(|other| other.live.is_some() && other.view.provider == *provider);
            others
                .filter_map(|other| {
                    let loopback = other.finish(SignInStage::Cancelled, None);
                    self.tell(&other.view);
                    loopback
                })
                .collect()
        };
        for loopback in listening {
            loopback.close().await;
        }
    }

    async fn open_page(&self, id: SignInId) -> Result<(), SignInError> {
        let page = {
            let mut attempts = self.attempts();
            find(&mut attempts, id)?.waiting()?.page.clone()
        };
        let browser = self.options.browser.clone();
        // Starting a program blocks.
        let opened = tokio::task::spawn_blocking(move || browser.open(&page).is_ok()).await.unwrap_or(false);
        let mut attempts = self.attempts();
        let attempt = find(&mut attempts, id)?;
        let trouble = words::say("sign-in-no-browser");
        if attempt.live.is_some() {
            attempt.view.browser_opened |= opened;
            if !opened {
                attempt.view.error = Some(trouble);
            } else if attempt.view.error.as_ref() == Some(&trouble) {
                attempt.view.error = None;
            }
            self.tell(&attempt.view);
        }
        if opened { Ok(()) } else { Err(SignInError::NoBrowser) }
    }

    fn expire_later(self: &Arc<Self>, id: SignInId, life: Duration) {
        let weak = Arc::downgrade(self);
        tokio::spawn(async move {
            let mut wait = life;
            loop {
                tokio::time::sleep(wait).await;
                let Some(sign_ins) = weak.upgrade() else { return };
                match sign_ins.expire_if_due(id) {
                    Some(left) => wait = left.max(Duration::from_secs(1)),
                    None => return sign_ins.keep_soon().await,
                }
            }
        });
    }

    /// Ends it if its time is over; how long it has left if not.
    fn expire_if_due(&self, id: SignInId) -> Option<Duration> {
        let now = self.options.clock.now();
        let mut attempts = self.attempts();
        let attempt = find(&mut attempts, id).ok()?;
        let live = attempt.live.as_ref()?;
        if !live.pending.is_expired(now) {
            return Some(live.pending.expires_at.since(now));
        }
        // An exchange that is under way may end well; its own end looks at the time again.
        if live.exchanging {
            return Some(Duration::from_mins(1));
        }
        attempt.expire();
        self.tell(&attempt.view);
        None
    }

    fn attempts(&self) -> MutexGuard<'_, Vec<Attempt>> {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, view: &SignInView) {
        self.options.events.send(AppEvent::SignInChanged { sign_in: view.id });
    }
}

fn find(attempts: &mut [Attempt], id: SignInId) -> Result<&mut Attempt, SignInError> {
    attempts.iter_mut().find(|attempt| attempt.id() == id).ok_or(SignInError::NotFound)
}

#[cfg(test)]
mod tests;
