//! The console's server.

use crate::app::{App, Writes};
use crate::handle::handle;
use crate::session::Session;
use fanfare_loopback::Server;
use fanfare_operate::Connection;
use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tokio::net::TcpListener;

/// The port where none is asked for, if it is free.
const PORT: u16 = 4580;
/// Connections at a time.
const CONNECTIONS: usize = 64;

/// Why a console can't listen.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The port is taken, or may not be used.
    #[error(
        "the console can't listen on port {port}: choose another with --console-port, or 0 for any free one"
    )]
    Port {
        /// The port.
        port: u16,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The system gives no randomness for a token.
    #[error("the system gives no randomness, so that the console can't have a token")]
    Randomness,
}

/// A console that listens and does not answer yet.
pub struct Console {
    listener: TcpListener,
    session: Session,
    url: String,
}

impl std::fmt::Debug for Console {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Without the token.
        f.debug_struct("Console").field("listener", &self.listener).finish_non_exhaustive()
    }
}

impl Console {
    /// Listens on this machine: at the port that is asked for (0: any free one), or else at 4580, or if that is taken at any free one.
    ///
    /// # Errors
    /// [`ListenError`].
    pub async fn listen(port: Option<u16>) -> Result<Self, ListenError> {
        let failed = |port| move |source| ListenError::Port { port, source };
        let listener = match port {
            Some(port) => listen(port).await.map_err(failed(port))?,
            None => match listen(PORT).await {
                Ok(listener) => listener,
                Err(_) => listen(0).await.map_err(failed(0))?,
            },
        };
        let address = listener.local_addr().map_err(failed(port.unwrap_or_default()))?;
        let session = Session::new(address.port()).ok_or(ListenError::Randomness)?;
        let url = format!("http://{address}/?token={}", session.token());
        Ok(Self { listener, session, url })
    }

    /// The address that lets a browser in.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Answers until `stop` ends.
    pub async fn serve(
        self,
        connection: Connection,
        writes: Writes,
        stop: impl Future<Output = ()>,
    ) {
        let app = Arc::new(App::new(connection, self.session, writes));
        let handler = move |request| handle(app.clone(), request);
        Server::new(self.listener).with_connections(CONNECTIONS).serve(handler, stop).await;
    }
}

async fn listen(port: u16) -> std::io::Result<TcpListener> {
    TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await
}
