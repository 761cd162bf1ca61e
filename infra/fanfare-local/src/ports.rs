//! Loopback listeners: taken first, so that every URL in the template is known before it is loaded.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::TcpListener;

use crate::error::StartError;

/// Listens on 127.0.0.1; port 0 takes any free one. `option` is what an operator changes when the port is taken.
pub(crate) async fn listen(
    port: u16,
    option: &'static str,
) -> Result<(TcpListener, SocketAddr), StartError> {
    let failed = |source: std::io::Error| match source.kind() {
        ErrorKind::AddrInUse => StartError::PortTaken { port, option },
        _ => StartError::Listen { port, source },
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

/// Where something that listens on a port of this machine is, without a slash at the end.
pub(crate) fn url(port: u16) -> String {
    format!("http://{}:{port}", Ipv4Addr::LOCALHOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_taken_port_is_an_error_that_names_it_and_the_option() {
        let (_held, address) = listen(0, "--port").await.expect("a free port");
        let error = listen(address.port(), "--api-port").await.expect_err("the port is taken");
        assert_eq!(
            error.to_string(),
            format!(
                "port {} is taken; choose another with --api-port (0 takes any free one)",
                address.port()
            )
        );
    }
}
