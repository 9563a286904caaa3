//! Providers: the catalogue, and the call profile as the only way to a request.

mod call_profile;
mod catalogue;
mod definition;

pub use call_profile::{CallProfile, ProfileError};
pub use catalogue::{Catalogue, CatalogueError};
pub use definition::{
    AuthHeader, Fact, Group, KeyDefinition, LoopbackDefinition, Provider, ReturnKind, SignInDefinition, Standing,
    Strategy,
};
