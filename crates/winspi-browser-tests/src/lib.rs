//! Pages in a real browser: headless Chromium, driven by its WebDriver.
//!
//! [`Browser`] starts chromedriver and Chromium with a profile of its own, and ends both when it is dropped. What the
//! tests ask of a page is a function here; what they expect of it stands in `tests/`.

mod driver;

use std::cell::{Cell, RefCell};
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};
use url::Url;

use driver::Driver;

pub use driver::Missing;

/// axe-core: the rules of accessibility that a program can check. See vendor/README.md.
const AXE: &str = include_str!("../vendor/axe.min.js");

/// How long a page may take to load before a test says so.
const LOADING: Duration = Duration::from_secs(60);

/// A browser with one tab.
#[derive(Debug)]
pub struct Browser {
    runtime: Runtime,
    client: Option<Client>,
    scripts: Cell<bool>,
    requested: RefCell<Vec<String>>,
    _driver: Driver,
}

/// What went wrong in the browser or on the way to it.
#[derive(Debug)]
pub struct Failed(String);

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failed {}

/// Why there is no browser.
#[derive(Debug)]
pub enum NoBrowser {
    /// It is not installed.
    Missing(Missing),
    /// It does not start.
    Failed(Failed),
}

/// How a page is to be shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Media {
    /// Light text on a dark ground.
    pub dark: bool,
    /// Nothing moves.
    pub still: bool,
    /// As it is printed.
    pub print: bool,
}

/// A command that chromedriver has besides those of WebDriver.
#[derive(Debug)]
struct Chrome {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Chrome {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.body.to_string()))
    }
}

fn failed(error: &dyn fmt::Display) -> Failed {
    Failed(error.to_string())
}

impl Browser {
    /// Starts a browser.
    pub fn open() -> Result<Browser, NoBrowser> {
        let driver = Driver::start()?;
        let start = || -> Result<(Runtime, Client), Failed> {
            let runtime = Builder::new_current_thread().enable_all().build().map_err(|error| failed(&error))?;
            let mut builder = ClientBuilder::new(HttpConnector::new());
            if let Value::Object(capabilities) = driver.capabilities() {
                builder.capabilities(capabilities);
            }
            let client = runtime.block_on(builder.connect(driver.address())).map_err(|error| failed(&error))?;
            Ok((runtime, client))
        };
        let (runtime, client) = start().map_err(NoBrowser::Failed)?;
        Ok(Browser {
            runtime,
            client: Some(client),
            scripts: Cell::new(true),
            requested: RefCell::default(),
            _driver: driver,
        })
    }

    fn client(&self) -> Result<&Client, Failed> {
        self.client.as_ref().ok_or_else(|| Failed("the browser is closed".to_owned()))
    }

    /// Opens a file, from the disk as a reader would, and waits while the page says that it is busy. What was logged
    /// before is forgotten.
    pub fn open_file(&self, path: &Path, fragment: &str) -> Result<(), Failed> {
        let mut url = Url::from_file_path(path).map_err(|()| Failed(format!("{}: not absolute", path.display())))?;
        url.set_fragment((!fragment.is_empty()).then_some(fragment));
        let client = self.client()?;
        // A new document, even where only the fragment differs.
        self.runtime.block_on(client.goto("about:blank")).map_err(|error| failed(&error))?;
        self.console()?;
        self.requests()?;
        self.runtime.block_on(client.goto(url.as_str())).map_err(|error| failed(&error))?;
        if !self.scripts.get() {
            // The driver asks the page by script whether it is loaded, and goes on when it gets no answer.
            return self.until_loaded(&url);
        }
        let ready = "const done = arguments[0]; \
                     const look = () => (document.querySelector('[aria-busy=true]') ? requestAnimationFrame(look) : done()); look()";
        self.eval_later(ready, Vec::new()).map(drop)
    }

    /// The value of a JavaScript function body; the arguments are `arguments[0]` and so on.
    pub fn eval(&self, body: &str, arguments: Vec<Value>) -> Result<Value, Failed> {
        let client = self.client()?;
        self.runtime.block_on(client.execute(body, arguments)).map_err(|error| Failed(format!("{error}\n{body}")))
    }

    /// What the function body gives to its last argument, a function, when it is ready.
    pub fn eval_later(&self, body: &str, arguments: Vec<Value>) -> Result<Value, Failed> {
        let client = self.client()?;
        self.runtime.block_on(client.execute_async(body, arguments)).map_err(|error| Failed(format!("{error}\n{body}")))
    }

    fn chrome(&self, path: &'static str, body: Value) -> Result<Value, Failed> {
        let client = self.client()?;
        self.runtime.block_on(client.issue_cmd(Chrome { path, body })).map_err(|error| failed(&error))
    }

    /// A command of the DevTools protocol.
    pub fn devtools(&self, command: &str, parameters: &Value) -> Result<Value, Failed> {
        self.chrome("goog/cdp/execute", json!({ "cmd": command, "params": parameters }))
    }

    /// Presses and releases keys, one after the other, wherever the focus is.
    pub fn keys(&self, keys: &[&str]) -> Result<(), Failed> {
        for key in keys {
            let text = if key.chars().count() == 1 { key } else { "" };
            let text = if *key == "Enter" { "\r" } else { text };
            let parameters = |kind: &str| {
                let mut parameters = json!({ "type": kind, "key": key, "code": key_code(key), "windowsVirtualKeyCode": virtual_key(key) });
                if kind == "keyDown" && !text.is_empty() {
                    parameters["text"] = json!(text);
                }
                parameters
            };
            self.devtools("Input.dispatchKeyEvent", &parameters("keyDown"))?;
            self.devtools("Input.dispatchKeyEvent", &parameters("keyUp"))?;
        }
        Ok(())
    }

    /// Shows pages in this way from now on.
    pub fn media(&self, media: Media) -> Result<(), Failed> {
        let scheme = if media.dark { "dark" } else { "light" };
        let motion = if media.still { "reduce" } else { "no-preference" };
        let features = json!([
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": motion },
        ]);
        let kind = if media.print { "print" } else { "screen" };
        self.devtools("Emulation.setEmulatedMedia", &json!({ "media": kind, "features": features })).map(drop)
    }

    /// Gives the page so many pixels.
    pub fn size(&self, width: u32, height: u32) -> Result<(), Failed> {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", &metrics).map(drop)
    }

    /// Whether pages may run scripts.
    pub fn scripts(&self, allowed: bool) -> Result<(), Failed> {
        self.scripts.set(allowed);
        self.devtools("Emulation.setScriptExecutionDisabled", &json!({ "value": !allowed })).map(drop)
    }

    /// Writes a picture of what is shown into `target/screenshots`; gives its path.
    pub fn screenshot(&self, name: &str) -> Result<PathBuf, Failed> {
        let client = self.client()?;
        let picture = self.runtime.block_on(client.screenshot()).map_err(|error| failed(&error))?;
        let path = screenshots().join(format!("{name}.png"));
        let write = || -> io::Result<()> {
            fs::create_dir_all(screenshots())?;
            fs::write(&path, picture)
        };
        write().map_err(|error| Failed(format!("{}: {error}", path.display())))?;
        Ok(path)
    }

    /// What was logged as a warning or an error since the page was opened, or since this was asked.
    pub fn console(&self) -> Result<Vec<String>, Failed> {
        let entries = self.chrome("se/log", json!({ "type": "browser" }))?;
        let serious = |entry: &&Value| entry["level"] == "SEVERE" || entry["level"] == "WARNING";
        let entries = entries.as_array().into_iter().flatten();
        Ok(entries.filter(serious).map(|entry| entry["message"].as_str().unwrap_or_default().to_owned()).collect())
    }

    /// What was asked for, by address, since the page was opened, or since this was asked.
    pub fn requests(&self) -> Result<Vec<String>, Failed> {
        self.logged("")?;
        Ok(self.requested.take())
    }

    /// Waits until this page is loaded, as the browser itself says it.
    fn until_loaded(&self, url: &Url) -> Result<(), Failed> {
        let mut page = url.clone();
        page.set_fragment(None);
        let end = Instant::now() + LOADING;
        while !self.logged(page.as_str())? {
            if Instant::now() > end {
                return Err(Failed(format!("{url} is not loaded after {LOADING:?}")));
            }
        }
        Ok(())
    }

    /// Reads what the browser logged since this was asked, and keeps the addresses that were asked for. Whether this
    /// page was loaded meanwhile.
    fn logged(&self, page: &str) -> Result<bool, Failed> {
        let entries = self.chrome("se/log", json!({ "type": "performance" }))?;
        let mut requested = self.requested.borrow_mut();
        let mut loaded = false;
        for entry in entries.as_array().into_iter().flatten() {
            let message: Value =
                entry["message"].as_str().and_then(|m| serde_json::from_str(m).ok()).unwrap_or_default();
            let parameters = &message["message"]["params"];
            match message["message"]["method"].as_str() {
                Some("Network.requestWillBeSent") => {
                    requested.push(parameters["request"]["url"].as_str().unwrap_or_default().to_owned());
                }
                Some("Page.loadEventFired") => loaded |= requested.iter().any(|asked| asked == page),
                _ => {}
            }
        }
        Ok(loaded)
    }

    /// What axe-core finds in the page: the rule, and where. It takes the rules of WCAG 2.2 up to AA, and good practice.
    pub fn axe(&self) -> Result<Vec<String>, Failed> {
        if self.eval("return typeof window.axe", Vec::new())? != "object" {
            self.eval(&format!("{AXE}\nwindow.axe = window.axe || axe;"), Vec::new())?;
        }
        let found = self.eval_later(
            "const done = arguments[arguments.length - 1];
             axe.run(document, { resultTypes: ['violations'] }).then(
                 (r) => done(r.violations.flatMap((v) => v.nodes.map((n) => `${v.id} (${v.impact}): ${n.target.join(' ')}: ${n.failureSummary}`))),
                 (error) => done([String(error)]));",
            Vec::new(),
        )?;
        let found = found.as_array().into_iter().flatten();
        Ok(found.map(|text| text.as_str().unwrap_or_default().to_owned()).collect())
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if let Some(client) = self.client.take() {
            // The driver is ended behind this, and its browser with it.
            let _ = self.runtime.block_on(client.close());
        }
    }
}

/// The folder for pictures.
pub fn screenshots() -> PathBuf {
    target().join("screenshots")
}

/// The folder for what is built.
pub fn target() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap_or_else(|| Path::new("."));
    root.join("target")
}

/// The name of the place of a key on the keyboard.
fn key_code(key: &str) -> String {
    match key {
        " " => "Space".to_owned(),
        key if key.len() == 1 && key.chars().all(|c| c.is_ascii_alphabetic()) => format!("Key{}", key.to_uppercase()),
        key if key.len() == 1 && key.chars().all(|c| c.is_ascii_digit()) => format!("Digit{key}"),
        key => key.to_owned(),
    }
}

/// The number that browsers know a key by.
fn virtual_key(key: &str) -> u32 {
    match key {
        "Backspace" => 8,
        "Tab" => 9,
        "Enter" => 13,
        "Escape" => 27,
        " " => 32,
        "PageUp" => 33,
        "PageDown" => 34,
        "End" => 35,
        "Home" => 36,
        "ArrowLeft" => 37,
        "ArrowUp" => 38,
        "ArrowRight" => 39,
        "ArrowDown" => 40,
        key => key.to_uppercase().chars().next().filter(char::is_ascii_alphanumeric).map_or(0, u32::from),
    }
}
