//! What pages say.

use crate::house::{House, event};
use fanfare_console::Writes;
use serde_json::json;

/// What an event may hold that would harm whoever looks at it.
const HOSTILE: &str = "</pre><script>alert(1)</script>\u{202e}\0 javascript:alert(1) \" onload='x'";

#[tokio::test(flavor = "multi_thread")]
async fn the_flow_shows_consumers_what_they_hear_and_how_they_stand() {
    let house = House::start(Writes::Allowed).await;
    house.died("{}", "no such room").await;

    let flow = house.json("/api/flow").await;
    assert_eq!((&flow["topic"], &flow["eventStore"]), (&json!("House"), &json!("Readings")));
    let consumers = flow["consumers"].as_array().unwrap();
    let names: Vec<_> = consumers.iter().map(|one| (&one["name"], &one["dead"])).collect();
    assert_eq!(names, [(&json!("bells"), &json!(0)), (&json!("climate"), &json!(1))]);

    let page = house.page("/flow").await;
    assert!(page.contains("<svg") && page.contains("href=\"/failures/climate\""), "{page}");
    assert!(page.contains("by a filter of its own"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_page_is_an_event_of_its_content_alone() {
    let house = House::start(Writes::Allowed).await;
    let headers = [("authorization", &*house.bearer()), ("accept", "text/event-stream")];
    let answer = house.ask("GET", "/queues", &headers, "").await;
    let text = crate::house::text(&answer);
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    assert!(text.starts_with("retry: 2000\nevent: content\ndata: <h1>Queues</h1>\n"), "{text}");
    assert!(text.ends_with("\n\n") && !text.contains("<html"), "{text}");
    assert!(text.trim_end().lines().skip(2).all(|line| line.starts_with("data: ")), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_shows_what_is_pending_and_hides_values_until_they_are_asked_for() {
    let house = House::start(Writes::OnRunnerAlone).await;
    house
        .happened(
            "TemperatureMeasured",
            "room-7",
            1,
            &json!({"by": "Ada Lovelace", "room": "room-7"}),
        )
        .await;

    let page = house.page("/trace?id=room-7").await;
    assert!(page.contains("TemperatureMeasured") && page.contains("pending"), "{page}");
    assert!(!page.contains("Ada Lovelace") && page.contains("•••"), "{page}");
    let api = house.json("/api/trace?id=room-7").await;
    assert!(!api.to_string().contains("Ada"), "{api}");
    assert_eq!(api["steps"][0]["consumers"][0]["outcome"], "pending");

    let open = crate::house::text(&house.post("/trace/values", "id=room-7").await);
    assert!(open.contains("Ada Lovelace"), "{open}");
    let audit = house.json("/api/audit").await;
    assert_eq!(
        (&audit["records"][0]["action"], &audit["records"][0]["outcome"]),
        (&json!("show"), &json!("done"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_s_page_tells_what_it_did_lately() {
    let house = House::start(Writes::Allowed).await;
    assert!(house.page("/consumers/climate").await.contains("It has dealt with nothing yet"));
    house.noted("climate#evt_1", "dead-lettered").await;
    house.noted("bells#evt_2", "done").await;

    let api = house.json("/api/consumers/climate").await;
    assert_eq!((&api["figures"]["dead"], &api["figures"]["done"]), (&json!(1), &json!(0)), "{api}");
    let page = house.page("/consumers/climate").await;
    assert!(page.contains("evt_1") && !page.contains("evt_2"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_pasted_leads_to_what_it_is_about() {
    let house = House::start(Writes::Allowed).await;
    let pasted = "%7B%22eventType%22%3A%22T%22%2C%22eventId%22%3A%22evt_1%22%2C%22timestamp%22%3A%222024-01-15T10%3A30%3A00Z%22%2C\
                  %22correlationId%22%3A%22room%207%22%2C%22payload%22%3A%7B%7D%7D";
    let bearer = house.bearer();
    let answer =
        house.ask("GET", &format!("/trace?id={pasted}"), &[("authorization", &bearer)], "").await;
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["location"]),
        (303, &"/trace?id=room%207#evt_1".parse().unwrap())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_an_event_says_is_text() {
    let house = House::start(Writes::Allowed).await;
    house.happened("TemperatureMeasured", HOSTILE, 1, &json!({HOSTILE: HOSTILE})).await;
    // SQS takes no NUL.
    let error = HOSTILE.replace('\0', "");
    house.died(&event("evt_1", &json!({HOSTILE: HOSTILE})), &error).await;
    house.died(&"\u{202e}<b>".repeat(30_000), &error).await;
    let encoded = "%3C%2Fpre%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E%E2%80%AE%00%20javascript%3Aalert(1)%20%22%20onload%3D'x'";
    let letters = house.json("/api/failures/climate").await;
    let mut pages = vec![
        "/failures".to_owned(),
        "/failures/climate".to_owned(),
        "/events".to_owned(),
        format!("/trace?id={encoded}"),
    ];
    for letter in letters["letters"].as_array().unwrap() {
        pages.push(format!("/failures/climate/{}", letter["messageId"].as_str().unwrap()));
    }
    assert_eq!(pages.len(), 6, "{letters}");
    for path in pages {
        let page = house.page(&path).await;
        let opened = page.matches("<script").count();
        assert_eq!(opened, 1, "{path} has the console's own script alone");
        assert!(
            !page.contains("<b>") && !page.contains('\u{202e}') && !page.contains('\0'),
            "{path}"
        );
        assert!(!page.contains("href=\"javascript") && !page.contains("\" onload"), "{path}");
    }
    let shown = crate::house::text(&house.post("/trace/values", &format!("id={encoded}")).await);
    assert!(shown.contains("&#60;script&#62;alert(1)") && shown.contains("\\u{202e}"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_says_what_to_do() {
    let house = House::start(Writes::Allowed).await;
    let bearer = house.bearer();
    for (path, status, part) in [
        ("/trace?id=room-8", 404, "expected is a correlation id"),
        ("/trace?id=room-8&at=-1", 400, "milliseconds after the first event"),
        ("/trace?id=room-8&at=now", 400, "milliseconds after the first event"),
        ("/consumers/nobody", 404, "there are: bells, climate"),
        ("/failures/nobody", 404, "there are: climate"),
        ("/failures/climate/nothing", 404, "sent back or purged"),
        ("/audit/aud_0", 404, "aud_0"),
        ("/jobs/7", 404, "audit list"),
        ("/jobs/x", 404, "audit list"),
        ("/%ff", 404, "no page"),
    ] {
        let answer = house.ask("GET", path, &[("authorization", &bearer)], "").await;
        let page = crate::house::text(&answer);
        assert_eq!(answer.status(), status, "{path}: {page}");
        assert!(page.contains(part), "{path}: {page}");
    }
    let page = house.page("/failures").await;
    assert!(page.contains("There is no dead letter"), "{page}");
    let page = house.page("/events").await;
    assert!(
        page.contains("Nothing has happened yet") && page.contains("names no catalogue"),
        "{page}"
    );
}
