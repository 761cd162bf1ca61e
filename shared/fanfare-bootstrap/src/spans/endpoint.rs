//! Whether anybody wants spans, which is asked with and without the feature `otel`.

use crate::Environment;

const OF_TRACES: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
const GENERAL: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";

/// Where spans are to go, and which variable says so.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Endpoint {
    pub(super) variable: &'static str,
    pub(super) url: String,
}

impl Endpoint {
    /// What the environment asks for; `None` when it names no endpoint, or switches tracing off.
    ///
    /// The endpoint of traces is taken as it is, the general one gets their path
    /// (<https://opentelemetry.io/docs/specs/otel/protocol/exporter/>).
    pub(super) fn of(environment: &Environment) -> Option<Self> {
        let is = |name, value: &str| {
            environment.optional(name).is_some_and(|v| v.eq_ignore_ascii_case(value))
        };
        if is("OTEL_SDK_DISABLED", "true") || is("OTEL_TRACES_EXPORTER", "none") {
            return None;
        }
        match (environment.optional(OF_TRACES), environment.optional(GENERAL)) {
            (Some(url), _) => Some(Self { variable: OF_TRACES, url: url.to_owned() }),
            (None, Some(base)) => {
                let url = format!("{}/v1/traces", base.trim_end_matches('/'));
                Some(Self { variable: GENERAL, url })
            }
            (None, None) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(variables: &[(&str, &str)]) -> Option<Endpoint> {
        Endpoint::of(&Environment::from_iter(variables.iter().copied()))
    }

    #[test]
    fn without_an_endpoint_or_switched_off_there_is_none() {
        let general = (GENERAL, "http://localhost:4318");
        assert_eq!(endpoint(&[]), None);
        assert_eq!(endpoint(&[general, ("OTEL_SDK_DISABLED", "True")]), None);
        assert_eq!(endpoint(&[general, ("OTEL_TRACES_EXPORTER", "none")]), None);
        assert!(endpoint(&[general]).is_some());
    }

    #[test]
    fn the_endpoint_of_traces_is_taken_as_it_is_and_the_general_one_gets_their_path() {
        let general = (GENERAL, "http://localhost:4318/");
        let traces = (OF_TRACES, "https://traces.example/mine");
        let url = |variables: &[_]| endpoint(variables).expect("an endpoint").url;
        assert_eq!(url(&[general]), "http://localhost:4318/v1/traces");
        assert_eq!(url(&[general, traces]), "https://traces.example/mine");
    }
}
