//! The processes of a session, known by a mark in their environment: it is inherited by whatever they start, also
//! where that leaves its process group, and nothing else on the machine has it.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// The variable that carries the mark.
pub(super) const VARIABLE: &str = "PATCHBAY_TEST_SESSION";

/// All processes with the mark.
fn marked(mark: &str) -> Vec<u32> {
    let wanted = format!("{VARIABLE}={mark}");
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let numbers = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
    numbers
        .filter(|number| {
            fs::read(format!("/proc/{number}/environ"))
                .is_ok_and(|environment| environment.split(|byte| *byte == 0).any(|entry| entry == wanted.as_bytes()))
        })
        .collect()
}

/// Those of them that run this program.
pub(super) fn running(mark: &str, program: &Path) -> Vec<u32> {
    let program = fs::canonicalize(program).unwrap_or_else(|_| program.to_owned());
    let runs = |number: &u32| fs::read_link(format!("/proc/{number}/exe")).is_ok_and(|path| path == program);
    marked(mark).into_iter().filter(runs).collect()
}

/// Ends one process at once.
pub(super) fn kill(number: u32) {
    signal(number, Signal::KILL);
}

/// Asks one process to end.
pub(super) fn terminate(number: u32) {
    signal(number, Signal::TERM);
}

fn signal(number: u32, signal: Signal) {
    if let Some(process) = i32::try_from(number).ok().and_then(Pid::from_raw) {
        // It may have ended by itself in the meantime.
        let _ = kill_process(process, signal);
    }
}

/// Ends everything with the mark, and what those started while they were being ended.
pub(super) fn end_all(mark: &str) {
    let end = Instant::now() + Duration::from_secs(5);
    loop {
        let left = marked(mark);
        if left.is_empty() || Instant::now() > end {
            return;
        }
        left.into_iter().for_each(kill);
        std::thread::sleep(Duration::from_millis(10));
    }
}
