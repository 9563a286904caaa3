//! Packages from npm: installed when the lock file changed since the last time, from the lock file alone.

use std::fs;
use std::path::PathBuf;

use crate::failure::{Failure, Outcome, While};
use crate::process::{Call, root, target};

/// The oldest Node that the tools of the interface run on.
const OLDEST_NODE: u32 = 20;

/// Installs the packages of a folder that holds a `package-lock.json`.
pub(crate) fn install(folder: &str) -> Outcome {
    let lock = root().join(folder).join("package-lock.json");
    let wanted = fs::read_to_string(&lock).or_fail(format!("{folder}/package-lock.json could not be read"))?;
    let stamp = stamp(folder);
    let installed = root().join(folder).join("node_modules").is_dir();
    if installed && fs::read_to_string(&stamp).is_ok_and(|last| last == wanted) {
        return Ok(());
    }
    check_node()?;
    Call::npm(folder).arguments("ci --no-audit --no-fund").run()?;
    if let Some(parent) = stamp.parent() {
        fs::create_dir_all(parent).or_fail(format!("{} could not be made", parent.display()))?;
    }
    fs::write(&stamp, wanted).or_fail(format!("{} could not be written", stamp.display()))
}

/// Where the lock file of the last installation is remembered.
fn stamp(folder: &str) -> PathBuf {
    target().join("xtask").join(format!("npm-{}.json", folder.replace('/', "-")))
}

fn check_node() -> Outcome {
    let advice = format!("Node {OLDEST_NODE} or newer with npm is needed; get it from nodejs.org or your system.");
    let answer = Call::new("node").argument("--version").ask().map_err(|_| Failure::new(advice.clone()))?;
    match major(&answer) {
        Some(version) if version >= OLDEST_NODE => Ok(()),
        _ => Err(Failure::new(format!("{advice} Found: {}", answer.trim()))),
    }
}

/// The first number of `v20.11.1`.
fn major(version: &str) -> Option<u32> {
    version.trim().trim_start_matches('v').split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_node_is_read() {
        assert_eq!(major("v20.11.1\n"), Some(20));
        assert_eq!(major("nonsense"), None);
    }
}
