//! What OpenTelemetry's environment variables ask for
//! (<https://opentelemetry.io/docs/specs/otel/protocol/exporter/>).
//!
//! As that specification has it, telemetry never keeps a program from its work: what can't be honoured is named in
//! the log, without its value, since headers hold keys.

use crate::Environment;
use crate::spans::endpoint::Endpoint;
use opentelemetry::KeyValue;
use percent_encoding::percent_decode_str;
use std::collections::HashMap;

/// Where spans go, and what is said with them.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) endpoint: String,
    pub(super) headers: HashMap<String, String>,
    /// What all spans have in common.
    pub(super) resource: Vec<KeyValue>,
}

impl Settings {
    /// What the environment asks for; `None` when it names no endpoint, or switches tracing off.
    pub(super) fn of(environment: &Environment) -> Option<Self> {
        let endpoint = http_url(Endpoint::of(environment)?)?;
        let of_traces = "OTEL_EXPORTER_OTLP_TRACES_HEADERS";
        let headers = match environment.optional(of_traces) {
            Some(_) => pairs(environment, of_traces),
            None => pairs(environment, "OTEL_EXPORTER_OTLP_HEADERS"),
        };
        for name in ["OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"] {
            if environment.optional(name).is_some_and(|protocol| protocol != "http/protobuf") {
                tracing::warn!(name, "spans are sent by http/protobuf, whatever this says");
            }
        }
        Some(Self { endpoint, headers: headers.collect(), resource: resource(environment) })
    }
}

fn http_url(Endpoint { variable, url }: Endpoint) -> Option<String> {
    let uri = url.parse::<http::Uri>().ok();
    let is_http = uri.is_some_and(|uri| matches!(uri.scheme_str(), Some("http" | "https")));
    if !is_http {
        tracing::warn!(name = variable, "no http or https URL: no spans are sent");
    }
    is_http.then_some(url)
}

/// A list such as `key=value,other=percent%20encoded`.
fn pairs<'a>(
    environment: &'a Environment,
    name: &'static str,
) -> impl Iterator<Item = (String, String)> + use<'a> {
    let list = environment.optional(name).unwrap_or_default().split(',');
    list.filter(|pair| !pair.trim().is_empty()).filter_map(move |pair| {
        let read = pair.split_once('=').and_then(|(key, value)| {
            let value = percent_decode_str(value.trim()).decode_utf8().ok()?;
            Some((key.trim().to_owned(), value.into_owned())).filter(|(key, _)| !key.is_empty())
        });
        if read.is_none() {
            tracing::warn!(name, "a part of the list is no key=value");
        }
        read
    })
}

/// What the spans are of: <https://opentelemetry.io/docs/specs/semconv/resource/faas/>.
fn resource(environment: &Environment) -> Vec<KeyValue> {
    let mut attributes: HashMap<String, String> = HashMap::new();
    let function = environment.optional("AWS_LAMBDA_FUNCTION_NAME");
    let mut set = |key: &str, value: Option<&str>| {
        attributes.extend(value.map(|value| (key.to_owned(), value.to_owned())));
    };
    set("service.name", Some(function.unwrap_or("unknown_service")));
    set("faas.name", function);
    set("faas.version", environment.optional("AWS_LAMBDA_FUNCTION_VERSION"));
    set("faas.instance", environment.optional("AWS_LAMBDA_LOG_STREAM_NAME"));
    set("cloud.provider", function.map(|_| "aws"));
    set("cloud.platform", function.map(|_| "aws_lambda"));
    set("cloud.region", environment.optional("AWS_REGION"));
    attributes.extend(pairs(environment, "OTEL_RESOURCE_ATTRIBUTES"));
    let service = environment.optional("OTEL_SERVICE_NAME");
    attributes.extend(service.map(|name| ("service.name".to_owned(), name.to_owned())));
    let memory = environment.optional("AWS_LAMBDA_FUNCTION_MEMORY_SIZE");
    // Lambda says megabytes, the convention asks for bytes.
    let memory = memory.and_then(|mb| mb.parse::<i64>().ok()?.checked_mul(1024 * 1024));
    let mut resource: Vec<_> =
        attributes.into_iter().map(|(key, value)| KeyValue::new(key, value)).collect();
    resource.extend(memory.map(|bytes| KeyValue::new("faas.max_memory", bytes)));
    resource
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(variables: &[(&str, &str)]) -> Option<Settings> {
        Settings::of(&Environment::from_iter(variables.iter().copied()))
    }

    fn attribute(settings: &Settings, key: &str) -> Option<String> {
        let found = settings.resource.iter().find(|attribute| attribute.key.as_str() == key);
        found.map(|attribute| attribute.value.to_string())
    }

    #[test]
    fn what_is_no_http_url_gets_no_spans() {
        let settings = |url| settings(&[("OTEL_EXPORTER_OTLP_ENDPOINT", url)]);
        assert!(settings("localhost:4318").is_none());
        assert!(settings("http://localhost:4318").is_some());
    }

    #[test]
    fn headers_are_decoded_and_malformed_ones_left_out() {
        let headers = ("OTEL_EXPORTER_OTLP_HEADERS", "api-key=a%20b, broken,x = y,=z");
        let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318");
        let headers = settings(&[endpoint, headers]).expect("settings").headers;
        let expected = [("api-key", "a b"), ("x", "y")].map(|(k, v)| (k.to_owned(), v.to_owned()));
        assert_eq!(headers, HashMap::from(expected));
    }

    #[test]
    fn the_service_is_the_function_unless_somebody_says_otherwise() {
        let lambda = [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318"),
            ("AWS_LAMBDA_FUNCTION_NAME", "fanfare-email"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
        ];
        let plain = settings(&lambda).expect("settings");
        assert_eq!(attribute(&plain, "service.name").as_deref(), Some("fanfare-email"));
        assert_eq!(attribute(&plain, "faas.name").as_deref(), Some("fanfare-email"));
        assert_eq!(attribute(&plain, "faas.max_memory").as_deref(), Some("268435456"));

        let given = ("OTEL_RESOURCE_ATTRIBUTES", "service.name=mails,team=b%C3%BCro");
        let with = |more: &[(&'static str, &'static str)]| {
            let settings = settings(&[&lambda, more].concat()).expect("settings");
            (attribute(&settings, "service.name"), attribute(&settings, "team"))
        };
        assert_eq!(with(&[given]), (Some("mails".to_owned()), Some("büro".to_owned())));
        assert_eq!(with(&[given, ("OTEL_SERVICE_NAME", "post")]).0.as_deref(), Some("post"));
    }
}
