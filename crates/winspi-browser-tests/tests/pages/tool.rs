//! What the other tests stand on: each thing that they look for is found where it is.

use std::error::Error;
use std::path::PathBuf;

use serde_json::json;
use winspi_browser_tests::{Browser, Media, target};

use crate::Test;

pub(crate) const TESTS: &[Test] = &[
    ("tool::what_a_page_logs_is_seen", what_a_page_logs_is_seen),
    ("tool::what_a_page_asks_for_is_seen", what_a_page_asks_for_is_seen),
    ("tool::what_cannot_be_read_is_found", what_cannot_be_read_is_found),
    ("tool::keys_reach_the_page", keys_reach_the_page),
    ("tool::media_reach_the_page", media_reach_the_page),
    ("tool::without_scripts", without_scripts),
];

/// A page with this body, as a file.
pub(crate) fn page(name: &str, body: &str) -> Result<PathBuf, Box<dyn Error>> {
    let folder = target().join("browser-tests");
    std::fs::create_dir_all(&folder)?;
    let path = folder.join(format!("{name}.html"));
    std::fs::write(&path, format!("<!doctype html><html lang=en><title>{name}</title>{body}"))?;
    Ok(path)
}

fn what_a_page_logs_is_seen(browser: &Browser) -> Result<(), Box<dyn Error>> {
    browser.open_file(&page("logs", "<script>console.error('a'); console.log('b'); c()</script>")?, "")?;
    let seen = browser.console()?;
    assert_eq!(seen.len(), 2, "{seen:?}");
    assert!(seen[0].contains("\"a\"") && seen[1].contains("c is not defined"), "{seen:?}");
    Ok(())
}

fn what_a_page_asks_for_is_seen(browser: &Browser) -> Result<(), Box<dyn Error>> {
    browser.open_file(
        &page("asks", "<img alt='' src='none.png'><link rel=stylesheet href='http://127.0.0.1:9/x'>")?,
        "",
    )?;
    let seen = browser.requests()?;
    let ends = ["asks.html", "none.png", "127.0.0.1:9/x"];
    assert!(ends.iter().all(|end| seen.iter().any(|url| url.ends_with(end))), "{seen:?}");
    Ok(())
}

fn what_cannot_be_read_is_found(browser: &Browser) -> Result<(), Box<dyn Error>> {
    browser.open_file(
        &page("grey", "<main><h1>A</h1><p style='color:#bbb;background:#fff'>too grey to read</p><img src=x>")?,
        "",
    )?;
    let found = browser.axe()?;
    assert!(["color-contrast", "image-alt"].iter().all(|rule| found.iter().any(|f| f.starts_with(rule))), "{found:?}");
    browser.open_file(&page("black", "<main><h1>A</h1><p>b</p></main>")?, "")?;
    assert_eq!(browser.axe()?, [""; 0]);
    Ok(())
}

fn keys_reach_the_page(browser: &Browser) -> Result<(), Box<dyn Error>> {
    let script = "<input autofocus><script>k=[]; onkeydown = (e) => k.push(e.key + ' ' + e.code)</script>";
    browser.open_file(&page("keys", script)?, "")?;
    browser.eval("document.querySelector('input').focus()", vec![])?;
    browser.keys(&["a", "?", "ArrowRight", "Escape", " ", "Tab"])?;
    let wanted = json!(["a KeyA", "? ", "ArrowRight ArrowRight", "Escape Escape", "  Space", "Tab Tab"]);
    assert_eq!(browser.eval("return k", vec![])?, wanted);
    assert_eq!(browser.eval("return document.querySelector('input').value", vec![])?, "a? ");
    Ok(())
}

fn media_reach_the_page(browser: &Browser) -> Result<(), Box<dyn Error>> {
    browser.open_file(&page("media", "")?, "")?;
    let media = "return [['(prefers-color-scheme: dark)', '(prefers-reduced-motion: reduce)', 'print'].map(\
                 (q) => matchMedia(q).matches), innerWidth]";
    for (dark, still, print, width) in [(true, false, false, 900), (false, true, false, 600), (false, false, true, 300)]
    {
        browser.media(Media { dark, still, print })?;
        browser.size(width, 500)?;
        assert_eq!(browser.eval(media, vec![])?, json!([[dark, still, print], width]));
    }
    browser.media(Media::default())?;
    Ok(())
}

fn without_scripts(browser: &Browser) -> Result<(), Box<dyn Error>> {
    let page = page("script", "<p>a</p><noscript><p>b</p></noscript><script>document.title = 'c'</script>")?;
    browser.scripts(false)?;
    browser.open_file(&page, "")?;
    browser.scripts(true)?;
    assert_eq!(browser.eval("return [document.title, document.body.innerText]", vec![])?, json!(["script", "a\n\nb"]));
    Ok(())
}
