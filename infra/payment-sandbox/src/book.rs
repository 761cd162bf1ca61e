//! The gateway's book: payment intents, and what was captured and given back.

use crate::behaviour::{Behaviour, Step};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};

/// One payment, as `GET /sandbox/charges` lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Charge {
    /// The order that it is for, by the metadata `order_id`; empty without.
    pub order_id: String,
    /// The gateway's name for it.
    pub payment_id: String,
    /// What is due, in minor units of `currency`.
    pub amount: u64,
    /// The currency's ISO 4217 code in lower case.
    pub currency: String,
    /// Stripe's [status](https://docs.stripe.com/payments/paymentintents/lifecycle), such as `succeeded`.
    pub status: &'static str,
    /// What was taken from the customer, in minor units.
    pub captured: u64,
    /// What was given back to the customer, in minor units.
    pub refunded: u64,
}

/// A payment intent.
#[derive(Debug, Clone)]
pub(crate) struct Intent {
    pub(crate) id: String,
    pub(crate) amount: u64,
    pub(crate) currency: String,
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) status: &'static str,
    pub(crate) captured: u64,
    pub(crate) refunds: Vec<Refund>,
    pub(crate) last_error: Option<Value>,
    /// How often a step of it was refused.
    pub(crate) refusals: u32,
}

#[derive(Debug, Clone)]
pub(crate) struct Refund {
    pub(crate) id: String,
    pub(crate) amount: u64,
    pub(crate) status: &'static str,
}

/// Every intent, in order.
#[derive(Debug, Default)]
pub(crate) struct Book {
    intents: Vec<Intent>,
    /// How often an intent of this amount and metadata was refused.
    refusals: HashMap<(u64, BTreeMap<String, String>), u32>,
}

impl Book {
    /// Whether an intent is to be refused, and how.
    pub(crate) fn refusal(
        &mut self,
        amount: u64,
        metadata: &BTreeMap<String, String>,
    ) -> Option<u16> {
        let refusals = self.refusals.entry((amount, metadata.clone())).or_default();
        Behaviour::of(amount).refusal(Step::Create, refusals)
    }

    pub(crate) fn charges(&self) -> Vec<Charge> {
        self.intents.iter().map(Intent::charge).collect()
    }

    pub(crate) fn open(
        &mut self,
        amount: u64,
        currency: String,
        metadata: BTreeMap<String, String>,
    ) -> Intent {
        let intent = Intent {
            id: format!("pi_sandbox_{}", self.intents.len() + 1),
            amount,
            currency,
            metadata,
            status: "requires_confirmation",
            captured: 0,
            refunds: Vec::new(),
            last_error: None,
            refusals: 0,
        };
        self.intents.push(intent.clone());
        intent
    }

    pub(crate) fn intent(&mut self, id: &str) -> Option<&mut Intent> {
        self.intents.iter_mut().find(|intent| intent.id == id)
    }
}

impl Intent {
    pub(crate) fn behaviour(&self) -> Behaviour {
        Behaviour::of(self.amount)
    }

    pub(crate) fn capture(&mut self) {
        self.captured += self.amount;
        self.status = match self.behaviour() {
            Behaviour::Processing => "processing",
            _ => "succeeded",
        };
    }

    /// What a look at it finds: by then nothing is being processed any more.
    pub(crate) fn look(&mut self) -> Value {
        if self.status == "processing" {
            self.status = "succeeded";
        }
        self.json()
    }

    /// The refund's status and id.
    pub(crate) fn refund(&mut self, amount: u64) -> Refund {
        let status = match self.behaviour() {
            Behaviour::RefundFails => "failed",
            Behaviour::RefundPends { first, .. } => first,
            _ => "succeeded",
        };
        let id = format!("re_{}_{}", self.id, self.refunds.len() + 1);
        let refund = Refund { id, amount, status };
        self.refunds.push(refund.clone());
        refund
    }

    /// What a look at its refunds finds. What is pending has come to its end by the next look.
    pub(crate) fn look_at_refunds(&mut self) -> Vec<Value> {
        let found = self.refunds.iter().map(|refund| self.refund_json(refund)).collect();
        if let Behaviour::RefundPends { first, then } = self.behaviour() {
            let pending = self.refunds.iter_mut().filter(|refund| refund.status == first);
            pending.for_each(|refund| refund.status = then);
        }
        found
    }

    pub(crate) fn refunded(&self) -> u64 {
        let made = self.refunds.iter().filter(|refund| refund.status != "failed");
        made.map(|refund| refund.amount).sum()
    }

    /// Whether this request for a step is to be refused, and how.
    pub(crate) fn refusal(&mut self, step: Step) -> Option<u16> {
        self.behaviour().refusal(step, &mut self.refusals)
    }

    pub(crate) fn json(&self) -> Value {
        json!({
            "id": self.id,
            "object": "payment_intent",
            "amount": self.amount,
            "amount_received": self.captured,
            "currency": self.currency,
            "last_payment_error": self.last_error,
            "livemode": false,
            "metadata": self.metadata,
            "status": self.status,
        })
    }

    pub(crate) fn refund_json(&self, refund: &Refund) -> Value {
        json!({
            "id": refund.id,
            "object": "refund",
            "amount": refund.amount,
            "currency": self.currency,
            "payment_intent": self.id,
            "status": refund.status,
        })
    }

    fn charge(&self) -> Charge {
        Charge {
            order_id: self.metadata.get("order_id").cloned().unwrap_or_default(),
            payment_id: self.id.clone(),
            amount: self.amount,
            currency: self.currency.clone(),
            status: self.status,
            captured: self.captured,
            refunded: self.refunded(),
        }
    }
}

impl Step {
    /// The parameters that it knows, besides metadata.
    pub(crate) fn parameters(self) -> &'static [&'static str] {
        match self {
            Self::Create => &["amount", "currency", "payment_method", "payment_method_types[]"],
            Self::Confirm => &["error_on_requires_action"],
            Self::Refund => &["payment_intent", "amount"],
        }
    }
}
