//! Sending dead letters back.

use crate::house::{House, event, note, text};
use fanfare_bootstrap::Environment;
use fanfare_console::{Console, Writes};
use fanfare_event::Envelope;
use fanfare_loopback::{Reply, Server};
use fanfare_operate::{Connection, HttpClient, Target};
use http::Request;
use serde_json::{Value, json};
use std::convert::Infallible;
use std::future::pending;
use std::time::Duration;

/// Waits for the end of a redrive.
async fn ended(house: &House, job: &str) -> Value {
    for _ in 0..600 {
        let state = house.json(&format!("/api{job}")).await;
        if state["state"] != "running" {
            return state;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    unreachable!("it does not end")
}

#[tokio::test(flavor = "multi_thread")]
async fn one_is_picked_and_sent_back_and_the_reason_is_on_record() {
    let house = House::start(Writes::OnRunnerAlone).await;
    house.died(&event("evt_1", &json!({"n": 1})), "no such room: room_1").await;
    house.died(&event("evt_2", &json!({"n": 2})), "no such room: room_2").await;
    let letters = house.json("/api/failures/climate").await;
    let of = |id: &str| {
        let mut letters = letters["letters"].as_array().unwrap().iter();
        letters.find(|letter| letter["eventId"] == id).unwrap()["messageId"]
            .as_str()
            .unwrap()
            .to_owned()
    };

    let answer = house
        .post(
            "/failures/climate/redrive",
            &format!("message={}&why=the+room+is+there+now", of("evt_2")),
        )
        .await;

    assert_eq!(answer.status(), 303, "{}", text(&answer));
    let job = answer.headers()["location"].to_str().unwrap().to_owned();
    let end = ended(&house, &job).await;
    assert_eq!(
        (&end["state"], &end["report"]["counts"]["sent"]),
        (&json!("ended"), &json!(1)),
        "{end}"
    );
    assert_eq!(house.take("ClimateQueue").await, [event("evt_2", &json!({"n": 2}))]);
    assert_eq!(house.json("/api/failures/climate").await["count"], 1);
    let record = &house.json("/api/audit").await["records"][0];
    assert_eq!(
        (&record["action"], &record["why"]),
        (&json!("redrive"), &json!("the room is there now"))
    );
    let page = house.page(&format!("/audit/{}", record["id"].as_str().unwrap())).await;
    assert!(page.contains("evt_2") && !page.contains("evt_1"), "{page}");
    assert!(house.page(&job).await.contains("done"));
}

#[tokio::test(flavor = "multi_thread")]
async fn all_of_a_cause_are_sent_back_and_no_others() {
    let house = House::start(Writes::Allowed).await;
    for n in 0..5 {
        house
            .died(&event(&format!("evt_{n}"), &json!({})), &format!("no such room: room_{n}"))
            .await;
    }
    house.died("{}", "something else").await;
    let failures = house.json("/api/failures").await;
    let groups = failures["consumers"][0]["summary"]["groups"].as_array().unwrap();
    assert_eq!((groups.len(), &groups[0]["count"]), (2, &json!(5)), "{failures}");
    let group = groups[0]["group"].as_str().unwrap();

    let answer = house
        .post("/api/failures/climate/redrive", &format!("which=all&group={group}&why=w&rate=1000"))
        .await;

    assert_eq!(answer.status(), 202);
    let see: Value = serde_json::from_str(&text(&answer)).unwrap();
    let job = see["see"].as_str().unwrap().trim_start_matches("/api").to_owned();
    assert_eq!(ended(&house, &job).await["report"]["counts"]["sent"], 5);
    assert_eq!(house.json("/api/failures/climate").await["count"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_said_is_not_done() {
    let house = House::start(Writes::Allowed).await;
    house.died("{}", "an error").await;
    for (form, part) in [
        ("which=all", "why: say something"),
        ("why=w", "message: pick at least one"),
        ("which=everything&why=w", "which: say picked, or all"),
        ("which=all&why=w&rate=0", "rate: say dead letters a second"),
    ] {
        let answer = house.post("/failures/climate/redrive", form).await;
        assert_eq!(answer.status(), 400, "{form}");
        assert!(text(&answer).contains(part), "{form}: {}", text(&answer));
    }
    assert_eq!(house.json("/api/failures/climate").await["count"], 1);
    assert_eq!(house.json("/api/audit").await["records"], json!([]));
}

/// The address of something that is no runner: it knows nothing.
async fn emulator() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let nothing = |_| async {
        let mut reply = Reply::new("".into());
        *reply.status_mut() = http::StatusCode::NOT_FOUND;
        Ok::<_, Infallible>(reply)
    };
    tokio::spawn(Server::new(listener).serve(nothing, pending()));
    format!("http://{address}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_console_of_anything_but_the_runner_only_shows_unless_it_was_allowed_more() {
    let endpoint = emulator().await;
    for (writes, status) in [(Writes::OnRunnerAlone, 403), (Writes::Allowed, 400)] {
        let connection =
            Connection::open(&Target::at(&endpoint), &Environment::default()).await.unwrap();
        let console = Console::listen(Some(0)).await.unwrap();
        let (base, token) = console.url().split_once("/?token=").unwrap();
        let (base, bearer) = (base.to_owned(), format!("Bearer {token}"));
        tokio::spawn(console.serve(connection, writes, pending()));

        let request = Request::post(format!("{base}/failures/climate/redrive"))
            .header("authorization", bearer);
        let request = request.body(String::new()).unwrap();
        let answer = HttpClient::default().call(request, Duration::from_secs(30)).await.unwrap();

        assert_eq!(answer.status(), status, "{}", text(&answer));
        assert_eq!(text(&answer).contains("--allow-writes"), status == 403);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redrive_stops_by_itself_when_what_it_sent_back_is_dead_again() {
    let house = House::start(Writes::Allowed).await;
    for n in 0..40 {
        house.died(&event(&format!("evt_{n}"), &json!({})), "no such room").await;
    }
    let dies_again = house.connection.clone();
    let (queue, dead) = (house.url("ClimateQueue"), house.url("ClimateDeadLetters"));
    // A consumer that gives up on each at once.
    let consumer = tokio::spawn(async move {
        loop {
            let receive = dies_again.sqs().receive_message().queue_url(&queue).wait_time_seconds(1);
            // As the runtime does, which notes it in the ledger as well.
            for message in receive.send().await.unwrap().messages.unwrap_or_default() {
                let body = message.body.unwrap();
                let event = Envelope::from_json(&body).unwrap();
                note(&dies_again, &format!("climate#{}", event.event_id), "dead-lettered").await;
                let send = dies_again.sqs().send_message().queue_url(&dead);
                send.message_body(body).send().await.unwrap();
                let delete = dies_again.sqs().delete_message().queue_url(&queue);
                delete.receipt_handle(message.receipt_handle.unwrap()).send().await.unwrap();
            }
        }
    });

    let answer = house.post("/failures/climate/redrive", "which=all&why=w&rate=10").await;

    let job = answer.headers()["location"].to_str().unwrap().to_owned();
    let end = ended(&house, &job).await;
    consumer.abort();
    let counts = &end["report"]["counts"];
    assert!(counts["cameBack"].as_u64() > Some(0) && counts["sent"].as_u64() < Some(40), "{end}");
    assert!(house.page(&job).await.contains("stopped by itself"));
}
