//! Shows that the tests left the person's own data alone: the folders of the installed application, and the entries
//! that register its links, are the same after the tests as before.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::failure::{Failure, Outcome};
use crate::folders;

/// What there was before the tests.
pub(crate) struct Guard {
    folders: Vec<PathBuf>,
    files: Files,
}

/// Each file with its length and the time of its last change.
type Files = BTreeMap<PathBuf, (u64, Option<SystemTime>)>;

impl Guard {
    /// Looks at the folders.
    pub(crate) fn before() -> Self {
        let mut folders = folders::all();
        folders.extend(folders::desktop_entries());
        let files = files(&folders);
        Self { folders, files }
    }

    /// Looks again; any difference is a failure.
    pub(crate) fn after(&self) -> Outcome {
        let now = files(&self.folders);
        let changed: Vec<String> = now
            .keys()
            .chain(self.files.keys())
            .filter(|path| now.get(*path) != self.files.get(*path))
            .map(|path| path.display().to_string())
            .collect();
        if changed.is_empty() {
            return Ok(());
        }
        Err(Failure::new(format!("these changed during the tests: {}", changed.join(", "))))
    }
}

fn files(folders: &[PathBuf]) -> Files {
    let mut files = Files::new();
    for folder in folders {
        collect(folder, &mut files);
    }
    files
}

/// A folder that does not exist, or that cannot be read, holds nothing that a test could have written.
fn collect(folder: &Path, files: &mut Files) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let Ok(metadata) = entry.metadata() else { continue };
        if metadata.is_dir() {
            collect(&entry.path(), files);
        }
        files.insert(entry.path(), (metadata.len(), metadata.modified().ok()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_file_is_noticed() {
        let folder = crate::process::target().join("xtask").join(format!("guard-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        let guard = Guard { folders: vec![folder.clone()], files: files(std::slice::from_ref(&folder)) };
        assert!(guard.after().is_ok(), "nothing was written yet");
        fs::write(folder.join("leak"), "x").expect("a file");
        let failure = guard.after().expect_err("a file was written");
        assert!(failure.to_string().contains("leak"), "it is named: {failure}");
        fs::remove_dir_all(&folder).expect("removed");
    }
}
