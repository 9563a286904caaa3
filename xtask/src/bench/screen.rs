//! A virtual screen whose pixels are a file: reading it costs the watched program nothing.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::failure::{Failure, Outcome, While};
use crate::process::{Call, Running};

/// How often the screen is looked at.
const INTERVAL: Duration = Duration::from_millis(10);

/// A change of fewer pixels is the caret.
const CARET: usize = 256;

/// A picture without any change for so long is complete.
const QUIET: Duration = Duration::from_millis(1500);

/// The longest that a window may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// A virtual screen.
pub(crate) struct Screen {
    display: String,
    pixels: PathBuf,
    _server: Running,
}

impl Screen {
    /// Starts one that keeps its pixels in `folder`.
    pub(crate) fn start(folder: &Path) -> Outcome<Self> {
        let mut server = Call::new("Xvfb")
            .arguments("-displayfd 1 -screen 0 1280x800x24 -nolisten tcp -noreset -fbdir")
            .argument(folder)
            .command(|command| {
                command.stdout(Stdio::piped()).stderr(Stdio::null());
            })
            .start_quietly()?;
        let output = server.child().stdout.take().ok_or_else(|| Failure::new("Xvfb has no output"))?;
        let mut number = String::new();
        BufReader::new(output).read_line(&mut number).or_fail("Xvfb did not say its display")?;
        let number = number.trim();
        if number.is_empty() {
            return Err(Failure::new("Xvfb did not start"));
        }
        Ok(Self { display: format!(":{number}"), pixels: folder.join("Xvfb_screen0"), _server: server })
    }

    /// The value for `DISPLAY`.
    pub(crate) fn display(&self) -> &str {
        &self.display
    }

    /// All pixels as they are now.
    pub(crate) fn frame(&self) -> Outcome<Vec<u8>> {
        fs::read(&self.pixels).or_fail("the virtual screen could not be read")
    }

    /// Waits until the picture is complete; the time from `started` to its last change.
    pub(crate) fn settle(&self, blank: Vec<u8>, started: Instant) -> Outcome<Duration> {
        let mut last = blank;
        let mut changed: Option<Instant> = None;
        loop {
            let looked = Instant::now();
            let frame = self.frame()?;
            if difference(&last, &frame) > CARET {
                changed = Some(looked);
                last = frame;
            }
            match changed {
                Some(changed) if looked - changed > QUIET => {
                    return if is_plain(&last) {
                        Err(Failure::new("the window stayed blank"))
                    } else {
                        Ok(changed - started)
                    };
                }
                None if looked - started > PATIENCE => return Err(Failure::new("no window appeared")),
                _ if looked - started > PATIENCE => return Err(Failure::new("the window does not come to rest")),
                _ => std::thread::sleep(INTERVAL),
            }
        }
    }

    /// Saves what is on the screen, for people to check what was measured; without `convert` there is no picture.
    pub(crate) fn picture(&self, path: &Path) {
        Call::new("convert").argument(format!("xwd:{}", self.pixels.display())).argument(path).succeeds();
    }
}

/// How many pixels differ.
fn difference(before: &[u8], after: &[u8]) -> usize {
    if before == after {
        return 0;
    }
    before.chunks_exact(4).zip(after.chunks_exact(4)).filter(|(before, after)| before != after).count()
}

/// Whether there are so few colours that nothing can be written on the screen.
fn is_plain(frame: &[u8]) -> bool {
    let mut colours = std::collections::HashSet::new();
    // What precedes the pixels is a header and a table of colours.
    frame.chunks_exact(4).skip(frame.len() / 64).any(|pixel| {
        colours.insert(pixel);
        colours.len() > 8
    });
    colours.len() <= 8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changed_pixels_are_counted() {
        let before = vec![0; 400];
        let mut after = before.clone();
        after[7] = 1;
        after[400 - 1] = 1;
        assert_eq!(difference(&before, &after), 2);
        assert_eq!(difference(&before, &before), 0);
    }

    #[test]
    fn a_screen_of_one_colour_is_plain() {
        assert!(is_plain(&vec![7; 40_000]));
        let written: Vec<u8> = (0..40_000_u32).flat_map(|pixel| (pixel % 20).to_ne_bytes()).collect();
        assert!(!is_plain(&written));
    }
}
