//! The TypeScript of everything that crosses to the interface is what the Rust types say.
//!
//! The files are committed; this fails when they differ. `PATCHBAY_WRITE_TYPES=1` (or `cargo xtask types`) writes them.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use patchbay_core::chat::{ChatView, RunFrame};
use patchbay_core::error::Error;
use patchbay_core::event::AppEvent;
use patchbay_core::models::{Choice, Picker};
use patchbay_core::oauth::SignInView;
use patchbay_core::pool::{ConnectionView, Disconnected, ProviderView};
use patchbay_core::preferences::Preferences;
use patchbay_core::startup::Startup;
use ts_rs::{Config, ExportError, TS};

type Export = fn(&Config) -> Result<(), ExportError>;

fn write_all(folder: &Path) -> Result<(), ExportError> {
    let config = Config::new().with_out_dir(folder);
    let exports: [Export; 12] = [
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
        Startup::export_all,
    ];
    exports.into_iter().try_for_each(|export| export(&config))
}

fn read_all(folder: &Path) -> io::Result<BTreeMap<PathBuf, String>> {
    let entry = |entry: io::Result<fs::DirEntry>| {
        let entry = entry?;
        Ok((entry.file_name().into(), fs::read_to_string(entry.path())?))
    };
    fs::read_dir(folder)?.map(entry).collect()
}

#[test]
fn the_committed_types_are_what_rust_says() {
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/src/backend/generated");
    if std::env::var_os("PATCHBAY_WRITE_TYPES").is_some() {
        let _ = fs::remove_dir_all(&committed);
        write_all(&committed).unwrap();
        return;
    }
    let fresh = tempfile::tempdir().unwrap();
    write_all(fresh.path()).unwrap();
    let (committed, fresh) = (read_all(&committed).unwrap(), read_all(fresh.path()).unwrap());
    assert_eq!(committed, fresh, "run `cargo xtask types` and commit the result");
}
