//! What can go wrong while signing in, in the person's words. None of it quotes what came in.

use super::{EndpointError, PasteError, ResponseError};
use crate::vault::VaultError;
use crate::words::{say, say_with};

/// Why a sign-in could not start, or a response could not be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    /// There is no such sign-in, or it is over.
    #[error("{}", say("sign-in-not-found"))]
    NotFound,
    /// The provider has none.
    #[error("{}", say_with("sign-in-none", &[("provider", .0)]))]
    NotOffered(String),
    /// The provider's definition names no client.
    #[error("{}", say_with("sign-in-no-client", &[("provider", .0)]))]
    NoClient(String),
    /// An endpoint of the provider's definition is neither encrypted nor on this machine.
    #[error("{}", say_with("sign-in-insecure", &[("provider", .0)]))]
    Insecure(String),
    /// The provider does not accept this return.
    #[error("{}", say_with("sign-in-return-refused", &[("provider", .0)]))]
    ReturnRefused(String),
    /// The system gave no random numbers.
    #[error("{}", say("sign-in-no-random"))]
    Randomness,
    /// The browser could not be started; the sign-in goes on waiting.
    #[error("{}", say("sign-in-no-browser"))]
    NoBrowser,
    /// The response names no sign-in.
    #[error("{}", say("sign-in-no-state"))]
    NoState,
    /// The response names a sign-in that is not known.
    #[error("{}", say("sign-in-unknown"))]
    Unknown,
    /// The response names a sign-in that has expired.
    #[error("{}", say("sign-in-expired"))]
    Expired,
    /// The response was used already.
    #[error("{}", say("sign-in-used"))]
    Used,
    /// The response names a sign-in that was cancelled or replaced.
    #[error("{}", say("sign-in-cancelled-link"))]
    Cancelled,
    /// The response came in on the redirect URI of another provider (RFC 8252 8.10).
    #[error("{}", say_with("sign-in-wrong-provider", &[("provider", .0)]))]
    WrongProvider(String),
    /// The response came in on another return than its redirect URI's.
    #[error("{}", say_with("sign-in-wrong-return", &[("provider", .0)]))]
    WrongReturn(String),
    /// The response names another issuer (RFC 9207).
    #[error("{}", say_with("sign-in-wrong-issuer", &[("provider", .0)]))]
    WrongIssuer(String),
    /// The response names no issuer where it has to (RFC 9207).
    #[error("{}", say_with("sign-in-no-issuer", &[("provider", .0)]))]
    NoIssuer(String),
    /// The person, or the server, said no.
    #[error("{}", say_with("sign-in-denied", &[("provider", .0)]))]
    Denied(String),
    /// The authorization server refused for another reason.
    #[error("{}", say_with("sign-in-refused", &[("provider", .provider), ("reason", .reason)]))]
    Refused {
        /// The provider's name.
        provider: String,
        /// The reviewed error code, and the server's own words if it sent any.
        reason: String,
    },
    /// The sign-in was waiting, but its provider is no longer in the catalogue.
    #[error("{}", say("sign-in-provider-gone"))]
    ProviderGone,
    /// What came in is not an authorization response.
    #[error("{}", say("sign-in-response-broken"))]
    Response(#[from] ResponseError),
    /// What was pasted cannot be used.
    #[error(transparent)]
    Paste(#[from] PasteError),
    /// The sign-in is not waiting for a response.
    #[error("{}", say("sign-in-not-waiting"))]
    NotWaiting,
    /// There is no exchange to repeat.
    #[error("{}", say("sign-in-nothing-to-retry"))]
    NothingToRetry,
    /// The code could not be exchanged.
    #[error("{}", .error.words(.provider))]
    Exchange {
        /// The provider's name.
        provider: String,
        /// Why not.
        error: EndpointError,
    },
    /// Whether an earlier sign-in is waiting could not be looked up.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl SignInError {
    /// What happened and what to do, for the person.
    pub fn words(&self) -> String {
        self.to_string()
    }
}
