//! Where a stack's HTTP API is.

#![allow(clippy::unwrap_used, reason = "a test that is set up wrongly should end there")]

use fanfare_bootstrap::Environment;
use fanfare_local::{Options, Runner};
use fanfare_operate::{Connection, Target};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use store_cli::{ApiError, api_url};

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

async fn address(endpoint: &str, stack: &str) -> Result<String, ApiError> {
    let target = Target { stack: stack.to_owned(), ..Target::at(endpoint) };
    api_url(&Connection::open(&target, &Environment::default()).await.unwrap()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_local_runner_tells_where_its_own_is() {
    let folder = tempfile::tempdir().unwrap();
    let template = folder.path().join("template.yaml");
    std::fs::write(&template, "Resources: { Queue: { Type: 'AWS::SQS::Queue' } }").unwrap();
    let mut options = Options::new(template);
    (options.port, options.api_port) = (0, 0);
    let runner = Runner::start(options).await.unwrap();
    assert_eq!(address(runner.endpoint(), "fanfare").await.unwrap(), runner.api_url());
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
    assert_eq!(address(&endpoint, "store").await.unwrap(), url);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_that_does_not_tell_is_an_error_with_the_option_that_does() {
    let missing = "<Error><Message>Stack with id store does not exist</Message></Error>";
    for (status, xml, why) in [
        ("400 Bad Request", missing, "400: Stack with id store does not exist"),
        ("200 OK", "<Outputs></Outputs>", "it has no output ApiUrl"),
    ] {
        let error = address(&cloudformation(status, xml), "store").await.unwrap_err();
        assert!(error.to_string().ends_with("give its address with --api"), "{error}");
        assert_eq!(fanfare_bootstrap::ErrorChain(&error).to_string(), format!("{error}: {why}"));
    }
}
