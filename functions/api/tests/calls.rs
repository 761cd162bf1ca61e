//! What the API makes of calls, before any table is asked.
#![allow(clippy::unwrap_used, reason = "a test that is set up wrongly should end there")]

use api::{Customer, Placement, Route, route};
use event_schema::{OrderId, OrderPlaced};
use fanfare_event_store::Place;
use fanfare_http::{Paging, Problem};
use proptest::prelude::*;

fn place(body: &str) -> Result<OrderPlaced, Problem> {
    Placement::parse(body.as_bytes())?.placed(OrderId::new("ord_1").unwrap())
}

fn with_line(line: &str) -> String {
    format!(r#"{{"customerId":"cust_1","items":[{line}]}}"#)
}

#[test]
fn an_order_costs_the_sum_of_its_lines() {
    let order = place(
        r#"{"customerId":"cust_1","currency":"EUR",
            "items":[{"sku":"mug","quantity":2,"unitPrice":1250},{"sku":"pot","quantity":1,"unitPrice":0}]}"#,
    );
    let order = order.unwrap();
    assert_eq!((order.total_amount, order.currency.code()), (2500, "EUR"));
}

#[test]
fn a_bad_order_is_refused_with_the_name_of_the_field() {
    let huge = u64::MAX;
    let cases = [
        ("".to_owned(), "body"),
        ("not json".to_owned(), "body"),
        (r#"{"customerId":"cust_1","items":[]} x"#.to_owned(), "body"),
        (r#"{"items":[]}"#.to_owned(), "body"),
        (r#"{"customerId":"a b","items":[]}"#.to_owned(), "customerId"),
        (r#"{"customerId":"cust_1","items":[]}"#.to_owned(), "items"),
        (with_line(r#"{"sku":"mug","quantity":0,"unitPrice":1}"#), "items[0].quantity"),
        (with_line(r#"{"sku":"mug","quantity":-1,"unitPrice":1}"#), "items[0].quantity"),
        (with_line(r#"{"sku":"mug","quantity":100001,"unitPrice":1}"#), "items[0].quantity"),
        (with_line(r#"{"sku":"mug","quantity":1.5,"unitPrice":1}"#), "items[0].quantity"),
        (with_line(r#"{"sku":"","quantity":1,"unitPrice":1}"#), "items[0].sku"),
        (with_line(r#"{"sku":"mug","quantity":1,"unitPrice":-1}"#), "items[0].unitPrice"),
        (with_line(&format!(r#"{{"sku":"mug","quantity":2,"unitPrice":{huge}}}"#)), "items[0].unitPrice"),
        (with_line(r#"{"sku":"mug","quantity":1,"unitPrice":9007199254740992}"#), "items[0].unitPrice"),
        (
            r#"{"customerId":"cust_1","currency":"XYZ","items":[{"sku":"mug","quantity":1,"unitPrice":1}]}"#
                .to_owned(),
            "currency",
        ),
    ];
    for (body, field) in cases {
        let problem = place(&body).expect_err(&body);
        assert_eq!((problem.status, problem.field.as_deref()), (400, Some(field)), "{body}");
    }
}

#[test]
fn an_order_of_too_many_lines_is_refused() {
    let lines: Vec<_> =
        (0..91).map(|n| format!(r#"{{"sku":"s{n}","quantity":1,"unitPrice":1}}"#)).collect();
    let problem = place(&with_line(&lines.join(","))).expect_err("91 lines");
    assert_eq!(problem.detail, "must be 1 to 90, not 91");
}

#[test]
fn a_bad_customer_is_refused_with_the_name_of_the_field() {
    let cases = [
        ("", "ada@example.com", "name"),
        ("Ada\r\nBcc: x@example.com", "ada@example.com", "name"),
        ("Ada\r\n", "ada@example.com", "name"),
        (&format!("{}A", " ".repeat(262_000)), "ada@example.com", "name"),
        ("Ada", "ada", "email"),
        ("Ada", "ä@example.com", "email"),
        ("Ada", "a,b@example.com", "email"),
        ("Ada", "a@b..c", "email"),
        ("Ada", "ada@example.com\nBcc: x@example.com", "email"),
        ("Ada", "a@b@c", "email"),
    ];
    for (name, email, field) in cases {
        let customer = Customer { name: name.to_owned(), email: email.to_owned() };
        assert_eq!(customer.check().expect_err(name).field.as_deref(), Some(field));
    }
}

#[test]
fn a_known_path_with_another_method_says_which_it_takes() {
    let problem = route("DELETE", "/orders/ord_1").expect_err("no such method");
    assert_eq!((problem.status, problem.allow), (405, Some("GET")));
}

#[test]
fn an_unknown_path_is_not_found_and_a_malformed_id_is_named() {
    assert_eq!(route("GET", "/nothing/here").expect_err("unknown").status, 404);
    let problem = route("GET", "/orders/a%2Fb").expect_err("malformed");
    assert_eq!((problem.status, problem.field.as_deref()), (400, Some("orderId")));
    assert_eq!(route("GET", "/orders/ord_1"), Ok(Route::GetOrder(OrderId::new("ord_1").unwrap())));
}

#[test]
fn the_calls_about_an_order_s_life_have_routes() {
    let id = || OrderId::new("ord_1").unwrap();
    assert_eq!(route("POST", "/orders/ord_1/cancel"), Ok(Route::CancelOrder(id())));
    assert_eq!(route("GET", "/orders/ord_1/events"), Ok(Route::GetEvents(id())));
    assert_eq!(route("GET", "/orders/ord_1/cancel").expect_err("a method").allow, Some("POST"));
    assert_eq!(route("POST", "/orders/ord_1/events").expect_err("a method").allow, Some("GET"));
    let problem = route("GET", "/customers/a b/orders").expect_err("malformed");
    assert_eq!((problem.status, problem.field.as_deref()), (400, Some("customerId")));
}

#[test]
fn a_cursor_leads_back_to_where_the_page_ended() {
    let place: Place = "1705314600000000.2.order-ord_1".parse().unwrap();
    let cursor = Paging::cursor(&place);
    let paging = Paging::parse(Some("7"), Some(&cursor)).unwrap();
    assert_eq!(paging, Paging { limit: 7, after: Some(place) });
    assert_eq!(Paging::<Place>::parse(None, None).unwrap().limit, 50);
}

#[test]
fn a_bad_cursor_or_limit_is_refused_by_name() {
    let sideways = Paging::<Place>::parse(None, Some("b3JkZXI")).expect_err("base64 of no place");
    assert_eq!((sideways.status, sideways.field.as_deref()), (400, Some("cursor")));
    for (limit, cursor, field) in [
        (None, Some("not base64!"), "cursor"),
        (None, Some(""), "cursor"),
        (Some("0"), None, "limit"),
        (Some("101"), None, "limit"),
        (Some("-1"), None, "limit"),
        (Some("many"), None, "limit"),
    ] {
        let problem = Paging::<Place>::parse(limit, cursor).expect_err(field);
        assert_eq!((problem.status, problem.field.as_deref()), (400, Some(field)));
    }
}

proptest! {
    #[test]
    fn no_cursor_makes_the_api_panic(cursor in ".{0,100}") {
        drop(Paging::<Place>::parse(None, Some(&cursor)));
    }

    #[test]
    fn no_body_makes_the_api_panic(body in ".{0,300}") {
        drop(place(&body));
    }

    #[test]
    fn what_is_accepted_never_overflows(quantity in any::<u32>(), price in any::<u64>()) {
        let line = format!(r#"{{"sku":"mug","quantity":{quantity},"unitPrice":{price}}}"#);
        if let Ok(order) = place(&with_line(&line)) {
            prop_assert_eq!(u128::from(order.total_amount), u128::from(quantity) * u128::from(price));
        }
    }
}
