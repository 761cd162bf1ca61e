//! A placed order: all that it asks for is set aside, or nothing.

use event_schema::{
    InventoryReservationFailed, InventoryReserved, OrderId, OrderItem, OrderPlaced, ReservedItem,
    Sku,
};
use fanfare::{Refused, Work, Write};
use read_models::stock::{self, AVAILABLE, RESERVED, SKU};
use std::collections::BTreeMap;

/// Reserves all that an order asks for, unless something was decided about it before.
pub(crate) fn reserve(order: OrderPlaced) -> Work {
    let items = by_sku(order.items);
    let pieces: u64 = items.iter().map(|item| item.quantity).sum();
    let order_id = order.order_id.clone();
    Work::did(format!("reserved {pieces}"))
        .writes(items.iter().map(set_aside))
        .announce_first(&InventoryReserved { order_id: order.order_id, items })
        .otherwise(move |refused| fail(order_id, &refused))
}

/// One line per SKU: an order may name one twice, a transaction may not.
fn by_sku(lines: Vec<OrderItem>) -> Vec<ReservedItem> {
    let mut quantities: BTreeMap<Sku, u64> = BTreeMap::new();
    for line in lines {
        *quantities.entry(line.sku).or_default() += u64::from(line.quantity);
    }
    quantities.into_iter().map(|(sku, quantity)| ReservedItem { sku, quantity }).collect()
}

fn set_aside(item: &ReservedItem) -> Write {
    let quantity = i64::try_from(item.quantity).unwrap_or(i64::MAX);
    Write::count(stock::TABLE, stock::key(item.sku.as_str()))
        .at_least(AVAILABLE, quantity)
        .add(AVAILABLE, -quantity)
        .add(RESERVED, quantity)
}

fn fail(order_id: OrderId, refused: &Refused) -> Work {
    if refused.stream_moved_on {
        return Work::did("decided before");
    }
    let short: Vec<Sku> =
        refused.keys.iter().filter_map(|key| Sku::new(key.get(SKU)?).ok()).collect();
    let names: Vec<_> = short.iter().map(Sku::as_str).collect();
    Work::did(format!("short of {}", names.join(", ")))
        .announce_first(&InventoryReservationFailed { order_id, short })
        .otherwise(|_| Work::did("decided before"))
}
