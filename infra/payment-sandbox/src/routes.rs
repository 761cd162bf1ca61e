//! What is asked, and what becomes of it.

use crate::Gateway;
use crate::answer::Answer;
use crate::behaviour::{Behaviour, Step};
use crate::book::Intent;
use crate::idempotency::Asked;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A request, read.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) is_post: bool,
    pub(crate) path: String,
    pub(crate) form: Vec<(String, String)>,
    pub(crate) key: Option<String>,
    pub(crate) authorization: Option<String>,
}

/// Answers a request. All that it does is done when this returns, whatever becomes of the answer.
pub(crate) fn answer(gateway: &mut Gateway, request: Request) -> Answer {
    if !request.is_post && request.path == "/sandbox/charges" {
        return Answer::ok(json!(gateway.book.charges()));
    }
    if request.authorization != Some(format!("Bearer {}", gateway.key)) {
        return invalid(401, "api_key_invalid", "Invalid API Key provided.");
    }
    let asked = Asked { path: request.path, form: request.form };
    match request.key.filter(|_| request.is_post) {
        None => execute(gateway, request.is_post, &asked),
        Some(key) => match gateway.answered.repeated(&key, &asked) {
            Some(answer) => answer,
            None => {
                let answer = execute(gateway, true, &asked);
                gateway.answered.keep(key, asked, &answer);
                answer
            }
        },
    }
}

fn execute(gateway: &mut Gateway, is_post: bool, asked: &Asked) -> Answer {
    let path: Vec<&str> = asked.path.trim_start_matches('/').split('/').collect();
    match (is_post, path.as_slice()) {
        (true, ["v1", "payment_intents"]) => create(gateway, asked),
        (true, ["v1", "payment_intents", id, "confirm"]) => {
            known(Step::Confirm, asked).unwrap_or_else(|| on(gateway, id, confirm))
        }
        (true, ["v1", "payment_intents", id, "cancel"]) => on(gateway, id, cancel),
        (false, ["v1", "payment_intents", id]) => {
            on(gateway, id, |intent| Answer::ok(intent.look()))
        }
        (true, ["v1", "refunds"]) => refund(gateway, asked),
        (false, ["v1", "refunds"]) => refunds(gateway, asked),
        _ => invalid(404, "resource_missing", "Unrecognized request URL."),
    }
}

fn create(gateway: &mut Gateway, asked: &Asked) -> Answer {
    if let Some(refusal) = known(Step::Create, asked) {
        return refusal;
    }
    let amount = asked.get("amount").and_then(|amount| amount.parse::<u64>().ok());
    let (Some(amount), Some(currency)) = (amount, asked.get("currency")) else {
        return invalid(400, "parameter_missing", "amount and currency are required.");
    };
    if amount == 0 {
        return invalid(400, "amount_too_small", "Amount must be at least 1.");
    }
    if currency.len() != 3 || !currency.bytes().all(|letter| letter.is_ascii_lowercase()) {
        return invalid(400, "parameter_invalid", "Invalid currency.");
    }
    let metadata = asked.metadata();
    if let Some(status) = gateway.book.refusal(amount, &metadata) {
        return nothing_done(status);
    }
    let intent = gateway.book.open(amount, currency.to_owned(), metadata);
    Answer::ok(intent.json()).delivered(intent.behaviour(), Step::Create)
}

fn confirm(intent: &mut Intent) -> Answer {
    if !matches!(intent.status, "requires_confirmation" | "requires_payment_method") {
        return unexpected_state(intent);
    }
    if let Some(status) = intent.refusal(Step::Confirm) {
        return nothing_done(status);
    }
    let behaviour = intent.behaviour();
    if let Behaviour::Declined(decline_code) = behaviour {
        let error = json!({
            "type": "card_error", "code": "card_declined", "decline_code": decline_code,
            "message": "Your card was declined.",
        });
        intent.status = "requires_payment_method";
        intent.last_error = Some(error.clone());
        return Answer::error(402, with(error, intent));
    }
    intent.capture();
    Answer::ok(intent.json()).delivered(behaviour, Step::Confirm)
}

fn cancel(intent: &mut Intent) -> Answer {
    match intent.status {
        "requires_confirmation" | "requires_payment_method" => {
            intent.status = "canceled";
            Answer::ok(intent.json())
        }
        _ => unexpected_state(intent),
    }
}

fn refund(gateway: &mut Gateway, asked: &Asked) -> Answer {
    if let Some(refusal) = known(Step::Refund, asked) {
        return refusal;
    }
    let (Some(id), Some(amount)) = (asked.get("payment_intent"), asked.get("amount")) else {
        return invalid(400, "parameter_missing", "payment_intent and amount are required.");
    };
    let Ok(amount) = amount.parse::<u64>() else {
        return invalid(400, "parameter_invalid_integer", "Invalid integer: amount.");
    };
    on(gateway, id, |intent| {
        let left = intent.captured - intent.refunded();
        if intent.captured > 0 && left == 0 {
            return invalid(400, "charge_already_refunded", "The charge has been refunded.");
        }
        if amount > left {
            return invalid(400, "amount_too_large", "The amount is greater than what is left.");
        }
        if let Some(status) = intent.refusal(Step::Refund) {
            return nothing_done(status);
        }
        let refund = intent.refund(amount);
        Answer::ok(intent.refund_json(&refund)).delivered(intent.behaviour(), Step::Refund)
    })
}

fn refunds(gateway: &mut Gateway, asked: &Asked) -> Answer {
    let id = asked.get("payment_intent").unwrap_or_default();
    on(gateway, id, |intent| {
        let refunds = intent.look_at_refunds();
        Answer::ok(json!({"object": "list", "data": refunds, "has_more": false}))
    })
}

/// Answers about an intent, if there is one.
fn on(gateway: &mut Gateway, id: &str, answer: impl FnOnce(&mut Intent) -> Answer) -> Answer {
    match gateway.book.intent(id) {
        Some(intent) => answer(intent),
        None => invalid(404, "resource_missing", "No such payment_intent."),
    }
}

/// The refusal of a parameter that the step does not know.
fn known(step: Step, asked: &Asked) -> Option<Answer> {
    let is_known = |name: &str| step.parameters().contains(&name) || name.starts_with("metadata[");
    let (name, _) = asked.form.iter().find(|(name, _)| !is_known(name))?;
    let message = format!("Received unknown parameter: {name}");
    Some(invalid(400, "parameter_unknown", &message))
}

fn invalid(status: u16, code: &str, message: &str) -> Answer {
    Answer::refused(status, "invalid_request_error", code, message)
}

fn nothing_done(status: u16) -> Answer {
    Answer::refused(status, "api_error", "sandbox", "Nothing was done.")
}

fn unexpected_state(intent: &Intent) -> Answer {
    let error = json!({
        "type": "invalid_request_error", "code": "payment_intent_unexpected_state",
        "message": "The status of the PaymentIntent does not allow that.",
    });
    Answer::error(400, with(error, intent))
}

fn with(mut error: Value, intent: &Intent) -> Value {
    if let Some(fields) = error.as_object_mut() {
        fields.insert("payment_intent".to_owned(), intent.json());
    }
    error
}

impl Asked {
    fn get(&self, name: &str) -> Option<&str> {
        self.form.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn metadata(&self) -> BTreeMap<String, String> {
        let name = |name: &str| Some(name.strip_prefix("metadata[")?.strip_suffix(']')?.to_owned());
        let pairs = self.form.iter();
        pairs.filter_map(|(key, value)| Some((name(key)?, value.clone()))).collect()
    }
}
