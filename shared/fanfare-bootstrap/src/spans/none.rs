//! What stands for the exporter in a build without the feature `otel`.

use crate::Environment;
use crate::spans::endpoint::Endpoint;
use crate::spans::span::Span;
use std::convert::Infallible;
use std::time::Duration;

/// Exports spans by OTLP over HTTP, in a build with the feature `otel`. This build is without it: there is no value of
/// this type, and what depends on one compiles to nothing.
///
/// ```
/// use fanfare_bootstrap::{Environment, SpanExporter};
///
/// let nobody_listens = Environment::default();
/// assert!(SpanExporter::from_environment(&nobody_listens).is_none());
/// ```
#[derive(Debug)]
pub struct SpanExporter(Infallible);

impl SpanExporter {
    /// Always `None`. When the environment asks for spans, a line of the log names the feature that is missing.
    pub fn from_environment(environment: &Environment) -> Option<Self> {
        if let Some(Endpoint { variable, .. }) = Endpoint::of(environment) {
            tracing::warn!(
                variable,
                "no spans are sent: this program was built without the feature `otel` of fanfare-bootstrap"
            );
        }
        None
    }

    /// Sends spans, in a build with the feature `otel`.
    pub async fn export(&self, _spans: Vec<Span>, _within: Duration) {
        match self.0 {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    /// What was logged.
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().expect("nobody panicked").write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// What is logged when an exporter is asked for.
    fn logged(variables: &[(&str, &str)]) -> String {
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone()).finish();
        let environment = Environment::from_iter(variables.iter().copied());
        tracing::subscriber::with_default(subscriber, || {
            assert!(SpanExporter::from_environment(&environment).is_none());
        });
        let bytes = log.0.lock().expect("nobody panicked").clone();
        String::from_utf8(bytes).expect("text")
    }

    #[test]
    fn who_asks_for_spans_is_told_of_the_feature_in_one_line() {
        let told = logged(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318")]);
        assert_eq!(told.lines().count(), 1, "{told}");
        assert!(told.contains("OTEL_EXPORTER_OTLP_ENDPOINT") && told.contains("`otel`"), "{told}");
    }

    #[test]
    fn who_does_not_ask_is_told_nothing() {
        assert_eq!(logged(&[]), "");
        let switched_off =
            [("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost"), ("OTEL_SDK_DISABLED", "true")];
        assert_eq!(logged(&switched_off), "");
    }
}
