//! What cleans up after a test that was killed: a shell outside the session, which waits for the test's end of a pipe
//! to close and then ends every process that carries the session's mark.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::processes::VARIABLE;
use crate::{Context, Result};

const SCRIPT: &str = r#"
read -r _
for round in 1 2 3; do
  for environment in /proc/[0-9]*/environ; do
    if tr '\0' '\n' 2>/dev/null <"$environment" | grep -qxF "$1"; then
      number=${environment#/proc/}
      kill -9 "${number%/environ}" 2>/dev/null
    fi
  done
done
rm -rf -- "$2"
"#;

/// The waiting shell.
pub(super) struct Guard(Child);

impl Guard {
    pub(super) fn start(mark: &str, folder: &Path) -> Result<Self> {
        let child = Command::new("sh")
            .args(["-c", SCRIPT, "guard", &format!("{VARIABLE}={mark}")])
            .arg(folder)
            .env_remove(VARIABLE)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("sh")?;
        Ok(Self(child))
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // Nothing is left to guard: the session was ended before.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
