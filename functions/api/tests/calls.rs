//! What the API makes of calls, before any table is asked.
#![allow(clippy::unwrap_used, reason = "a test that is set up wrongly should end there")]

use api::{Caller, Catalogue, Claims, Customer, Placement, Product, Route, route};
use event_schema::{Currency, CustomerId, OrderId, OrderPlaced, Sku};
use fanfare_event_store::Place;
use fanfare_http::{Caller as Known, Paging, Problem, Request, Token};
use proptest::prelude::*;

/// What is sold: mugs, pots for nothing, and a kettle in dollars.
fn catalogue(mug: u64) -> Catalogue {
    let product = |(sku, price, currency): (&str, u64, Currency)| {
        (Sku::new(sku).unwrap(), Product { name: sku.to_owned(), price, currency })
    };
    [("mug", mug, Currency::EUR), ("pot", 0, Currency::EUR), ("kettle", 5900, Currency::USD)]
        .map(product)
        .into()
}

fn placed_at(mug: u64, body: &str) -> Result<OrderPlaced, Problem> {
    let placement = Placement::parse(&Request::new("POST", "/orders").with_body(body))?;
    let customer = placement.customer(&Caller::Staff)?;
    placement.placed(OrderId::new("ord_1").unwrap(), customer, &catalogue(mug))
}

fn place(body: &str) -> Result<OrderPlaced, Problem> {
    placed_at(1250, body)
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
    let cases = [
        ("".to_owned(), "body"),
        ("not json".to_owned(), "body"),
        (r#"{"customerId":"cust_1","items":[]} x"#.to_owned(), "body"),
        (r#"{"customerId":"cust_1"}"#.to_owned(), "body"),
        (r#"{"items":[{"sku":"mug","quantity":1}]}"#.to_owned(), "customerId"),
        (r#"{"customerId":"a b","items":[]}"#.to_owned(), "customerId"),
        (r#"{"customerId":"cust_1","items":[]}"#.to_owned(), "items"),
        (with_line(r#"{"sku":"mug","quantity":0,"unitPrice":1}"#), "items[0].quantity"),
        (with_line(r#"{"sku":"mug","quantity":-1,"unitPrice":1}"#), "items[0].quantity"),
        (with_line(r#"{"sku":"mug","quantity":100001,"unitPrice":1}"#), "items[0].quantity"),
        (with_line(r#"{"sku":"mug","quantity":1.5,"unitPrice":1}"#), "items[0].quantity"),
        (with_line(r#"{"sku":"","quantity":1,"unitPrice":1}"#), "items[0].sku"),
        (with_line(r#"{"sku":"mug","quantity":1,"unitPrice":-1}"#), "items[0].unitPrice"),
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
        ("Ada\u{202e}ecalevoL", "ada@example.com", "name"),
        ("Ada\u{2066}", "ada@example.com", "name"),
        ("Ada\u{2028}Lovelace", "ada@example.com", "name"),
        ("Ada\u{9b}31m", "ada@example.com", "name"),
        (&format!("{}A", " ".repeat(262_000)), "ada@example.com", "name"),
        ("Ada", "ada", "email"),
        ("Ada", "ä@example.com", "email"),
        ("Ada", "a,b@example.com", "email"),
        ("Ada", "a@b..c", "email"),
        ("Ada", "ada@example.com\nBcc: x@example.com", "email"),
        ("Ada", "a@b@c", "email"),
        ("Ada", "..@b.de", "email"),
        ("Ada", "a@-b.de", "email"),
        ("Ada", "a@b-.de", "email"),
        ("Ada", "a@localhost", "email"),
        ("Ada", "a@[127.0.0.1]", "email"),
        ("Ada", "Ada <ada@example.com>", "email"),
        ("Ada", "\"a\"@example.com", "email"),
    ];
    for (name, email, field) in cases {
        let customer = Customer { name: name.to_owned(), email: email.to_owned() };
        assert_eq!(customer.check().expect_err(name).field.as_deref(), Some(field));
    }
}

#[test]
fn a_name_may_be_written_in_any_script() {
    for name in ["Ada Lovelace", "José", "佐藤", "محمد", "می\u{200c}خواهم", "👩\u{200d}🔬"]
    {
        let customer = Customer { name: name.to_owned(), email: "o'hara+1@x.ie".to_owned() };
        assert_eq!(customer.check(), Ok(()), "{name}");
    }
}

#[test]
fn an_order_costs_what_the_catalogue_says_and_a_changed_price_is_told() {
    let seen =
        |price: u64| with_line(&format!(r#"{{"sku":"mug","quantity":2,"unitPrice":{price}}}"#));
    assert_eq!(place(&with_line(r#"{"sku":"mug","quantity":2}"#)).unwrap().total_amount, 2500);
    assert_eq!(place(&seen(1250)).unwrap().items[0].unit_price, Some(1250));

    let problem = place(&seen(1)).expect_err("a price of the customer's own");

    assert_eq!((problem.status, problem.field.as_deref()), (409, Some("items[0].unitPrice")));
    let document = serde_json::to_value(&problem).unwrap();
    let changed = serde_json::json!([
        {"sku": "mug", "seen": {"price": 1}, "today": {"price": 1250, "currency": "EUR"}}
    ]);
    assert_eq!((&document["changed"], &document["title"]), (&changed, &"Price changed".into()));
    assert!(problem.detail.contains("mug costs 1250 EUR now, not 1 EUR"), "{}", problem.detail);
    let line = r#""items":[{"sku":"mug","quantity":1}]"#;
    let dollars = place(&format!(r#"{{"customerId":"cust_1","currency":"USD",{line}}}"#));
    assert_eq!(dollars.expect_err("it is sold in euros").status, 409);
}

#[test]
fn what_is_not_sold_or_not_sold_together_is_named() {
    let items = |items: &str| format!(r#"{{"customerId":"cust_1","items":[{items}]}}"#);
    let unknown = items(
        r#"{"sku":"mug","quantity":1},{"sku":"lamp","quantity":1},{"sku":"sofa","quantity":1}"#,
    );
    let problem = place(&unknown).expect_err("lamps are not sold");
    assert_eq!((problem.status, problem.field.as_deref()), (422, Some("items[1].sku")));
    assert_eq!(problem.members["unknown"], serde_json::json!(["lamp", "sofa"]));

    let mixed = items(r#"{"sku":"mug","quantity":1},{"sku":"kettle","quantity":1}"#);
    let problem = place(&mixed).expect_err("two currencies");
    assert_eq!((problem.status, problem.field.as_deref()), (422, Some("items[1].sku")));
}

#[test]
fn an_order_that_costs_more_than_an_amount_can_be_is_refused() {
    let body = with_line(r#"{"sku":"mug","quantity":2}"#);
    for price in [u64::MAX, (1 << 52) + 1] {
        let problem = placed_at(price, &body).expect_err("too much");
        assert_eq!((problem.status, problem.field.as_deref()), (400, Some("items[0].quantity")));
    }
    assert_eq!(placed_at(1 << 51, &body).unwrap().total_amount, 1 << 52);
}

#[test]
fn a_customer_s_order_is_their_own() {
    let placement =
        |body: &str| Placement::parse(&Request::new("POST", "/orders").with_body(body)).unwrap();
    let own = || CustomerId::new("cust_1").unwrap();
    let customer = Caller::Customer(own());
    let unnamed = placement(r#"{"items":[{"sku":"mug","quantity":1}]}"#);
    assert_eq!(unnamed.customer(&customer), Ok(own()));
    let line = r#"{"sku":"mug","quantity":1}"#;
    assert_eq!(placement(&with_line(line)).customer(&customer), Ok(own()));
    let other = Caller::Customer(CustomerId::new("cust_2").unwrap());
    assert_eq!(placement(&with_line(line)).customer(&other).expect_err("another's").status, 403);
    assert_eq!(placement(&with_line(line)).customer(&Caller::Machine), Ok(own()));
    assert_eq!(unnamed.customer(&Caller::Machine).expect_err("whose?").status, 400);
}

#[test]
fn who_calls_is_known_by_the_claims_that_the_settings_name() {
    let claims = |customer_id: &str, staff: &str, staff_value: &str| Claims {
        customer_id: customer_id.to_owned(),
        staff: staff.to_owned(),
        staff_value: staff_value.to_owned(),
    };
    let token = Token::new("https://login", "auth0|1")
        .with_claim("customer", "cust_1")
        .with_claim("cognito:groups", "[clerks tills]")
        .with_claim("scope", "openid");
    let known = Known::Token(token);
    let customer = Ok(Caller::Customer(CustomerId::new("cust_1").unwrap()));
    assert_eq!(claims("customer", "scope", "staff").caller(&known), customer);
    assert_eq!(claims("customer", "scope", "").caller(&known), customer, "nobody is staff");
    assert_eq!(claims("customer", "cognito:groups", "clerks").caller(&known), Ok(Caller::Staff));
    for (claim, said) in [("sub", "claim sub is no customer's id"), ("id", "has no claim id")] {
        let problem = claims(claim, "scope", "staff").caller(&known).expect_err(claim);
        assert_eq!(problem.status, 403);
        assert!(problem.detail.contains(said), "{}", problem.detail);
    }
    let iam = Known::Iam { arn: "arn:aws:iam::1:user/till".to_owned() };
    assert_eq!(claims("sub", "scope", "staff").caller(&iam), Ok(Caller::Machine));
    let nobody = claims("sub", "scope", "staff").caller(&Known::Unknown).expect_err("nobody");
    assert_eq!(nobody.status, 403);
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
        let line = format!(r#"{{"sku":"mug","quantity":{quantity}}}"#);
        if let Ok(order) = placed_at(price, &with_line(&line)) {
            prop_assert_eq!(u128::from(order.total_amount), u128::from(quantity) * u128::from(price));
        }
    }
}
