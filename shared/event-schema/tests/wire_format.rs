//! The wire format: what was ever published stays readable, and nothing that arrives makes a panic.

use event_schema::{OrderPlaced, StoreEvent};
use fanfare_event::{Envelope, Event, EventType, Payload, SchemaError};
use proptest::prelude::*;

/// The example that the format comes from, as it stands.
const SEED: &str = r#"{ "eventType": "OrderPlaced", "eventId": "evt_123456", "timestamp": "2024-01-15T10:30:00Z",
  "payload": { "orderId": "ord_789", "customerId": "cust_456",
               "items": [{ "sku": "mug", "quantity": 2 }], "totalAmount": 5000 } }"#;

fn decode(json: &str) -> Result<Event<StoreEvent>, SchemaError> {
    Event::from_envelope(&Envelope::from_json(json)?)
}

#[test]
fn the_seed_example_parses_as_it_stands() {
    let event = decode(SEED).expect("the seed example is valid");

    assert_eq!(event.id.as_str(), "evt_123456");
    assert_eq!(event.timestamp.to_string(), "2024-01-15T10:30:00Z");
    let StoreEvent::OrderPlaced(order) = event.payload else { panic!("not an order") };
    assert_eq!(order.order_id.as_str(), "ord_789");
    assert_eq!(order.items[0].quantity, 2);
    assert_eq!((order.total_amount, order.currency.code()), (5000, "USD"));
}

#[test]
fn an_unknown_event_type_is_an_error_that_names_it() {
    let error = decode(&SEED.replace("OrderPlaced", "OrderFoo")).expect_err("unknown type");
    assert_eq!(error.to_string(), r#"unknown event type "OrderFoo""#);
}

#[test]
fn a_newer_schema_version_is_an_error_that_names_both_versions() {
    let newer = SEED.replacen("{ ", r#"{ "schemaVersion": 2, "#, 1);
    let error = decode(&newer).expect_err("newer version");
    assert_eq!(error.to_string(), "OrderPlaced has schema version 2, newer than the 1 known here");
}

#[test]
fn a_malformed_payload_is_an_error_that_names_the_field() {
    let error = decode(&SEED.replace("totalAmount", "total")).expect_err("missing field");
    let source = std::error::Error::source(&error).expect("says why").to_string();
    assert!(source.contains("totalAmount"), "{source}");
}

#[test]
fn an_error_names_the_field_and_not_what_is_in_it() {
    for (from, to, says) in [
        (
            "5000",
            "\"Ada's \\\" secret\"",
            "totalAmount: invalid type: string (not shown), expected u64",
        ),
        (
            "\"cust_456\"",
            "4111111111111111",
            "customerId: invalid type: integer (not shown), expected",
        ),
        (
            "\"quantity\": 2",
            "\"quantity\": -75",
            "items[0].quantity: invalid value: integer (not shown),",
        ),
        ("5000", "1, \"currency\": \"Ada\"", "currency: unknown variant (not shown) at line"),
    ] {
        let error = decode(&SEED.replacen(from, to, 1)).expect_err("malformed");
        let source = std::error::Error::source(&error).expect("says why").to_string();
        assert!(source.starts_with(says), "{source}");
    }
}

#[test]
fn a_malformed_timestamp_or_type_is_not_shown_either() {
    for wrong in
        [SEED.replacen("2024-01-15T10", "Ada", 1), SEED.replacen("OrderPlaced", "Ada L.", 1)]
    {
        let error = decode(&wrong).expect_err("malformed");
        let source = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
        assert!(!format!("{error} {source}").contains("Ada"), "{error}: {source}");
    }
}

#[test]
fn fields_that_a_newer_sender_added_are_ignored() {
    let newer = SEED.replacen("{ ", r#"{ "addedLater": {"a": 1}, "#, 1);
    assert!(decode(&newer).is_ok());
}

#[test]
fn what_is_wrapped_is_read_back() {
    let event = decode(SEED).expect("valid");
    let StoreEvent::OrderPlaced(order) = event.payload else { panic!("not an order") };

    let envelope = Envelope::wrap(&order, event.id, event.timestamp).expect("wraps");
    let json = envelope.to_json().expect("has JSON");
    let again = Envelope::from_json(&json).expect("parses");

    assert_eq!(OrderPlaced::decode(&again).expect("decodes"), order);
    assert_eq!(again.stream.as_deref(), Some("order-ord_789"));
    assert_eq!(again.correlation_id.as_deref(), Some("ord_789"));
    assert_eq!(again.schema_version, OrderPlaced::VERSION);
}

proptest! {
    #[test]
    fn no_text_makes_the_decoder_panic(text in ".{0,200}") {
        drop(decode(&text));
    }

    #[test]
    fn no_damage_to_a_valid_event_makes_the_decoder_panic(at in 0..SEED.len(), byte in any::<u8>()) {
        let mut bytes = SEED.as_bytes().to_vec();
        bytes[at] = byte;
        drop(decode(&String::from_utf8_lossy(&bytes)));
    }
}
