//! chromedriver: a process beside the tests.

use std::env;
use std::fmt;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{Failed, NoBrowser, failed};

/// The names that Chromium has on different systems.
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/// A program that is needed and not there.
#[derive(Debug)]
pub struct Missing(&'static str);

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is not installed", self.0)
    }
}

/// A running chromedriver, with a folder for the browser's profile.
#[derive(Debug)]
pub(crate) struct Driver {
    process: Child,
    /// Kept open: a program that cannot say what it has to say may end.
    said: Option<BufReader<ChildStdout>>,
    address: String,
    browser: PathBuf,
    profile: TempDir,
}

impl Driver {
    pub(crate) fn start() -> Result<Driver, NoBrowser> {
        let missing = |what| NoBrowser::Missing(Missing(what));
        let browser = BROWSERS.into_iter().find_map(program).ok_or_else(|| missing("Chromium"))?;
        let driver = program("chromedriver").ok_or_else(|| missing("chromedriver"))?;
        let start = || -> Result<Driver, Failed> {
            let profile = TempDir::new().map_err(|error| failed(&error))?;
            let process = Command::new(driver)
                .arg("--port=0")
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .map_err(|error| failed(&error))?;
            let mut driver = Driver { process, said: None, address: String::new(), browser, profile };
            let mut said = driver.process.stdout.take().map(BufReader::new);
            let mut lines = said.iter_mut().flat_map(BufRead::lines).map_while(Result::ok);
            let port = lines
                .find_map(|line| Some(line.split_once(" successfully on port ")?.1.trim_end_matches('.').to_owned()));
            let port = port.ok_or_else(|| failed(&"chromedriver does not say where it listens"))?;
            driver.said = said;
            driver.address = format!("http://127.0.0.1:{port}");
            Ok(driver)
        };
        start().map_err(NoBrowser::Failed)
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// What the browser is to be. Without a sandbox, since that is refused to the user that CI often is; it opens files
    /// of these tests alone.
    pub(crate) fn capabilities(&self) -> Value {
        let profile = format!("--user-data-dir={}", self.profile.path().display());
        json!({
            "browserName": "chrome",
            "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
            "goog:chromeOptions": {
                "binary": self.browser,
                "args": [
                    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
                    "--force-color-profile=srgb", "--font-render-hinting=none", "--no-first-run",
                    "--disable-background-networking", profile,
                ],
            },
        })
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Where a program is, by the path variable.
fn program(name: &str) -> Option<PathBuf> {
    let paths = env::var_os("PATH")?;
    let file = format!("{name}{}", env::consts::EXE_SUFFIX);
    env::split_paths(&paths).map(|folder| folder.join(&file)).find(|path: &PathBuf| Path::is_file(path))
}
