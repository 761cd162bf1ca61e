//! What a declaration makes.

use fanfare_event::{
    Catalogue, CatalogueError, Envelope, Event, EventId, EventType, Payload, SchemaError, Timestamp,
};
use serde_json::json;

#[fanfare_event::catalogue(HouseEvent)]
mod events {
    /// A window was opened,
    /// by whomever.
    ///
    /// The rest is no part of the summary.
    #[event(stream = "window-{window_id}", correlation = "{house}-{window_id}")]
    #[derive(Eq, PartialEq)]
    pub(crate) struct WindowOpened {
        /// The house.
        #[serde(rename = "home")]
        pub(crate) house: u32,
        /// The window.
        pub(crate) window_id: u32,
        /// How far.
        #[serde(default)]
        pub(crate) wide: Width,
    }

    #[event(
        name = "WindowWasShut",
        version = 3,
        stream = "windows",
        correlation = house,
        tenant = "house-{house}"
    )]
    pub(crate) struct WindowClosed {
        pub(crate) house: u32,
        pub(crate) r#type: String,
    }

    /// How far a window is open.
    #[value_object]
    #[derive(Eq, Default)]
    pub(crate) enum Width {
        /// A hand.
        #[default]
        OneHand,
        /// As far as it goes.
        WideOpen,
    }

    impl WindowClosed {
        /// What else is in the module stays as it is.
        pub(crate) fn is_skylight(&self) -> bool {
            self.r#type == "skylight"
        }
    }
}
use events::{HouseEvent, Width, WindowClosed, WindowOpened};

fn opened() -> WindowOpened {
    WindowOpened { house: 4, window_id: 12, wide: Width::WideOpen }
}

fn closed() -> WindowClosed {
    WindowClosed { house: 4, r#type: "skylight".to_owned() }
}

fn wrapped<E: EventType>(payload: &E) -> Envelope {
    let id = EventId::new("evt_1").expect("an id");
    Envelope::wrap(payload, id, Timestamp::UNIX_EPOCH).expect("it has a JSON form")
}

#[test]
fn an_event_has_the_stream_and_the_correlation_that_it_says() {
    assert_eq!(opened().stream(), "window-12");
    assert_eq!(opened().correlation_id(), "4-12");
    assert_eq!((closed().stream(), closed().correlation_id()), ("windows".into(), "4".into()));
}

#[test]
fn an_event_has_the_tenant_that_it_says_and_is_nobody_s_if_it_says_none() {
    assert_eq!(closed().tenant().as_deref(), Some("house-4"));
    assert_eq!(wrapped(&closed()).tenant.as_deref(), Some("house-4"));
    let nobodys = wrapped(&opened());
    assert_eq!(nobodys.tenant, None);
    assert!(!nobodys.to_json().expect("it has a JSON form").contains("tenant"));
}

#[test]
fn fields_are_camel_case_on_the_wire_unless_they_say_otherwise() {
    let json = serde_json::to_value(opened()).expect("it has a JSON form");
    assert_eq!(json, json!({"home": 4, "windowId": 12, "wide": "wideOpen"}));
    let read: WindowOpened =
        serde_json::from_value(json!({"home": 4, "windowId": 12})).expect("a default");
    assert_eq!(read.wide, Width::OneHand);
    assert!(closed().is_skylight());
}

#[test]
fn the_enum_reads_whichever_event_an_envelope_holds() {
    let event = Event::<HouseEvent>::from_envelope(&wrapped(&closed())).expect("known");

    assert_eq!(event.payload, HouseEvent::from(closed()));
    assert_eq!(event.payload.event_type(), "WindowWasShut");
    assert_eq!(event.payload.subject(), "4");
    let json = event.payload.to_json().expect("it has a JSON form");
    assert_eq!(json, json!({"house": 4, "type": "skylight"}));
}

#[test]
fn an_event_that_was_not_declared_is_unknown() {
    let envelope = Envelope { event_type: "DoorOpened".to_owned(), ..wrapped(&opened()) };
    let error = HouseEvent::decode(&envelope).expect_err("not declared");
    assert!(matches!(error, SchemaError::UnknownType { event_type } if event_type == "DoorOpened"));
}

#[test]
fn the_catalogue_tells_what_was_declared_in_its_order() {
    let told = serde_json::to_value(HouseEvent::EVENTS).expect("it has a JSON form");
    let expected = json!([
        {"type": "WindowOpened", "version": 1, "stream": "window-{windowId}",
         "correlation": "{home}-{windowId}", "summary": "A window was opened, by whomever."},
        {"type": "WindowWasShut", "version": 3, "stream": "windows", "correlation": "house"},
    ]);
    assert_eq!(told, expected);
    assert_eq!(HouseEvent::TYPES, ["WindowOpened", "WindowWasShut"]);
}

#[test]
fn what_is_written_to_a_file_is_read_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("catalogue.json");

    HouseEvent::catalogue().write(&path).expect("written");

    assert_eq!(Catalogue::read(&path).expect("read"), HouseEvent::catalogue());
    HouseEvent::catalogue().check_file(&path).expect("the same");
}

#[test]
fn a_file_that_is_behind_is_refused_with_the_first_difference_and_the_remedy() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("catalogue.json");
    let older = Catalogue::new(&HouseEvent::EVENTS[..1]).expect("a catalogue");
    older.write(&path).expect("written");

    let error = HouseEvent::catalogue().check_file(&path).expect_err("one event is missing");

    let says = error.to_string();
    assert!(says.starts_with(&path.display().to_string()), "{says}");
    assert!(says.contains("WindowWasShut") && says.contains("FANFARE_WRITE=1"), "{says}");
}

#[test]
fn a_file_that_is_none_or_newer_or_double_says_so() {
    for (json, says) in [
        ("", "not a catalogue of events: EOF while parsing"),
        ("{}", "not a catalogue of events: missing field `fanfare`"),
        (
            r#"{"fanfare": 2, "events": []}"#,
            "the catalogue has format 2; this build reads format 1",
        ),
        (
            r#"{"fanfare": 1, "events": [{"type": 7}]}"#,
            "not a catalogue of events: events[0].type: ",
        ),
    ] {
        let error = Catalogue::from_json(json).expect_err(json).to_string();
        assert!(error.starts_with(says), "{error}");
    }
    let twice = [HouseEvent::EVENTS, HouseEvent::EVENTS].concat();
    let error = Catalogue::new(twice).expect_err("each is there twice");
    assert!(matches!(error, CatalogueError::Twice { event_type } if event_type == "WindowOpened"));
}
