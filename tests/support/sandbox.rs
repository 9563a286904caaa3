//! The sandbox provider: a model provider of our own on this machine, so that nobody needs an account to try Patchbay
//! and tests can see what arrives at a server.
//!
//! It is a real OAuth 2 authorization server (consent page, PKCE, rotation with reuse detection, revocation) and an
//! OpenAI-shaped model server. It listens on loopback only and everything it keeps is bounded. It never thinks: an
//! answer says which model and which account were asked, which is what there is to prove.
//!
//! In a test it runs inside the process ([`Sandbox::start`]); `patchbay-sandbox` is the same as a program, whose
//! `/admin` endpoints do what the methods of [`Sandbox`] do.

mod admin;
mod answer;
mod authority;
mod authorize;
mod capture;
mod chat;
mod fault;
mod gate;
mod guard;
mod listing;
mod options;
mod page;
mod redirect;
mod server;
mod state;
mod stream;
mod token;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;

pub use answer::{Answer, Piece};
pub use capture::Captured;
pub use fault::{Endpoint, Fault, FaultRule};
pub use gate::Gate;
pub use options::{Account, Model, SandboxOptions};

use crate::{Context, Result};
use state::State;

/// The port of the program, which the built-in catalogue entry names.
pub const PORT: u16 = 4780;

/// The client id that the sandbox knows Patchbay by.
pub const CLIENT_ID: &str = "patchbay";

/// What keys of the sandbox begin with; every such key is good.
pub const KEY_PREFIX: &str = "sk-sandbox-";

/// A running sandbox; dropping it closes its port and every connection.
pub struct Sandbox {
    address: SocketAddr,
    state: Arc<State>,
    server: JoinHandle<()>,
}

impl Sandbox {
    /// Starts to listen on loopback.
    pub async fn start(options: SandboxOptions) -> Result<Self> {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", options.port))
            .await
            .with_context(|| format!("the sandbox cannot listen on port {}", options.port))?;
        let address = listener.local_addr().context("the sandbox's own address")?;
        let state = Arc::new(State::new(options, format!("http://{address}")));
        let server = tokio::spawn(server::serve(listener, Arc::clone(&state)));
        Ok(Self { address, state, server })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its issuer, which is also the root of all its addresses: `http://127.0.0.1:<port>`.
    pub fn issuer(&self) -> &str {
        &self.state.issuer
    }

    /// Where its models are: the issuer and `/v1`.
    pub fn base_url(&self) -> String {
        format!("{}/v1", self.state.issuer)
    }

    /// Every request so far, oldest first, admin requests excepted; the last thousand are kept.
    pub fn captures(&self) -> Vec<Captured> {
        self.state.captures.all()
    }

    /// The requests to one path, oldest first.
    pub fn captures_of(&self, path: &str) -> Vec<Captured> {
        self.captures().into_iter().filter(|capture| capture.path == path).collect()
    }

    /// The chat requests so far, oldest first.
    pub fn chats(&self) -> Vec<Captured> {
        self.captures_of("/v1/chat/completions")
    }

    /// Waits until at least `count` requests have come to `path`, and gives them.
    pub async fn wait_for(&self, path: &str, count: usize, patience: Duration) -> Result<Vec<Captured>> {
        let arrived = async {
            let mut news = self.state.captures.news();
            loop {
                let found = self.captures_of(path);
                if found.len() >= count || news.changed().await.is_err() {
                    return found;
                }
            }
        };
        tokio::time::timeout(patience, arrived)
            .await
            .with_context(|| format!("{count} requests to {path}, saw {}", self.captures_of(path).len()))
    }

    /// Waits until exactly `count` answers are being streamed; 0 shows that a stop reached the server.
    pub async fn wait_for_streams(&self, count: usize, patience: Duration) -> Result<()> {
        let mut streams = self.state.streams.subscribe();
        tokio::time::timeout(patience, streams.wait_for(|open| *open == count))
            .await
            .with_context(|| format!("{count} open streams, there are {}", *self.state.streams.borrow()))?
            .context("the sandbox is gone")?;
        Ok(())
    }

    /// Forgets the captured requests and all faults; accounts, tokens and models stay.
    pub fn clear(&self) {
        self.state.clear();
    }

    /// Makes an endpoint misbehave, from the next request on and until [`Sandbox::clear`] or `times` is used up.
    pub fn inject(&self, endpoint: Endpoint, fault: Fault, times: Option<u32>) {
        self.state.faults.add(FaultRule { endpoint, fault, times });
    }

    /// Makes an endpoint misbehave once.
    pub fn inject_once(&self, endpoint: Endpoint, fault: Fault) {
        self.inject(endpoint, fault, Some(1));
    }

    /// From now on every piece of an answer waits until the gate lets it through.
    pub fn hold(&self) -> Gate {
        self.state.hold()
    }

    /// From now on every chat gets this answer; `None` returns to the usual one.
    pub fn set_answer(&self, answer: Option<Answer>) {
        *state::lock(&self.state.answer) = answer;
    }

    /// Replaces the model list.
    pub fn set_models(&self, models: Vec<Model>) {
        *state::lock(&self.state.models) = models;
    }

    /// How long access tokens issued from now on live.
    pub fn set_access_token_lifetime(&self, lifetime: Duration) {
        *state::lock(&self.state.access_token_lifetime) = lifetime;
    }

    /// Makes every access token issued so far useless, as if its time were over. Refresh tokens stay good.
    pub fn expire_access_tokens(&self) {
        state::lock(&self.state.authority).expire_access_tokens();
    }

    /// Ends every grant, as if each account had withdrawn it: access and refresh tokens are both useless.
    pub fn revoke_everything(&self) {
        state::lock(&self.state.authority).revoke_everything();
    }

    /// The account that a live access token belongs to.
    pub fn account_of(&self, access_token: &str) -> Option<String> {
        state::lock(&self.state.authority).grant_of(access_token, std::time::Instant::now()).map(|grant| grant.account)
    }

    /// How many sign-ins are in force: granted, exchanged and not withdrawn.
    pub fn live_grants(&self) -> usize {
        state::lock(&self.state.authority).live_grants()
    }

    /// Every secret that passed through here: codes, tokens, verifiers and keys. The canaries of a test.
    pub fn secrets(&self) -> Vec<String> {
        self.state.secrets()
    }

    /// The catalogue entry of this sandbox, for a file in `providers.d/`; it replaces the built-in one.
    pub fn provider_toml(&self) -> String {
        self.provider_toml_as("sandbox", "Sandbox", &["deep_link", "loopback"])
    }

    /// The same under another id and name and with other returns, so that one test can have several.
    pub fn provider_toml_as(&self, id: &str, name: &str, returns: &[&str]) -> String {
        options::provider_toml(&self.state.issuer, id, name, returns)
    }

    /// Closes the port and every connection; returns when it is done.
    pub async fn stop(mut self) {
        self.server.abort();
        let _ = (&mut self.server).await;
    }

    /// Waits for the sandbox to end by itself, which it does not unless its listener breaks.
    pub async fn ended(&mut self) {
        let _ = (&mut self.server).await;
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.server.abort();
    }
}
