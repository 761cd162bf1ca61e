//! A server and its clients on one thread, over real connections, in virtual time: it passes only while everybody waits.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use fanfare_loopback::{BodyError, Reply, Server, read_body};
use http::Request;
use hyper::body::Incoming;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

/// Answers with the length of the body, or with why it was not read.
async fn measure(request: Request<Incoming>) -> Result<Reply, Infallible> {
    let text = match read_body(request.into_body(), 1000).await {
        Ok(body) => format!("{} bytes", body.len()),
        Err(error @ (BodyError::TooLarge | BodyError::TooSlow | BodyError::Broken)) => {
            format!("{error:?}")
        }
    };
    Ok(Reply::new(text.into()))
}

/// A server of so many connections, that runs until the test ends.
async fn given(connections: usize) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let server = Server::new(listener).with_connections(connections);
    tokio::spawn(server.serve(measure, std::future::pending()));
    address
}

async fn connected(address: SocketAddr, text: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.expect("connected");
    stream.write_all(text.as_bytes()).await.expect("written");
    stream
}

/// All that is answered until the server closes the connection.
async fn rest(mut stream: TcpStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).await.expect("text");
    text
}

#[tokio::test(start_paused = true)]
async fn a_head_that_is_never_whole_ends_its_connection() {
    let address = given(10).await;
    let began = Instant::now();
    let stream = connected(address, "GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ").await;
    assert_eq!(rest(stream).await, "");
    assert_eq!(began.elapsed().as_secs(), 10);
}

#[tokio::test(start_paused = true)]
async fn a_head_that_comes_byte_by_byte_has_no_more_time() {
    let address = given(10).await;
    let began = Instant::now();
    let mut stream = connected(address, "GET / HTTP/1.1\r\n").await;
    while stream.write_all(b"a").await.is_ok() && began.elapsed() < Duration::from_secs(60) {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert!((10..=12).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_body_that_is_never_whole_is_given_up() {
    let address = given(10).await;
    let began = Instant::now();
    let head =
        "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 9\r\n\r\n";
    let stream = connected(address, &format!("{head}half")).await;
    assert!(rest(stream).await.ends_with("TooSlow"));
    assert_eq!(began.elapsed().as_secs(), 30);
}

#[tokio::test(start_paused = true)]
async fn a_body_and_a_head_that_are_too_large_are_refused() {
    let address = given(10).await;
    let head =
        "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 1001\r\n\r\n";
    let stream = connected(address, &format!("{head}{}", "x".repeat(1001))).await;
    assert!(rest(stream).await.ends_with("TooLarge"));
    let headers: String = (0..101).map(|n| format!("X-{n}: 1\r\n")).collect();
    let stream = connected(address, &format!("GET / HTTP/1.1\r\n{headers}\r\n")).await;
    assert!(rest(stream).await.starts_with("HTTP/1.1 431"));
}

#[tokio::test(start_paused = true)]
async fn a_connection_too_many_waits_until_another_ends() {
    let address = given(1).await;
    let began = Instant::now();
    let silent = connected(address, "").await;
    let head = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let waiting = tokio::spawn(rest(connected(address, head).await));
    assert_eq!(rest(silent).await, "");
    assert!(waiting.await.expect("answered").ends_with("0 bytes"));
    assert_eq!(began.elapsed().as_secs(), 10, "the silent one had its time");
}

#[tokio::test(start_paused = true)]
async fn who_may_not_ask_is_told_why_before_anything_is_read() {
    let address = given(10).await;
    let head = "POST / HTTP/1.1\r\nHost: localhost\r\nOrigin: https://example.com\r\nContent-Length: 9\r\n\r\n";
    let answer = rest(connected(address, head).await).await;
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    assert!(answer.contains("application/problem+json") && answer.contains("Origin: "), "{answer}");
}
