//! `WebKitWebDriver`: a service per application, on a port of its own, with the session's environment.

use std::path::Path;
use std::time::Duration;

use serde_json::json;
use thirtyfour::{Capabilities, WebDriver};
use tokio::net::TcpListener;
use tokio::process::Child;

use crate::session::Session;
use crate::{Context, PATIENCE, Result, http, until};

/// Starting a window takes longer than any step in it, on a busy machine.
const STEP_LIMIT: Duration = Duration::from_secs(90);

pub(super) async fn start(session: &Session, binary: &Path, arguments: &[String]) -> Result<(Child, WebDriver)> {
    let port = free_port().await?;
    let service = session
        .command("WebKitWebDriver")?
        .arg(format!("--port={port}"))
        .arg("--host=127.0.0.1")
        .env("TAURI_WEBVIEW_AUTOMATION", "true")
        .kill_on_drop(true)
        .spawn()
        .context("WebKitWebDriver (the package webkit2gtk-driver)")?;
    let address = format!("http://127.0.0.1:{port}");
    let client = http::client()?;
    until("WebKitWebDriver", PATIENCE, async || {
        Ok(client.get(format!("{address}/status")).send().await.is_ok().then_some(()))
    })
    .await?;
    let mut capabilities = Capabilities::new();
    capabilities.set("webkitgtk:browserOptions", json!({"binary": binary, "args": arguments}))?;
    let driver = WebDriver::builder(address, capabilities)
        .request_timeout(STEP_LIMIT)
        .connect()
        .await
        .with_context(|| format!("no window of {}", binary.display()))?;
    Ok((service, driver))
}

/// A port that was free a moment ago: the service cannot choose one itself.
async fn free_port() -> Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.context("a free port")?;
    Ok(listener.local_addr().context("a free port")?.port())
}
