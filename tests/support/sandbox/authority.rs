//! The authorization server's memory: what was asked, granted, issued and withdrawn. Knows no HTTP; time is passed in.
//!
//! The rules are those of RFC 6749, 7636 and 9700: a code works once and its second use withdraws what it gave; a
//! refresh token is replaced at every use and the use of a replaced one withdraws the whole grant.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// How long the consent page may stay open, and how long a code is good.
const PATIENCE: Duration = Duration::from_mins(10);

/// How many of each thing are kept; beyond that the server says it is busy.
const KEPT: usize = 10_000;

/// A valid authorization request that waits for the person.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    pub(super) client_id: String,
    pub(super) redirect_uri: String,
    pub(super) state: Option<String>,
    pub(super) scope: String,
    pub(super) challenge: String,
}

/// What a person allowed.
#[derive(Clone, Debug)]
pub(super) struct Grant {
    pub(super) account: String,
    pub(super) client_id: String,
    pub(super) scope: String,
    withdrawn: bool,
}

/// What the token endpoint gives.
#[derive(Debug)]
pub(super) struct Tokens {
    pub(super) access: String,
    pub(super) refresh: String,
    pub(super) scope: String,
    pub(super) lifetime: Duration,
}

/// Why the token endpoint refuses (RFC 6749 5.2).
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) error: &'static str,
    pub(super) description: &'static str,
}

const fn refusal(error: &'static str, description: &'static str) -> Refusal {
    Refusal { error, description }
}

/// The server cannot remember more.
#[derive(Debug)]
pub(super) struct Busy;

struct Code {
    ask: Ask,
    account: String,
    until: Instant,
    /// The grant it was exchanged for, once it was.
    used: Option<String>,
}

struct Access {
    grant: String,
    until: Instant,
}

struct Refresh {
    grant: String,
    replaced: bool,
}

/// The memory.
#[derive(Default)]
pub(super) struct Authority {
    asks: HashMap<String, (Ask, Instant)>,
    codes: HashMap<String, Code>,
    grants: HashMap<String, Grant>,
    access: HashMap<String, Access>,
    refresh: HashMap<String, Refresh>,
    issued: Vec<String>,
}

impl Authority {
    /// Remembers a request while its consent page is open; gives the number of the page.
    pub(super) fn open(&mut self, ask: Ask, now: Instant) -> Result<String, Busy> {
        self.asks.retain(|_, (_, until)| *until > now);
        if self.asks.len() >= KEPT {
            return Err(Busy);
        }
        let number = random("page");
        self.asks.insert(number.clone(), (ask, now + PATIENCE));
        Ok(number)
    }

    /// Takes the request of a consent page; it can be answered once.
    pub(super) fn take(&mut self, number: &str, now: Instant) -> Option<Ask> {
        self.asks.remove(number).filter(|(_, until)| *until > now).map(|(ask, _)| ask)
    }

    /// The person allowed it.
    pub(super) fn code(&mut self, ask: Ask, account: &str, now: Instant) -> Result<String, Busy> {
        self.codes.retain(|_, code| code.until > now);
        if self.codes.len() >= KEPT || self.grants.len() >= KEPT || self.issued.len() >= 10 * KEPT {
            return Err(Busy);
        }
        let code = random("code");
        self.issued.push(code.clone());
        self.codes.insert(code.clone(), Code { ask, account: account.to_owned(), until: now + PATIENCE, used: None });
        Ok(code)
    }

    /// A code for tokens.
    pub(super) fn exchange(
        &mut self,
        code: &str,
        client_id: &str,
        redirect_uri: &str,
        verifier: &str,
        now: Instant,
        lifetime: Duration,
    ) -> Result<Tokens, Refusal> {
        let Some(entry) = self.codes.get_mut(code) else {
            return Err(refusal("invalid_grant", "This code is unknown."));
        };
        if let Some(grant) = entry.used.clone() {
            self.withdraw(&grant);
            return Err(refusal("invalid_grant", "This code was used before; what it gave is withdrawn."));
        }
        if entry.until <= now {
            return Err(refusal("invalid_grant", "This code has expired."));
        }
        if entry.ask.client_id != client_id {
            return Err(refusal("invalid_grant", "This code was given to another client."));
        }
        if entry.ask.redirect_uri != redirect_uri {
            return Err(refusal("invalid_grant", "The redirect_uri is not the one of the request."));
        }
        if !(43..=128).contains(&verifier.len()) || challenge_of(verifier) != entry.ask.challenge {
            return Err(refusal("invalid_grant", "The code_verifier does not match."));
        }
        let number = random("grant");
        let grant = Grant {
            account: entry.account.clone(),
            client_id: client_id.to_owned(),
            scope: entry.ask.scope.clone(),
            withdrawn: false,
        };
        entry.used = Some(number.clone());
        self.grants.insert(number.clone(), grant);
        self.issue(&number, now, lifetime)
    }

    /// A refresh token for new tokens.
    pub(super) fn refresh(
        &mut self,
        token: &str,
        client_id: &str,
        now: Instant,
        lifetime: Duration,
    ) -> Result<Tokens, Refusal> {
        let Some(entry) = self.refresh.get_mut(token) else {
            return Err(refusal("invalid_grant", "This refresh token is unknown."));
        };
        let number = entry.grant.clone();
        if entry.replaced {
            self.withdraw(&number);
            return Err(refusal("invalid_grant", "This refresh token was used before; the sign-in is withdrawn."));
        }
        if self.grants.get(&number).is_none_or(|grant| grant.withdrawn || grant.client_id != client_id) {
            return Err(refusal("invalid_grant", "This sign-in was withdrawn."));
        }
        entry.replaced = true;
        self.issue(&number, now, lifetime)
    }

    fn issue(&mut self, number: &str, now: Instant, lifetime: Duration) -> Result<Tokens, Refusal> {
        let scope = self.grants.get(number).map(|grant| grant.scope.clone()).unwrap_or_default();
        self.access.retain(|_, access| access.until > now);
        if self.access.len() >= KEPT || self.refresh.len() >= 10 * KEPT || self.issued.len() >= 10 * KEPT {
            return Err(refusal("temporarily_unavailable", "The sandbox has issued all it can remember."));
        }
        let tokens = Tokens { access: random("access"), refresh: random("refresh"), scope, lifetime };
        self.access.insert(tokens.access.clone(), Access { grant: number.to_owned(), until: now + lifetime });
        self.refresh.insert(tokens.refresh.clone(), Refresh { grant: number.to_owned(), replaced: false });
        self.issued.extend([tokens.access.clone(), tokens.refresh.clone()]);
        Ok(tokens)
    }

    /// Withdraws the grant that a token of either kind belongs to; an unknown token is nobody's business (RFC 7009).
    pub(super) fn revoke(&mut self, token: &str) {
        let access = self.access.get(token).map(|access| access.grant.clone());
        let grant = access.or_else(|| self.refresh.get(token).map(|refresh| refresh.grant.clone()));
        if let Some(number) = grant {
            self.withdraw(&number);
        }
    }

    fn withdraw(&mut self, number: &str) {
        if let Some(grant) = self.grants.get_mut(number) {
            grant.withdrawn = true;
        }
        self.access.retain(|_, access| access.grant != number);
    }

    /// What a live access token stands for.
    pub(super) fn grant_of(&self, access: &str, now: Instant) -> Option<Grant> {
        let access = self.access.get(access).filter(|access| access.until > now)?;
        self.grants.get(&access.grant).filter(|grant| !grant.withdrawn).cloned()
    }

    pub(super) fn expire_access_tokens(&mut self) {
        self.access.clear();
    }

    pub(super) fn revoke_everything(&mut self) {
        self.access.clear();
        self.grants.values_mut().for_each(|grant| grant.withdrawn = true);
    }

    pub(super) fn live_grants(&self) -> usize {
        self.grants.values().filter(|grant| !grant.withdrawn).count()
    }

    /// Every code and token ever issued.
    pub(super) fn issued(&self) -> &[String] {
        &self.issued
    }
}

/// The S256 challenge of a verifier (RFC 7636 4.2).
fn challenge_of(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

/// A value that cannot be guessed and says what it is.
fn random(kind: &str) -> String {
    let mut bytes = [0_u8; 32];
    if getrandom::fill(&mut bytes).is_err() {
        // No randomness: two identifiers drawn from the clock and the process still differ, and this is a sandbox.
        bytes[..16].copy_from_slice(uuid::Uuid::now_v7().as_bytes());
    }
    format!("sandbox-{kind}-{}", URL_SAFE_NO_PAD.encode(bytes))
}
