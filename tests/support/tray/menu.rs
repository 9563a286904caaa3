//! A menu as `com.canonical.dbusmenu` describes it, read into plain data.

use std::collections::HashMap;

use serde::Deserialize;
use zbus::zvariant::{OwnedValue, Type, Value};

/// One entry as it comes over the bus: id, properties, children.
#[derive(Deserialize, Type)]
pub(super) struct Layout(i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);

/// One entry of the menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MenuItem {
    /// Its number, which stays the same while the entry does.
    pub id: i32,
    /// Its label, without the marks of mnemonics.
    pub label: String,
    /// It can be clicked.
    pub enabled: bool,
    /// It is shown.
    pub visible: bool,
    /// It is a line.
    pub separator: bool,
    /// Its mark: on or off; `None` where it has none.
    pub checked: Option<bool>,
    /// The entries below it.
    pub children: Vec<MenuItem>,
}

impl MenuItem {
    pub(super) fn from_layout(Layout(id, properties, children): Layout) -> Self {
        let text = |name: &str| properties.get(name).and_then(|value| <&str>::try_from(value).ok()).unwrap_or_default();
        // What is not said is true (shown, clickable).
        let flag = |name: &str| properties.get(name).and_then(|value| bool::try_from(value).ok()).unwrap_or(true);
        let state = properties.get("toggle-state").and_then(|value| i32::try_from(value).ok());
        Self {
            id,
            label: without_mnemonics(text("label")),
            enabled: flag("enabled"),
            visible: flag("visible"),
            separator: text("type") == "separator",
            checked: Some(state == Some(1)).filter(|_| !text("toggle-type").is_empty()),
            children: children.into_iter().filter_map(layout_of).map(Self::from_layout).collect(),
        }
    }
}

/// A child comes as a variant that holds the same structure again.
fn layout_of(value: OwnedValue) -> Option<Layout> {
    let Value::Structure(structure) = Value::from(value) else { return None };
    let mut fields = structure.into_fields().into_iter();
    let id = i32::try_from(fields.next()?).ok()?;
    let properties = HashMap::<String, OwnedValue>::try_from(fields.next()?).ok()?;
    let children = Vec::<OwnedValue>::try_from(fields.next()?).ok()?;
    Some(Layout(id, properties, children))
}

/// `_` marks the letter of a mnemonic, `__` is an underscore.
fn without_mnemonics(label: &str) -> String {
    label.replace("__", "\u{0}").replace('_', "").replace('\u{0}', "_")
}

/// The labels of what is shown, without lines.
pub(super) fn labels(items: &[MenuItem]) -> Vec<String> {
    items.iter().filter(|item| item.visible && !item.separator).map(|item| item.label.clone()).collect()
}

/// The entry at this path of labels, if it is shown.
pub(super) fn find<'a>(items: &'a [MenuItem], path: &[&str]) -> Option<&'a MenuItem> {
    let (first, rest) = path.split_first()?;
    let item = items.iter().find(|item| item.visible && item.label == *first)?;
    if rest.is_empty() { Some(item) } else { find(&item.children, rest) }
}
