//! All connections, and the credential to use for each.

mod view;

pub use view::{ConnectionState, ConnectionView, Disconnected, Method, ProviderView};
