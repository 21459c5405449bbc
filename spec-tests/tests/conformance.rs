//! Each case on each arrangement to which it applies: `cargo test -p spec-tests --test conformance WSPBind`.

use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use spec_tests::{Select, Suite};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let suite = match Suite::built_in() {
        // The trials run until the process ends.
        Ok(suite) => &*Box::leak(Box::new(suite)),
        Err(problems) => {
            eprintln!("{}", problems.join("\n"));
            return ExitCode::FAILURE;
        }
    };
    let trials = suite.trials(&Select::default()).into_iter().filter(|trial| trial.applies());
    let tests = trials.map(|trial| {
        let file = trial.case.file.clone();
        Trial::test(trial.title(), move || match trial.run().complaint() {
            None => Ok(()),
            Some(complaint) => Err(Failed::from(format!("spec-tests/{file}: {complaint}"))),
        })
    });
    libtest_mimic::run(&arguments, tests.collect()).exit_code()
}
