//! The desktop entry that makes a Linux desktop open our links with this executable.
//!
//! The deep-link plugin could write one, and is not asked to. It names the file after the executable, so that a
//! development build takes over the entry of the installed application; and it always quotes the path in `Exec`, which
//! the opener that `xdg-open` falls back to outside the large desktops cannot run. Mending its file after it leaves a
//! moment in which the link is dead.

use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use tauri::{AppHandle, Manager as _};

/// Characters that the Desktop Entry Specification reserves in an argument of `Exec`.
const RESERVED: &[char] =
    &[' ', '\t', '\n', '"', '\'', '\\', '>', '<', '~', '|', '&', ';', '$', '*', '?', '#', '(', ')', '`'];

/// Writes the entry and makes it the default for `scheme`. Errors say what failed, for the log.
pub(super) fn register(app: &AppHandle, scheme: &str) -> Result<(), String> {
    let folder = app.path().data_dir().map_err(|_| "no data folder".to_owned())?.join("applications");
    // An AppImage runs from a mount that is gone at the next start; what lasts is the file it came from.
    let executable = match app.env().appimage {
        Some(image) => image.into(),
        None => std::env::current_exe().map_err(|error| format!("own path: {:?}", error.kind()))?,
    };
    let executable = executable.to_str().ok_or("own path is not Unicode")?;
    let name = format!("{scheme}-handler.desktop");

    write(&folder.join(&name), &content(executable, scheme)).map_err(|error| format!("entry: {:?}", error.kind()))?;
    // Only a cache, and not on every system.
    let _ = run(Command::new("update-desktop-database").arg(&folder));
    run(Command::new("xdg-mime").args(["default", &name, &format!("x-scheme-handler/{scheme}")]))
        .map_err(|error| format!("xdg-mime: {:?}", error.kind()))
}

fn content(executable: &str, scheme: &str) -> String {
    let argument = argument(executable);
    format!(
        "[Desktop Entry]\nType=Application\nName=Patchbay\nExec={argument} %u\nIcon=patchbay\nTerminal=false\n\
         NoDisplay=true\nStartupWMClass=patchbay\nMimeType=x-scheme-handler/{scheme};\n"
    )
}

/// The path as an argument of `Exec`: bare where it can be, quoted as the specification says where it has to be.
fn argument(path: &str) -> String {
    // A percent sign begins a field code in both.
    let path = path.replace('%', "%%");
    if !path.contains(RESERVED) {
        return path;
    }
    let mut quoted = String::with_capacity(path.len() + 2);
    quoted.push('"');
    for character in path.chars() {
        if matches!(character, '"' | '`' | '$' | '\\') {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted.push('"');
    // The value is a string, which has escapes of its own.
    quoted.replace('\\', "\\\\").replace('\n', "\\n").replace('\t', "\\t")
}

/// Replaces the file in one step, so that nobody reads half an entry; leaves it alone when nothing changed.
fn write(path: &Path, content: &str) -> io::Result<()> {
    if fs::read_to_string(path).is_ok_and(|there| there == content) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let new = path.with_extension("desktop.new");
    fs::write(&new, content)?;
    fs::rename(new, path)
}

fn run(command: &mut Command) -> io::Result<()> {
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status()?;
    if status.success() { Ok(()) } else { Err(io::Error::other("it failed")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_path_stays_bare() {
        assert_eq!(argument("/opt/Patchbay-0.1/patchbay_é"), "/opt/Patchbay-0.1/patchbay_é");
        assert_eq!(argument("/opt/100%/patchbay"), "/opt/100%%/patchbay", "a lone percent sign is a field code");
    }

    #[test]
    fn a_path_that_needs_it_is_quoted_and_escaped() {
        assert_eq!(argument("/home/a b/patchbay"), r#""/home/a b/patchbay""#);
        assert_eq!(argument(r#"/a"b/$c/`d\e"#), r#""/a\\"b/\\$c/\\`d\\\\e""#);
        assert_eq!(argument("/a\nb"), "\"/a\\nb\"", "a line break would end the entry");
    }

    #[test]
    fn the_entry_names_the_scheme_and_takes_the_link() {
        let entry = content("/usr/bin/patchbay", "app.patchbay");
        assert!(entry.contains("\nExec=/usr/bin/patchbay %u\n"), "the link arrives as an argument: {entry}");
        assert!(entry.contains("\nMimeType=x-scheme-handler/app.patchbay;\n"), "the scheme is ours: {entry}");
    }

    #[test]
    fn a_stale_entry_is_replaced() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("applications/app.patchbay-handler.desktop");
        write(&path, "old").expect("a first entry");
        write(&path, "new").expect("a second entry");
        assert_eq!(fs::read_to_string(&path).expect("the entry"), "new");
        assert_eq!(
            fs::read_dir(folder.path().join("applications")).expect("the folder").count(),
            1,
            "nothing is left over"
        );
    }
}
