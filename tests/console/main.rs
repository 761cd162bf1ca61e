//! The console in a real browser, on the running store. `make test-console` runs it: it needs chromium and chromedriver.

mod browser;
mod following;
mod looking;
mod shots;
