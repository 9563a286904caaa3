//! Servers made by others, so that a misreading of a standard cannot hide in both the application and its tests.
//!
//! They are npm packages, installed by `npm ci` in `tests/servers`; each runs as a child that ends with its handle.

mod aimock;
mod node;
mod oidc_provider;

pub use aimock::Aimock;
pub use oidc_provider::{OidcOptions, OidcProvider};
