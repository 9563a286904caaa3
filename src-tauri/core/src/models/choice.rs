//! What a choice resolves to now: a pure function of the choice, the default, the connections and the lists.
//!
//! A model that cannot be used stays the chat's model, with the reason; it never becomes another one.

use super::{EffectiveModel, Mark, ModelView, SavedModel, Unavailable, UnavailableReason};
use crate::ids::ConnectionId;
use crate::pool::ConnectionState;
use crate::store::connections::ConnectionRecord;
use crate::words::{say, say_with};

/// What choices are held against.
pub struct Landscape<'a> {
    /// All connections.
    pub connections: &'a [ConnectionRecord],
    /// The models a connection lists, where that is known for certain.
    pub listed: &'a dyn Fn(ConnectionId) -> Option<&'a [ModelView]>,
}

/// What a pin, or the default without one, resolves to.
pub(super) fn resolve(
    pin: Option<&SavedModel>,
    default: Option<&SavedModel>,
    landscape: &Landscape<'_>,
) -> EffectiveModel {
    let on_default = pin.is_none();
    let Some(saved) = pin.or(default) else { return nothing_chosen(landscape) };
    let connection = landscape.connections.iter().find(|record| record.id == saved.reference.connection);
    let models = connection.and_then(|record| (landscape.listed)(record.id));
    let model = models.and_then(|models| models.iter().find(|model| model.id == saved.reference.model));
    let name = model.map_or_else(|| saved.name.clone(), |model| model.name.clone());
    let label = connection.map_or_else(|| saved.label.clone(), |record| record.label.clone());
    let unavailable = match connection {
        None => Some(because(
            UnavailableReason::Disconnected,
            say_with("models-disconnected", &[("model", &name), ("connection", &label)]),
        )),
        Some(record) if record.state == ConnectionState::NeedsSignIn => {
            Some(because(UnavailableReason::NeedsSignIn, say_with("models-needs-sign-in", &[("connection", &label)])))
        }
        Some(_) if saved.listed && models.is_some() && model.is_none() => Some(because(
            UnavailableReason::NotListed,
            say_with("models-not-listed", &[("model", &name), ("connection", &label)]),
        )),
        Some(_) => None,
    };
    let mark = match (&unavailable, on_default) {
        (Some(_), _) => Mark::Unavailable,
        (None, true) => Mark::Default,
        (None, false) => Mark::Pinned,
    };
    let words = match mark {
        Mark::Default => "models-label-default",
        Mark::Pinned => "models-label-pinned",
        Mark::Unavailable => "models-label-unavailable",
    };
    EffectiveModel {
        mark,
        reference: Some(saved.reference.clone()),
        label: say_with(words, &[("model", &name)]),
        name,
        connection_label: Some(label),
        hue: connection.map(|record| record.hue),
        on_default,
        unavailable,
    }
}

fn nothing_chosen(landscape: &Landscape<'_>) -> EffectiveModel {
    let unavailable = if landscape.connections.is_empty() {
        because(UnavailableReason::NoConnection, say("models-no-connection"))
    } else {
        because(UnavailableReason::NoDefault, say("models-no-default"))
    };
    EffectiveModel {
        mark: Mark::Unavailable,
        reference: None,
        name: String::new(),
        connection_label: None,
        hue: None,
        on_default: true,
        unavailable: Some(unavailable),
        label: say("models-label-none"),
    }
}

fn because(reason: UnavailableReason, message: String) -> Unavailable {
    Unavailable { reason, message }
}
