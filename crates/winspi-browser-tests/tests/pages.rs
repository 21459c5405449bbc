//! The pages of runs in a browser.
//!
//! Where there is no browser this says so and is content, unless the variable `WINSPI_BROWSER` is `required`.

use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use libtest_mimic::{Arguments, Trial};
use winspi_browser_tests::{Browser, NoBrowser};

#[path = "pages/keyboard.rs"]
mod keyboard;
#[path = "pages/looks.rs"]
mod looks;
#[path = "pages/safe.rs"]
mod safe;
#[path = "pages/sample.rs"]
mod sample;
#[path = "pages/shown.rs"]
mod shown;
#[path = "pages/speed.rs"]
mod speed;
#[path = "pages/tool.rs"]
mod tool;

/// A test: what it is called, and what it does with the browser.
type Test = (&'static str, fn(&Browser) -> Result<(), Box<dyn std::error::Error>>);

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // They share one browser.
    arguments.test_threads = Some(1);
    let browser = match Browser::open() {
        Ok(browser) => Arc::new(Mutex::new(browser)),
        Err(NoBrowser::Missing(what)) if std::env::var_os("WINSPI_BROWSER").is_none_or(|v| v != "required") => {
            eprintln!("NOT CHECKED: the pages in a browser, since {what}; cargo xtask browser installs it\n");
            return ExitCode::SUCCESS;
        }
        Err(NoBrowser::Missing(what)) => {
            eprintln!("{what}, and WINSPI_BROWSER is required");
            return ExitCode::FAILURE;
        }
        Err(NoBrowser::Failed(error)) => {
            eprintln!("the browser does not start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let trials = [tool::TESTS, shown::TESTS, keyboard::TESTS, looks::TESTS, safe::TESTS, speed::TESTS]
        .concat()
        .into_iter()
        .map(|(name, test)| {
            let browser = Arc::clone(&browser);
            Trial::test(name, move || {
                let browser = browser.lock().unwrap_or_else(PoisonError::into_inner);
                test(&browser).map_err(|error| error.to_string().into())
            })
        });
    let conclusion = libtest_mimic::run(&arguments, trials.collect());
    // `exit` would leave the browser behind.
    if conclusion.has_failed() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
