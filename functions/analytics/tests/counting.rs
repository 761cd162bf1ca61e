//! Orders become figures.
#![allow(clippy::unwrap_used, reason = "a test that is set up wrongly should end there")]

use consumer::Key;
use consumer::testing::{World, event};
use event_schema::{Currency, CustomerId, OrderId, OrderItem, OrderPlaced, Sku};
use proptest::prelude::*;
use read_models::sales::TABLE as SALES;
use serde_json::json;

fn order(total_amount: u64, lines: &[(&str, u32)]) -> OrderPlaced {
    let line = |&(name, quantity): &(&str, u32)| OrderItem {
        sku: Sku::new(name).unwrap(),
        quantity,
        unit_price: None,
    };
    OrderPlaced {
        order_id: OrderId::new("ord_1").unwrap(),
        customer_id: CustomerId::new("cust_1").unwrap(),
        items: lines.iter().map(line).collect(),
        total_amount,
        currency: Currency::EUR,
    }
}

fn figure(name: &str) -> Key {
    Key::new("day", "2024-01-15").and("figure", name)
}

#[test]
fn an_order_counts_once_on_its_day_in_its_currency() {
    World::given(analytics::consumer())
        .when(&event("evt_1", &order(5000, &[("mug", 2), ("pot", 1), ("mug", 1)])))
        .then_did("counted 5000 EUR")
        .then_item(SALES, figure("orders#EUR"), json!({"orders": 1, "revenue": 5000}))
        .then_item(SALES, figure("units#mug"), json!({"units": 3}))
        .then_item(SALES, figure("units#pot"), json!({"units": 1}));
}

proptest! {
    #[test]
    fn figures_add_up_however_often_events_repeat(
        deliveries in prop::collection::vec(0_u64..10, 0..60)
    ) {
        let mut world = World::given(analytics::consumer());
        for n in &deliveries {
            world = world.when(&event(&format!("evt_{n}"), &order(100 + n, &[("mug", 1)])));
        }
        let distinct: std::collections::BTreeSet<_> = deliveries.iter().collect();
        let revenue: u64 = distinct.iter().map(|n| 100 + **n).sum();
        let total = |name| world.number(SALES, figure("orders#EUR"), name);
        prop_assert_eq!(total("orders"), distinct.len() as i64);
        prop_assert_eq!(total("revenue"), revenue as i64);
    }
}
