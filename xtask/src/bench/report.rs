//! Medians, their ratios, and the conditions they were measured under.

use std::fmt::{self, Write};
use std::fs;
use std::time::Duration;

use crate::process::Call;

/// What one start showed.
pub(crate) struct Sample {
    /// Until the picture was complete.
    pub(crate) start: Duration,
    /// All processes, bytes.
    pub(crate) memory: u64,
    /// The process that was started, bytes.
    pub(crate) host: u64,
    /// Idle, in percent of one core.
    pub(crate) cpu: f64,
}

impl fmt::Display for Sample {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.start.as_secs_f64();
        write!(formatter, "{seconds:.2} s, {:.0} MB, idle {:.2} %", megabytes(self.memory), self.cpu)
    }
}

/// All samples of one of the two.
pub(crate) struct Series {
    name: &'static str,
    samples: Vec<Sample>,
}

impl Series {
    /// Without samples yet.
    pub(crate) fn new(name: &'static str) -> Self {
        Self { name, samples: Vec::new() }
    }

    /// One more.
    pub(crate) fn push(&mut self, sample: Sample) {
        self.samples.push(sample);
    }

    fn median(&self, value: impl Fn(&Sample) -> f64) -> f64 {
        let mut values: Vec<f64> = self.samples.iter().map(value).collect();
        values.sort_by(f64::total_cmp);
        match (values.get(values.len().saturating_sub(1) / 2), values.get(values.len() / 2)) {
            (Some(lower), Some(upper)) => f64::midpoint(*lower, *upper),
            _ => 0.0,
        }
    }
}

/// What else the numbers depend on.
pub(crate) struct Conditions {
    text: String,
}

impl Conditions {
    /// Asks the machine.
    pub(crate) fn gather(profile: &str, rest: Duration, idle: Duration) -> Self {
        let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let processor = first_value("/proc/cpuinfo", "model name").unwrap_or_else(|| "an unknown processor".to_owned());
        let memory = first_value("/proc/meminfo", "MemTotal")
            .and_then(|value| value.strip_suffix(" kB")?.trim().parse::<u64>().ok())
            .map_or_else(String::new, |kilobytes| format!(", {:.0} GB", megabytes(kilobytes * 1024) / 1000.0));
        let system = first_value("/etc/os-release", "PRETTY_NAME").unwrap_or_else(|| "Linux".to_owned());
        let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
        let load = load.split(' ').next().unwrap_or("unknown");
        let webkit = Call::new("pkg-config").arguments("--modversion webkit2gtk-4.1").ask().unwrap_or_default();
        let (rest, idle) = (rest.as_secs(), idle.as_secs());
        let text = format!(
            "{profile} build; {system}, WebKitGTK {}; {processor}, {processors} cores{memory}; Xvfb 1280x800 without a \
             window manager, no graphics card (`WEBKIT_DISABLE_DMABUF_RENDERER=1`, `WEBKIT_DISABLE_COMPOSITING_MODE=1` \
             for both); a profile that was started before, without chats and connections; idle after {rest} s, over \
             {idle} s; load average before: {load} (other windows of WebKit on the machine make memory look smaller).",
            webkit.trim()
        );
        Self { text }
    }
}

/// The value of the first line that begins with `name`.
fn first_value(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    let (_, value) = line.split_once([':', '='])?;
    Some(value.trim().trim_matches('"').to_owned())
}

/// One line of the table: what it is called, its unit, its decimals and how it is read from a sample.
type Row = (&'static str, &'static str, usize, fn(&Sample) -> f64);

const ROWS: &[Row] = &[
    ("start to complete picture", "s", 2, |sample| sample.start.as_secs_f64()),
    ("memory of all processes (PSS), idle", "MB", 0, |sample| megabytes(sample.memory)),
    ("memory of the host process alone", "MB", 0, |sample| megabytes(sample.host)),
    ("idle CPU, of one core", "%", 2, |sample| sample.cpu),
];

/// The report: a yardstick first, then what is measured against it.
pub(crate) fn write(series: &[Series; 2], conditions: &Conditions, credential: &str) -> String {
    let [yardstick, subject] = series;
    let mut report =
        format!("| median of {} runs | {} | {} | ratio |\n", subject.samples.len(), yardstick.name, subject.name);
    report.push_str("|---|---:|---:|---:|\n");
    for (what, unit, decimals, value) in ROWS {
        let (base, own) = (yardstick.median(value), subject.median(value));
        let ratio = if base > 0.0 { format!("{:.2}", own / base) } else { "-".to_owned() };
        // Writing to a string cannot fail.
        let _ = writeln!(report, "| {what} | {base:.decimals$} {unit} | {own:.decimals$} {unit} | {ratio} |");
    }
    if let Some(line) = credential.lines().find_map(|line| line.strip_prefix("pool.credential, cached: ")) {
        let _ = writeln!(report, "| `pool.credential`, cached | | {line} | |");
    }
    let _ = writeln!(report, "\nConditions: {}", conditions.text);
    report
}

#[expect(clippy::cast_precision_loss, reason = "bytes of memory are far below 2^52")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1_000_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(name: &'static str, starts: &[u64]) -> Series {
        let sample = |start: &u64| Sample {
            start: Duration::from_millis(*start),
            memory: 200_000_000,
            host: 80_000_000,
            cpu: 0.0,
        };
        Series { name, samples: starts.iter().map(sample).collect() }
    }

    #[test]
    fn the_report_holds_medians_and_their_ratio() {
        let both = [series("Empty", &[900, 1000, 5000]), series("Patchbay", &[1200, 1000, 1400])];
        let conditions = Conditions { text: "a test.".to_owned() };
        let report = write(&both, &conditions, "pool.credential, cached: 1.2 µs\n");
        assert!(report.contains("| start to complete picture | 1.00 s | 1.20 s | 1.20 |"), "{report}");
        assert!(report.contains("| `pool.credential`, cached | | 1.2 µs | |"), "{report}");
        assert!(report.contains("| idle CPU, of one core | 0.00 % | 0.00 % | - |"), "no ratio to nothing: {report}");
    }
}
