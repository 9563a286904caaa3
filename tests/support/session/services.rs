//! The programs that make a session: display, window manager, bus, keyring. Each is ready when its function returns.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::Child;

use super::{Keyring, Session};
use crate::{Context, PATIENCE, Result, bail, until};

/// A virtual display; the server chooses its number. Gives the value of `DISPLAY`.
pub(super) async fn display(session: &Session) -> Result<String> {
    let mut child = session
        .command("Xvfb")?
        .args(["-displayfd", "1", "-screen", "0", "1280x900x24", "-nolisten", "tcp", "-noreset"])
        .stdout(Stdio::piped())
        .spawn()
        .context("Xvfb")?;
    let number = first_line(&mut child).await.context("the display's number")?;
    session.keep(child);
    Ok(format!(":{number}"))
}

/// A session bus; gives its address.
pub(super) async fn bus(session: &Session, keyring: Keyring) -> Result<String> {
    let socket = session.folder().join("run/bus");
    let configuration = session.folder().join("run/bus.conf");
    let services = session.folder().join("run/services");
    services_on_demand(&services, keyring)?;
    let text = format!(
        "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\" \
        \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n\
        <busconfig><type>session</type><keep_umask/><listen>unix:path={}</listen><servicedir>{}</servicedir>\
        <policy context=\"default\"><allow send_destination=\"*\" eavesdrop=\"true\"/><allow eavesdrop=\"true\"/>\
        <allow own=\"*\"/></policy></busconfig>\n",
        socket.display(),
        services.display(),
    );
    fs::write(&configuration, text).context("the bus's configuration")?;
    let mut child = session
        .command("dbus-daemon")?
        .arg(format!("--config-file={}", configuration.display()))
        .args(["--print-address", "--nofork", "--nopidfile"])
        // What the bus starts belongs to the session as much as the rest.
        .env("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", socket.display()))
        .stdout(Stdio::piped())
        .spawn()
        .context("dbus-daemon")?;
    let address = first_line(&mut child).await.context("the bus's address")?;
    session.keep(child);
    Ok(address)
}

/// What the bus starts when it is first called: of the machine's services only the keyring, and that only where nobody
/// starts it here. Portals, settings and accessibility would come with mounts and daemons of their own.
fn services_on_demand(folder: &Path, keyring: Keyring) -> Result<()> {
    fs::create_dir_all(folder).context("the bus's services")?;
    if keyring == Keyring::Locked {
        let name = "org.freedesktop.secrets.service";
        let installed = Path::new("/usr/share/dbus-1/services").join(name);
        fs::copy(&installed, folder.join(name)).with_context(|| format!("{}", installed.display()))?;
    }
    Ok(())
}

/// gnome-keyring, unlocked with a password of no importance; ready when its default collection is there.
pub(super) async fn keyring(session: &Session) -> Result<()> {
    let mut child = session
        .command("gnome-keyring-daemon")?
        .args(["--foreground", "--unlock", "--components=secrets"])
        .stdin(Stdio::piped())
        .spawn()
        .context("gnome-keyring-daemon")?;
    let mut input = child.stdin.take().context("the keyring's input")?;
    input.write_all(b"only for tests").await.context("the keyring's password")?;
    drop(input);
    session.keep(child);
    let bus = session.bus().await?;
    until("an unlocked keyring", PATIENCE, async || {
        let owned: bool = bus
            .call_method(
                Some("org.freedesktop.DBus"),
                "/org/freedesktop/DBus",
                Some("org.freedesktop.DBus"),
                "NameHasOwner",
                &"org.freedesktop.secrets",
            )
            .await?
            .body()
            .deserialize()?;
        if !owned {
            return Ok(None);
        }
        let reply = bus
            .call_method(
                Some("org.freedesktop.secrets"),
                "/org/freedesktop/secrets",
                Some("org.freedesktop.Secret.Service"),
                "ReadAlias",
                &"default",
            )
            .await?;
        let collection: zbus::zvariant::OwnedObjectPath = reply.body().deserialize()?;
        Ok((collection.as_str() != "/").then_some(()))
    })
    .await
}

/// openbox, which says that it manages windows by running a command.
pub(super) async fn window_manager(session: &Session) -> Result<()> {
    let ready = session.folder().join("run/openbox-ready");
    let child = session
        .command("openbox")?
        .args(["--startup", &format!("touch {}", ready.display())])
        .spawn()
        .context("openbox")?;
    session.keep(child);
    until("openbox", PATIENCE, async || Ok(ready.exists().then_some(()))).await
}

async fn first_line(child: &mut Child) -> Result<String> {
    let output = child.stdout.take().context("its output")?;
    let mut lines = BufReader::new(output).lines();
    let line = tokio::time::timeout(PATIENCE, lines.next_line()).await.context("it says nothing")??;
    // Whatever it says later is read and dropped, so that it never waits for a full pipe.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    match line {
        Some(line) => Ok(line.trim().to_owned()),
        None => bail!("it ended without a word"),
    }
}
