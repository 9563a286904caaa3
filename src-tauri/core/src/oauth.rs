//! Signing in.

mod view;

pub use view::{ReturnKind, SignInStage, SignInView};
