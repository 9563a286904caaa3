//! Makes a machine ready: packages of the system, then packages from npm. Only what is missing is installed.

use std::path::Path;

use crate::failure::{Failure, Outcome};
use crate::npm;
use crate::process::Call;
use crate::say;
use crate::systems::{self, Need};

/// The folder of the servers made by others that the tests run against.
const SERVERS: &str = "tests/servers";

/// Everything that any command needs.
pub(crate) fn everything() -> Outcome {
    system(&[Need::Build, Need::Window])?;
    interface()?;
    servers()?;
    say::line("Everything is installed.");
    Ok(())
}

/// The packages of the user interface.
pub(crate) fn interface() -> Outcome {
    npm::install("ui")
}

/// The packages of the test servers.
pub(crate) fn servers() -> Outcome {
    npm::install(SERVERS)
}

/// The user interface as the application embeds it; must come before the application is compiled.
pub(crate) fn build_interface() -> Outcome {
    Call::npm("ui").arguments("run build").run()
}

/// The packages of the system.
pub(crate) fn system(needs: &[Need]) -> Outcome {
    if cfg!(target_os = "linux") {
        return linux(needs);
    }
    elsewhere(needs);
    Ok(())
}

fn linux(needs: &[Need]) -> Outcome {
    if !Path::new("/etc/debian_version").exists() {
        return other_linux(needs);
    }
    let missing: Vec<&str> =
        needs.iter().flat_map(|need| systems::debian(*need)).copied().filter(|name| !is_installed(name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let Some(privilege) = privilege() else {
        return Err(Failure::new(format!(
            "Some packages of the system are missing, and installing them needs a password. Please run\n\n  sudo apt-get install {}\n\nand then the same command again.",
            missing.join(" ")
        )));
    };
    say::line(&format!("Installing {} packages of the system: {}", missing.len(), missing.join(" ")));
    apt(privilege, "update --quiet").run()?;
    missing.iter().fold(apt(privilege, "install --yes --quiet --no-install-recommends"), Call::argument).run()
}

fn is_installed(package: &str) -> bool {
    let answer = Call::new("dpkg-query").arguments("--show --showformat=${db:Status-Status}").argument(package).ask();
    // A package of several architectures answers once for each.
    answer.is_ok_and(|status| status.starts_with("installed"))
}

/// How packages may be installed.
#[derive(Clone, Copy)]
enum Privilege {
    Root,
    Sudo,
}

fn privilege() -> Option<Privilege> {
    let is_root = Call::new("id").argument("-u").ask().is_ok_and(|id| id.trim() == "0");
    if is_root {
        Some(Privilege::Root)
    } else {
        Call::new("sudo").arguments("-n true").succeeds().then_some(Privilege::Sudo)
    }
}

fn apt(privilege: Privilege, arguments: &str) -> Call {
    let call = match privilege {
        Privilege::Root => Call::new("env"),
        Privilege::Sudo => Call::new("sudo").arguments("-n env"),
    };
    call.arguments("DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300").arguments(arguments)
}

/// Not Debian: nothing is installed, but what is missing for the build is found out before the compiler does.
fn other_linux(needs: &[Need]) -> Outcome {
    let mut missing = Vec::new();
    if needs.contains(&Need::Build) && !Call::new("pkg-config").arguments("--exists webkit2gtk-4.1").succeeds() {
        missing.push("webkit2gtk 4.1 with its headers, or pkg-config");
    }
    if needs.contains(&Need::Window) {
        let programs =
            ["Xvfb", "openbox", "dbus-run-session", "gnome-keyring-daemon", "secret-tool", "WebKitWebDriver"];
        missing.extend(programs.into_iter().filter(|name| !is_on_path(name)));
    }
    if missing.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "This is missing: {}.\nOnly Debian and Ubuntu are set up automatically; elsewhere these are the packages:\n\n{}",
        missing.join(", "),
        systems::ELSEWHERE
    )))
}

fn elsewhere(needs: &[Need]) {
    if needs.contains(&Need::Window) {
        say::line("The end-to-end tests and the tour need Linux; on this system they cannot run.");
    }
    say::line(&format!(
        "Should the build miss something of the system, these are the packages:\n{}",
        systems::ELSEWHERE
    ));
}

/// Whether a program can be found.
pub(crate) fn is_on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}
