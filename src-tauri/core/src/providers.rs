//! Providers: the catalogue, and the call profile as the only way to a request.

mod definition;

pub use definition::{AuthHeader, KeyDefinition, LoopbackDefinition, Provider, SignInDefinition, Standing, Strategy};
