//! Events become views, whichever comes first and however often.
#![allow(clippy::unwrap_used, reason = "a test that is set up wrongly should end there")]

mod life;

use event_schema::StoreEvent;
use fanfare::Key;
use fanfare::testing::{self, Given, Then};
use fanfare::{Envelope, EventId};
use life::{CUSTOMER, LIVES, Life, customer, events};
use proptest::prelude::*;
use read_models::views::{GENERATION, Generation, TABLE, Thing, control_key, counts_key};
use serde_json::{Value, json};

type Views = Given<StoreEvent, fanfare::NoEffect>;
type Shown = Then<StoreEvent, fanfare::NoEffect>;

const FIRST: Generation = Generation::FIRST;
const SECOND: Generation = Generation(2);

fn order(id: &str) -> Thing {
    Thing::Order(id.to_owned())
}

fn given() -> Views {
    testing::given(views::consumer())
}

fn given_a_rebuild() -> Views {
    given().item(TABLE, control_key(), json!({"active": 1, "building": 2, "newest": 2}))
}

fn after_all<'a>(views: Views, events: impl IntoIterator<Item = &'a Envelope>) -> Shown {
    events.into_iter().fold(views, Given::after).so_far()
}

fn count(world: &Shown, generation: Generation, status: &str) -> i64 {
    world.number(TABLE, counts_key(generation), status)
}

/// What the summary of an order whose life is over says.
fn shown(generation: u64, life: Life) -> Value {
    let mut facts = json!({
        "placement": {"at": "2024-01-15T10:30:00Z", "customerId": CUSTOMER, "totalAmount": 10,
                      "currency": "EUR", "pieces": 2},
    });
    let (happened, updated_at): (&[&str], &str) = match life {
        Life::Good => (
            &[
                "confirmed",
                "inventory-dispatched",
                "inventory-reserved",
                "payment-processed",
                "shipment-prepared",
                "shipped",
            ],
            "2024-01-15T10:30:06Z",
        ),
        Life::SoldOut => {
            (&["cancelled", "reservation-failed", "shipment-prepared"], "2024-01-15T10:30:03Z")
        }
        Life::Declined => (
            &[
                "cancelled",
                "inventory-released",
                "inventory-reserved",
                "payment-failed",
                "shipment-prepared",
            ],
            "2024-01-15T10:30:05Z",
        ),
        Life::Cancelled => (
            &[
                "cancellation-requested",
                "cancelled",
                "confirmed",
                "inventory-released",
                "inventory-reserved",
                "payment-processed",
                "payment-refunded",
                "refund-requested",
                "shipment-cancelled",
                "shipment-prepared",
                "shipment-stop-requested",
            ],
            "2024-01-15T10:30:11Z",
        ),
    };
    facts["happened"] = json!(happened);
    facts["updatedAt"] = json!(updated_at);
    match life {
        Life::Good => {}
        Life::SoldOut => {
            facts["short"] = json!(["mug"]);
            facts["cancellation"] = json!("out-of-stock");
        }
        Life::Declined => facts["cancellation"] = json!("payment-declined"),
        Life::Cancelled => facts["cancellation"] = json!("customer-request"),
    }
    json!({"generation": generation, "facts": facts, "owner": format!("{generation}#{CUSTOMER}"),
           "placedAt": 1_705_314_600_000_000_u64})
}

fn last_status(life: Life) -> &'static str {
    if life == Life::Good { "shipped" } else { "cancelled" }
}

#[test]
fn an_order_is_counted_under_the_status_that_it_has_and_no_other() {
    let story = events("ord_1", Life::Good);
    let reached = ["placed", "placed", "reserved", "paid", "confirmed", "shipped", "shipped"];
    let mut world = given().so_far();
    for (event, status) in story.iter().zip(reached) {
        world = world.when(event).then_succeeded();
        for other in ["placed", "reserved", "paid", "confirmed", "shipped", "cancelled"] {
            assert_eq!(count(&world, FIRST, other), i64::from(other == status), "{other}");
        }
    }
}

#[test]
fn an_order_that_is_not_placed_yet_is_in_no_count_and_no_index() {
    let story = events("ord_1", Life::Good);
    let world = after_all(given(), story.get(1..3).unwrap());
    assert_eq!(count(&world, FIRST, "reserved"), 0);
    world.then_item(
        TABLE,
        order("ord_1").key(FIRST),
        json!({"generation": 1, "facts": {"happened": ["inventory-reserved", "shipment-prepared"],
               "updatedAt": "2024-01-15T10:30:02Z"}}),
    );
}

#[test]
fn a_customer_is_called_what_the_newest_event_says_in_whichever_order_they_come() {
    for order in [[0, 1], [1, 0]] {
        let story = customer();
        let world = after_all(given(), order.map(|n: usize| &story[n]));
        world.then_item(
            TABLE,
            Thing::Customer(CUSTOMER.to_owned()).key(FIRST),
            json!({"generation": 1, "name": "Ada Lovelace", "version": 2,
                   "at": "2024-01-15T10:30:01Z"}),
        );
    }
}

#[test]
fn while_a_generation_is_made_events_go_into_both() {
    let world = after_all(given_a_rebuild(), &events("ord_1", Life::Good));
    for generation in [FIRST, SECOND] {
        assert_eq!(count(&world, generation, "shipped"), 1);
    }
    let world = world.then_item(TABLE, order("ord_1").key(FIRST), shown(1, Life::Good));
    world.then_item(TABLE, order("ord_1").key(SECOND), shown(2, Life::Good));
}

#[test]
fn what_a_former_generation_left_in_a_place_counts_as_nothing() {
    // The third generation takes the places of the first.
    let control = json!({"active": 2, "building": 3, "newest": 3});
    let world =
        after_all(given(), &events("ord_1", Life::Good)).item(TABLE, control_key(), control);
    let late = events("ord_1", Life::Cancelled).swap_remove(5);
    let late = Envelope { event_id: EventId::new("evt_late").unwrap(), ..late };
    world.when(&late).then_succeeded().then_item(
        TABLE,
        order("ord_1").key(Generation(3)),
        json!({"generation": 3, "facts": {"happened": ["cancellation-requested"],
               "updatedAt": "2024-01-15T10:30:05Z"}}),
    );
}

#[test]
fn an_unreadable_item_fails_its_event_for_good_and_a_rebuild_takes_it_nonetheless() {
    let broken = json!({GENERATION: 1, "facts": "none"});
    let story = events("ord_1", Life::Good);
    let key = || order("ord_1").key(FIRST);
    given()
        .item(TABLE, key(), broken.clone())
        .when(&story[0])
        .then_failed(true, "pk=order#ord_1,sk=odd can't be added to");
    given_a_rebuild().item(TABLE, key(), broken).when(&story[0]).then_did("shown as placed");
}

/// Every order of some things, by Heap's algorithm.
fn permutations<T: Clone>(things: &mut Vec<T>, end: usize, found: &mut Vec<Vec<T>>) {
    if end <= 1 {
        return found.push(things.clone());
    }
    for n in 0..end {
        permutations(things, end - 1, found);
        things.swap(if end.is_multiple_of(2) { n } else { 0 }, end - 1);
    }
}

#[test]
fn every_order_of_arrival_comes_to_the_same() {
    for life in [Life::Good, Life::SoldOut, Life::Declined] {
        let mut orders = Vec::new();
        let mut story = events("ord_1", life);
        let length = story.len();
        permutations(&mut story, length, &mut orders);
        assert!(orders.len() >= 24);
        for arrival in orders {
            let world = after_all(given(), &arrival);
            assert_eq!(count(&world, FIRST, last_status(life)), 1);
            world.then_item(TABLE, order("ord_1").key(FIRST), shown(1, life));
        }
    }
}

proptest! {
    /// Fails when facts count twice, or counts do not follow from the summary's previous state.
    #[test]
    fn many_orders_in_any_order_with_repeats_come_to_the_same(
        seed in any::<u64>(), repeats in prop::collection::vec(any::<prop::sample::Index>(), 0..20)
    ) {
        let stories = LIVES.iter().enumerate().flat_map(|(n, life)| events(&format!("ord_{n}"), *life));
        let stories: Vec<_> = stories.chain(customer()).collect();
        let repeated: Vec<_> = repeats.iter().map(|n| n.get(&stories).clone()).collect();
        // A repeat under another id: replayed by force.
        let forced = repeated.iter().map(|event| {
            let id = format!("{}:replay:1", event.event_id);
            Envelope { event_id: EventId::new(id).unwrap(), ..event.clone() }
        });
        let mut arrival: Vec<_> = stories.iter().cloned().chain(repeated.clone()).chain(forced).collect();
        shuffle(&mut arrival, seed);

        let world = after_all(given_a_rebuild(), &arrival);

        for generation in [FIRST, SECOND] {
            prop_assert_eq!(count(&world, generation, "shipped"), 1);
            prop_assert_eq!(count(&world, generation, "cancelled"), 3);
            for status in ["placed", "reserved", "paid", "confirmed"] {
                prop_assert_eq!(count(&world, generation, status), 0);
            }
        }
        let mut world = world;
        for (n, life) in LIVES.iter().enumerate() {
            let key: Key = order(&format!("ord_{n}")).key(SECOND);
            world = world.then_item(TABLE, key, shown(2, *life));
        }
    }
}

fn shuffle<T>(things: &mut [T], mut seed: u64) {
    for n in (1..things.len()).rev() {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        things.swap(n, (seed >> 33) as usize % (n + 1));
    }
}
