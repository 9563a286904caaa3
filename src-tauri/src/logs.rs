//! Where the log goes and what may be in it.
//!
//! Only Patchbay's own lines are written, whatever the level: their fields are reviewed, while those of libraries may
//! hold URLs and arguments. A panic is logged by its place alone, since its message may hold anything.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use tauri::{AppHandle, Manager as _};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, fmt};

/// A log larger than this is put aside at the next start, in the place of the one put aside before.
const LARGEST: u64 = 1024 * 1024;
const NAME: &str = "patchbay.log";

/// Starts to log, to the file and in development to the terminal too. A log that cannot be written is no reason not
/// to start.
pub(crate) fn start(app: &AppHandle) {
    let file = folder(app).and_then(|folder| open(&folder).ok());
    let to_file = file.map(|file| fmt::layer().with_ansi(false).with_writer(Mutex::new(file)).with_filter(reviewed()));
    let to_terminal =
        cfg!(debug_assertions).then(|| fmt::layer().with_writer(io::stderr).with_ansi(false).with_filter(reviewed()));
    // Fails where a test has set a subscriber of its own, which then stays.
    let _ = tracing_subscriber::registry().with(to_file).with(to_terminal).try_init();
}

/// Replaces what Rust prints of a panic with its place.
pub(crate) fn guard_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(|place| format!("{}:{}", place.file(), place.line())).unwrap_or_default();
        tracing::error!(place, "panic");
        let _ = writeln!(io::stderr(), "Patchbay: a part of it stopped unexpectedly at {place}");
    }));
}

fn reviewed() -> Targets {
    let level = if cfg!(debug_assertions) { LevelFilter::DEBUG } else { LevelFilter::INFO };
    Targets::new()
        .with_target("patchbay", level)
        .with_target("patchbay_core", level)
        .with_target("patchbay_shell", level)
}

/// `$XDG_STATE_HOME/<identifier>` on Linux, elsewhere the platform's own place for logs.
fn folder(app: &AppHandle) -> Option<PathBuf> {
    if !cfg!(target_os = "linux") {
        return app.path().app_log_dir().ok();
    }
    // As the XDG specification says, a relative path counts as none.
    let named = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let state = named.or_else(|| app.path().home_dir().ok().map(|home| home.join(".local/state")))?;
    Some(state.join(&app.config().identifier))
}

fn open(folder: &Path) -> io::Result<File> {
    fs::create_dir_all(folder)?;
    let path = folder.join(NAME);
    if fs::metadata(&path).is_ok_and(|file| file.len() > LARGEST) {
        fs::rename(&path, folder.join(format!("{NAME}.1")))?;
    }
    OpenOptions::new().create(true).append(true).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_log_is_put_aside() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join(NAME);
        fs::write(&path, vec![b'x'; usize::try_from(LARGEST).expect("fits") + 1]).expect("a large log");

        open(folder.path()).expect("a log");

        assert_eq!(fs::metadata(&path).expect("the new log").len(), 0, "the new log starts empty");
        assert!(folder.path().join("patchbay.log.1").exists(), "the old one is kept beside it");
    }

    #[test]
    fn a_small_log_goes_on() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::write(folder.path().join(NAME), "a line\n").expect("a small log");

        open(folder.path()).expect("a log").write_all(b"another\n").expect("a written line");

        assert_eq!(fs::read_to_string(folder.path().join(NAME)).expect("the log"), "a line\nanother\n");
        assert!(!folder.path().join("patchbay.log.1").exists(), "nothing was put aside");
    }

    #[test]
    fn lines_of_libraries_are_left_out() {
        assert!(reviewed().would_enable("patchbay_core::oauth", &tracing::Level::INFO));
        assert!(!reviewed().would_enable("hyper", &tracing::Level::ERROR), "a library's fields are not reviewed");
        assert!(!reviewed().would_enable("tauri_plugin_deep_link", &tracing::Level::ERROR), "its lines hold links");
    }
}
