//! Where a stack's HTTP API is.

use crate::support::Stack;
use fanfare_bootstrap::Environment;
use fanfare_operate::{ApiError, Connection, RUNNER_API, Target};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

/// A CloudFormation that answers so to `DescribeStacks`, and knows nothing else. Gives its endpoint, and ends with the
/// test.
fn cloudformation(status: &'static str, xml: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let request = request(&mut stream);
            let is_asked = request.starts_with("POST / ")
                && request.contains("/cloudformation/aws4_request")
                && request.ends_with("Action=DescribeStacks&Version=2010-05-15&StackName=store");
            let (status, body) = if is_asked { (status, xml) } else { ("404 Not Found", "") };
            let length = body.len();
            let head = format!(
                "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
            );
            stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
        }
    });
    endpoint
}

/// A whole request.
fn request(stream: &mut TcpStream) -> String {
    let mut request = String::new();
    loop {
        let mut part = [0; 4096];
        let read = stream.read(&mut part).unwrap();
        request += std::str::from_utf8(&part[..read]).unwrap();
        let Some((head, body)) = request.split_once("\r\n\r\n") else { continue };
        let length = head
            .to_lowercase()
            .lines()
            .find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
        if read == 0 || body.len() >= length.unwrap_or(0) {
            return request;
        }
    }
}

async fn api_url(endpoint: &str) -> Result<String, ApiError> {
    let target =
        Target { endpoint: Some(endpoint.to_owned()), region: None, stack: "store".to_owned() };
    Connection::open(&target, &Environment::default()).await.unwrap().api_url().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_local_runner_s_is_where_it_is_by_default() {
    let stack = Stack::start().await;
    assert_eq!(stack.connection.api_url().await.unwrap(), RUNNER_API);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_stack_s_is_its_output() {
    let endpoint = cloudformation(
        "200 OK",
        "<member><OutputKey>ApiUrl</OutputKey>\
         <OutputValue>http://abc.execute-api.localhost:4566</OutputValue></member>",
    );
    let port = endpoint.rsplit(':').next().unwrap();
    let url = format!("http://abc.execute-api.localhost:{port}/");
    assert_eq!(api_url(&endpoint).await.unwrap(), url);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_that_does_not_tell_is_an_error_with_the_option_that_does() {
    let missing = "<Error><Message>Stack with id store does not exist</Message></Error>";
    for (status, xml, why) in [
        ("400 Bad Request", missing, "400: Stack with id store does not exist"),
        ("200 OK", "<Outputs></Outputs>", "it has no output ApiUrl"),
    ] {
        let error = api_url(&cloudformation(status, xml)).await.unwrap_err();
        assert!(error.to_string().ends_with("give its address with --api"), "{error}");
        assert_eq!(fanfare_bootstrap::ErrorChain(&error).to_string(), format!("{error}: {why}"));
    }
}
