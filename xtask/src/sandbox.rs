//! The sandbox provider as `cargo xtask run` starts it: on its usual port, or, where another program holds that, on a
//! free one, which Patchbay is told through a file in `providers.d/`.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::failure::{Failure, Outcome, While};
use crate::process::{Call, Running, built, root};
use crate::say;

/// The name of the provider in the application.
pub(crate) const NAME: &str = "Sandbox";

/// The port that the catalogue names.
const PORT: u16 = 4780;

/// The first line of the file that names another port, by which it is known as ours.
const MARK: &str = "# Written by `cargo xtask run`, and removed by it.";

/// The sandbox while it runs.
pub(crate) struct Sandbox {
    port: u16,
    _running: Option<Running>,
    _redirection: Option<Redirection>,
}

impl Sandbox {
    /// Starts it, or uses the one that runs already, and waits until it answers.
    pub(crate) fn start() -> Outcome<Self> {
        Redirection::remove_stale();
        if is_free(PORT) {
            let (running, port) = launch(PORT)?;
            return Ok(Self { port, _running: Some(running), _redirection: None });
        }
        if is_sandbox(PORT) {
            say::line(&format!("A sandbox provider runs on port {PORT} already; using that one."));
            return Ok(Self { port: PORT, _running: None, _redirection: None });
        }
        say::line(&format!("Port {PORT} is in use by another program, so the sandbox provider takes a free one."));
        let (running, port) = launch(0)?;
        let redirection = Redirection::write(port)?;
        Ok(Self { port, _running: Some(running), _redirection: Some(redirection) })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

fn launch(port: u16) -> Outcome<(Running, u16)> {
    let mut running = Call::new(built("debug", "patchbay-sandbox"))
        .arguments(&format!("--port {port} --until-stdin-closes"))
        .command(|command| {
            // Our end of its standard input closes when this program ends, however that happens.
            command.stdin(Stdio::piped()).stdout(Stdio::piped());
        })
        .start()?;
    let output = running.child().stdout.take().ok_or_else(|| Failure::new("the sandbox provider has no output"))?;
    let mut lines = BufReader::new(output).lines();
    let port = lines
        .by_ref()
        .map_while(Result::ok)
        .find_map(|line| port_in(&line))
        .ok_or_else(|| Failure::new("the sandbox provider ended before it said where it listens"))?;
    // Its output has to be read to the end, or it would stop when the pipe is full.
    std::thread::spawn(move || lines.for_each(drop));
    let deadline = Instant::now() + Duration::from_secs(10);
    while TcpStream::connect(local(port)).is_err() {
        if Instant::now() > deadline {
            return Err(Failure::new(format!("the sandbox provider does not answer on port {port}")));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok((running, port))
}

/// The port in the line with which the sandbox says where it listens.
fn port_in(line: &str) -> Option<u16> {
    let (_, rest) = line.split_once("http://127.0.0.1:")?;
    rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok()
}

fn local(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

fn is_free(port: u16) -> bool {
    TcpListener::bind(local(port)).is_ok()
}

/// Whether what listens there is a sandbox: it says so itself.
fn is_sandbox(port: u16) -> bool {
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect_timeout(&local(port), Duration::from_secs(1))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        write!(stream, "GET /admin/health HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.take(16 * 1024).read_to_string(&mut answer)?;
        Ok(answer)
    };
    ask().is_ok_and(|answer| answer.contains("\"sandbox\":true"))
}

/// The file in `providers.d/` that tells Patchbay another port; removed when dropped.
struct Redirection(PathBuf);

impl Redirection {
    fn write(port: u16) -> Outcome<Self> {
        let catalogue = root().join("src-tauri/core/catalog/providers.toml");
        let catalogue = fs::read_to_string(&catalogue).or_fail("the catalogue could not be read")?;
        let entry = entry(&catalogue, "sandbox")
            .ok_or_else(|| Failure::new("the catalogue has no entry with the id `sandbox`"))?;
        let entry = entry.replace(&format!(":{PORT}"), &format!(":{port}"));
        let path = Self::path().ok_or_else(|| Failure::new("this system names no configuration folder"))?;
        if path.exists() {
            return Err(Failure::new(format!(
                "{} exists and was not written by this command. Free port {PORT}, or move that file away.",
                path.display()
            )));
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).or_fail(format!("{} could not be made", folder.display()))?;
        }
        fs::write(&path, format!("{MARK}\n{entry}")).or_fail(format!("{} could not be written", path.display()))?;
        Ok(Self(path))
    }

    /// Removes what an earlier run left because it was killed.
    fn remove_stale() {
        let Some(path) = Self::path() else { return };
        if fs::read_to_string(&path).is_ok_and(|text| text.starts_with(MARK)) {
            let _ = fs::remove_file(&path);
        }
    }

    fn path() -> Option<PathBuf> {
        Some(crate::folders::configuration()?.join("providers.d").join("sandbox.toml"))
    }
}

impl Drop for Redirection {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// The lines of one provider in a catalogue file, from its `[[provider]]` to the next.
fn entry(catalogue: &str, id: &str) -> Option<String> {
    let mut entries: Vec<Vec<&str>> = Vec::new();
    for line in catalogue.lines() {
        if line.trim_start().starts_with("[[") {
            entries.push(Vec::new());
        }
        if let Some(entry) = entries.last_mut() {
            entry.push(line);
        }
    }
    let wanted = format!("id = \"{id}\"");
    let found = entries.into_iter().find(|entry| entry.iter().any(|line| line.trim() == wanted))?;
    Some(found.join("\n") + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_read_from_what_the_sandbox_says() {
        assert_eq!(port_in(r#"{"issuer":"http://127.0.0.1:51234"}"#), Some(51234));
        assert_eq!(port_in("starting"), None);
    }

    #[test]
    fn an_entry_ends_where_the_next_begins() {
        let catalogue = "# all\n[[provider]]\nid = \"a\"\n[provider.key]\n\n[[provider]]\nid = \"b\"\nname = \"B\"\n";
        assert_eq!(entry(catalogue, "a").as_deref(), Some("[[provider]]\nid = \"a\"\n[provider.key]\n\n"));
        assert_eq!(entry(catalogue, "b").as_deref(), Some("[[provider]]\nid = \"b\"\nname = \"B\"\n"));
        assert_eq!(entry(catalogue, "c"), None);
    }
}
