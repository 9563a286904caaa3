//! `cargo xtask`: the two commands of the README, `run` and `test`, and the chores.
//!
//! Only the standard library, so that the command which sets everything else up is there within seconds on a fresh
//! machine. Nothing here is part of the application.

mod bench;
mod deny;
mod failure;
mod folders;
mod guard;
mod icons;
mod npm;
mod package;
mod process;
mod run;
mod sandbox;
mod say;
mod setup;
mod systems;
mod test;
mod types;

use std::process::ExitCode;

use crate::failure::{Failure, Outcome};

const HELP: &str = "\
cargo xtask <command>

  run                  set up, build, start the sandbox provider and Patchbay beside it
                       (without a display: the same as a tour in a virtual one, pictures in target/tour)
  run --tour           the tour, display or not
  test                 set up and run every check and test
  test --only <part>   one part of them; `test --list` names the parts
  setup                only the set-up: system packages and npm packages
  bench                measure against an empty window of the same build; --runs <n>,
                       --debug (the development build), --no-build (what is built already)
  package              a .deb of the release build
  icons                draw all icon sizes again from icons/*.svg
  types                write the TypeScript types of the IPC again
  deny                 check licences, bans and sources with cargo-deny
  help                 this text
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&arguments.iter().map(String::as_str).collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            say::error(&failure.to_string());
            ExitCode::from(failure.code())
        }
    }
}

fn dispatch(arguments: &[&str]) -> Outcome {
    match arguments {
        ["run"] => run::run(),
        ["run", "--tour"] => run::tour(),
        ["test"] => test::all(),
        ["test", "--list"] => {
            test::list();
            Ok(())
        }
        ["test", "--only", parts @ ..] if !parts.is_empty() => test::only(parts),
        ["setup"] => setup::everything(),
        ["bench", options @ ..] => bench::bench(options),
        ["package"] => package::package(),
        ["icons"] => icons::icons(),
        ["types"] => types::write(),
        ["deny"] => deny::deny(),
        ["help" | "--help" | "-h"] | [] => {
            say::line(HELP.trim_end());
            Ok(())
        }
        _ => Err(Failure::new(format!("`{}` is not a command here.\n\n{HELP}", arguments.join(" ")))),
    }
}
