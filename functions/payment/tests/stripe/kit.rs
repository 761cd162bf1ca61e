//! A sandbox and a client of it.

use event_schema::{Currency, CustomerId, OrderId};
use fanfare::Failure;
use fanfare::Timestamp;
use fanfare_bootstrap::{Environment, SdkConfig};
use payment::{Answer, Ask, Due, Gateway, Request, Stripe};
use payment_sandbox::{Charge, KEY, Sandbox};

/// A client that uses the sandbox's key.
pub(crate) fn client(url: &str) -> Stripe {
    let environment = Environment::from_iter([("PAYMENT_GATEWAY_URL", url), ("PAYMENT_KEY", KEY)]);
    Stripe::from(&environment, &SdkConfig::builder().build()).unwrap()
}

pub(crate) struct Bench {
    pub(crate) sandbox: Sandbox,
    pub(crate) stripe: Stripe,
}

impl Bench {
    pub(crate) async fn start() -> Self {
        let sandbox = Sandbox::start().await.unwrap();
        let stripe = client(&sandbox.url());
        Self { sandbox, stripe }
    }

    pub(crate) async fn charge(&self, amount: u64) -> Result<Answer, Failure> {
        self.stripe.ask(charge(amount)).await
    }

    pub(crate) async fn withdraw(&self, amount: u64) -> Result<Answer, Failure> {
        self.stripe.ask(Request { ask: Ask::Withdraw, ..charge(amount) }).await
    }

    pub(crate) async fn refund(&self, amount: u64) -> Result<Answer, Failure> {
        let key = "evt_refund".to_owned();
        let ask = Ask::Refund { payment_id: "pi_sandbox_1".to_owned() };
        self.stripe.ask(Request { key, since: None, ask, ..charge(amount) }).await
    }

    pub(crate) async fn look_at_refund(&self, amount: u64) -> Result<Answer, Failure> {
        let ask = Ask::LookAtRefund { payment_id: "pi_sandbox_1".to_owned() };
        self.stripe.ask(Request { since: None, ask, ..charge(amount) }).await
    }

    /// What was captured and refunded in all, of the one order.
    pub(crate) fn moved(&self) -> (u64, u64) {
        let charges = self.sandbox.charges();
        assert!(charges.iter().all(|charge| charge.order_id == "ord_1"), "{charges:?}");
        let sum = |of: fn(&Charge) -> u64| charges.iter().map(of).sum();
        (sum(|charge| charge.captured), sum(|charge| charge.refunded))
    }
}

pub(crate) fn charged() -> Answer {
    Answer::Charged { payment_id: "pi_sandbox_1".to_owned() }
}

pub(crate) fn refunded() -> Answer {
    Answer::Refunded { payment_id: "pi_sandbox_1".to_owned() }
}

pub(crate) fn refund_pending() -> Answer {
    Answer::RefundPending { payment_id: "pi_sandbox_1".to_owned() }
}

/// The request to charge the one order.
pub(crate) fn charge(amount: u64) -> Request {
    let customer_id = CustomerId::new("cust_1").unwrap();
    Request {
        key: "charge:ord_1".to_owned(),
        since: Some(Timestamp::now()),
        order_id: OrderId::new("ord_1").unwrap(),
        due: Due { customer_id, amount, currency: Currency::EUR },
        ask: Ask::Charge,
    }
}

#[track_caller]
pub(crate) fn assert_unknown(answer: Result<Answer, Failure>) {
    assert!(matches!(answer, Err(Failure::Unknown { .. })), "{answer:?}");
}

#[track_caller]
pub(crate) fn assert_unavailable(answer: Result<Answer, Failure>) {
    assert!(matches!(answer, Err(Failure::Unavailable { .. })), "{answer:?}");
}
