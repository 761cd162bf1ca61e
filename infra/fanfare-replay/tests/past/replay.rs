//! Stored events, sent again.

use crate::support::{Past, When, past};
use aws_sdk_sqs::types::Message;
use fanfare_event::Envelope;
use fanfare_event_store::Filter;
use fanfare_operate::Stop;
use fanfare_replay::{Force, Replay, ReplayError, Replayed};
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

fn to(consumer: &str) -> Replay {
    Replay {
        consumer: consumer.to_owned(),
        filter: Filter::default(),
        correlation_id: None,
        dry_run: false,
        rate: None,
        force: None,
        resume: None,
    }
}

fn forced(consumer: &str) -> Replay {
    Replay { force: Some(Force::named("r1").unwrap()), ..to(consumer) }
}

impl Past {
    async fn replay(&self, replay: &Replay) -> Result<Replayed, ReplayError> {
        self.stack.replay(replay, &(), &Stop::default()).await
    }

    /// All messages of a queue, which are then in flight.
    async fn messages(&self, queue: &str) -> Vec<Message> {
        let mut all = Vec::new();
        loop {
            let receive = self.sqs.receive_message().queue_url(self.url(queue));
            let receive = receive.max_number_of_messages(10).message_attribute_names("All");
            let messages = receive.send().await.unwrap().messages.unwrap_or_default();
            if messages.is_empty() {
                return all;
            }
            all.extend(messages);
        }
    }
}

fn bodies(messages: &[Message]) -> BTreeSet<String> {
    messages.iter().map(|message| message.body().unwrap().to_owned()).collect()
}

fn json_of<'a>(events: impl IntoIterator<Item = &'a Envelope>) -> BTreeSet<String> {
    events.into_iter().map(|event| event.to_json().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_event_goes_to_the_queue_as_sns_delivers_it() {
    let stack = Past::start().await;
    let events = past(8);
    stack.happened(&events).await;

    let replayed = stack.replay(&to("climate")).await.unwrap();

    assert_eq!(replayed.total().fresh, events.len() as u64);
    let messages = stack.messages("ClimateQueue").await;
    assert_eq!((messages.len(), bodies(&messages)), (events.len(), json_of(&events)));
    for message in &messages {
        let envelope: Value = serde_json::from_str(message.body().unwrap()).unwrap();
        let attributes = message.message_attributes().unwrap();
        assert_eq!(attributes.keys().collect::<Vec<_>>(), ["eventType"]);
        assert_eq!(attributes["eventType"].string_value(), envelope["eventType"].as_str());
        assert_eq!(attributes["eventType"].data_type(), "String");
    }
}

/// It might wait in the queue until the ledger has forgotten it.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_applied_already_is_not_sent() {
    let stack = Past::start().await;
    let events = past(4);
    stack.happened(&events).await;
    stack.applied("climate", &events).await;

    let total = stack.replay(&to("climate")).await.unwrap().total();

    assert_eq!((total.applied, total.sent()), (events.len() as u64, 0));
    assert_eq!(stack.messages("ClimateQueue").await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_sends_nothing_and_tells_what_would_take_effect() {
    let stack = Past::start().await;
    let events = past(4);
    stack.happened(&events).await;
    let added: Vec<_> = events.iter().filter(|e| e.event_type == "RoomAdded").cloned().collect();
    stack.applied("climate", &added[..1]).await;

    let replay = Replay { dry_run: true, ..to("climate") };
    let replayed = stack.replay(&replay).await.unwrap();

    let tally = replayed.types["RoomAdded"];
    assert_eq!((tally.fresh, tally.applied, tally.sent()), (3, 1, 3));
    assert_eq!(stack.messages("ClimateQueue").await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_is_asked_for_and_subscribed_to_is_sent() {
    let stack = Past::start().await;
    let events = past(8);
    stack.happened(&events).await;

    stack.replay(&to("bells")).await.unwrap();
    let heard = ["RoomAdded", "AlarmRaised"];
    let subscribed = events.iter().filter(|event| heard.contains(&event.event_type.as_str()));
    assert_eq!(bodies(&stack.messages("Bells").await), json_of(subscribed));

    stack.replay(&to("billing")).await.unwrap();
    let measured = events.iter().filter(|event| event.event_type.starts_with("Temperature"));
    assert_eq!(bodies(&stack.messages("BillingQueue").await), json_of(measured));

    let room = Replay { correlation_id: Some("room_3".to_owned()), ..to("climate") };
    stack.replay(&room).await.unwrap();
    let of_room = events.iter().filter(|event| event.correlation_id.as_deref() == Some("room_3"));
    assert_eq!(bodies(&stack.messages("ClimateQueue").await), json_of(of_room));

    let second = |n| events[2].timestamp + Duration::from_secs(n);
    let filter = Filter { from: Some(second(2)), to: Some(second(4)), types: None };
    stack.replay(&Replay { filter: filter.clone(), ..to("climate") }).await.unwrap();
    let in_time = events.iter().filter(|event| (second(2)..second(4)).contains(&event.timestamp));
    assert_eq!(bodies(&stack.messages("ClimateQueue").await), json_of(in_time));

    let types = Some(vec!["AlarmRaised".to_owned()]);
    let filter = Filter { types, ..Filter::default() };
    stack.replay(&Replay { filter, ..to("climate") }).await.unwrap();
    let alarms = events.iter().filter(|event| event.event_type == "AlarmRaised");
    assert_eq!(bodies(&stack.messages("ClimateQueue").await), json_of(alarms));

    let types = Some(vec!["TemperatureMeasured".to_owned()]);
    let filter = Filter { types, ..Filter::default() };
    let error = stack.replay(&Replay { filter, ..to("bells") }).await.expect_err("no such type");
    assert_eq!(
        error.to_string(),
        "bells does not subscribe to TemperatureMeasured; it does to RoomAdded, AlarmRaised"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_consumer_is_refused_with_those_that_there_are() {
    let stack = Past::start().await;
    let error = stack.replay(&to("nobody")).await.expect_err("no such consumer");
    assert_eq!(
        error.to_string(),
        r#"there is no consumer "nobody"; there are: bells, billing, climate, deaf, silent"#
    );
}

/// Nobody remembers whether they were applied: a mail of last year must not go out again.
#[tokio::test(flavor = "multi_thread")]
async fn events_that_the_ledger_may_have_forgotten_are_left_out() {
    let stack = Past::start().await;
    let events = past(2);
    let last_year = Duration::from_secs(365 * 24 * 60 * 60);
    let old: Vec<_> = events
        .iter()
        .map(|event| Envelope { timestamp: event.timestamp - last_year, ..event.clone() })
        .collect();
    stack.happened(&old).await;
    stack.applied("climate", &old[..1]).await;

    let replayed = stack.replay(&to("climate")).await.unwrap();

    let total = replayed.total();
    assert_eq!((total.applied, total.fresh), (1, 0));
    assert_eq!(total.too_old, old.len() as u64 - 1);
    assert_eq!(stack.messages("ClimateQueue").await, []);
    // By force they are sent, as what they are: nobody has applied them as far as is known.
    let total = stack.replay(&forced("climate")).await.unwrap().total();
    assert_eq!((total.forced, total.fresh), (1, old.len() as u64 - 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn by_force_applied_events_are_sent_under_a_new_id_and_others_as_they_are() {
    let stack = Past::start().await;
    let events = past(2);
    stack.happened(&events).await;
    stack.applied("climate", &events[..3]).await;

    let total = stack.replay(&forced("climate")).await.unwrap().total();

    assert_eq!((total.forced, total.fresh, total.applied), (3, events.len() as u64 - 3, 0));
    let sent = bodies(&stack.messages("ClimateQueue").await);
    let renamed = events[..3].iter().map(|event| {
        let event_id = format!("{}:replay:r1", event.event_id).try_into().unwrap();
        Envelope { event_id, ..event.clone() }.to_json().unwrap()
    });
    let others = json_of(&events[3..]);
    assert_eq!(sent, renamed.chain(others).collect());
}

#[tokio::test(flavor = "multi_thread")]
async fn force_is_refused_where_the_template_says_so() {
    let stack = Past::start().await;
    stack.happened(&past(1)).await;
    let error = stack.replay(&forced("bells")).await.expect_err("bells");
    assert_eq!(error.to_string(), "--force is refused for bells: it would ring every bell again");
    let day = aws_sdk_dynamodb::types::AttributeValue::S("2024-01-15".to_owned());
    let put = stack.dynamodb.put_item().table_name("fanfare-Figures").item("day", day);
    put.send().await.unwrap();
    let error = stack.replay(&forced("billing")).await.expect_err("sums").to_string();
    assert!(error.ends_with("every reading would count twice"), "{error}");
    assert_eq!(stack.messages("Bells").await, []);
    assert_eq!(stack.messages("BillingQueue").await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_are_counted_anew_by_force_once_their_table_is_empty() {
    let stack = Past::start().await;
    stack.happened(&past(4)).await;
    let total = stack.replay(&forced("billing")).await.unwrap().total();
    assert_eq!(total.sent(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn force_is_refused_where_nobody_has_said_what_it_does() {
    let stack = Past::start().await;
    stack.happened(&past(1)).await;
    let error = stack.replay(&forced("silent")).await.expect_err("unsaid").to_string();
    assert!(error.contains("ForcedReplay: Harmless"), "it says how to allow it: {error}");
    assert_eq!(stack.messages("SilentQueue").await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_that_subscribes_to_nothing_is_told() {
    let stack = Past::start().await;
    let error = stack.replay(&to("deaf")).await.expect_err("it hears nothing");
    assert_eq!(
        error.to_string(),
        "no subscription of the topic feeds deaf's queue fanfare-DeafQueue: there is nothing to replay to it"
    );
}

#[test]
fn a_replay_s_id_must_fit_into_an_event_s() {
    for bad in ["", "a b", "a:b", &"x".repeat(33)] {
        Force::named(bad).expect_err(bad);
    }
    assert_eq!(Force::named("2024-fix_1").unwrap().name(), "2024-fix_1");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_replay_goes_on_where_it_stopped() {
    let stack = Past::start().await;
    let events = past(80);
    stack.happened(&events).await;
    let stop = Stop::default();
    let interrupt = When(|| stop.request());

    let first = stack.stack.replay(&to("climate"), &interrupt, &stop).await.unwrap();

    assert!(first.interrupted);
    let early = stack.messages("ClimateQueue").await;
    assert_eq!(early.len() as u64, first.total().sent());
    assert!((1..events.len()).contains(&early.len()), "{}", early.len());
    let place = first.resume.unwrap().to_string().parse().unwrap();
    let second = stack.replay(&Replay { resume: Some(place), ..to("climate") }).await.unwrap();
    assert!(!second.interrupted);
    let late = stack.messages("ClimateQueue").await;
    assert_eq!(early.len() + late.len(), events.len());
    assert_eq!(&bodies(&early) | &bodies(&late), json_of(&events));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_by_force_that_breaks_off_says_its_own_name() {
    let stack = Past::start().await;
    let events = past(80);
    stack.happened(&events).await;
    stack.applied("climate", &events).await;
    // The queue takes the first page, and is gone at the second.
    let vanish = When(|| {
        tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current().block_on(async {
                let delete = stack.sqs.delete_queue().queue_url(stack.url("ClimateQueue"));
                delete.send().await.unwrap();
            });
        });
    });

    let broken = stack.stack.replay(&forced("climate"), &vanish, &Stop::default()).await;

    let Err(ReplayError::Broken { done, resume, .. }) = broken else { panic!("{broken:?}") };
    assert!(done > 0 && resume.place.is_some());
    assert_eq!(resume.force, Some(Force::named("r1").unwrap()));
    assert!(resume.to_string().ends_with("--force --replay-id r1` goes on from there"), "{resume}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_is_no_faster_than_it_may_be() {
    let stack = Past::start().await;
    let events: Vec<_> = past(12).into_iter().take(30).collect();
    stack.happened(&events).await;
    let begun = Instant::now();
    stack.replay(&Replay { rate: Some(40), ..to("climate") }).await.unwrap();
    // 30 events in tens: the last ten may go half a second after the first.
    assert!(begun.elapsed() >= Duration::from_millis(500), "{:?}", begun.elapsed());
    assert_eq!(stack.messages("ClimateQueue").await.len(), 30);
}
