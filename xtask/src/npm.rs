//! Packages from npm: installed when the lock file changed since the last time, from the lock file alone.

use std::fs;
use std::path::PathBuf;

use crate::failure::{Failure, Outcome, While};
use crate::process::{Call, root, target};

/// The oldest Node that the tools of the interface run on.
const OLDEST_NODE: (u32, u32) = (20, 19);

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
    let (major, minor) = OLDEST_NODE;
    let advice = format!("Node {major}.{minor} or newer with npm is needed; get it from nodejs.org or your system.");
    let answer = Call::new("node").argument("--version").ask().map_err(|_| Failure::new(advice.clone()))?;
    match version(&answer) {
        Some(version) if version >= OLDEST_NODE => Ok(()),
        _ => Err(Failure::new(format!("{advice} Found: {}", answer.trim()))),
    }
}

/// The first two numbers of `v20.19.1`.
fn version(answer: &str) -> Option<(u32, u32)> {
    let mut numbers = answer.trim().trim_start_matches('v').split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_node_is_read() {
        assert_eq!(version("v20.11.1\n"), Some((20, 11)));
        assert!(version("v22.1.0").is_some_and(|version| version >= OLDEST_NODE));
        assert!(version("v20.9.0").is_some_and(|version| version < OLDEST_NODE));
        assert_eq!(version("nonsense"), None);
    }
}
