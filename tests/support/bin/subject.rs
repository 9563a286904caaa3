//! The core in a process of its own, to be killed or to meet a real keychain: `patchbay-subject FOLDER COMMAND …`.
//!
//! Credentials are kept in files of `FOLDER/vault` (a test keychain that outlives a kill), or with `--keychain` in the
//! session's. Each line it prints is one step that is done.

#![expect(clippy::print_stdout, reason = "its lines are how it speaks to the test")]

use std::path::PathBuf;
use std::sync::Arc;

use patchbay_core::app::{App, AppOptions};
use patchbay_core::ports::{Browser, BrowserError, SystemClock};
use patchbay_core::vault::{Backend, Keychain, Secret};
use support::folder_vault::FolderVault;
use support::{Context, Result, bail};
use url::Url;

struct NoBrowser;

impl Browser for NoBrowser {
    fn open(&self, _: &Url) -> std::result::Result<(), BrowserError> {
        Err(BrowserError("the subject has none".to_owned()))
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let keychain = arguments.first().is_some_and(|first| first == "--keychain");
    if keychain {
        arguments.remove(0);
    }
    let [folder, command, rest @ ..] = &arguments[..] else { bail!("patchbay-subject FOLDER COMMAND …") };
    let folder = PathBuf::from(folder);
    let backend: Arc<dyn Backend> = if keychain {
        Arc::new(Keychain::new("app.patchbay"))
    } else {
        Arc::new(FolderVault::new(folder.join("vault"))?)
    };
    let app = App::open(AppOptions {
        data_dir: folder.join("data"),
        config_dir: folder.join("config"),
        browser: Arc::new(NoBrowser),
        clock: Arc::new(SystemClock),
        backend,
        scheme: "app.patchbay.dev".to_owned(),
        development: true,
    })
    .await?;
    match (command.as_str(), rest) {
        ("add-key", [key]) => {
            let view = app.add_key(&"sandbox".parse()?, Secret::new(key.as_str()), None, None).await?;
            println!("{}", view.id);
        }
        ("check", []) => {
            for connection in app.connections() {
                app.check_connection(connection.id).await?;
                println!("{}", connection.id);
            }
        }
        ("disconnect", []) => {
            for connection in app.connections() {
                app.disconnect(connection.id).await?;
                println!("{}", connection.id);
            }
        }
        // Prints when the credential was given out, then waits to be killed.
        ("credential", []) => {
            let connection = app.connections().first().context("a connection")?.id;
            app.pool().credential(connection).await?;
            println!("given out");
            std::future::pending::<()>().await;
        }
        // Sends and reports how much of the answer has arrived, until it is killed.
        ("stream", []) => stream(&app).await?,
        _ => bail!("unknown command {command}"),
    }
    Ok(())
}

async fn stream(app: &App) -> Result<()> {
    let chat = app.create_chat().await?;
    app.send(chat.id, "Write without an end").await?;
    println!("sent {}", chat.id);
    let mut watcher = app.watch_run(chat.id).context("a run")?;
    while let Some(frame) = watcher.next().await {
        if frame.end.is_some() {
            bail!("the answer ended by itself");
        }
    }
    Ok(())
}
