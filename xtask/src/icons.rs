//! `cargo xtask icons`: every picture in `icons/` from the drawings beside them.

use std::fs;

use crate::failure::{Outcome, While};
use crate::package::tauri;
use crate::process::{Call, root, target};
use crate::{say, setup};

/// What `src-tauri/tauri.conf.json` and the bundler use, of all that Tauri's command can make.
const APPLICATION: &[&str] = &["32x32.png", "128x128.png", "128x128@2x.png", "icon.png", "icon.icns", "icon.ico"];

/// The drawings of the tray, each made into one picture of twice the usual 22 pixels.
const TRAY: &[&str] = &["tray", "tray-template"];

/// Draws them.
pub(crate) fn icons() -> Outcome {
    setup::interface()?;
    let icons = root().join("icons");
    let made = target().join("icons");
    Call::new(tauri()).arguments("icon icons/app.svg --output").argument(&made).run()?;
    for name in APPLICATION {
        fs::copy(made.join(name), icons.join(name)).or_fail(format!("icons/{name} could not be written"))?;
    }
    for name in TRAY {
        Call::new(tauri()).arguments(&format!("icon icons/{name}.svg --png 44 --output")).argument(&made).run()?;
        let picture = format!("{name}.png");
        fs::copy(made.join("44x44.png"), icons.join(&picture))
            .or_fail(format!("icons/{picture} could not be written"))?;
    }
    say::line(&format!("{} pictures are in icons/", APPLICATION.len() + TRAY.len()));
    Ok(())
}
