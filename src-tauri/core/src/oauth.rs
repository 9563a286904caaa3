//! Signing in: authorization code with PKCE (RFC 6749, 7636, 8252), over three returns.
//!
//! [`SignIns`] owns every attempt from its start to its end. A response, whichever way it came back, is an
//! [`AuthorizationResponse`]; it is matched to its attempt by `state`, checked, and its code exchanged for a
//! [`crate::vault::Credential`]. What happens with that credential (storing it, making a first real call) is the
//! caller's: this module writes none. Access tokens are refreshed and revoked here, but when is decided in
//! [`crate::pool`].
//!
//! Two duties pull apart, enough detail to help a person and no secret in a text: errors carry reviewed fields only,
//! never an address, a body or what the person pasted.

mod account;
mod attempt;
mod authorize;
mod endpoint;
mod error;
mod exchange;
mod loopback;
mod paste;
mod pending;
mod pkce;
mod refresh;
mod response;
mod revoke;
mod sign_ins;
#[cfg(test)]
mod testing;
mod token;
mod view;

pub use endpoint::EndpointError;
pub use error::SignInError;
pub use paste::PasteError;
pub use refresh::{RefreshError, refresh};
pub use response::{Arrival, AuthorizationResponse, Outcome, ResponseError, Strictness};
pub use revoke::{RevokeError, revoke};
pub use sign_ins::{Catalogue, SignInOptions, SignIns, SignedIn};
pub use token::{parse_key_response, parse_token_response};
pub use view::{ReturnKind, SignInStage, SignInView};
