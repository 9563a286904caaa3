//! The tray, as a desktop sees it: the test itself is the `StatusNotifierWatcher` on the session's bus, reads the item's
//! menu over D-Bus (`com.canonical.dbusmenu`) and clicks in it.

mod menu;
mod watcher;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::StreamExt;
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};
use zbus::{MatchRule, MessageStream, message};

pub use menu::MenuItem;

use crate::session::Session;
use crate::{Context, Result, until};

const ITEM: &str = "org.kde.StatusNotifierItem";
const MENU: &str = "com.canonical.dbusmenu";

/// The host of the session's tray.
pub struct Tray {
    bus: zbus::Connection,
    items: watcher::Items,
    layouts: Arc<AtomicUsize>,
    properties: Arc<AtomicUsize>,
}

impl Tray {
    /// Takes the place of the desktop's tray; do it before the application starts, which looks for one then.
    pub async fn start(session: &Session) -> Result<Self> {
        let bus = session.bus().await?;
        let items = watcher::serve(&bus).await?;
        let tray =
            Self { bus, items, layouts: Arc::new(AtomicUsize::new(0)), properties: Arc::new(AtomicUsize::new(0)) };
        tray.count("LayoutUpdated", Arc::clone(&tray.layouts)).await?;
        tray.count("ItemsPropertiesUpdated", Arc::clone(&tray.properties)).await?;
        Ok(tray)
    }

    async fn count(&self, signal: &'static str, counter: Arc<AtomicUsize>) -> Result<()> {
        let rule = MatchRule::builder().msg_type(message::Type::Signal).interface(MENU)?.member(signal)?.build();
        let mut signals =
            MessageStream::for_match_rule(rule, &self.bus, Some(64)).await.context("the menu's signals")?;
        tokio::spawn(async move {
            while let Some(Ok(_)) = signals.next().await {
                counter.fetch_add(1, Ordering::Relaxed);
            }
        });
        Ok(())
    }

    /// How often the menu was rebuilt (`LayoutUpdated`), which closes it when it is open.
    pub fn layouts(&self) -> usize {
        self.layouts.load(Ordering::Relaxed)
    }

    /// How often labels and marks changed in place (`ItemsPropertiesUpdated`).
    pub fn updates(&self) -> usize {
        self.properties.load(Ordering::Relaxed)
    }

    /// Waits for the application's item to appear.
    pub async fn wait_for_item(&self, patience: Duration) -> Result<()> {
        until("an item in the tray", patience, async || Ok(self.items.live(&self.bus).await?.map(drop))).await
    }

    /// A property of the item, such as `Title` or `Status`.
    pub async fn property(&self, name: &str) -> Result<OwnedValue> {
        let (service, path) = self.items.live(&self.bus).await?.context("nothing is in the tray")?;
        let reply = self
            .bus
            .call_method(
                Some(service.as_str()),
                path.as_str(),
                Some("org.freedesktop.DBus.Properties"),
                "Get",
                &(ITEM, name),
            )
            .await
            .with_context(|| format!("the item's {name}"))?;
        Ok(reply.body().deserialize()?)
    }

    /// The whole menu as it is now.
    pub async fn menu(&self) -> Result<Vec<MenuItem>> {
        let (service, path) = self.menu_place().await?;
        let reply = self
            .bus
            .call_method(
                Some(service.as_str()),
                path.as_str(),
                Some(MENU),
                "GetLayout",
                &(0_i32, -1_i32, Vec::<&str>::new()),
            )
            .await
            .context("the menu's layout")?;
        let (_, root): (u32, menu::Layout) = reply.body().deserialize().context("the menu's layout")?;
        Ok(MenuItem::from_layout(root).children)
    }

    /// The labels of the top level, without separators.
    pub async fn labels(&self) -> Result<Vec<String>> {
        Ok(menu::labels(&self.menu().await?))
    }

    /// The labels below an entry, such as `&["Default model"]`.
    pub async fn labels_below(&self, path: &[&str]) -> Result<Vec<String>> {
        Ok(self.find(path).await?.map(|item| menu::labels(&item.children)).unwrap_or_default())
    }

    /// The entry at this path of labels.
    pub async fn find(&self, path: &[&str]) -> Result<Option<MenuItem>> {
        Ok(menu::find(&self.menu().await?, path).cloned())
    }

    /// Waits until there is an entry at this path of labels.
    pub async fn wait_for_label(&self, path: &[&str], patience: Duration) -> Result<MenuItem> {
        until(&format!("{path:?} in the tray"), patience, async || self.find(path).await).await
    }

    /// Waits until the menu satisfies the condition; `what` says which.
    pub async fn wait_until(
        &self,
        what: &str,
        patience: Duration,
        condition: impl Fn(&[MenuItem]) -> bool,
    ) -> Result<Vec<MenuItem>> {
        until(what, patience, async || Ok(Some(self.menu().await?).filter(|menu| condition(menu)))).await
    }

    /// Clicks the entry at this path of labels.
    pub async fn click(&self, path: &[&str]) -> Result<()> {
        let item = self.wait_for_label(path, crate::PATIENCE).await?;
        let (service, menu) = self.menu_place().await?;
        self.bus
            .call_method(
                Some(service.as_str()),
                menu.as_str(),
                Some(MENU),
                "Event",
                &(item.id, "clicked", Value::from(0_i32), 0_u32),
            )
            .await
            .with_context(|| format!("a click on {path:?}"))?;
        Ok(())
    }

    async fn menu_place(&self) -> Result<(String, OwnedObjectPath)> {
        let (service, _) = self.items.live(&self.bus).await?.context("nothing is in the tray")?;
        let path = OwnedObjectPath::try_from(self.property("Menu").await?).context("the path of the menu")?;
        Ok((service, path))
    }
}
