//! The tray's menu as data: a pure function of the state, and the meaning of a click.
//!
//! The shell's half of the same name shows it. An entry's id says what it does, so a click that comes late still
//! means what the person read; labels change in place as long as [`Menu::same_shape`] holds.

use crate::ids::ModelReference;
use crate::models::{EffectiveModel, Mark, ModelGroup};
use crate::pool::ConnectionState;
use crate::words::{say, say_with};

/// A connection shows at most this many models; the rest is behind "More…".
const MODELS_SHOWN: usize = 12;

/// What the menu is made from.
#[derive(Debug)]
pub struct TrayState<'a> {
    /// The current chat's title and model, if there is one.
    pub chat: Option<(&'a str, &'a EffectiveModel)>,
    /// What the default resolves to.
    pub default: &'a EffectiveModel,
    /// The models by connection.
    pub groups: &'a [ModelGroup],
}

/// The menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Menu {
    /// One line for where a tray shows one.
    pub tooltip: String,
    /// The entries from the top.
    pub items: Vec<Item>,
}

/// One entry of the menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// Something to read or click.
    Entry {
        /// What a click means.
        id: String,
        /// The words.
        label: String,
        /// Whether it can be clicked.
        enabled: bool,
        /// Whether it is checked, for entries that are one of several.
        checked: Option<bool>,
    },
    /// A menu of its own.
    Submenu {
        /// Its name.
        id: String,
        /// The words.
        label: String,
        /// Whether it can be opened.
        enabled: bool,
        /// Its entries.
        items: Vec<Item>,
    },
    /// A line.
    Separator,
}

impl Menu {
    /// Whether both have the same entries in the same order, so that only labels and marks have to change.
    pub fn same_shape(&self, other: &Self) -> bool {
        same_shape(&self.items, &other.items)
    }
}

fn same_shape(one: &[Item], other: &[Item]) -> bool {
    one.len() == other.len()
        && one.iter().zip(other).all(|pair| match pair {
            (Item::Separator, Item::Separator) => true,
            (Item::Entry { id: a, checked: x, .. }, Item::Entry { id: b, checked: y, .. }) => {
                a == b && x.is_some() == y.is_some()
            }
            (Item::Submenu { id: a, items: x, .. }, Item::Submenu { id: b, items: y, .. }) => {
                a == b && same_shape(x, y)
            }
            _ => false,
        })
}

/// What a click means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// The current chat follows the default.
    ChatUseDefault,
    /// The current chat is pinned.
    ChatPin(ModelReference),
    /// The default changes.
    SetDefault(ModelReference),
    /// A new chat is made and shown.
    NewChat,
    /// The chat window comes forward.
    ShowChat,
    /// The connections window comes forward.
    ShowConnections,
    /// Patchbay ends.
    Quit,
}

impl Action {
    /// Reads an entry's id back; ids of entries that only say something mean nothing.
    pub fn parse(id: &str) -> Option<Self> {
        Some(match id {
            "chat/default" => Self::ChatUseDefault,
            "new-chat" => Self::NewChat,
            "show" | "chat/more" | "default/more" => Self::ShowChat,
            "connections" => Self::ShowConnections,
            "quit" => Self::Quit,
            _ => {
                let (scope, rest) = id.split_once("/use/")?;
                let (connection, model) = rest.split_once('/')?;
                let reference = ModelReference { connection: connection.parse().ok()?, model: model.into() };
                match scope {
                    "chat" => Self::ChatPin(reference),
                    "default" => Self::SetDefault(reference),
                    _ if scope.starts_with("attention") => Self::ShowConnections,
                    _ => return None,
                }
            }
        })
    }
}

/// The menu for a state.
pub fn menu(state: &TrayState<'_>) -> Menu {
    let tooltip = match state.chat {
        Some((title, model)) => {
            format!("{} — {} {}", title_or_untitled(title), plug(model.mark), name_of(model))
        }
        None => say("tray-no-chat"),
    };
    let mut items = vec![entry("now", &tooltip, false, None), Item::Separator];
    let default_label = say_with("tray-use-default", &[("model", &name_of(state.default))]);
    let on_default = state.chat.is_some_and(|(_, model)| model.on_default);
    let mut chat_items = vec![entry("chat/default", &default_label, true, Some(on_default)), Item::Separator];
    let pinned = state.chat.filter(|(_, model)| !model.on_default).and_then(|(_, model)| model.reference.as_ref());
    chat_items.extend(models("chat", state.groups, pinned));
    items.push(submenu("chat", &say("tray-this-chat"), state.chat.is_some(), chat_items));
    let default_items = models("default", state.groups, state.default.reference.as_ref());
    items.push(submenu("default", &say("tray-default-model"), !default_items.is_empty(), default_items));
    items.push(Item::Separator);
    for group in state.groups.iter().filter(|group| group.state == ConnectionState::NeedsSignIn) {
        let label = say_with("tray-attention", &[("connection", &group.label)]);
        items.push(entry(&format!("attention/use/{}/", group.connection), &label, true, None));
    }
    items.push(entry("new-chat", &say("tray-new-chat"), true, None));
    items.push(entry("show", &say("tray-show"), true, None));
    items.push(entry("connections", &say("tray-connections"), true, None));
    items.push(Item::Separator);
    items.push(entry("quit", &say("tray-quit"), true, None));
    Menu { tooltip, items }
}

/// The models of every connection that can answer, with `chosen` checked.
fn models(scope: &str, groups: &[ModelGroup], chosen: Option<&ModelReference>) -> Vec<Item> {
    let mut items = Vec::new();
    for group in groups.iter().filter(|group| group.state != ConnectionState::NeedsSignIn && !group.models.is_empty()) {
        items.push(entry(&format!("{scope}/of/{}", group.connection), &group.label, false, None));
        let is_chosen = |model: &crate::ids::ModelId| {
            chosen.is_some_and(|it| it.connection == group.connection && it.model == *model)
        };
        let shown = group.models.iter().take(MODELS_SHOWN);
        let beyond = group.models.iter().skip(MODELS_SHOWN).find(|model| is_chosen(&model.id));
        for model in shown.chain(beyond) {
            let id = format!("{scope}/use/{}/{}", group.connection, model.id);
            items.push(entry(&id, &model.name, true, Some(is_chosen(&model.id))));
        }
        if group.models.len() > MODELS_SHOWN {
            items.push(entry(&format!("{scope}/more"), &say("tray-more"), true, None));
        }
    }
    items
}

fn entry(id: &str, label: &str, enabled: bool, checked: Option<bool>) -> Item {
    Item::Entry { id: id.to_owned(), label: label.to_owned(), enabled, checked }
}

fn submenu(id: &str, label: &str, enabled: bool, items: Vec<Item>) -> Item {
    Item::Submenu { id: id.to_owned(), label: label.to_owned(), enabled, items }
}

fn plug(mark: Mark) -> char {
    match mark {
        Mark::Default => '○',
        Mark::Pinned => '◉',
        Mark::Unavailable => '⊘',
    }
}

fn name_of(model: &EffectiveModel) -> String {
    if model.name.is_empty() { say("tray-no-model") } else { model.name.clone() }
}

fn title_or_untitled(title: &str) -> String {
    if title.is_empty() { say("chat-untitled") } else { title.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::ConnectionId;
    use crate::models::ModelView;

    fn effective(on_default: bool, reference: Option<ModelReference>) -> EffectiveModel {
        EffectiveModel {
            mark: if on_default { Mark::Default } else { Mark::Pinned },
            reference,
            name: "Large".to_owned(),
            connection_label: None,
            hue: None,
            on_default,
            unavailable: None,
            label: String::new(),
        }
    }

    fn group(models: usize) -> ModelGroup {
        let model = |number| ModelView { id: format!("m/{number}").into(), name: format!("M {number}"), context: None };
        ModelGroup {
            connection: ConnectionId::new(),
            label: "Work".to_owned(),
            provider_name: "P".to_owned(),
            hue: 1,
            state: ConnectionState::Connected,
            models: (0..models).map(model).collect(),
            fetched_at: None,
            loading: false,
            error: None,
        }
    }

    fn entries(items: &[Item]) -> Vec<(String, Option<bool>)> {
        items
            .iter()
            .flat_map(|item| match item {
                Item::Entry { id, checked, .. } => vec![(id.clone(), *checked)],
                Item::Submenu { items, .. } => entries(items),
                Item::Separator => Vec::new(),
            })
            .collect()
    }

    fn clickable(items: &[Item]) -> Vec<&str> {
        items
            .iter()
            .flat_map(|item| match item {
                Item::Entry { id, enabled: true, .. } => vec![id.as_str()],
                Item::Submenu { items, .. } => clickable(items),
                _ => Vec::new(),
            })
            .collect()
    }

    #[test]
    fn every_entry_that_can_be_clicked_means_something_and_exactly_the_choice_is_checked() {
        let groups = [group(3)];
        let chosen = ModelReference { connection: groups[0].connection, model: "m/1".into() };
        let pinned = effective(false, Some(chosen.clone()));
        let default = effective(true, None);
        let menu = menu(&TrayState { chat: Some(("Trip", &pinned)), default: &default, groups: &groups });
        let checked: Vec<_> = entries(&menu.items).into_iter().filter(|(_, checked)| *checked == Some(true)).collect();
        assert_eq!(checked.len(), 1, "{checked:?}");
        assert_eq!(Action::parse(&checked[0].0), Some(Action::ChatPin(chosen)), "a slash in a model's id survives");
        for id in clickable(&menu.items) {
            assert!(Action::parse(id).is_some(), "{id} does nothing");
        }
    }

    #[test]
    fn only_labels_change_when_the_choice_moves_and_a_long_list_is_cut_but_keeps_the_choice() {
        let groups = [group(2_000)];
        let last = ModelReference { connection: groups[0].connection, model: "m/1".into() };
        let (on_default, pinned) = (effective(true, None), effective(false, Some(last)));
        let one = menu(&TrayState { chat: Some(("A", &on_default)), default: &on_default, groups: &groups });
        let two = menu(&TrayState { chat: Some(("B", &pinned)), default: &on_default, groups: &groups });
        assert!(one.same_shape(&two), "an open menu would close");
        assert_ne!(one, two);
        assert!(entries(&one.items).len() < 50);
        let far = ModelReference { connection: groups[0].connection, model: "m/1999".into() };
        let far = effective(false, Some(far));
        let three = menu(&TrayState { chat: Some(("B", &far)), default: &on_default, groups: &groups });
        assert!(entries(&three.items).iter().any(|(id, checked)| id.ends_with("m/1999") && *checked == Some(true)));
    }
}
