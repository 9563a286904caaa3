//! `org.kde.StatusNotifierWatcher`: where tray items announce themselves.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use zbus::message::Header;
use zbus::names::BusName;
use zbus::object_server::SignalEmitter;

use crate::{Context, Result};

const PATH: &str = "/StatusNotifierWatcher";
const NAME: &str = "org.kde.StatusNotifierWatcher";

/// The items so far: bus name and object path.
#[derive(Clone, Default)]
pub(super) struct Items(Arc<Mutex<Vec<(String, String)>>>);

impl Items {
    fn lock(&self) -> MutexGuard<'_, Vec<(String, String)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The newest item whose application is still there.
    pub(super) async fn live(&self, bus: &zbus::Connection) -> Result<Option<(String, String)>> {
        let items = self.lock().clone();
        let daemon = zbus::fdo::DBusProxy::new(bus).await?;
        for (service, path) in items.into_iter().rev() {
            if daemon.name_has_owner(BusName::try_from(service.as_str())?).await? {
                return Ok(Some((service, path)));
            }
        }
        Ok(None)
    }
}

struct Watcher {
    items: Items,
}

#[zbus::interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    /// An item says where it is: by its bus name, or by an object path on the connection it calls from.
    async fn register_status_notifier_item(
        &self,
        service: &str,
        #[zbus(header)] header: Header<'_>,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> zbus::fdo::Result<()> {
        let sender = header.sender().map(ToString::to_string).unwrap_or_default();
        let item = if service.starts_with('/') {
            (sender, service.to_owned())
        } else {
            (service.to_owned(), "/StatusNotifierItem".to_owned())
        };
        let announced = format!("{}{}", item.0, item.1);
        self.items.lock().push(item);
        Self::status_notifier_item_registered(&emitter, &announced).await?;
        Ok(())
    }

    /// A second host would say so here; the test is the only one.
    #[expect(clippy::unused_self, reason = "a method of the interface")]
    fn register_status_notifier_host(&self, service: &str) {
        tracing::debug!(service, "another host of the tray");
    }

    #[zbus(property)]
    fn registered_status_notifier_items(&self) -> Vec<String> {
        self.items.lock().iter().map(|(service, path)| format!("{service}{path}")).collect()
    }

    #[zbus(property)]
    #[expect(clippy::unused_self, reason = "a property of the interface")]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    #[expect(clippy::unused_self, reason = "a property of the interface")]
    fn protocol_version(&self) -> i32 {
        0
    }

    #[zbus(signal)]
    async fn status_notifier_item_registered(emitter: &SignalEmitter<'_>, service: &str) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn status_notifier_host_registered(emitter: &SignalEmitter<'_>) -> zbus::Result<()>;
}

/// Offers the interface and takes its name.
pub(super) async fn serve(bus: &zbus::Connection) -> Result<Items> {
    let items = Items::default();
    bus.object_server().at(PATH, Watcher { items: items.clone() }).await.context("the tray's interface")?;
    bus.request_name(NAME).await.context("the tray's name")?;
    let emitter = SignalEmitter::new(bus, PATH)?;
    Watcher::status_notifier_host_registered(&emitter).await?;
    Ok(items)
}
