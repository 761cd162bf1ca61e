//! What customers do in a run, and what it should come to.

use crate::aws;
use crate::chance::Chance;
use crate::cloud::Cloud;
use crate::invocation::Caller;
use crate::services::DECLINED;
use crate::tables::{self, STOCK};
use crate::time::EnvironmentClock;
use event_schema::{
    Currency, CustomerId, CustomerRegistered, CustomerUpdated, OrderCancellationRequested, OrderId,
    OrderItem, OrderPlaced, Sku, StockAdjusted,
};
use fanfare::{Envelope, EventId, EventType};
use fanfare_event_store::EventStore;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::sleep;

/// An order that was placed.
#[derive(Debug, Clone)]
pub(crate) struct Placed {
    pub(crate) event: String,
    pub(crate) order: OrderPlaced,
    /// Whether the customer's bank will say no.
    pub(crate) is_declined: bool,
}

/// What was asked of the store: the oracle's only source.
#[derive(Debug, Default)]
pub(crate) struct Expected {
    pub(crate) orders: Vec<Placed>,
    /// The address and the version that each customer's contact should come to.
    pub(crate) contacts: BTreeMap<String, (String, i64)>,
    pub(crate) on_hand: BTreeMap<String, i64>,
}

/// Customers, stock and orders of one run.
pub(crate) struct Workload {
    cloud: Arc<Cloud>,
    chance: Chance,
    store: EventStore,
    customers: Vec<CustomerId>,
    skus: Vec<Sku>,
    orders: u64,
    most_lines: u64,
    expected: Mutex<Expected>,
}

/// How long orders come in.
const OPENING_HOURS: u64 = 60_000;

impl Workload {
    /// Draws the customers and the stock, and puts the stock into its table.
    pub(crate) fn new(cloud: Arc<Cloud>, orders: Option<u64>) -> Arc<Self> {
        let chance = Chance::new(cloud.seed, "workload");
        let faults_are_on = cloud.faults.switch();
        let clock = EnvironmentClock { time: cloud.time, skew: 0, faults_are_on };
        let caller = Caller::new("shop".to_owned(), clock, false);
        let store = EventStore::new(aws::dynamodb_client(&cloud, &caller), tables::EVENTS);
        let orders = orders.unwrap_or_else(|| chance.between(5..=30));
        let customers = (1..=chance.between(2..=6))
            .map(|n| CustomerId::new(format!("cust_{n}")).expect("an id"))
            .collect();
        // Now and then orders so long that a batch of them exceeds one transaction.
        let most_lines = if chance.happens(0.15) { 45 } else { 3 };
        let skus: Vec<_> = (1..=if most_lines > 3 { most_lines } else { chance.between(1..=5) })
            .map(|n| Sku::new(format!("sku-{n}")).expect("an id"))
            .collect();
        let mut expected = Expected::default();
        for sku in &skus {
            let pieces = (chance.between(5..=80) * orders.div_ceil(30)).cast_signed();
            expected.on_hand.insert(sku.to_string(), pieces);
            let item = json!({
                "sku": {"S": sku.as_str()}, "reserved": {"N": "0"},
                "available": {"N": pieces.to_string()},
            });
            tables::put(&cloud.database, STOCK, item);
        }
        let expected = Mutex::new(expected);
        Arc::new(Self { cloud, chance, store, customers, skus, orders, most_lines, expected })
    }

    /// What was asked for so far.
    pub(crate) fn expected(&self) -> MutexGuard<'_, Expected> {
        self.expected.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens the shop until the last order is placed.
    pub(crate) async fn run(self: Arc<Self>) {
        let busy = self.cloud.busy();
        let orders = self.orders;
        let mut tasks = Vec::new();
        self.tell_of_stock().await;
        for customer in self.customers.clone() {
            tasks.push(tokio::spawn(Arc::clone(&self).register(customer)));
        }
        let mut at = 0;
        for n in 1..=orders {
            // Now a rush, now a trickle: batches of one and of ten both come up.
            let next = match self.chance.happens(0.7) {
                true => self.chance.between(0..=100),
                false => self.chance.between(0..=2 * OPENING_HOURS / orders),
            };
            at += next;
            sleep(Duration::from_millis(next)).await;
            let order = self.place(n).await;
            if self.chance.happens(0.25) {
                tasks.push(tokio::spawn(Arc::clone(&self).cancel(order)));
            }
        }
        for task in tasks {
            task.await.expect("customers do not panic");
        }
        self.cloud.history.note(format!("{orders} orders in {at} ms"));
        drop(busy);
    }

    /// Tells how the stock was counted that lies in its table already: the API does both at once.
    async fn tell_of_stock(&self) {
        let on_hand = self.expected().on_hand.clone();
        for (sku, pieces) in on_hand {
            let sku = Sku::new(sku).expect("an id");
            self.append(&StockAdjusted { sku, by: pieces, on_hand: pieces.cast_unsigned() }, 0)
                .await;
        }
    }

    async fn place(&self, n: u64) -> OrderId {
        let lines = self.chance.between(1..=self.most_lines);
        let items: Vec<_> = (0..lines).map(|_| self.line()).collect();
        let currency = *self.chance.one_of(&[Currency::EUR, Currency::USD]);
        let is_declined = self.chance.happens(0.12);
        let is_free = !is_declined && self.chance.happens(0.05);
        let total = items.iter().map(|i| u64::from(i.quantity) * 1_000).sum::<u64>()
            + 10 * n
            + if is_declined { DECLINED } else { 0 };
        let order = OrderPlaced {
            order_id: OrderId::new(format!("ord_{n}")).expect("an id"),
            customer_id: self.chance.one_of(&self.customers).clone(),
            total_amount: if is_free { 0 } else { total },
            items,
            currency,
        };
        let event = self.append(&order, 0).await;
        let id = order.order_id.clone();
        self.expected().orders.push(Placed { event, order, is_declined });
        id
    }

    /// Asks to cancel an order, sooner or later. The API looks first whether that makes sense any more, but what it
    /// sees is past by the time that it asks.
    async fn cancel(self: Arc<Self>, order_id: OrderId) {
        sleep(Duration::from_millis(self.chance.magnitude(1..=300_000))).await;
        self.append(&OrderCancellationRequested { order_id }, 1).await;
    }

    fn line(&self) -> OrderItem {
        let quantity = u32::try_from(self.chance.between(1..=6)).expect("a small number");
        OrderItem { sku: self.chance.one_of(&self.skus).clone(), quantity, unit_price: Some(1_000) }
    }

    /// Registers a customer, some of them after they ordered, and changes their address now and then.
    async fn register(self: Arc<Self>, customer_id: CustomerId) {
        if self.chance.happens(0.3) {
            sleep(self.chance.millis(0..=15_000)).await;
        }
        let name = format!("Customer {customer_id}");
        let mut email = format!("{customer_id}.1@example.com");
        let changes = self.chance.between(0..=3);
        let registered = CustomerRegistered {
            customer_id: customer_id.clone(),
            name: name.clone(),
            email: email.clone(),
        };
        self.append(&registered, 0).await;
        for version in 1..=changes {
            sleep(Duration::from_millis(self.chance.magnitude(1..=20_000))).await;
            email = format!("{customer_id}.{}@example.com", version + 1);
            let updated = CustomerUpdated {
                customer_id: customer_id.clone(),
                name: name.clone(),
                email: email.clone(),
            };
            self.append(&updated, version).await;
        }
        let version = changes.cast_signed() + 1;
        self.expected().contacts.insert(customer_id.to_string(), (email, version));
    }

    /// Appends an event as the API does. Gives its id.
    async fn append<T: EventType>(&self, payload: &T, after: u64) -> String {
        let id = EventId::new(format!("evt_{}", self.cloud.id())).expect("an id");
        let at = self.cloud.time.now();
        let event = Envelope::wrap(payload, id.clone(), at).expect("an envelope");
        self.store.append(&payload.stream(), after, [event]).await.expect("no fault strikes here");
        id.to_string()
    }
}
