//! A runner that is killed cannot clean up: its functions notice that nobody feeds them any more.

use tokio::net::TcpListener;

use crate::support::{is_alive, until};

#[tokio::test]
async fn a_process_without_a_runner_ends_itself() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let program = std::env::current_exe().expect("a test");
    let program = program.ancestors().nth(2).expect("target/debug").join("examples/probe");
    let mut child = tokio::process::Command::new(program)
        .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
        .env("AWS_LAMBDA_FUNCTION_NAME", "probe")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
        .kill_on_drop(true)
        .spawn()
        .expect("a process");
    let (connection, _) = listener.accept().await.expect("its first request");
    let pid = child.id().expect("a process");
    assert!(is_alive(pid));
    // What the system does with the sockets of a process that is killed.
    drop((connection, listener));
    until("its end", async || (!is_alive(pid)).then_some(())).await;
    child.wait().await.expect("ended");
}
