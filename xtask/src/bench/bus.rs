//! A session bus of the bench's own, and the folders in which it and the subjects live instead of the person's.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;

use crate::bench::screen::Screen;
use crate::failure::{Failure, Outcome, While};
use crate::process::{Call, Running};

/// A session bus.
pub(crate) struct Bus {
    address: String,
    _daemon: Running,
}

impl Bus {
    /// Starts one; what it starts in turn lives in `home`.
    pub(crate) fn start(screen: &Screen, home: &Path) -> Outcome<Self> {
        let call = Call::new("dbus-daemon").arguments("--session --nofork --nopidfile --print-address");
        let mut daemon = at_home(call, home, screen)?
            .command(|command| {
                command.stdout(Stdio::piped());
            })
            .start_quietly()?;
        let output = daemon.child().stdout.take().ok_or_else(|| Failure::new("dbus-daemon has no output"))?;
        let mut address = String::new();
        BufReader::new(output).read_line(&mut address).or_fail("dbus-daemon did not say its address")?;
        Ok(Self { address: address.trim().to_owned(), _daemon: daemon })
    }

    /// The value for `DBUS_SESSION_BUS_ADDRESS`.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }
}

/// A call on the virtual screen, with every folder of the person's replaced by one below `home`.
pub(crate) fn at_home(call: Call, home: &Path, screen: &Screen) -> Outcome<Call> {
    let runtime = home.join("runtime");
    fs::create_dir_all(&runtime).or_fail("a folder for the bench could not be made")?;
    private(&runtime)?;
    Ok(call.command(|command| {
        command
            .env("DISPLAY", screen.display())
            .env("GDK_BACKEND", "x11")
            .env_remove("WAYLAND_DISPLAY")
            .env("NO_AT_BRIDGE", "1")
            .env("HOME", home)
            .env("XDG_CONFIG_HOME", home.join("config"))
            .env("XDG_DATA_HOME", home.join("data"))
            .env("XDG_STATE_HOME", home.join("state"))
            .env("XDG_CACHE_HOME", home.join("cache"))
            .env("XDG_RUNTIME_DIR", &runtime)
            .stderr(Stdio::null());
    }))
}

/// A folder for sockets has to be the user's alone.
#[cfg(unix)]
fn private(folder: &Path) -> Outcome {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).or_fail("a folder could not be made private")
}

#[cfg(not(unix))]
fn private(_folder: &Path) -> Outcome {
    Ok(())
}
