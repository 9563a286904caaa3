//! The session's browser: a script that writes down what it is asked to open. It is set up as the desktop's default,
//! so that every way of opening an address (`xdg-open`, `gio`, `$BROWSER`) ends in it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::{Context, Result, until};

const ENTRY: &str = "patchbay-test-browser.desktop";

/// What was opened, and how far the test has read.
pub(super) struct TestBrowser {
    folder: PathBuf,
    read: AtomicUsize,
}

impl TestBrowser {
    pub(super) fn install(root: &Path) -> Result<Self> {
        let folder = root.join("browser");
        let browser = Self { folder, read: AtomicUsize::new(0) };
        let script = browser.folder.join("open");
        // One write per address, so that two at once do not mix.
        let text = format!(
            "#!/bin/sh\n[ -e '{folder}/broken' ] && exit 3\nprintf '%s\\n' \"$1\" >>'{folder}/opened'\n",
            folder = browser.folder.display()
        );
        fs::write(&script, text).context("the browser's script")?;
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).context("the browser's script")?;
        let entry = format!(
            "[Desktop Entry]\nType=Application\nName=Test Browser\nExec={} %u\nNoDisplay=true\n\
            MimeType=x-scheme-handler/http;x-scheme-handler/https;text/html;\n",
            script.display()
        );
        fs::write(root.join("data/applications").join(ENTRY), entry).context("the browser's desktop entry")?;
        let defaults = format!(
            "[Default Applications]\nx-scheme-handler/http={ENTRY}\nx-scheme-handler/https={ENTRY}\ntext/html={ENTRY}\n"
        );
        fs::write(root.join("config/mimeapps.list"), defaults).context("mimeapps.list")?;
        Ok(browser)
    }

    pub(super) fn all(&self) -> Vec<String> {
        let opened = fs::read_to_string(self.folder.join("opened")).unwrap_or_default();
        // A last line without its end is still being written.
        opened.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n')).map(str::to_owned).collect()
    }

    pub(super) async fn next(&self, patience: Duration) -> Result<String> {
        until("an address opened in the browser", patience, async || {
            let read = self.read.load(Ordering::Acquire);
            let next = self.all().into_iter().nth(read);
            if next.is_some() {
                self.read.store(read + 1, Ordering::Release);
            }
            Ok(next)
        })
        .await
    }

    pub(super) fn set_broken(&self, broken: bool) -> Result<()> {
        let mark = self.folder.join("broken");
        if broken {
            fs::write(mark, "").context("breaking the browser")
        } else {
            fs::remove_file(mark).context("mending the browser")
        }
    }
}
