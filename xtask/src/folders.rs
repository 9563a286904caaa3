//! Where the installed application keeps what is the person's: named here only to leave it alone.

use std::path::PathBuf;

/// The name of the application's folder in each of the places below.
const NAME: &str = "app.patchbay.desktop";

/// The folder of preferences and `providers.d/`.
pub(crate) fn configuration() -> Option<PathBuf> {
    Some(base("XDG_CONFIG_HOME", ".config")?.join(NAME))
}

/// Every folder of the application.
pub(crate) fn all() -> Vec<PathBuf> {
    let places = [
        ("XDG_CONFIG_HOME", ".config"),
        ("XDG_DATA_HOME", ".local/share"),
        ("XDG_STATE_HOME", ".local/state"),
        ("XDG_CACHE_HOME", ".cache"),
    ];
    let mut folders: Vec<PathBuf> =
        places.iter().filter_map(|(variable, usual)| Some(base(variable, usual)?.join(NAME))).collect();
    folders.dedup();
    folders
}

/// Where links to the application are registered.
pub(crate) fn desktop_entries() -> Option<PathBuf> {
    cfg!(target_os = "linux").then(|| base("XDG_DATA_HOME", ".local/share").map(|data| data.join("applications")))?
}

fn base(variable: &str, usual: &str) -> Option<PathBuf> {
    if cfg!(target_os = "windows") {
        return std::env::var_os("APPDATA").map(PathBuf::from);
    }
    let home = PathBuf::from(std::env::var_os("HOME")?);
    if cfg!(target_os = "macos") {
        return Some(home.join("Library/Application Support"));
    }
    Some(std::env::var_os(variable).filter(|value| !value.is_empty()).map_or_else(|| home.join(usual), PathBuf::from))
}
