//! A browser, by the WebDriver protocol (<https://www.w3.org/TR/webdriver2/>): the dozen of its requests that are needed here, so that no
//! client is compiled that knows all of them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::fmt::Debug;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::process::Stdio;
use std::time::Duration;
use system_tests::{Client, Process, Store, eventually};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};

/// What is said where there is no browser.
const INSTALL: &str = "chromedriver can't be started: apt-get install chromium chromium-driver";
/// What the protocol calls the id of an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A window of a browser, and the console that it looks at.
pub(crate) struct Browser {
    driver: Client,
    /// Where the driver listens.
    address: SocketAddr,
    /// The session's path.
    session: String,
    /// The console's address, without the token.
    pub(crate) base: String,
    _console: Process,
    /// It ends when it is dropped.
    _process: Child,
    /// The driver writes to it all along.
    _output: BufReader<ChildStdout>,
}

/// How a window is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) is_dark: bool,
    pub(crate) has_scripts: bool,
}

impl Default for Window {
    fn default() -> Self {
        Self { width: 1280, height: 900, is_dark: false, has_scripts: true }
    }
}

impl Browser {
    /// Opens the console of a store, as its address leads there.
    pub(crate) async fn open(store: &Store, window: Window) -> Self {
        let mut console =
            Process::start(&["console", "--endpoint", store.aws.endpoint(), "--console-port", "0"]);
        let said = console.line().await;
        let url =
            said.strip_prefix("console of fanfare: ").expect("the console's address").to_owned();
        let (process, output, address) = driver().await;
        let driver = Client::new(format!("http://{address}"));
        let created = driver.post("/session", wanted(window)).await;
        let id = created.body["value"]["sessionId"].as_str();
        let session = format!("/session/{}", id.expect("a session, whose browser starts"));
        let base = url.split("/?").next().expect("an address").to_owned();
        let browser = Self {
            driver,
            address,
            session,
            base,
            _console: console,
            _process: process,
            _output: output,
        };
        let size = json!({"width": window.width, "height": window.height, "deviceScaleFactor": 1, "mobile": false});
        browser.chromium("Emulation.setDeviceMetricsOverride", size).await;
        let scheme = json!({"name": "prefers-color-scheme", "value": if window.is_dark { "dark" } else { "light" }});
        browser.chromium("Emulation.setEmulatedMedia", json!({"features": [scheme]})).await;
        browser.post("/url", json!({"url": url})).await;
        browser
    }

    /// Goes to a page of the console.
    pub(crate) async fn go(&self, path: &str) {
        self.post("/url", json!({"url": format!("{}{path}", self.base)})).await;
    }

    /// What a script gives.
    pub(crate) async fn script(&self, script: &str) -> Value {
        self.post("/execute/sync", json!({"script": script, "args": []})).await
    }

    /// The text of what a selector finds first; empty when it finds nothing.
    pub(crate) async fn text(&self, selector: &str) -> String {
        // A drawing has no inner text.
        let script = format!(
            "const found = document.querySelector({}); return found?.innerText ?? found?.textContent ?? ''",
            json!(selector)
        );
        self.script(&script).await.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until a page says something.
    pub(crate) async fn says(&self, selector: &str, part: &str) -> String {
        eventually(
            &format!("{selector} to say {part:?}"),
            async || self.text(selector).await,
            |text| text.contains(part),
        )
        .await
    }

    /// Clicks on what a selector finds first.
    pub(crate) async fn click(&self, selector: &str) {
        let element = self.find(selector).await;
        self.post(&format!("/element/{element}/click"), json!({})).await;
    }

    /// Types into what a selector finds first.
    pub(crate) async fn fill(&self, selector: &str, text: &str) {
        let element = self.find(selector).await;
        self.post(&format!("/element/{element}/value"), json!({"text": text})).await;
    }

    /// Presses keys, one after the other, wherever the focus is. Tab is `\u{e004}`, Enter `\u{e007}`.
    pub(crate) async fn keys(&self, keys: &str) {
        let press = |key: char| {
            [json!({"type": "keyDown", "value": key}), json!({"type": "keyUp", "value": key})]
        };
        let presses: Vec<Value> = keys.chars().flat_map(press).collect();
        let keyboard = json!({"type": "key", "id": "keyboard", "actions": presses});
        self.post("/actions", json!({"actions": [keyboard]})).await;
    }

    /// Where the window is, without the console's own address.
    pub(crate) async fn path(&self) -> String {
        let url = self.get("/url").await;
        url.as_str().unwrap_or_default().replace(&self.base, "")
    }

    /// What the browser complained of: errors of scripts, and what a policy kept it from.
    pub(crate) async fn complaints(&self) -> Vec<Value> {
        let log = self.post("/se/log", json!({"type": "browser"})).await;
        let entries = log.as_array().expect("a log").clone();
        entries.into_iter().filter(|entry| entry["level"] == "SEVERE").collect()
    }

    /// The hosts that the browser asked for anything.
    pub(crate) async fn hosts(&self) -> Vec<String> {
        let log = self.post("/se/log", json!({"type": "performance"})).await;
        let mut hosts = Vec::new();
        for entry in log.as_array().expect("a log") {
            let message: Value =
                serde_json::from_str(entry["message"].as_str().expect("JSON")).expect("JSON");
            let message = &message["message"];
            if message["method"] == "Network.requestWillBeSent" {
                let url = message["params"]["request"]["url"].as_str().expect("a URL");
                hosts.push(url.split('/').take(3).collect::<Vec<_>>().join("/"));
            }
        }
        hosts
    }

    /// What the window shows, as a PNG.
    pub(crate) async fn shot(&self) -> Vec<u8> {
        let png = self.get("/screenshot").await;
        STANDARD.decode(png.as_str().expect("base64")).expect("base64")
    }

    async fn find(&self, selector: &str) -> String {
        let using = json!({"using": "css selector", "value": selector});
        let found = self.post("/element", using).await;
        found[ELEMENT].as_str().expect("an element").to_owned()
    }

    async fn chromium(&self, command: &str, parameters: Value) {
        let command = json!({"cmd": command, "params": parameters});
        self.post("/goog/cdp/execute", command).await;
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let told = format!("{path} {body}");
        answered(&told, self.driver.post(&format!("{}{path}", self.session), body).await)
    }

    async fn get(&self, path: &str) -> Value {
        answered(path, self.driver.get(&format!("{}{path}", self.session)).await)
    }
}

fn answered(asked: &str, answer: system_tests::Answer) -> Value {
    assert_eq!(answer.status, 200, "{asked}: {answer:?}");
    answer.body["value"].clone()
}

/// What is asked of the driver. Without the sandbox, since tests may run as root, where there is none; it looks at this console alone.
fn wanted(window: Window) -> Value {
    let scripts = if window.has_scripts { 1 } else { 2 };
    json!({"capabilities": {"alwaysMatch": {
        "browserName": "chrome",
        "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        "goog:chromeOptions": {
            "args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"],
            "prefs": {"profile.managed_default_content_settings.javascript": scripts},
        },
    }}})
}

/// How often a driver is started that ends at once: the port that it chose may be somebody else's by then.
const STARTS: usize = 5;

/// Starts a driver on a port of its own choice.
async fn driver() -> (Child, BufReader<ChildStdout>, SocketAddr) {
    let mut started = None;
    for _ in 0..STARTS {
        if started.is_none() {
            started = start_driver().await;
        }
    }
    started.expect(INSTALL)
}

/// A driver that listens; `None`: it has ended instead.
async fn start_driver() -> Option<(Child, BufReader<ChildStdout>, SocketAddr)> {
    let mut process = Command::new("chromedriver")
        .arg("--port=0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect(INSTALL);
    let mut output = BufReader::new(process.stdout.take().expect("standard output is piped"));
    let mut line = String::new();
    loop {
        line.clear();
        let read = output.read_line(&mut line).await.expect("standard output is readable");
        if read == 0 {
            return None;
        }
        let port = line
            .split_once("successfully on port ")
            .map(|(_, port)| port.trim_end_matches(['.', '\n']));
        if let Some(port) = port {
            let port = port.parse().expect("the port is a number");
            return Some((process, output, SocketAddr::from((Ipv4Addr::LOCALHOST, port))));
        }
    }
}

impl Drop for Browser {
    /// Ends the browser: a driver that is killed leaves it behind.
    fn drop(&mut self) {
        let end = || -> std::io::Result<()> {
            let mut driver = TcpStream::connect(self.address)?;
            driver.set_read_timeout(Some(Duration::from_secs(10)))?;
            let (session, address) = (&self.session, self.address);
            write!(driver, "DELETE {session} HTTP/1.1\r\nHost: {address}\r\n\r\n")?;
            // It answers once the browser has ended.
            driver.read_exact(&mut [0; 12])
        };
        if let Err(error) = end() {
            eprintln!("a browser may be left behind: {error}");
        }
    }
}

/// Asserts of values that are compared as a whole.
pub(crate) fn nothing<T: Debug>(found: &[T]) {
    assert!(found.is_empty(), "{found:#?}");
}
