//! The TypeScript of everything that crosses to the interface is what the Rust types say.
//!
//! The files are committed; this fails when they differ. `PATCHBAY_WRITE_TYPES=1` (or `cargo xtask types`) writes them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use patchbay_core::chat::{ChatView, RunFrame};
use patchbay_core::error::Error;
use patchbay_core::event::AppEvent;
use patchbay_core::models::{Choice, Picker};
use patchbay_core::oauth::SignInView;
use patchbay_core::pool::{ConnectionView, Disconnected, ProviderView};
use patchbay_core::preferences::Preferences;
use patchbay_core::startup::Startup;
use ts_rs::{Config, TS};

fn write_all(folder: &Path) {
    let config = Config::new().with_out_dir(folder);
    let exports: [fn(&Config) -> Result<(), ts_rs::ExportError>; 11] = [
        AppEvent::export_all,
        ChatView::export_all,
        Choice::export_all,
        ConnectionView::export_all,
        Disconnected::export_all,
        Error::export_all,
        Picker::export_all,
        Preferences::export_all,
        ProviderView::export_all,
        RunFrame::export_all,
        SignInView::export_all,
    ];
    for export in exports {
        export(&config).unwrap();
    }
    Startup::export_all(&config).unwrap();
}

fn read_all(folder: &Path) -> BTreeMap<PathBuf, String> {
    let entries = fs::read_dir(folder).map(|entries| entries.map(Result::unwrap).collect()).unwrap_or(Vec::new());
    entries
        .into_iter()
        .map(|entry| (PathBuf::from(entry.file_name()), fs::read_to_string(entry.path()).unwrap()))
        .collect()
}

#[test]
fn the_committed_types_are_what_rust_says() {
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/src/backend/generated");
    if std::env::var_os("PATCHBAY_WRITE_TYPES").is_some() {
        let _ = fs::remove_dir_all(&committed);
        write_all(&committed);
        return;
    }
    let fresh = tempfile::tempdir().unwrap();
    write_all(fresh.path());
    assert_eq!(read_all(&committed), read_all(fresh.path()), "run `cargo xtask types` and commit the result");
}
