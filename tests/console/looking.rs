//! How pages look: at both widths, in both colour schemes, without scripts, and with what events may hold against whoever looks.

use crate::browser::{Browser, Window, nothing};
use serde_json::{Value, json};
use system_tests::Store;

/// Every page that there is in a store where an order was placed and a message died.
pub(crate) async fn pages(store: &Store) -> Vec<String> {
    store.customer("cust_1").await;
    store.stock("mug", 5).await;
    let order = store.order("cust_1", "mug", 2).await;
    store.settled(&order).await;
    store.aws.send("AnalyticsQueue", "<script>alert(1)</script>").await;
    let dead = async || store.aws.depth("AnalyticsDeadLetters").await;
    system_tests::eventually("the dead letter", dead, |dead| *dead == 1).await;
    let fixed = [
        "/flow",
        "/flow?type=OrderPlaced",
        "/trace",
        "/events",
        "/failures",
        "/failures/analytics",
        "/queues",
        "/consumers",
        "/consumers/email",
        "/audit",
        "/help",
        "/nowhere",
    ];
    let mut pages: Vec<String> = fixed.map(str::to_owned).to_vec();
    pages.push(format!("/trace?id={order}"));
    pages
}

/// What every page has to have, in words of what is missing.
const CHECKS: &str = r#"
    const found = [];
    const visible = (e) => e.getClientRects().length > 0;
    if (document.documentElement.scrollWidth > innerWidth) found.push("wider than the window: " + document.documentElement.scrollWidth);
    if (document.querySelectorAll("h1").length !== 1) found.push("not one h1");
    if (!document.documentElement.lang || !document.title) found.push("no language or title");
    let level = 1;
    for (const h of document.querySelectorAll("h1, h2, h3")) {
        const n = Number(h.tagName[1]);
        if (n > level + 1) found.push("a heading too deep: " + h.innerText);
        level = n;
    }
    for (const e of document.querySelectorAll("input:not([type=hidden]), select"))
        if (visible(e) && !e.labels.length && !e.ariaLabel) found.push("no label: " + e.outerHTML);
    for (const e of document.querySelectorAll("a, button"))
        if (visible(e) && !(e.innerText ?? "").trim() && !e.ariaLabel && !e.textContent.trim()) found.push("no name: " + e.outerHTML);
    for (const e of document.querySelectorAll("th")) if (!e.scope) found.push("no scope: " + e.innerText);
    const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
    if (new Set(ids).size !== ids.length) found.push("an id twice: " + ids);
    // Contrast, by WCAG's formula.
    const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    const rgba = (color) => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = color;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const light = (c) => {
        const [r, g, b] = c.map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ground = (e) => {
        for (; e; e = e.parentElement) {
            const rect = e.tagName === "g" && e.querySelector("rect");
            const c = rgba(rect ? getComputedStyle(rect).fill : getComputedStyle(e).backgroundColor);
            if (c[3] === 255) return c;
        }
        return rgba("white");
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const e = node.parentElement;
        if (!node.data.trim() || !visible(e) || e.closest(".dim, title, script")) continue;
        const style = getComputedStyle(e);
        const ink = rgba(e.closest("svg") ? style.fill : style.color);
        const [a, b] = [light(ink.slice(0, 3)), light(ground(e).slice(0, 3))].sort((x, y) => y - x);
        const ratio = (a + 0.05) / (b + 0.05);
        if (ratio < 4.5) found.push(`contrast ${ratio.toFixed(2)}: ${node.data.trim()}`);
    }
    return found;
"#;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: make test-console"]
async fn every_page_fits_both_widths_and_is_legible_in_both_colour_schemes() {
    let store = Store::start(&["--no-console"]).await;
    let pages = pages(&store).await;
    for (width, is_dark) in [(1280, false), (390, true), (390, false), (1280, true)] {
        let browser = Browser::open(&store, Window { width, is_dark, ..Window::default() }).await;
        for page in &pages {
            browser.go(page).await;
            let found = browser.script(CHECKS).await;
            assert_eq!(found, json!([]), "{page} at {width}, dark: {is_dark}");
        }
        let complaints = browser.complaints().await;
        // A page that is not there is one of those that were looked at.
        let is_meant =
            |one: &&Value| !one["message"].as_str().unwrap_or_default().contains("/nowhere");
        nothing(&complaints.iter().filter(is_meant).collect::<Vec<_>>());
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: make test-console"]
async fn without_scripts_every_page_says_the_same_and_a_dead_letter_can_be_sent_back() {
    let store = Store::start(&["--no-console"]).await;
    let pages = pages(&store).await;
    let browser = Browser::open(&store, Window { has_scripts: false, ..Window::default() }).await;
    for page in &pages {
        browser.go(page).await;
        let text = browser.text("main").await;
        assert!(text.len() > 40, "{page}: {text}");
    }
    assert_eq!(browser.text("#live").await, "", "no script ran");

    browser.go("/failures/analytics").await;
    browser.click("input[name=message]").await;
    browser.fill("#why", "a test without scripts").await;
    browser.click("fieldset button").await;
    let path = async || browser.path().await;
    system_tests::eventually("the redrive's page", path, |path| path.starts_with("/jobs/")).await;
    let state = async || {
        browser.go(&browser.path().await).await;
        browser.text("main [role=status]").await
    };
    // What is no event dies again.
    system_tests::eventually("the end", state, |state| {
        state == "done" || state.starts_with("stopped")
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: make test-console"]
async fn what_an_event_holds_does_nothing_to_whoever_looks() {
    let store = Store::start(&["--no-console"]).await;
    let markup = r#"</pre><img src=x onerror="document.title='owned'"><script>document.title='owned'</script>"#;
    store.aws.send("AnalyticsQueue", &format!("{markup}{}", "\u{202e}".repeat(1_000))).await;
    let browser = Browser::open(&store, Window::default()).await;
    browser.says(".graph", "1 dead letter").await;
    browser.go("/failures/analytics").await;
    browser.click("tbody a").await;
    browser.click("form[action$='/body'] button").await;
    let shown = browser.says("main pre", "onerror").await;
    assert!(shown.contains("\\u{202e}"), "{shown}");
    assert_eq!(browser.script("return document.images.length").await, 0);
    assert!(!browser.script("return document.title").await.to_string().contains("owned"));
    nothing(&browser.complaints().await);
}
