//! A key is used once, by its caller, for what it was used for first.

use crate::readings::{Readings, measured, with_key};
use aws_sdk_dynamodb::types::AttributeValue;
use fanfare_http::{Caller, Command, CommandError, Request, Response, Token};

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_appends_nothing_and_gets_the_first_call_s_response() {
    let readings = Readings::start().await;
    let request = with_key("one");

    let first = readings.record(&request, &measured(21), 1).await.unwrap();
    let again = readings.record(&request, &measured(21), 2).await.unwrap();

    assert_eq!((&first, &again), (&Response::new(202, &1), &Response::new(202, &1)));
    assert_eq!(readings.count(7).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_comes_again_for_something_else_is_refused() {
    let readings = Readings::start().await;
    readings.record(&with_key("one"), &measured(21), 1).await.unwrap();

    let other = readings.record(&with_key("one"), &measured(22), 2).await;

    assert!(matches!(other, Err(CommandError::KeyReused)), "{other:?}");
    assert_eq!(readings.count(7).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_callers_may_use_one_key() {
    let readings = Readings::start().await;
    let token = |subject: &str| Caller::Token(Token::new("https://login", subject));
    for (number, caller) in [(1, Caller::Unknown), (2, token("ada")), (3, token("bob"))] {
        let request = with_key("one").with_caller(caller);
        let response = readings.record(&request, &measured(20), number).await.unwrap();
        assert_eq!(response, Response::new(202, &number));
    }
    assert_eq!(readings.count(7).await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_each_call_appends() {
    let readings = Readings::start().await;
    let request = Request::new("POST", "/readings");
    for number in 1..=2 {
        readings.record(&request, &measured(21), number).await.unwrap();
    }
    assert_eq!(readings.count(7).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_has_expired_is_free_although_dynamodb_still_has_it() {
    let readings = Readings::start().await;
    readings.record(&with_key("one"), &measured(21), 1).await.unwrap();
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let update = readings.client.update_item().table_name("fanfare-Consumed");
    let update = update.key("id", text("readings#record-reading##one"));
    let update = update.update_expression("SET expiresAt = :past");
    let past = AttributeValue::N("1700000000".to_owned());
    update.expression_attribute_values(":past", past).send().await.unwrap();

    let response = readings.record(&with_key("one"), &measured(22), 2).await.unwrap();

    assert_eq!(response, Response::new(202, &2));
    assert_eq!(readings.count(7).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_key_was_answered_can_be_asked_for_without_doing_anything() {
    let readings = Readings::start().await;
    let asked = async |key: &str, celsius: i32| {
        let command = Command::new("record-reading", &measured(celsius), Response::new(202, &2));
        readings.commands.answered(&with_key(key), &command.unwrap()).await
    };
    assert!(matches!(asked("one", 21).await, Ok(None)));
    readings.record(&with_key("one"), &measured(21), 1).await.unwrap();

    let (again, other, fresh) =
        (asked("one", 21).await, asked("one", 22).await, asked("two", 21).await);

    assert_eq!(again.unwrap(), Some(Response::new(202, &1)));
    assert!(matches!(other, Err(CommandError::KeyReused)), "{other:?}");
    assert!(matches!(fresh, Ok(None)), "{fresh:?}");
    assert_eq!(readings.count(7).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_that_race_for_one_stream_and_one_key_append_once_per_key() {
    let readings = Readings::start().await;
    let calls = (0..12).map(|n| {
        let readings = &readings;
        async move {
            let request = with_key(&format!("key-{}", n / 2));
            readings.record(&request, &measured(n / 2), 0).await.unwrap();
        }
    });
    futures_util::future::join_all(calls).await;

    let versions: Vec<_> = readings.events.read("room-7").await.unwrap();
    let versions: Vec<_> = versions.into_iter().filter_map(|event| event.version).collect();
    assert_eq!(versions, [1, 2, 3, 4, 5, 6], "one event for each of six keys, without gaps");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_begins_a_stream_is_refused_when_there_is_one() {
    let readings = Readings::start().await;
    let begin = |celsius| {
        let command = Command::new("begin", &celsius, Response::new(202, &celsius)).unwrap();
        command.begin(&measured(celsius)).unwrap()
    };
    let request = Request::new("POST", "/readings");
    readings.commands.execute(&request, begin(1)).await.unwrap();

    let again = readings.commands.execute(&request, begin(2)).await;

    assert!(
        matches!(&again, Err(CommandError::StreamMoved { stream }) if stream == "room-7"),
        "{again:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_tells_where_it_comes_from() {
    let readings = Readings::start().await;
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let request = with_key("one").with_header("traceparent", trace);
    readings.record(&request, &measured(21), 1).await.unwrap();

    let events = readings.events.read("room-7").await.unwrap();

    assert_eq!(events[0].source.as_deref(), Some("readings"));
    assert_eq!(events[0].traceparent.as_deref(), Some(trace));
    assert_eq!(events[0].decode_as::<crate::readings::Measured>().unwrap(), measured(21));
}
