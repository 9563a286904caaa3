//! `cargo xtask test`: everything that has to hold, in the order in which it fails fastest.
//!
//! Each part prints what it runs. A part that fails does not stop the others, except those that need what it makes;
//! the end names all that failed and all that could not run, and why.

use std::time::{Duration, Instant};

use crate::failure::{Failure, Outcome};
use crate::guard::Guard;
use crate::process::{Call, built};
use crate::systems::Need;
use crate::{say, setup, types};

/// One part of the tests.
struct Part {
    name: &'static str,
    what: &'static str,
    /// The parts that make what this one needs.
    needs: &'static [&'static str],
    run: fn() -> Outcome,
}

const PARTS: &[Part] = &[
    Part { name: "setup", what: "packages of the system and from npm", needs: &[], run: set_up },
    Part { name: "format", what: "rustfmt", needs: &[], run: format },
    Part { name: "layers", what: "no Tauri below the shell, no fakes in the application", needs: &[], run: layers },
    Part { name: "ui-check", what: "types and lints of the interface", needs: &["setup"], run: interface_check },
    Part { name: "ui-test", what: "unit tests of the interface", needs: &["setup"], run: interface_test },
    Part { name: "ui-build", what: "the interface as it is embedded", needs: &["setup"], run: setup::build_interface },
    Part { name: "build", what: "every program and test", needs: &["ui-build"], run: build },
    Part { name: "types", what: "the generated TypeScript types are current", needs: &["build"], run: types::check },
    Part { name: "units", what: "unit tests beside the code", needs: &["build"], run: units },
    Part { name: "flows", what: "the core with fakes and local servers, no window", needs: &["build"], run: flows },
    Part { name: "clippy", what: "lints, warnings denied", needs: &["ui-build"], run: clippy },
    Part { name: "docs", what: "documentation, warnings denied", needs: &["ui-build"], run: docs },
    Part { name: "e2e", what: "the application in a real window", needs: &["setup", "build"], run: end_to_end },
];

/// How a part ended.
enum End {
    Passed(Duration),
    Failed(String),
    NotRun(&'static str),
}

/// Every part.
pub(crate) fn all() -> Outcome {
    run(&PARTS.iter().collect::<Vec<_>>())
}

/// The named parts, and those that they need.
pub(crate) fn only(names: &[&str]) -> Outcome {
    if let Some(unknown) = names.iter().find(|name| !PARTS.iter().any(|part| part.name == **name)) {
        return Err(Failure::new(format!("There is no part `{unknown}`; `cargo xtask test --list` names them.")));
    }
    run(&PARTS.iter().filter(|part| names.iter().any(|name| is_needed(part.name, name))).collect::<Vec<_>>())
}

/// Names the parts.
pub(crate) fn list() {
    for part in PARTS {
        say::line(&format!("{:10} {}", part.name, part.what));
    }
}

/// Whether `part` is `wanted`, or makes something for it.
fn is_needed(part: &str, wanted: &str) -> bool {
    let needs = PARTS.iter().find(|other| other.name == wanted).map_or(&[][..], |other| other.needs);
    part == wanted || needs.iter().any(|need| is_needed(part, need))
}

fn run(parts: &[&'static Part]) -> Outcome {
    let guard = Guard::before();
    let mut ends: Vec<(&'static str, End)> = Vec::new();
    for part in parts {
        say::part(&format!("{}: {}", part.name, part.what));
        let end = match missing(part, &ends) {
            Some(need) => End::NotRun(need),
            None => end(part),
        };
        say::line(&describe(part.name, &end));
        ends.push((part.name, end));
    }
    say::part("guard: nothing was written to the person's own folders");
    let started = Instant::now();
    let end =
        guard.after().map_or_else(|failure| End::Failed(failure.to_string()), |()| End::Passed(started.elapsed()));
    say::line(&describe("guard", &end));
    ends.push(("guard", end));
    conclude(&ends)
}

/// The need of a part that did not pass.
fn missing(part: &Part, ends: &[(&'static str, End)]) -> Option<&'static str> {
    let broken = |need: &&&'static str| ends.iter().any(|(name, end)| name == *need && !matches!(end, End::Passed(_)));
    part.needs.iter().find(broken).copied()
}

fn end(part: &Part) -> End {
    let started = Instant::now();
    match (part.run)() {
        Ok(()) => End::Passed(started.elapsed()),
        Err(failure) => End::Failed(failure.to_string()),
    }
}

fn describe(name: &str, end: &End) -> String {
    match end {
        End::Passed(duration) => format!("✓ {name} in {}", say::duration(*duration)),
        End::Failed(why) => format!("✗ {name}: {why}"),
        End::NotRun(need) => format!("✗ {name} could not run, because {need} failed"),
    }
}

fn conclude(ends: &[(&'static str, End)]) -> Outcome {
    say::part("in all");
    for (name, end) in ends {
        say::line(&describe(name, end));
    }
    let passed = ends.iter().filter(|(_, end)| matches!(end, End::Passed(_))).count();
    say::line(&format!("parts: {passed} passed, {} failed", ends.len() - passed));
    if passed == ends.len() {
        return Ok(());
    }
    let failed: Vec<_> = ends.iter().filter(|(_, end)| !matches!(end, End::Passed(_))).map(|(name, _)| *name).collect();
    Err(Failure::new(format!("not passed: {}", failed.join(", "))))
}

fn set_up() -> Outcome {
    setup::system(&[Need::Build, Need::Window])?;
    setup::interface()?;
    setup::servers()
}

fn format() -> Outcome {
    Call::cargo().arguments("fmt --all --check").run()
}

/// The core names no Tauri, and the application holds none of the fakes.
fn layers() -> Outcome {
    let core = Call::cargo().arguments("tree --package patchbay-core --edges normal,build --prefix none").read()?;
    if let Some(line) = core.lines().find(|line| line.starts_with("tauri") || line.starts_with("wry ")) {
        return Err(Failure::new(format!("patchbay-core depends on {line}")));
    }
    let application = Call::cargo()
        .arguments("tree --package patchbay --edges normal,features --invert patchbay-core --prefix none")
        .read()?;
    if application.contains("test-support") {
        return Err(Failure::new("the application is built with the feature test-support of patchbay-core"));
    }
    Ok(())
}

fn interface_check() -> Outcome {
    Call::npm("ui").arguments("run check").run()
}

fn interface_test() -> Outcome {
    Call::npm("ui").arguments("test").run()
}

/// Always the whole workspace: with fewer packages Cargo settles on other features, and compiles the dependencies again.
fn build() -> Outcome {
    Call::cargo().arguments("build --workspace --bins").run()?;
    Call::cargo().arguments("test --workspace --lib --test types --test flows --test e2e --no-run").run()
}

fn units() -> Outcome {
    Call::cargo().arguments("test --workspace --lib").run()?;
    Call::cargo().arguments("test --package xtask").run()
}

fn flows() -> Outcome {
    Call::cargo().arguments("test --workspace --test flows").run()
}

fn clippy() -> Outcome {
    Call::cargo().arguments("clippy --workspace --all-targets -- --deny warnings").run()
}

fn docs() -> Outcome {
    Call::cargo()
        .arguments("doc --workspace --no-deps --document-private-items")
        .variable("RUSTDOCFLAGS", "--deny warnings")
        .run()?;
    Call::cargo().arguments("test --workspace --doc").run()
}

/// One after the other: each test has a display, a session bus and a keyring of its own.
fn end_to_end() -> Outcome {
    if !cfg!(target_os = "linux") {
        return Err(Failure::new("the real window is driven on Linux only"));
    }
    Call::cargo()
        .arguments("test --workspace --test e2e -- --test-threads=1")
        .variable("PATCHBAY_BINARY", built("debug", "patchbay"))
        .run()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_part_needs_comes_before_it() {
        for (place, part) in PARTS.iter().enumerate() {
            for need in part.needs {
                let found = PARTS.iter().position(|other| other.name == *need);
                assert!(found.is_some_and(|found| found < place), "{} needs {need} before it", part.name);
            }
        }
    }

    #[test]
    fn a_single_part_brings_what_it_needs_and_no_more() {
        let chosen: Vec<_> = PARTS.iter().filter(|part| is_needed(part.name, "flows")).map(|part| part.name).collect();
        assert_eq!(chosen, ["setup", "ui-build", "build", "flows"]);
    }

    #[test]
    fn a_part_without_its_need_is_named_as_not_passed() {
        let ends = [("build", End::Failed("no".to_owned())), ("flows", End::NotRun("build"))];
        let failure = conclude(&ends).expect_err("nothing passed");
        assert_eq!(failure.to_string(), "not passed: build, flows");
    }
}
