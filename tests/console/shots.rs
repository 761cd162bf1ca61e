//! The pictures of the pages in `docs/console`, which `make test-console WRITE=1` takes anew.

use crate::browser::{Browser, Window};
use crate::looking::pages;
use system_tests::{Store, repository};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: make test-console"]
async fn pages_are_pictured_for_the_documentation() {
    let store = Store::start(&["--no-console"]).await;
    let pages = pages(&store).await;
    let trace = pages.last().expect("a trace");
    let folder = repository().join("docs/console");
    for (name, path, window) in [
        ("flow", "/flow", Window { height: 820, ..Window::default() }),
        (
            "flow-dark",
            "/flow?type=PaymentProcessed",
            Window { height: 820, is_dark: true, ..Window::default() },
        ),
        ("trace", trace, Window::default()),
        ("failures", "/failures/analytics", Window { height: 620, ..Window::default() }),
        ("narrow", "/flow", Window { width: 390, height: 820, ..Window::default() }),
    ] {
        let browser = Browser::open(&store, window).await;
        browser.go(path).await;
        browser.says("main h1", "").await;
        let png = browser.shot().await;
        assert!(png.starts_with(b"\x89PNG"), "{name}");
        if std::env::var_os("FANFARE_WRITE").is_some_and(|value| value == "1") {
            std::fs::write(folder.join(format!("{name}.png")), png).expect("written");
        }
    }
}
