//! Orders against the stock.
#![allow(clippy::unwrap_used, reason = "a test that is set up wrongly should end there")]

use consumer::testing::{World, event};
use event_schema::{
    Currency, CustomerId, InventoryReservationFailed, InventoryReserved, OrderId, OrderItem,
    OrderPlaced, ReservedItem, Sku,
};
use proptest::prelude::*;
use read_models::stock::{TABLE as STOCK, key as stock};
use serde_json::json;

fn sku(name: &str) -> Sku {
    Sku::new(name).unwrap()
}

fn order(id: &str, lines: &[(&str, u32)]) -> OrderPlaced {
    let line = |&(name, quantity): &(&str, u32)| OrderItem {
        sku: sku(name),
        quantity,
        unit_price: Some(100),
    };
    OrderPlaced {
        order_id: OrderId::new(id).unwrap(),
        customer_id: CustomerId::new("cust_1").unwrap(),
        items: lines.iter().map(line).collect(),
        total_amount: 100,
        currency: Currency::EUR,
    }
}

#[test]
fn an_order_that_can_be_met_is_reserved() {
    World::given(inventory::consumer())
        .item(STOCK, stock("mug"), json!({"available": 5, "reserved": 1}))
        .when(&event("evt_1", &order("ord_1", &[("mug", 2)])))
        .then_did("reserved 2")
        .then_item(STOCK, stock("mug"), json!({"available": 3, "reserved": 3}))
        .then_emitted(&[InventoryReserved {
            order_id: OrderId::new("ord_1").unwrap(),
            items: vec![ReservedItem { sku: sku("mug"), quantity: 2 }],
        }]);
}

#[test]
fn an_order_for_more_than_there_is_changes_no_stock_and_says_what_was_short() {
    World::given(inventory::consumer())
        .item(STOCK, stock("mug"), json!({"available": 5, "reserved": 0}))
        .item(STOCK, stock("pot"), json!({"available": 1, "reserved": 0}))
        .when(&event("evt_1", &order("ord_1", &[("mug", 2), ("pot", 2), ("unheard-of", 1)])))
        .then_did("short of pot, unheard-of")
        .then_item(STOCK, stock("mug"), json!({"available": 5, "reserved": 0}))
        .then_item(STOCK, stock("pot"), json!({"available": 1, "reserved": 0}))
        .then_emitted(&[InventoryReservationFailed {
            order_id: OrderId::new("ord_1").unwrap(),
            short: vec![sku("pot"), sku("unheard-of")],
        }]);
}

#[test]
fn lines_of_one_sku_are_reserved_together() {
    World::given(inventory::consumer())
        .item(STOCK, stock("mug"), json!({"available": 5, "reserved": 0}))
        .when(&event("evt_1", &order("ord_1", &[("mug", 3), ("mug", 3)])))
        .then_did("short of mug")
        .then_item(STOCK, stock("mug"), json!({"available": 5, "reserved": 0}));
}

#[test]
fn a_repeated_event_changes_nothing() {
    let placed = event("evt_1", &order("ord_1", &[("mug", 2)]));
    World::given(inventory::consumer())
        .item(STOCK, stock("mug"), json!({"available": 5, "reserved": 0}))
        .when(&placed)
        .when(&placed)
        .then_did("")
        .then_item(STOCK, stock("mug"), json!({"available": 3, "reserved": 2}));
}

proptest! {
    #[test]
    fn stock_is_never_negative_lost_or_sold_twice(
        on_hand in 0_i64..50,
        quantities in prop::collection::vec((0_usize..20, 1_u32..10), 0..40),
    ) {
        let mut world = World::given(inventory::consumer())
            .item(STOCK, stock("mug"), json!({"available": on_hand, "reserved": 0}));
        for (n, quantity) in quantities {
            let id = format!("evt_{n}");
            world = world.when(&event(&id, &order(&format!("ord_{n}"), &[("mug", quantity)])));
            let available = world.number(STOCK, stock("mug"), "available");
            let reserved = world.number(STOCK, stock("mug"), "reserved");
            prop_assert!(available >= 0);
            prop_assert_eq!(available + reserved, on_hand);
        }
    }
}
