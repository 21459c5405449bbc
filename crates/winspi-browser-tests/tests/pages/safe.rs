//! A page asks for nothing, logs nothing, and runs nothing but its own script, whatever a scenario is called.

use std::error::Error;

use serde_json::json;
use winspi_browser_tests::Browser;

use crate::Test;
use crate::sample::{self, Sample};

pub(crate) const TESTS: &[Test] = &[
    ("safe::nothing_is_asked_for", nothing_is_asked_for),
    ("safe::the_policy_is_in_force", the_policy_is_in_force),
    ("safe::hostile_names_are_text", hostile_names_are_text),
];

type Done = Result<(), Box<dyn Error>>;

fn samples() -> Result<Vec<Sample>, Box<dyn Error>> {
    Ok(vec![sample::handoff()?, sample::layers()?, sample::counterexample()?, sample::hostile()?])
}

fn nothing_is_asked_for(browser: &Browser) -> Done {
    for sample in samples()? {
        browser.open_file(&sample.page, "")?;
        browser.keys(&["Home", "ArrowRight", "ArrowDown", "?", "Escape", "t", "End"])?;
        let own = |url: &String| url.starts_with("file://") && url.ends_with(".html");
        let requests = browser.requests()?;
        assert!(requests.len() == 1 && requests.iter().all(own), "{requests:?}");
        assert_eq!(browser.console()?, [""; 0], "{}", sample.page.display());
    }
    Ok(())
}

fn the_policy_is_in_force(browser: &Browser) -> Done {
    browser.open_file(&sample::handoff()?.page, "")?;
    let tried = browser.eval_later(
        "const done = arguments[arguments.length - 1];
         const broken = [];
         document.addEventListener('securitypolicyviolation', (e) => broken.push(e.effectiveDirective));
         window.ran = [];
         const script = document.createElement('script');
         script.textContent = 'window.ran.push(1)';
         document.body.append(script);
         const image = document.createElement('img');
         image.setAttribute('onerror', 'window.ran.push(2)');
         image.src = 'http://127.0.0.1:9/x.png';
         document.body.append(image);
         const style = document.createElement('style');
         style.textContent = 'body { color: rgb(1, 2, 3) }';
         document.head.append(style);
         fetch('http://127.0.0.1:9/').catch(() => 0).then(() => new Promise((ready) => setTimeout(ready))).then(() =>
             done([window.ran, getComputedStyle(document.body).color === 'rgb(1, 2, 3)', [...new Set(broken)].sort()]));",
        vec![],
    )?;
    assert_eq!(tried[0], json!([]), "no script runs");
    assert_eq!(tried[1], false, "no style is taken");
    for directive in ["connect-src", "img-src", "script-src-elem", "style-src-elem"] {
        assert!(tried[2].as_array().is_some_and(|all| all.contains(&json!(directive))), "{directive}: {tried}");
    }
    Ok(())
}

fn hostile_names_are_text(browser: &Browser) -> Done {
    let sample = sample::hostile()?;
    browser.open_file(&sample.page, "")?;
    browser.keys(&["End"])?;
    let seen = browser.eval(
        "return [window.hacked === undefined, document.querySelectorAll('#state b script, h1 *, img, iframe').length, document.querySelector('h1').textContent]",
        vec![],
    )?;
    assert_eq!((&seen[0], &seen[1]), (&json!(true), &json!(0)), "{seen}");
    assert!(seen[2].as_str().is_some_and(|title| title.contains("</script><script>")), "{seen}");
    Ok(())
}
