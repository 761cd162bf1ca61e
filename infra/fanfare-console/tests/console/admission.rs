//! Who gets in.

use crate::house::{House, text};
use fanfare_console::Writes;

#[tokio::test(flavor = "multi_thread")]
async fn who_has_not_the_token_is_told_nothing_of_the_stack() {
    let house = House::start(Writes::Allowed).await;
    for (method, path) in [
        ("GET", "/"),
        ("GET", "/api/flow"),
        ("GET", "/failures"),
        ("POST", "/failures/climate/redrive"),
    ] {
        for headers in [&[][..], &[("authorization", "Bearer 00000000000000000000000000000000")]] {
            let answer = house.ask(method, path, headers, "").await;
            assert_eq!(answer.status(), 401, "{method} {path}");
            assert!(!text(&answer).contains("climate"), "{}", text(&answer));
        }
    }
    let answer = house.ask("GET", "/flow?token=wrong", &[], "").await;
    assert_eq!((answer.status().as_u16(), answer.headers().get("set-cookie")), (401, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_exchanges_the_token_for_a_cookie_that_scripts_and_other_sites_don_t_get() {
    let house = House::start(Writes::Allowed).await;
    let path = format!("/trace?id=room-7&token={}", house.token);

    let answer = house.ask("GET", &path, &[("sec-fetch-site", "none")], "").await;

    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["location"]),
        (303, &"/trace?id=room-7".parse().unwrap())
    );
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.ends_with("; HttpOnly; SameSite=Strict; Path=/"), "{cookie}");
    assert!(!cookie.contains(&house.token), "the token is not in the cookie");
    let cookie = cookie.split(';').next().unwrap();
    let answer = house
        .ask("GET", "/flow", &[("cookie", cookie), ("sec-fetch-site", "same-origin")], "")
        .await;
    assert_eq!(answer.status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_page_of_the_same_browser_gets_nothing_even_with_the_cookie() {
    let house = House::start(Writes::Allowed).await;
    let bearer = house.bearer();
    for header in [
        ("host", "console.example.com"),
        ("origin", "https://example.com"),
        ("origin", "null"),
        ("origin", "http://127.0.0.1:3000"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        for method in ["GET", "POST"] {
            let answer = house
                .ask(method, "/failures/climate/redrive", &[("authorization", &bearer), header], "")
                .await;
            assert_eq!(answer.status(), 403, "{method} {header:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_keeps_to_itself() {
    let house = House::start(Writes::Allowed).await;
    let bearer = house.bearer();
    for path in ["/flow", "/api/queues", "/nowhere", "/assets/nothing.css"] {
        let answer = house.ask("GET", path, &[("authorization", &bearer)], "").await;
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        let policy = header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'"),
            "{policy}"
        );
        assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
        assert_eq!(
            (header("cache-control"), header("x-content-type-options")),
            ("no-store".into(), "nosniff".into())
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_larger_than_one_can_be_is_refused() {
    let house = House::start(Writes::Allowed).await;
    let form = format!("why={}", "x".repeat(70 * 1024));
    assert_eq!(house.post("/failures/climate/redrive", &form).await.status(), 413);
    let bearer = house.bearer();
    let answer = house.ask("PUT", "/flow", &[("authorization", &bearer)], "").await;
    assert_eq!(answer.status(), 405);
}
