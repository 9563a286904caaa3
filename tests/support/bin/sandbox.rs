//! The sandbox provider as a program.
//!
//! Says where it listens in one line of JSON on its standard output, and ends with whoever started it: when its
//! standard input is closed (`--until-stdin-closes`) or the named process is gone (`--parent-pid`).

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use serde_json::{Value, json};
use support::sandbox::{PORT, Sandbox, SandboxOptions};
use support::{Context, Result, bail};
use tokio::io::AsyncReadExt;

const USAGE: &str = "patchbay-sandbox [--port 4780] [--parent-pid N] [--until-stdin-closes] \
[--tokens-per-second 60] [--access-token-seconds 3600]";

/// Exit status where a sandbox already serves this port: the caller can simply use it.
const ALREADY_RUNNING: u8 = 3;

struct Arguments {
    options: SandboxOptions,
    parent: Option<i32>,
    until_stdin_closes: bool,
}

fn arguments(mut given: impl Iterator<Item = String>) -> Result<Arguments> {
    let options = SandboxOptions { port: PORT, tokens_per_second: Some(60), ..SandboxOptions::default() };
    let mut arguments = Arguments { options, parent: None, until_stdin_closes: false };
    while let Some(name) = given.next() {
        let mut number = || -> Result<u32> {
            let value = given.next().with_context(|| format!("{name} needs a number"))?;
            value.parse().with_context(|| format!("{name} needs a number"))
        };
        match name.as_str() {
            "--port" => arguments.options.port = u16::try_from(number()?).context("--port is at most 65535")?,
            "--parent-pid" => arguments.parent = Some(i32::try_from(number()?).context("--parent-pid is too large")?),
            "--until-stdin-closes" => arguments.until_stdin_closes = true,
            "--tokens-per-second" => arguments.options.tokens_per_second = Some(number()?).filter(|rate| *rate > 0),
            "--access-token-seconds" => {
                arguments.options.access_token_lifetime = Duration::from_secs(number()?.into());
            }
            _ => bail!("{USAGE}"),
        }
    }
    Ok(arguments)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(code) => code,
        Err(failure) => {
            let _ = writeln!(std::io::stderr(), "{failure:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<ExitCode> {
    let arguments = arguments(std::env::args().skip(1))?;
    let port = arguments.options.port;
    let mut sandbox = match Sandbox::start(arguments.options).await {
        Ok(sandbox) => sandbox,
        Err(_) if is_sandbox(port).await => {
            writeln!(std::io::stderr(), "A sandbox already runs at http://127.0.0.1:{port}.")?;
            return Ok(ExitCode::from(ALREADY_RUNNING));
        }
        Err(failure) => return Err(failure),
    };
    let ready = json!({"issuer": sandbox.issuer(), "base_url": sandbox.base_url(), "port": sandbox.address().port()});
    writeln!(std::io::stdout(), "{ready}")?;
    tokio::select! {
        () = sandbox.ended() => bail!("The sandbox can no longer listen."),
        () = closed_stdin(arguments.until_stdin_closes) => {}
        () = gone(arguments.parent) => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    Ok(ExitCode::SUCCESS)
}

async fn is_sandbox(port: u16) -> bool {
    let Ok(client) = support::http::client() else { return false };
    let request = client.get(format!("http://127.0.0.1:{port}/admin/health")).timeout(Duration::from_secs(2));
    let Ok(response) = request.send().await else { return false };
    response.json::<Value>().await.is_ok_and(|health| health.get("sandbox") == Some(&Value::Bool(true)))
}

async fn closed_stdin(wanted: bool) {
    if !wanted {
        return std::future::pending().await;
    }
    let mut input = tokio::io::stdin();
    let mut buffer = [0; 256];
    while input.read(&mut buffer).await.is_ok_and(|count| count > 0) {}
}

#[cfg(unix)]
async fn gone(parent: Option<i32>) {
    let Some(parent) = parent.and_then(rustix::process::Pid::from_raw) else {
        return std::future::pending().await;
    };
    while rustix::process::test_kill_process(parent).is_ok() {
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// Elsewhere a closed standard input says the same.
#[cfg(not(unix))]
async fn gone(_parent: Option<i32>) {
    std::future::pending().await
}
