//! A script of `tests/servers`, run by node.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::{Context, PATIENCE, Result, bail};

/// A running script; it ends when this is dropped, and also when its standard input closes with this process.
pub(super) struct Node {
    _child: Child,
    /// The line of JSON by which it said that it is ready.
    pub(super) ready: Value,
}

/// Where the scripts are.
fn servers() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("servers")
}

impl Node {
    /// Starts a script and waits until it is ready.
    pub(super) async fn start(script: &str, arguments: &[String]) -> Result<Self> {
        let servers = servers();
        if !servers.join("node_modules").is_dir() {
            bail!("tests/servers has no node_modules: run `npm ci` there (`cargo xtask test` does)");
        }
        let mut child = Command::new("node")
            .arg(servers.join(script))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("node {script}"))?;
        let output = child.stdout.take().context("the output of node")?;
        let mut lines = BufReader::new(output).lines();
        let ready = async {
            while let Some(line) = lines.next_line().await? {
                if let Ok(ready) = serde_json::from_str::<Value>(&line) {
                    return Ok(ready);
                }
            }
            bail!("node {script} ended before it was ready")
        };
        let ready = tokio::time::timeout(PATIENCE, ready).await.with_context(|| format!("waiting for {script}"))??;
        // Its further output is read, so that it never waits for a full pipe.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok(Self { _child: child, ready })
    }

    /// A text of the ready line.
    pub(super) fn says(&self, name: &str) -> Result<String> {
        let value = self.ready.get(name).and_then(Value::as_str);
        Ok(value.with_context(|| format!("the server did not say its {name}"))?.to_owned())
    }
}
