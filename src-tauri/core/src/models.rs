//! Lists of models, and which model a chat uses.

mod view;

pub use view::{Choice, EffectiveModel, Mark, ModelGroup, ModelView, Picker, Unavailable, UnavailableReason};
