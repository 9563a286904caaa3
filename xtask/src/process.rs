//! Other programs: always printed before they run, always started from a known folder.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::failure::{Failure, Outcome, While};
use crate::say;

/// The folder of the repository.
pub(crate) fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_path_buf()
}

/// Where cargo builds.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |folder| root().join(folder))
}

/// A program of ours in the build folder of a profile.
pub(crate) fn built(profile: &str, name: &str) -> PathBuf {
    target().join(profile).join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// One call of another program.
pub(crate) struct Call {
    command: Command,
    words: Vec<String>,
}

impl Call {
    /// A call from the root of the repository, with nothing on its standard input.
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        let mut command = Command::new(&program);
        command.current_dir(root()).stdin(Stdio::null());
        Self { command, words: vec![shown(program.as_ref())] }
    }

    /// Cargo, the same one that started this program.
    pub(crate) fn cargo() -> Self {
        let mut call = Self::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        "cargo".clone_into(&mut call.words[0]);
        call
    }

    /// Npm, in a folder of the repository.
    pub(crate) fn npm(folder: &str) -> Self {
        Self::new(if cfg!(windows) { "npm.cmd" } else { "npm" }).folder(folder)
    }

    /// One more argument.
    pub(crate) fn argument(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(&argument);
        self.words.push(shown(argument.as_ref()));
        self
    }

    /// Several arguments, split at spaces.
    pub(crate) fn arguments(self, arguments: &str) -> Self {
        arguments.split_whitespace().fold(self, Self::argument)
    }

    /// Runs in a folder of the repository.
    pub(crate) fn folder(mut self, folder: &str) -> Self {
        self.command.current_dir(root().join(folder));
        self.words.insert(0, format!("(in {folder})"));
        self
    }

    /// With a variable in its environment.
    pub(crate) fn variable(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, &value);
        self.words.insert(0, format!("{name}={}", shown(value.as_ref())));
        self
    }

    /// The call as it is printed.
    pub(crate) fn words(&self) -> String {
        self.words.join(" ")
    }

    /// Prints and runs it; anything but success is a failure.
    pub(crate) fn run(mut self) -> Outcome {
        let words = self.words();
        say::command(&words);
        let status = self.command.status().or_fail(format!("`{words}` could not be started"))?;
        if status.success() {
            Ok(())
        } else {
            Err(Failure::with_code(format!("`{words}` failed ({status})"), status.code()))
        }
    }

    /// Prints and runs it, and returns what it wrote to its standard output.
    pub(crate) fn read(self) -> Outcome<String> {
        say::command(&self.words());
        self.ask_with(Stdio::inherit()).map_err(|(_, failure)| failure)
    }

    /// Runs it without a word, whatever it complains about, and returns what it wrote to its standard output.
    pub(crate) fn ask(self) -> Outcome<String> {
        self.ask_with(Stdio::null()).map_err(|(_, failure)| failure)
    }

    /// Like [`Self::read`], and prints that output as well once it is complete.
    pub(crate) fn read_aloud(self) -> Outcome<String> {
        say::command(&self.words());
        let (output, outcome) = match self.ask_with(Stdio::inherit()) {
            Ok(output) => (output, Ok(())),
            Err((output, failure)) => (output, Err(failure)),
        };
        say::line(output.trim_end());
        outcome.map(|()| output)
    }

    /// What it wrote, with the failure where it failed.
    fn ask_with(mut self, complaints: Stdio) -> Result<String, (String, Failure)> {
        let words = self.words();
        let output = self
            .command
            .stderr(complaints)
            .output()
            .or_fail(format!("`{words}` could not be started"))
            .map_err(|failure| (String::new(), failure))?;
        let written = String::from_utf8_lossy(&output.stdout).into_owned();
        if output.status.success() {
            Ok(written)
        } else {
            let failure = Failure::with_code(format!("`{words}` failed ({})", output.status), output.status.code());
            Err((written, failure))
        }
    }

    /// Whether it can be started and succeeds; its output is dropped.
    pub(crate) fn succeeds(mut self) -> bool {
        let status = self.command.stdout(Stdio::null()).stderr(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    }

    /// Prints and starts it, and leaves it running until the returned guard is dropped.
    pub(crate) fn start(self) -> Outcome<Running> {
        say::command(&self.words());
        self.start_quietly()
    }

    /// Starts it without a word.
    pub(crate) fn start_quietly(mut self) -> Outcome<Running> {
        let words = self.words();
        let child = self.command.spawn().or_fail(format!("`{words}` could not be started"))?;
        Ok(Running { child })
    }

    /// The command itself, for what the methods above do not offer.
    pub(crate) fn command(mut self, change: impl FnOnce(&mut Command)) -> Self {
        change(&mut self.command);
        self
    }
}

/// A program that runs beside this one and is stopped with it.
pub(crate) struct Running {
    child: Child,
}

impl Running {
    /// The process itself.
    pub(crate) fn child(&mut self) -> &mut Child {
        &mut self.child
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Already gone is fine.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An argument as printed: paths inside the repository relative to it, quoted where it holds a space.
fn shown(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    let word = Path::new(&*word).strip_prefix(root()).map_or(word.clone(), |inside| inside.to_string_lossy());
    if word.contains(' ') { format!("'{word}'") } else { word.into_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_printed_as_it_could_be_typed() {
        let call = Call::new("npm").arguments("run build").argument("two words").folder("ui").variable("CI", "true");
        assert_eq!(call.words(), "CI=true (in ui) npm run build 'two words'");
    }

    #[test]
    fn paths_inside_the_repository_are_printed_relative_to_it() {
        let call = Call::new(root().join("target").join("debug").join("patchbay"));
        assert_eq!(call.words(), Path::new("target/debug/patchbay").display().to_string());
    }
}
