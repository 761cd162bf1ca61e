//! The client from the function's settings.

use super::connection::{Connection, Patience};
use super::{ApiKey, Keys, Secret, Stripe};
use aws_sdk_secretsmanager::Client;
use fanfare_bootstrap::{Environment, SdkConfig, SettingError};
use http::Uri;
use http::uri::Scheme;

const URL: &str = "PAYMENT_GATEWAY_URL";
const KEY: &str = "PAYMENT_KEY";
const SECRET_ARN: &str = "PAYMENT_SECRET_ARN";
const METHOD: &str = "PAYMENT_METHOD";

const STRIPE: &str = "https://api.stripe.com";
/// The [test card](https://docs.stripe.com/testing) that is always good.
const TEST_CARD: &str = "pm_card_visa";

impl Stripe {
    /// The client that the environment asks for:
    ///
    /// - `PAYMENT_GATEWAY_URL`, Stripe's own when absent; unencrypted to this machine alone;
    /// - `PAYMENT_SECRET_ARN`, the secret that holds the key, or `PAYMENT_KEY`, the key itself, for test keys alone;
    /// - `PAYMENT_METHOD`, the payment method that is charged, a test card when absent.
    ///
    /// # Errors
    /// [`SettingError`] when one of them is missing or malformed. No error holds a key.
    pub fn from(environment: &Environment, config: &SdkConfig) -> Result<Self, SettingError> {
        let base = base(environment.optional(URL).unwrap_or(STRIPE))?;
        let keys = keys(environment, config)?;
        let method = environment.optional(METHOD).unwrap_or(TEST_CARD).to_owned();
        Ok(Self { connection: Connection::new(base, keys, Patience::default()), method })
    }
}

/// The URL's scheme and authority, checked.
fn base(url: &str) -> Result<String, SettingError> {
    let invalid = |reason: &str| SettingError::Invalid {
        name: URL.to_owned(),
        value: url.to_owned(),
        reason: reason.to_owned(),
    };
    let uri: Uri = url.parse().map_err(|_| invalid("it is no URL"))?;
    let (Some(scheme), Some(authority)) = (uri.scheme(), uri.authority()) else {
        return Err(invalid("it must be a whole URL, such as https://api.stripe.com"));
    };
    if uri.path() != "/" || uri.query().is_some() || authority.as_str().contains('@') {
        return Err(invalid("it must have no path, query or user"));
    }
    let is_loopback = matches!(authority.host(), "127.0.0.1" | "[::1]" | "localhost");
    match *scheme == Scheme::HTTPS || (*scheme == Scheme::HTTP && is_loopback) {
        true => Ok(format!("{scheme}://{authority}")),
        false => Err(invalid("it must be https, or http to this machine")),
    }
}

fn keys(environment: &Environment, config: &SdkConfig) -> Result<Keys, SettingError> {
    let invalid = |reason: &str| SettingError::Invalid {
        name: KEY.to_owned(),
        value: "(not shown)".to_owned(),
        reason: reason.to_owned(),
    };
    match (environment.optional(SECRET_ARN), environment.optional(KEY)) {
        (Some(_), Some(_)) => Err(invalid("PAYMENT_SECRET_ARN is set too")),
        (Some(arn), None) => Ok(Keys::Secret(Secret::new(Client::new(config), arn))),
        (None, Some(text)) => match ApiKey::new(text) {
            None => Err(invalid("it is no key")),
            Some(key) if key.is_live() => Err(invalid("a live key belongs in Secrets Manager")),
            Some(key) => Ok(Keys::Fixed(key)),
        },
        (None, None) => Err(SettingError::Missing { name: SECRET_ARN.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that is set up wrongly should end there")]
    use super::*;

    fn client(settings: &[(&str, &str)]) -> Result<Stripe, SettingError> {
        let config = SdkConfig::builder().build();
        Stripe::from(&Environment::from_iter(settings.iter().copied()), &config)
    }

    #[test]
    fn unencrypted_is_for_this_machine_alone() {
        for good in [
            "https://api.stripe.com",
            "https://api.stripe.com/",
            "http://127.0.0.1:80",
            "http://localhost",
        ] {
            assert_eq!(base(good).unwrap(), good.trim_end_matches('/'));
        }
        for bad in [
            "http://api.stripe.com",
            "http://127.0.0.1.evil.example",
            "ftp://localhost",
            "api.stripe.com",
            "https://api.stripe.com/v2",
            "https://u:p@api.stripe.com",
            "http://localhost@evil.example",
            "",
        ] {
            assert!(base(bad).is_err(), "{bad:?} was accepted");
        }
    }

    #[test]
    fn a_key_or_a_secret_is_needed_and_not_both() {
        let error = client(&[]).unwrap_err().to_string();
        assert!(error.starts_with("environment variable PAYMENT_SECRET_ARN is not set"), "{error}");
        assert!(client(&[("PAYMENT_KEY", "sk_test_1")]).is_ok());
        assert!(client(&[("PAYMENT_KEY", "sk_test_1"), ("PAYMENT_SECRET_ARN", "arn")]).is_err());
    }

    #[test]
    fn a_live_key_in_the_environment_is_refused_and_not_shown() {
        let error = client(&[("PAYMENT_KEY", "sk_live_abc")]).unwrap_err().to_string();
        assert!(error.contains("a live key belongs in Secrets Manager"), "{error}");
        assert!(!error.contains("abc"), "{error}");
    }
}
