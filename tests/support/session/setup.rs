//! Starting a session: folders, environment, then the services in the order in which they need each other.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;

use super::guard::Guard;
use super::{Keyring, Session, SessionOptions, browser, processes, services};
use crate::{Context, Result};

pub(super) async fn start(options: SessionOptions) -> Result<Session> {
    let folder = tempfile::Builder::new().prefix("patchbay-session-").tempdir().context("a temporary folder")?;
    let root = folder.path();
    for name in ["home", "config", "data/applications", "state", "cache", "run", "logs", "browser"] {
        fs::create_dir_all(root.join(name)).with_context(|| format!("the folder {name}"))?;
    }
    fs::set_permissions(root.join("run"), fs::Permissions::from_mode(0o700)).context("the runtime folder")?;
    let mark = uuid::Uuid::new_v4().to_string();
    let browser = browser::TestBrowser::install(root)?;
    let guard = Guard::start(&mark, root)?;
    let mut environment = environment(root, &mark);
    environment.extend(options.environment);
    let mut session = Session {
        environment,
        mark,
        bus_address: None,
        programs: AtomicUsize::new(0),
        services: Mutex::new(Vec::new()),
        browser,
        folder,
        _guard: guard,
    };
    let display = services::display(&session).await?;
    session.environment.push(("DISPLAY".to_owned(), display));
    if options.bus {
        let address = services::bus(&session, options.keyring).await?;
        session.environment.push(("DBUS_SESSION_BUS_ADDRESS".to_owned(), address.clone()));
        session.bus_address = Some(address);
        if options.keyring == Keyring::Unlocked {
            services::keyring(&session).await?;
        }
    } else {
        // Without this, programs would look for a bus in other places.
        session.environment.push(("DBUS_SESSION_BUS_ADDRESS".to_owned(), "disabled:".to_owned()));
    }
    services::window_manager(&session).await?;
    Ok(session)
}

fn environment(root: &Path, mark: &str) -> Vec<(String, String)> {
    let below = |name: &str| root.join(name).to_string_lossy().into_owned();
    let path = std::env::var("PATH").unwrap_or_else(|_| "/usr/local/bin:/usr/bin:/bin".to_owned());
    [
        (processes::VARIABLE, mark.to_owned()),
        ("PATH", path),
        ("LANG", "C.UTF-8".to_owned()),
        ("TZ", "UTC".to_owned()),
        ("HOME", below("home")),
        ("XDG_CONFIG_HOME", below("config")),
        ("XDG_DATA_HOME", below("data")),
        ("XDG_STATE_HOME", below("state")),
        ("XDG_CACHE_HOME", below("cache")),
        ("XDG_RUNTIME_DIR", below("run")),
        ("XDG_DATA_DIRS", "/usr/local/share:/usr/share".to_owned()),
        ("XDG_CONFIG_DIRS", "/etc/xdg".to_owned()),
        ("BROWSER", below("browser/open")),
        ("GDK_BACKEND", "x11".to_owned()),
        ("GSETTINGS_BACKEND", "memory".to_owned()),
        ("GTK_USE_PORTAL", "0".to_owned()),
        ("NO_AT_BRIDGE", "1".to_owned()),
        ("LIBGL_ALWAYS_SOFTWARE", "1".to_owned()),
        ("WEBKIT_DISABLE_DMABUF_RENDERER", "1".to_owned()),
        ("WEBKIT_DISABLE_COMPOSITING_MODE", "1".to_owned()),
        ("RUST_BACKTRACE", "1".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}
