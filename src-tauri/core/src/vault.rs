//! Where credentials live.

mod view;

pub use view::VaultState;
