//! `cargo xtask bench`: Patchbay against an empty Tauri window of the same build.
//!
//! Both start in turn on a virtual screen, each with a session bus and folders of the bench's own, and are watched
//! from outside only, so that neither needs code for it:
//!
//! - *start*: from the start of the process until its picture is complete, that is, until the last change on the
//!   screen that is larger than a blinking caret, before one and a half seconds without any.
//! - *memory*: the proportional set size (PSS) of all processes that descend from it, idle.
//! - *idle CPU*: what those processes use during the idle seconds.
//!
//! The first start of each makes its folders and is not counted.

mod bus;
mod processes;
mod report;
mod screen;

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::bench::bus::{Bus, at_home};
use crate::bench::processes::Family;
use crate::bench::report::{Conditions, Sample, Series};
use crate::bench::screen::Screen;
use crate::failure::{Failure, Outcome, While};
use crate::process::{Call, Running, built, root, target};
use crate::systems::Need;
use crate::{run, say, setup};

/// How long a window is left alone before it counts as idle.
const REST: Duration = Duration::from_secs(3);

/// How long its idle CPU is measured.
const IDLE: Duration = Duration::from_secs(10);

/// What the command line asked for.
struct Options {
    runs: usize,
    profile: &'static str,
    build: bool,
}

/// One of the two that are compared.
struct Subject {
    name: &'static str,
    program: PathBuf,
    home: PathBuf,
}

/// Measures, prints the table, and writes it to `target/bench/report.md`.
pub(crate) fn bench(arguments: &[&str]) -> Outcome {
    if !cfg!(target_os = "linux") {
        return Err(Failure::new("The bench needs Linux."));
    }
    let options = options(arguments)?;
    setup::system(&[Need::Build, Need::Window])?;
    let credential = if options.build { build(&options)? } else { String::new() };
    measure(&options, &credential)
}

/// Builds both subjects in one call, and measures on the way what needs no window.
fn build(options: &Options) -> Outcome<String> {
    setup::interface()?;
    if options.profile == "release" {
        setup::build_interface()?;
        Call::cargo().arguments("build --release --package patchbay --package patchbay-bench-empty").run()?;
    } else {
        run::build()?;
    }
    // With the profile of a release in either case: the figure means nothing without optimisation.
    Call::cargo().arguments("bench --package patchbay-core --bench credential").read_aloud()
}

fn options(arguments: &[&str]) -> Outcome<Options> {
    let mut options = Options { runs: 15, profile: "release", build: true };
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        match *argument {
            "--runs" => {
                let runs = arguments.next().and_then(|runs| runs.parse().ok()).filter(|runs| *runs > 0);
                options.runs = runs.ok_or_else(|| Failure::new("--runs takes a number"))?;
            }
            "--debug" => options.profile = "debug",
            "--no-build" => options.build = false,
            other => return Err(Failure::new(format!("`{other}` is not an option of the bench"))),
        }
    }
    Ok(options)
}

/// Where pictures, folders of the subjects and the report are.
fn folder() -> PathBuf {
    target().join("bench")
}

fn measure(options: &Options, credential: &str) -> Outcome {
    let subjects = [subject("Empty window", "patchbay-bench-empty", options), subject("Patchbay", "patchbay", options)];
    fs::create_dir_all(folder()).or_fail("target/bench could not be made")?;
    let screen = Screen::start(&folder())?;
    let bus = Bus::start(&screen, &folder().join("home").join("bus"))?;
    let conditions = Conditions::gather(options.profile, REST, IDLE);
    let mut series = subjects.each_ref().map(|subject| Series::new(subject.name));
    for subject in &subjects {
        let _ = fs::remove_dir_all(&subject.home);
        say::line(&format!("{}: first start, not counted", subject.name));
        observe(subject, &screen, &bus)?;
    }
    for run in 1..=options.runs {
        for (subject, series) in subjects.iter().zip(&mut series) {
            let sample = observe(subject, &screen, &bus)?;
            say::line(&format!("{run:>2}/{} {:12} {sample}", options.runs, subject.name));
            series.push(sample);
        }
    }
    let report = report::write(&series, &conditions, credential);
    say::line(&format!("\n{report}"));
    let path = folder().join("report.md");
    fs::write(&path, report).or_fail("the report could not be written")?;
    let shown = path.strip_prefix(root()).unwrap_or(&path);
    say::line(&format!("Written to {}; beside it a picture of each window as it was measured.", shown.display()));
    Ok(())
}

fn subject(name: &'static str, program: &str, options: &Options) -> Subject {
    Subject { name, program: built(options.profile, program), home: folder().join("home").join(program) }
}

/// Starts it once, watches it, and ends it.
fn observe(subject: &Subject, screen: &Screen, bus: &Bus) -> Outcome<Sample> {
    let blank = screen.frame()?;
    let started = Instant::now();
    let (running, family) = start(subject, screen, bus)?;
    let settled = screen.settle(blank, started)?;
    // What counted as complete, for people to check.
    screen.picture(&folder().join(format!("{}.png", subject.name.to_lowercase().replace(' ', "-"))));
    std::thread::sleep(REST);
    let before = family.cpu()?;
    std::thread::sleep(IDLE);
    let used = family.cpu()?.saturating_sub(before);
    let memory = family.memory()?;
    drop(running);
    family.wait_for_end();
    Ok(Sample {
        start: settled,
        memory: memory.all,
        host: memory.first,
        cpu: used.as_secs_f64() / IDLE.as_secs_f64() * 100.0,
    })
}

fn start(subject: &Subject, screen: &Screen, bus: &Bus) -> Outcome<(Running, Family)> {
    let family = Family::new();
    let mut running = at_home(Call::new(&subject.program), &subject.home, screen)?
        .command(|command| {
            command
                .env("DBUS_SESSION_BUS_ADDRESS", bus.address())
                // What Patchbay sets by itself where there is no graphics card; the empty window gets the same.
                .env("WEBKIT_DISABLE_DMABUF_RENDERER", "1")
                .env("WEBKIT_DISABLE_COMPOSITING_MODE", "1")
                .env(processes::MARK, family.mark())
                .stdout(Stdio::null());
        })
        .start_quietly()?;
    let id = running.child().id();
    Ok((running, family.with_first(id)))
}
