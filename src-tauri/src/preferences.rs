//! The person's preferences, in `preferences.json` of the configuration folder.
//!
//! Only what may be lost without harm is here. A file that cannot be read is put aside, never overwritten.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use patchbay_core::preferences::{Appearance, Preferences};
use patchbay_core::words::say_with;
use tauri::{AppHandle, Theme, Wry};
use tauri_plugin_store::{Store, StoreExt as _};

const NAME: &str = "preferences.json";
const APPEARANCE: &str = "appearance";

/// The theme to ask for; none follows the desktop.
pub(crate) fn theme(appearance: Appearance) -> Option<Theme> {
    match appearance {
        Appearance::System => None,
        Appearance::Light => Some(Theme::Light),
        Appearance::Dark => Some(Theme::Dark),
    }
}

/// The file.
pub(crate) struct PreferencesFile(Arc<Store<Wry>>);

impl PreferencesFile {
    /// Opens the file; also says what to tell the person when it was broken.
    pub(crate) fn open(app: &AppHandle, folder: &Path) -> tauri_plugin_store::Result<(Self, Option<String>)> {
        let path = folder.join(NAME);
        let notice = match put_aside_if_broken(&path) {
            Ok(None) => None,
            Ok(Some(aside)) => {
                tracing::warn!("the preferences could not be read and were put aside");
                let name = aside.file_name().unwrap_or_default().to_string_lossy().into_owned();
                Some(say_with("shell-preferences-broken", &[("file", &name)]))
            }
            Err(error) => {
                tracing::warn!(kind = ?error.kind(), "the preferences could not be read");
                None
            }
        };
        // An absolute path, since the store would look in the data folder otherwise.
        Ok((Self(app.store_builder(path).disable_auto_save().build()?), notice))
    }

    /// The preferences now; what is missing or makes no sense is as it was in the beginning.
    pub(crate) fn read(&self) -> Preferences {
        let appearance = self.0.get(APPEARANCE).and_then(|value| serde_json::from_value(value).ok());
        Preferences { appearance: appearance.unwrap_or_default() }
    }

    /// Keeps another appearance.
    pub(crate) fn set_appearance(&self, appearance: Appearance) -> tauri_plugin_store::Result<()> {
        self.0.set(APPEARANCE, serde_json::to_value(appearance)?);
        self.0.save()
    }
}

/// Renames a file that does not hold a JSON object, and says what it is called now.
fn put_aside_if_broken(path: &Path) -> io::Result<Option<PathBuf>> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    if serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(&bytes).is_ok() {
        return Ok(None);
    }
    let mut number = 1_u32;
    loop {
        let aside = path.with_file_name(format!("{NAME}.broken-{number}"));
        if !aside.try_exists()? {
            fs::rename(path, &aside)?;
            return Ok(Some(aside));
        }
        number += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_file_is_kept_under_another_name() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join(NAME);
        for (number, broken) in ["{ \"appearance\": \"da", "[]"].iter().enumerate() {
            fs::write(&path, broken).expect("a broken file");

            let aside = put_aside_if_broken(&path).expect("no error").expect("it is broken");

            assert_eq!(aside, folder.path().join(format!("preferences.json.broken-{}", number + 1)));
            assert_eq!(fs::read_to_string(aside).expect("the file put aside"), *broken, "nothing of it is lost");
            assert!(!path.exists(), "the broken file no longer stands in the way");
        }
    }

    #[test]
    fn a_good_or_missing_file_stays() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join(NAME);
        assert_eq!(put_aside_if_broken(&path).expect("no error"), None, "a missing file is not broken");
        fs::write(&path, "{\"appearance\":\"purple\"}").expect("a file");
        assert_eq!(put_aside_if_broken(&path).expect("no error"), None, "an odd value does not break the file");
        assert!(path.exists());
    }
}
