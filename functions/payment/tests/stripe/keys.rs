//! The API key from a secret, and what becomes of a request without a good one.

use crate::kit::{assert_unavailable, charge, charged};
use crate::secrets::Secrets;
use fanfare::Failure;
use fanfare_bootstrap::Environment;
use payment::{Gateway, Stripe};
use payment_sandbox::Sandbox;

/// A client whose key is a secret.
async fn client(sandbox: &Sandbox, secrets: &Secrets) -> Stripe {
    let environment = Environment::from_iter([
        ("PAYMENT_GATEWAY_URL", sandbox.url()),
        ("PAYMENT_SECRET_ARN", "arn:aws:secretsmanager:eu-west-1:1:secret:stripe".to_owned()),
    ]);
    Stripe::from(&environment, &secrets.config().await).unwrap()
}

#[tokio::test]
async fn the_key_is_fetched_once_when_it_is_needed() {
    let sandbox = Sandbox::start_with_key("sk_test_1").await.unwrap();
    let secrets = Secrets::start("sk_test_1\n").await;
    let stripe = client(&sandbox, &secrets).await;
    assert_eq!(secrets.fetched(), 0);

    for _ in 0..2 {
        assert_eq!(stripe.ask(charge(2500)).await.unwrap(), charged());
    }
    assert_eq!(secrets.fetched(), 1);
}

#[tokio::test]
async fn a_key_that_was_rotated_is_fetched_anew() {
    let sandbox = Sandbox::start_with_key("sk_test_1").await.unwrap();
    let secrets = Secrets::start("sk_test_1").await;
    let stripe = client(&sandbox, &secrets).await;
    assert_eq!(stripe.ask(charge(2500)).await.unwrap(), charged());

    sandbox.change_key("sk_test_2");
    secrets.set("sk_test_2");

    assert_eq!(stripe.ask(charge(2500)).await.unwrap(), charged());
    assert_eq!(secrets.fetched(), 2);
}

#[tokio::test]
async fn a_key_that_is_no_good_charges_nothing_and_can_be_mended() {
    let sandbox = Sandbox::start_with_key("sk_test_1").await.unwrap();
    let secrets = Secrets::start("sk_test_old").await;
    let stripe = client(&sandbox, &secrets).await;

    let failure = stripe.ask(charge(2500)).await.unwrap_err();
    assert_eq!(failure.to_string(), "the gateway does not take the key: 401");
    assert!(matches!(failure, Failure::Unavailable { .. }));
    assert_eq!(sandbox.charges(), []);

    secrets.set("sk_test_1");
    assert_eq!(stripe.ask(charge(2500)).await.unwrap(), charged());
}

#[tokio::test]
async fn a_secret_that_holds_no_key_charges_nothing() {
    let sandbox = Sandbox::start().await.unwrap();
    let secrets = Secrets::start("").await;
    let stripe = client(&sandbox, &secrets).await;

    assert_unavailable(stripe.ask(charge(2500)).await);
    assert_eq!(sandbox.charges(), []);
}
