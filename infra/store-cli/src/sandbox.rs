//! `fanfare store sandbox`: the payment gateway of `fanfare store up`, by itself.

use clap::Args;
use payment_sandbox::{KEY, Sandbox};
use std::error::Error;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddrV4};

#[derive(Args)]
#[command(after_help = "Examples:
  fanfare store sandbox
  fanfare store sandbox --port 4242
  fanfare store sandbox --host 0.0.0.0                    for functions in containers, which do not reach 127.0.0.1

It prints where it is and which key it takes: the parameters PaymentGatewayUrl and PaymentKey of a stack whose
functions run on this machine. Ctrl-C ends it. Exit code 0: ended as asked; 1: the address is taken, or not of this machine.")]
pub(crate) struct SandboxArguments {
    /// The address that it listens on
    #[arg(long, value_name = "ADDRESS", default_value_t = Ipv4Addr::LOCALHOST)]
    host: Ipv4Addr,
    /// Its port; 0: any free one
    #[arg(long, default_value_t = 0)]
    port: u16,
}

/// Runs until it is told to end.
pub(crate) async fn sandbox(arguments: &SandboxArguments) -> Result<(), Box<dyn Error>> {
    let address = SocketAddrV4::new(arguments.host, arguments.port);
    let sandbox = Sandbox::start_on(address).await?;
    let mut out = anstream::stdout();
    writeln!(out, "PaymentGatewayUrl={} PaymentKey={KEY}", sandbox.url())?;
    out.flush()?;
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        ended = tokio::signal::ctrl_c() => ended?,
        _ = terminate.recv() => {}
    }
    Ok(())
}
