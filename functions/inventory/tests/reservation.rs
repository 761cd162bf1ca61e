//! Orders against the stock: what is set aside, and what becomes of it.
#![allow(clippy::unwrap_used, reason = "a test that is set up wrongly should end there")]

use event_schema::{
    CancellationReason, Currency, CustomerId, InventoryReservationFailed, InventoryReserved,
    OrderCancelled, OrderId, OrderItem, OrderPlaced, OrderShipped, ReservedItem, Sku,
};
use fanfare::Envelope;
use fanfare::testing::{event, given};
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

fn placed(event_id: &str, id: &str, lines: &[(&str, u32)]) -> Envelope {
    event(event_id, &order(id, lines))
}

fn cancelled(event_id: &str, id: &str) -> Envelope {
    let order = order(id, &[]);
    let cancelled = OrderCancelled {
        order_id: order.order_id,
        customer_id: order.customer_id,
        reason: CancellationReason::CustomerRequest,
        items: order.items,
        total_amount: order.total_amount,
        currency: order.currency,
    };
    event(event_id, &cancelled)
}

fn shipped(event_id: &str, id: &str) -> Envelope {
    let order = order(id, &[]);
    let shipped =
        OrderShipped { order_id: order.order_id, customer_id: order.customer_id, pieces: 2 };
    event(event_id, &shipped)
}

#[test]
fn a_cancelled_order_gives_back_what_was_set_aside_once() {
    given(inventory::consumer())
        .item(STOCK, stock("mug"), json!({"available": 5, "reserved": 1}))
        .after(&placed("evt_1", "ord_1", &[("mug", 2)]))
        .when(&cancelled("evt_2", "ord_1"))
        .then_did("released 2")
        .then_item(STOCK, stock("mug"), json!({"available": 5, "reserved": 1}))
        .when(&cancelled("evt_3", "ord_1"))
        .then_did("settled before")
        .then_item(STOCK, stock("mug"), json!({"available": 5, "reserved": 1}))
        .then_announced(&["InventoryReserved", "InventoryReleased"]);
}

#[test]
fn an_order_whose_cancellation_overtakes_it_is_never_reserved() {
    given(inventory::consumer())
        .item(STOCK, stock("mug"), json!({"available": 5, "reserved": 0}))
        .when(&cancelled("evt_2", "ord_1"))
        .then_did("will reserve nothing")
        .when(&placed("evt_1", "ord_1", &[("mug", 2)]))
        .then_did("decided before")
        .then_item(STOCK, stock("mug"), json!({"available": 5, "reserved": 0}))
        .then_announced(&["InventoryReservationSkipped"]);
}

#[test]
fn an_order_that_could_not_be_met_has_nothing_to_give_back() {
    given(inventory::consumer())
        .item(STOCK, stock("mug"), json!({"available": 1, "reserved": 0}))
        .after(&placed("evt_1", "ord_1", &[("mug", 2)]))
        .when(&cancelled("evt_2", "ord_1"))
        .then_did("nothing was reserved")
        .then_item(STOCK, stock("mug"), json!({"available": 1, "reserved": 0}));
}

#[test]
fn what_is_shipped_leaves_the_stock_and_cannot_be_released_any_more() {
    given(inventory::consumer())
        .item(STOCK, stock("mug"), json!({"available": 5, "reserved": 0}))
        .after(&placed("evt_1", "ord_1", &[("mug", 2)]))
        .when(&shipped("evt_2", "ord_1"))
        .then_did("dispatched 2")
        .then_item(STOCK, stock("mug"), json!({"available": 3, "reserved": 0}))
        .when(&cancelled("evt_3", "ord_1"))
        .then_did("settled before")
        .then_item(STOCK, stock("mug"), json!({"available": 3, "reserved": 0}));
}

#[test]
fn an_order_that_can_be_met_is_reserved() {
    given(inventory::consumer())
        .item(STOCK, stock("mug"), json!({"available": 5, "reserved": 1}))
        .when(&event("evt_1", &order("ord_1", &[("mug", 2)])))
        .then_did("reserved 2")
        .then_item(STOCK, stock("mug"), json!({"available": 3, "reserved": 3}))
        .then_announced_exactly(&[InventoryReserved {
            order_id: OrderId::new("ord_1").unwrap(),
            items: vec![ReservedItem { sku: sku("mug"), quantity: 2 }],
        }]);
}

#[test]
fn an_order_for_more_than_there_is_changes_no_stock_and_says_what_was_short() {
    given(inventory::consumer())
        .item(STOCK, stock("mug"), json!({"available": 5, "reserved": 0}))
        .item(STOCK, stock("pot"), json!({"available": 1, "reserved": 0}))
        .when(&event("evt_1", &order("ord_1", &[("mug", 2), ("pot", 2), ("unheard-of", 1)])))
        .then_did("short of pot, unheard-of")
        .then_item(STOCK, stock("mug"), json!({"available": 5, "reserved": 0}))
        .then_item(STOCK, stock("pot"), json!({"available": 1, "reserved": 0}))
        .then_announced_exactly(&[InventoryReservationFailed {
            order_id: OrderId::new("ord_1").unwrap(),
            short: vec![sku("pot"), sku("unheard-of")],
        }]);
}

#[test]
fn lines_of_one_sku_are_reserved_together() {
    given(inventory::consumer())
        .item(STOCK, stock("mug"), json!({"available": 5, "reserved": 0}))
        .when(&event("evt_1", &order("ord_1", &[("mug", 3), ("mug", 3)])))
        .then_did("short of mug")
        .then_item(STOCK, stock("mug"), json!({"available": 5, "reserved": 0}));
}

#[test]
fn a_repeated_event_changes_nothing() {
    let placed = event("evt_1", &order("ord_1", &[("mug", 2)]));
    given(inventory::consumer())
        .item(STOCK, stock("mug"), json!({"available": 5, "reserved": 0}))
        .after(&placed)
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
        let mut world = given(inventory::consumer())
            .item(STOCK, stock("mug"), json!({"available": on_hand, "reserved": 0}))
            .so_far();
        for (n, quantity) in quantities {
            let id = format!("evt_{n}");
            world = world.when(&event(&id, &order(&format!("ord_{n}"), &[("mug", quantity)]))).then_succeeded();
            let available = world.number(STOCK, stock("mug"), "available");
            let reserved = world.number(STOCK, stock("mug"), "reserved");
            prop_assert!(available >= 0);
            prop_assert_eq!(available + reserved, on_hand);
        }
    }
}
