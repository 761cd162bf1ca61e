//! Where a stack's HTTP API is.

use super::client::{ApiError, PATIENCE, reason};
use super::sign::{Scope, sign_request};
use aws_sdk_sqs::error::BoxError;
use fanfare_operate::{Connection, HttpClient, is_local};
use http::header::CONTENT_TYPE;
use http::{Request, Uri, uri};
use serde_json::Value;

/// The version of CloudFormation's API
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html>).
const VERSION: &str = "2010-05-15";
/// The output that the template names the API's address by.
const OUTPUT: &str = "ApiUrl";

/// The address of a stack's HTTP API: what the local runner says, which has no CloudFormation, and else the stack's
/// output `ApiUrl`.
///
/// # Errors
/// [`ApiError::Unknown`] when neither tells; [`ApiError::Stack`] when nobody is at the endpoint.
pub async fn api_url(stack: &Connection) -> Result<String, ApiError> {
    let unknown = |source| ApiError::Unknown { stack: stack.stack().to_owned(), source };
    if let Some(running) = stack.runner().await? {
        return running.api_url.ok_or_else(|| unknown("the runner does not tell".into()));
    }
    let described = describe_stack(stack).await.map_err(unknown)?;
    let url = output(&described, OUTPUT);
    let url = url.ok_or_else(|| unknown("it has no output ApiUrl".into()))?;
    let endpoint = stack.config().endpoint_url();
    match endpoint.filter(|endpoint| is_local(endpoint) == Some(true)) {
        Some(endpoint) => at_port_of(url, endpoint).map_err(unknown),
        None => Ok(url.to_owned()),
    }
}

/// CloudFormation's answer in XML. There is one call, which is not worth the whole client.
async fn describe_stack(stack: &Connection) -> Result<String, BoxError> {
    let region = stack.config().region().map(AsRef::as_ref).ok_or("there is no region")?;
    let aws = format!("https://cloudformation.{region}.amazonaws.com");
    let endpoint = stack.config().endpoint_url().unwrap_or(&aws).trim_end_matches('/');
    let name = encoded(stack.stack());
    let body = format!("Action=DescribeStacks&Version={VERSION}&StackName={name}");
    let mut request = Request::post(format!("{endpoint}/"))
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(body)?;
    sign_request(stack, &Scope { service: "cloudformation", region: None }, &mut request).await?;
    let (head, body) = HttpClient::default().call(request, PATIENCE).await?.into_parts();
    let text = String::from_utf8(body)?;
    match head.status.as_u16() {
        200 => Ok(text),
        status => {
            let json: Value = serde_json::from_str(&text).unwrap_or_default();
            let said = element(&text, "Message").map(str::to_owned);
            Err(format!("{status}: {}", said.unwrap_or_else(|| reason(&json))).into())
        }
    }
}

/// The value of a stack's output. A URL needs none of XML's escapes, and neither does a name.
fn output<'a>(stack: &'a str, key: &str) -> Option<&'a str> {
    let mut outputs = stack.split("<OutputKey>").skip(1);
    // The order of the elements is nowhere promised: this is that of AWS and of both emulators.
    let found = outputs.find(|rest| rest.split('<').next() == Some(key))?;
    element(found, "OutputValue").filter(|value| !value.is_empty())
}

/// What is in the first element of a name.
fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    Some(rest.split_once("</")?.0)
}

/// The URL at the endpoint's port: an emulator serves all on one, and may not know which that is outside of it.
fn at_port_of(url: &str, endpoint: &str) -> Result<String, BoxError> {
    let endpoint: Uri = endpoint.parse()?;
    let mut parts = url.parse::<Uri>()?.into_parts();
    let host = parts.authority.as_ref().map(uri::Authority::host).unwrap_or_default();
    if let Some(port) = endpoint.port_u16() {
        parts.authority = Some(format!("{host}:{port}").parse()?);
    }
    Ok(Uri::from_parts(parts)?.to_string())
}

/// A text as a value of a form.
fn encoded(text: &str) -> String {
    let byte = |b: u8| match b.is_ascii_alphanumeric() || b"-._~".contains(&b) {
        true => char::from(b).to_string(),
        false => format!("%{b:02X}"),
    };
    text.bytes().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stack_s_outputs_are_found_by_their_keys() {
        let stack = "<Outputs><member><OutputKey>EventsTopic</OutputKey><OutputValue>arn:x</OutputValue></member>\
             <member><OutputKey>ApiUrl</OutputKey><Description>Where.</Description>\
             <OutputValue>https://abc.execute-api.eu-west-1.amazonaws.com</OutputValue></member></Outputs>";
        let url = "https://abc.execute-api.eu-west-1.amazonaws.com";
        assert_eq!(output(stack, "ApiUrl"), Some(url));
        assert_eq!(output(stack, "Api"), None);
    }

    #[test]
    fn an_emulator_s_api_is_at_the_emulator_s_port() {
        let url = at_port_of("http://abc.execute-api.localhost:4566", "http://127.0.0.1:4571");
        assert_eq!(url.expect("a URL"), "http://abc.execute-api.localhost:4571/");
    }

    #[test]
    fn a_stack_s_arn_fits_into_a_form() {
        assert_eq!(encoded("arn:aws:x/fan-fare"), "arn%3Aaws%3Ax%2Ffan-fare");
    }
}
