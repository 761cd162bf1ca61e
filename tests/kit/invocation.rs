//! Calls of the API's function itself, as AWS's function URL makes them: LocalStack's says nothing of who signed.

use crate::{Answer, Signer};
use bytes::Bytes;
use http::header::HOST;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request};
use http_body_util::Full;
use serde_json::{Map, Value, json};

/// A function, and who calls it.
#[derive(Clone, Debug)]
pub(crate) struct Invocation {
    pub(crate) function: String,
    pub(crate) signer: Signer,
}

impl Invocation {
    /// The request of Lambda's `Invoke` that stands for a call.
    ///
    /// # Panics
    /// When a part of it can't be in a request.
    pub(crate) fn request(
        &self,
        endpoint: &str,
        (method, path): (&Method, &str),
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Request<Full<Bytes>> {
        let event = event((method, path), headers, body).to_string();
        let url = format!("{endpoint}/2015-03-31/functions/{}/invocations", self.function);
        let request = Request::post(url).body(Full::new(Bytes::from(event.clone())));
        let mut request = request.expect("a valid request");
        let host = format!("lambda.{}.amazonaws.com", self.signer.region);
        request.headers_mut().insert(HOST, HeaderValue::from_str(&host).expect("a host is text"));
        self.signer.sign(&mut request, &host, event.as_bytes());
        request
    }
}

fn event((method, path): (&Method, &str), headers: &[(&str, &str)], body: &[u8]) -> Value {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let query: Map<_, _> = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect();
    let headers: Map<_, _> =
        headers.iter().map(|(name, value)| (name.to_lowercase(), (*value).into())).collect();
    json!({
        "version": "2.0", "rawPath": path, "queryStringParameters": query, "headers": headers,
        "body": String::from_utf8_lossy(body), "isBase64Encoded": false,
        "requestContext": {
            "http": {"method": method.as_str(), "path": path},
            "authorizer": {"iam": {"userArn": "arn:aws:iam::000000000000:root"}},
        },
    })
}

/// The API's answer in the function's.
///
/// # Panics
/// When the function did not answer as behind a URL.
pub(crate) fn answer(of_function: Answer) -> Answer {
    let said = &of_function.body;
    let status = said["statusCode"].as_u64().and_then(|status| u16::try_from(status).ok());
    let header = |(name, value): (&String, &Value)| {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        Some((name, HeaderValue::from_str(value.as_str()?).ok()?))
    };
    let headers: HeaderMap =
        said["headers"].as_object().into_iter().flatten().filter_map(header).collect();
    let text = said["body"].as_str().unwrap_or_default();
    Answer {
        status: status.unwrap_or_else(|| panic!("no status: {of_function:?}")),
        headers,
        body: serde_json::from_str(text).unwrap_or_else(|_| text.into()),
    }
}
