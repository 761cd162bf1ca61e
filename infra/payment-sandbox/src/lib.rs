//! A payment gateway for this machine, for the local runner and for tests.
//!
//! It answers in the shapes of [Stripe's API](https://docs.stripe.com/api) what the store asks of it: payment
//! intents are created, confirmed, cancelled, looked at and refunded. It takes `Idempotency-Key` seriously: the same key
//! with the same parameters gives the stored answer, a 500 too, and does nothing, with others it is refused. No money moves.
//!
//! The last two digits of an amount, in minor units, say how it misbehaves:
//!
//! | ends in | what happens |
//! |---|---|
//! | 02 | the charge is declined: `card_declined` |
//! | 04 | the charge is declined: `card_declined`, by the decline code `stolen_card` |
//! | 05 | the charge is declined: `card_declined`, by the decline code `insufficient_funds` |
//! | 07 | the charge is answered `processing`; looked at, it has succeeded |
//! | 08 | the charge succeeds, and is answered after 30 seconds the first time |
//! | 09 | the charge is answered 500 under two keys, with nothing done, and succeeds under a third |
//! | 10 | the charge succeeds, and the connection is dropped the first time |
//! | 11 | the charge succeeds, and is answered after 2 seconds the first time |
//! | 12 | the charge succeeds, and is answered 500, as is every repeat of its key |
//! | 13 | the charge is answered 429 twice, with nothing done, and then succeeds |
//! | 14 | the charge is answered 409 once, as if another were under way, and then succeeds |
//! | 15 | the intent is created, and the connection is dropped the first time; the charge succeeds |
//! | 16 | the charge succeeds; the refund is made, and the connection is dropped the first time |
//! | 17 | the charge succeeds; the refund is made, and is answered 500, as is every repeat of its key |
//! | 18 | the charge succeeds; the refund is answered `failed` |
//! | 19 | the intent is answered 500 under one key, with nothing done; under a second it is created, and the charge succeeds |
//! | 20 | the charge succeeds; the refund is answered 500 under one key, with nothing done, and is made under a second |
//! | 21 | the charge succeeds; the refund is `pending`, and at the second look `succeeded` |
//! | 22 | the charge succeeds; the refund is `pending`, and at the second look `failed` |
//! | 23 | the charge succeeds; the refund is `requires_action`, and at the second look `succeeded` |
//!
//! Every other amount of at least 1 is charged at once. `GET /sandbox/charges` lists what was captured and refunded.

mod answer;
mod behaviour;
mod book;
mod idempotency;
mod routes;
mod server;

pub use book::Charge;

use book::Book;
use idempotency::Keys;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// The key that the sandbox takes, unless it is started with another.
pub const KEY: &str = "sk_test_sandbox";

/// A free port, for this machine alone.
const ANY_PORT: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0);

/// A running sandbox. It ends when it is dropped.
#[derive(Debug)]
pub struct Sandbox {
    address: SocketAddr,
    gateway: Arc<Mutex<Gateway>>,
    server: JoinHandle<()>,
}

/// What the sandbox knows.
#[derive(Debug)]
pub(crate) struct Gateway {
    pub(crate) key: String,
    pub(crate) book: Book,
    pub(crate) answered: Keys,
}

impl Sandbox {
    /// Starts a sandbox on a free port of 127.0.0.1 that takes [`KEY`].
    ///
    /// # Errors
    /// When no port can be bound.
    pub async fn start() -> io::Result<Self> {
        Self::start_on(ANY_PORT).await
    }

    /// Starts a sandbox at an address that takes [`KEY`]; port 0: any free one.
    ///
    /// # Errors
    /// When the address can't be bound.
    pub async fn start_on(address: SocketAddrV4) -> io::Result<Self> {
        Self::bind(address, KEY.to_owned()).await
    }

    /// Starts a sandbox that takes another key.
    ///
    /// # Errors
    /// When no port can be bound.
    pub async fn start_with_key(key: impl Into<String>) -> io::Result<Self> {
        Self::bind(ANY_PORT, key.into()).await
    }

    async fn bind(address: SocketAddrV4, key: String) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let gateway = Gateway { key, book: Book::default(), answered: Keys::default() };
        let gateway = Arc::new(Mutex::new(gateway));
        let server = tokio::spawn(server::serve(listener, address, Arc::clone(&gateway)));
        Ok(Self { address, gateway, server })
    }

    /// Where it is, such as `http://127.0.0.1:41234`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Takes another key from now on, and refuses the one before.
    pub fn change_key(&self, key: impl Into<String>) {
        lock(&self.gateway).key = key.into();
    }

    /// What was asked for since the start, in order.
    pub fn charges(&self) -> Vec<Charge> {
        lock(&self.gateway).book.charges()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Nothing is left half-written by a panic elsewhere, so a poisoned lock is no matter.
pub(crate) fn lock(gateway: &Mutex<Gateway>) -> std::sync::MutexGuard<'_, Gateway> {
    gateway.lock().unwrap_or_else(PoisonError::into_inner)
}
