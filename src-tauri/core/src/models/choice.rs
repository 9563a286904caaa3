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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{ModelId, ModelReference};
    use crate::pool::Method;
    use crate::time::Timestamp;

    fn connection(state: ConnectionState) -> ConnectionRecord {
        ConnectionRecord {
            id: ConnectionId::new(),
            provider: "sandbox".parse().unwrap(),
            label: "Work".to_owned(),
            hue: 35,
            method: Method::Oauth,
            state,
            account: None,
            masked_key: None,
            base_url: "https://host/v1".to_owned(),
            generation: 1,
            created_at: Timestamp(0),
            expires_at: None,
            last_ok_at: None,
            last_error: None,
        }
    }

    fn saved(connection: ConnectionId, model: &str, listed: bool) -> SavedModel {
        let reference = ModelReference { connection, model: model.into() };
        SavedModel { reference, name: format!("Old {model}"), label: "Old label".to_owned(), listed }
    }

    fn model(id: &str) -> ModelView {
        ModelView { id: ModelId::from(id), name: format!("New {id}"), context: None }
    }

    #[test]
    fn every_state_has_its_mark_its_reason_and_its_words_and_keeps_its_model() {
        let [up, failing, checking, out] = [
            ConnectionState::Connected,
            ConnectionState::Failing,
            ConnectionState::Checking,
            ConnectionState::NeedsSignIn,
        ]
        .map(connection);
        let (gone, up_id) = (ConnectionId::new(), up.id);
        let connections = [up.clone(), failing.clone(), checking.clone(), out.clone()];
        let models = [model("a")];
        let listed = |id| (id == up_id).then_some(&models[..]);
        let landscape = Landscape { connections: &connections, listed: &listed };
        let cases = [
            (&up, saved(up_id, "a", true), "New a", None),
            (&up, saved(up_id, "typed", false), "Old typed", None),
            (&up, saved(up_id, "b", true), "Old b", Some(UnavailableReason::NotListed)),
            // A list that is not known says nothing of a model, and a failing call may pass.
            (&failing, saved(failing.id, "b", true), "Old b", None),
            (&checking, saved(checking.id, "b", true), "Old b", None),
            (&out, saved(out.id, "b", true), "Old b", Some(UnavailableReason::NeedsSignIn)),
            (&up, saved(gone, "a", true), "Old a", Some(UnavailableReason::Disconnected)),
        ];
        for (connection, choice, name, reason) in cases {
            for on_default in [true, false] {
                let (pin, default) = if on_default { (None, Some(&choice)) } else { (Some(&choice), None) };
                let effective = resolve(pin, default, &landscape);
                let mark = match (reason, on_default) {
                    (Some(_), _) => Mark::Unavailable,
                    (None, true) => Mark::Default,
                    (None, false) => Mark::Pinned,
                };
                let is_gone = choice.reference.connection == gone;
                assert_eq!(effective.mark, mark, "{choice:?}");
                assert_eq!(effective.on_default, on_default);
                assert_eq!(effective.reference.as_ref(), Some(&choice.reference), "never another model");
                assert_eq!(effective.name, name);
                let prefix = ["Default: ", "Pinned: ", "Unavailable: "][mark as usize];
                assert_eq!(effective.label, format!("{prefix}{name}"));
                assert_eq!(effective.connection_label.as_deref(), Some(if is_gone { "Old label" } else { "Work" }));
                assert_eq!(effective.hue, (!is_gone).then_some(connection.hue));
                assert_eq!(effective.unavailable.as_ref().map(|why| why.reason), reason);
                let message = effective.unavailable.map(|why| why.message).unwrap_or_default();
                assert_eq!(message.is_empty(), reason.is_none(), "{message}");
            }
        }
    }

    #[test]
    fn a_pin_stands_whatever_the_default_is() {
        let connections = [connection(ConnectionState::Connected)];
        let landscape = Landscape { connections: &connections, listed: &|_| None };
        let (pin, default) = (saved(connections[0].id, "a", true), saved(connections[0].id, "b", true));
        let effective = resolve(Some(&pin), Some(&default), &landscape);
        assert_eq!((effective.mark, effective.reference), (Mark::Pinned, Some(pin.reference)));
    }

    #[test]
    fn without_a_default_it_says_whether_anything_is_connected() {
        let connections = [connection(ConnectionState::Connected)];
        for (connections, reason) in
            [(&connections[..], UnavailableReason::NoDefault), (&[], UnavailableReason::NoConnection)]
        {
            let effective = resolve(None, None, &Landscape { connections, listed: &|_| None });
            assert_eq!((effective.mark, effective.reference), (Mark::Unavailable, None));
            assert_eq!(effective.unavailable.unwrap().reason, reason);
        }
    }
}
