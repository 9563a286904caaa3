//! A process and all that descend from it, found by a mark in their environment and read from `/proc`.
//!
//! The mark is inherited, so that a process which outlives its parent is still counted.

use std::fs;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crate::failure::{Failure, Outcome};
use crate::process::Call;

/// The variable that carries the mark.
pub(crate) const MARK: &str = "PATCHBAY_BENCH_MARK";

/// The processes of one start.
pub(crate) struct Family {
    mark: String,
    first: u32,
}

/// Proportional set size, in bytes.
pub(crate) struct Memory {
    /// The process that was started.
    pub(crate) first: u64,
    /// All of them.
    pub(crate) all: u64,
}

impl Family {
    /// A family with a mark of its own.
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let mark = format!("{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        Self { mark, first: 0 }
    }

    /// Names the process that the others descend from.
    pub(crate) fn with_first(self, first: u32) -> Self {
        Self { first, ..self }
    }

    /// The value for [`MARK`].
    pub(crate) fn mark(&self) -> &str {
        &self.mark
    }

    /// What they hold in memory.
    pub(crate) fn memory(&self) -> Outcome<Memory> {
        let of = |id: &u32| {
            let text = fs::read_to_string(format!("/proc/{id}/smaps_rollup")).unwrap_or_default();
            proportional_set_size(&text)
        };
        let members = self.members()?;
        Ok(Memory { first: of(&self.first), all: members.iter().map(of).sum() })
    }

    /// The CPU time they have used.
    pub(crate) fn cpu(&self) -> Outcome<Duration> {
        let ticks: u64 = self
            .members()?
            .iter()
            .map(|id| ticks(&fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default()))
            .sum();
        // Linux counts in hundredths of a second towards programs, whatever the kernel's own clock.
        Ok(Duration::from_millis(ticks * 10))
    }

    /// Waits until none is left; what stays is killed.
    pub(crate) fn wait_for_end(&self) {
        let deadline = Instant::now() + Duration::from_secs(5);
        while let Ok(left) = self.members() {
            if Instant::now() > deadline {
                let kill = Call::new("kill").argument("-9");
                left.iter().fold(kill, |kill, id| kill.argument(id.to_string())).succeeds();
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn members(&self) -> Outcome<Vec<u32>> {
        let wanted = format!("{MARK}={}", self.mark);
        let is_member = |id: &u32| {
            let environment = fs::read(format!("/proc/{id}/environ")).unwrap_or_default();
            environment.split(|byte| *byte == 0).any(|variable| variable == wanted.as_bytes())
        };
        let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
        let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
        let members: Vec<u32> = ids.filter(is_member).collect();
        if members.is_empty() { Err(Failure::new("the window has closed by itself")) } else { Ok(members) }
    }
}

/// The line `Pss:` of `smaps_rollup`.
fn proportional_set_size(text: &str) -> u64 {
    let kilobytes = text.lines().find_map(|line| line.strip_prefix("Pss:")?.trim().strip_suffix(" kB"));
    kilobytes.and_then(|number| number.trim().parse::<u64>().ok()).unwrap_or_default() * 1024
}

/// User and system time in `stat`, the 14th and 15th field; the second, in brackets, may hold spaces.
fn ticks(text: &str) -> u64 {
    let Some((_, rest)) = text.rsplit_once(") ") else { return 0 };
    rest.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_from_the_roll_up() {
        assert_eq!(proportional_set_size("Rss:  900 kB\nPss:                 12 kB\nPss_Dirty: 3 kB\n"), 12 * 1024);
    }

    #[test]
    fn time_is_read_behind_a_name_with_spaces() {
        assert_eq!(ticks("7 (Web Content) S 1 2 3 4 5 6 7 8 9 10 40 2 0 0"), 42);
    }
}
