//! What the person at the terminal reads.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a terminal is where this program speaks")]

use std::time::Duration;

/// One line.
pub(crate) fn line(text: &str) {
    println!("{text}");
}

/// What went wrong.
pub(crate) fn error(text: &str) {
    eprintln!("error: {text}");
}

/// A command that is about to run.
pub(crate) fn command(text: &str) {
    println!("$ {text}");
}

/// The beginning of a part.
pub(crate) fn part(name: &str) {
    println!("\n── {name}");
}

/// A duration the way a person says it.
pub(crate) fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds < 60.0 {
        format!("{seconds:.1} s")
    } else {
        format!("{} min {:02} s", duration.as_secs() / 60, duration.as_secs() % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_well() {
        assert_eq!(duration(Duration::from_millis(1240)), "1.2 s");
        assert_eq!(duration(Duration::from_secs(125)), "2 min 05 s");
    }
}
