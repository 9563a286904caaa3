//! A menu as the desktop has it, built from the core's and changed in place after that.

use patchbay_core::tray::{Item, Menu};
use tauri::menu::{CheckMenuItem, IsMenuItem, MenuItem, PredefinedMenuItem, Submenu};
use tauri::{Manager, Runtime};

/// The menu, with a handle on everything in it that can change.
pub(super) struct NativeMenu<R: Runtime> {
    menu: tauri::menu::Menu<R>,
    items: Vec<NativeItem<R>>,
    shown: Menu,
}

/// One item; in the order of the core's.
enum NativeItem<R: Runtime> {
    Entry(MenuItem<R>),
    Check(CheckMenuItem<R>),
    Submenu(Submenu<R>, Vec<NativeItem<R>>),
    Separator(PredefinedMenuItem<R>),
}

impl<R: Runtime> NativeMenu<R> {
    /// Builds the whole menu.
    pub(super) fn build<M: Manager<R>>(app: &M, menu: &Menu) -> tauri::Result<Self> {
        let native = tauri::menu::Menu::new(app)?;
        let items = build_all(app, &menu.items)?;
        for item in &items {
            native.append(item.as_menu_item())?;
        }
        Ok(Self { menu: native, items, shown: menu.clone() })
    }

    /// The menu for the tray.
    pub(super) fn menu(&self) -> &tauri::menu::Menu<R> {
        &self.menu
    }

    /// Changes labels, states and marks; `false` when the shape differs and the menu has to be built anew.
    pub(super) fn change_to(&mut self, menu: &Menu) -> tauri::Result<bool> {
        if !self.shown.same_shape(menu) {
            return Ok(false);
        }
        change_all(&self.items, &self.shown.items, &menu.items)?;
        self.shown = menu.clone();
        Ok(true)
    }
}

impl<R: Runtime> NativeItem<R> {
    fn as_menu_item(&self) -> &dyn IsMenuItem<R> {
        match self {
            Self::Entry(item) => item,
            Self::Check(item) => item,
            Self::Submenu(item, _) => item,
            Self::Separator(item) => item,
        }
    }
}

fn build_all<R: Runtime, M: Manager<R>>(app: &M, items: &[Item]) -> tauri::Result<Vec<NativeItem<R>>> {
    items.iter().map(|item| build_one(app, item)).collect()
}

fn build_one<R: Runtime, M: Manager<R>>(app: &M, item: &Item) -> tauri::Result<NativeItem<R>> {
    Ok(match item {
        Item::Entry { id, label, enabled, checked: None } => {
            NativeItem::Entry(MenuItem::with_id(app, id, escaped(label), *enabled, None::<&str>)?)
        }
        Item::Entry { id, label, enabled, checked: Some(checked) } => {
            NativeItem::Check(CheckMenuItem::with_id(app, id, escaped(label), *enabled, *checked, None::<&str>)?)
        }
        Item::Submenu { id, label, enabled, items } => {
            let submenu = Submenu::with_id(app, id, escaped(label), *enabled)?;
            let children = build_all(app, items)?;
            for child in &children {
                submenu.append(child.as_menu_item())?;
            }
            NativeItem::Submenu(submenu, children)
        }
        Item::Separator => NativeItem::Separator(PredefinedMenuItem::separator(app)?),
    })
}

fn change_all<R: Runtime>(native: &[NativeItem<R>], before: &[Item], after: &[Item]) -> tauri::Result<()> {
    native.iter().zip(before).zip(after).try_for_each(|((native, before), after)| change_one(native, before, after))
}

fn change_one<R: Runtime>(native: &NativeItem<R>, before: &Item, after: &Item) -> tauri::Result<()> {
    match (native, before, after) {
        (
            NativeItem::Entry(item),
            Item::Entry { label: old_label, enabled: old_enabled, .. },
            Item::Entry { label, enabled, .. },
        ) => {
            if label != old_label {
                item.set_text(escaped(label))?;
            }
            if enabled != old_enabled {
                item.set_enabled(*enabled)?;
            }
        }
        (
            NativeItem::Check(item),
            Item::Entry { label: old_label, enabled: old_enabled, .. },
            Item::Entry { label, enabled, checked, .. },
        ) => {
            if label != old_label {
                item.set_text(escaped(label))?;
            }
            if enabled != old_enabled {
                item.set_enabled(*enabled)?;
            }
            // Compared with what is there, not with what was: the desktop toggles a mark by itself when it is clicked.
            let checked = checked.unwrap_or_default();
            if item.is_checked()? != checked {
                item.set_checked(checked)?;
            }
        }
        (
            NativeItem::Submenu(item, children),
            Item::Submenu { label: old_label, enabled: old_enabled, items: old_items, .. },
            Item::Submenu { label, enabled, items, .. },
        ) => {
            if label != old_label {
                item.set_text(escaped(label))?;
            }
            if enabled != old_enabled {
                item.set_enabled(*enabled)?;
            }
            change_all(children, old_items, items)?;
        }
        // Menus of the same shape have the same kinds in the same places; a separator has nothing to change.
        _ => {}
    }
    Ok(())
}

/// A label as the desktop shows it: an ampersand would mark a letter to press otherwise.
fn escaped(label: &str) -> String {
    label.replace('&', "&&")
}
