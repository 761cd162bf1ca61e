//! The API key: where it comes from, and that it never shows.

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::error::ProvideErrorMetadata;
use fanfare::Failure;
use http::HeaderValue;
use std::fmt;
use tokio::sync::Mutex;

/// The dependency's name in failures and in the storm brake.
const SECRETS: &str = "secrets manager";

/// A key of the gateway's API. Nothing prints it.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(String);

impl ApiKey {
    /// Checks and wraps a key; space around it is dropped. `None` when it is empty, or can't be in a header.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        let is_key = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        is_key.then(|| Self(text.to_owned()))
    }

    /// Whether it moves real money, by [Stripe's prefixes](https://docs.stripe.com/keys).
    pub(super) fn is_live(&self) -> bool {
        ["sk_live_", "rk_live_"].iter().any(|prefix| self.0.starts_with(prefix))
    }

    /// The value of the header `Authorization`.
    pub(super) fn authorization(&self) -> Result<HeaderValue, Failure> {
        let value = HeaderValue::try_from(format!("Bearer {}", self.0));
        let mut value = value.map_err(|_| Failure::permanent("the gateway's key is no key"))?;
        value.set_sensitive(true);
        Ok(value)
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(…)")
    }
}

/// Where the key comes from.
#[derive(Debug)]
pub enum Keys {
    /// It is known from the start.
    Fixed(ApiKey),
    /// It is a secret, fetched when it is needed first.
    Secret(Secret),
}

/// A secret of AWS Secrets Manager whose text is the key.
#[derive(Debug)]
pub struct Secret {
    client: Client,
    arn: String,
    held: Mutex<Option<ApiKey>>,
}

impl Secret {
    /// The secret of this ARN.
    pub fn new(client: Client, arn: impl Into<String>) -> Self {
        Self { client, arn: arn.into(), held: Mutex::new(None) }
    }

    /// The key, fetched unless one is held that is not `refused`. Requests that need it at once wait for one fetch.
    async fn key(&self, refused: Option<&ApiKey>) -> Result<ApiKey, Failure> {
        let mut held = self.held.lock().await;
        if let Some(key) = held.as_ref().filter(|key| Some(*key) != refused) {
            return Ok(key.clone());
        }
        let answer = self.client.get_secret_value().secret_id(&self.arn).send().await;
        let secret = answer.map_err(|error| {
            let code = error.code().unwrap_or("no answer");
            Failure::unavailable(SECRETS, format!("the gateway's key could not be fetched: {code}"))
        })?;
        let key = ApiKey::new(secret.secret_string().unwrap_or_default());
        // Mending the secret mends it: the message is worth keeping.
        let key = key.ok_or_else(|| Failure::unavailable(SECRETS, "the secret holds no key"))?;
        Ok(held.insert(key).clone())
    }
}

impl Keys {
    /// The key to use.
    pub(super) async fn get(&self) -> Result<ApiKey, Failure> {
        match self {
            Self::Fixed(key) => Ok(key.clone()),
            Self::Secret(secret) => secret.key(None).await,
        }
    }

    /// Another key than the one that the gateway refused, if there is one by now.
    pub(super) async fn another_than(&self, refused: &ApiKey) -> Result<Option<ApiKey>, Failure> {
        match self {
            Self::Fixed(_) => Ok(None),
            Self::Secret(secret) => {
                let key = secret.key(Some(refused)).await?;
                Ok((key != *refused).then_some(key))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that is set up wrongly should end there")]
    use super::*;

    #[test]
    fn a_key_never_shows() {
        let key = ApiKey::new(" sk_test_abc\n").unwrap();
        let header = key.authorization().unwrap();

        assert_eq!(header, "Bearer sk_test_abc");
        for shown in [format!("{key:?}"), format!("{header:?}"), format!("{:?}", Keys::Fixed(key))]
        {
            assert!(!shown.contains("abc"), "{shown}");
        }
    }

    #[test]
    fn what_can_t_be_in_a_header_is_no_key() {
        for bad in ["", " \n", "sk_test a", "sk_test\na", "schlüssel"] {
            assert_eq!(ApiKey::new(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_live_key_is_told_from_a_test_key() {
        for (text, is_live) in [("sk_live_1", true), ("rk_live_1", true), ("sk_test_1", false)] {
            assert_eq!(ApiKey::new(text).unwrap().is_live(), is_live);
        }
    }
}
