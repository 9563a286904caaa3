//! The ways in which a desktop opens a link.

use tokio::process::Command;

use super::Session;
use crate::Result;

/// What opens the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opener {
    /// `gio open`, as under GNOME and in most browsers.
    Gio,
    /// `xdg-open` without a known desktop, as under a bare window manager.
    XdgOpen,
}

impl Opener {
    pub(super) fn command(self, session: &Session) -> Result<Command> {
        Ok(match self {
            Self::Gio => {
                let mut command = session.command("gio")?;
                command.arg("open");
                command
            }
            Self::XdgOpen => session.command("xdg-open")?,
        })
    }
}
