//! What `fanfare new` writes and changes, and what it refuses without a change. That it builds, passes and runs is
//! `tests/outside`'s to say.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use fanfare_new::{
    Changes, Fanfare, Layout, NewConsumer, NewError, NewEvent, NewFunction, NewProject,
};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A new project in a folder that ends with this.
struct Project {
    _folder: TempDir,
    root: PathBuf,
}

impl Project {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("greenhouse");
        let project = NewProject { name: "greenhouse".parse().unwrap(), fanfare: Fanfare::Version };
        project.changes(&root).unwrap().apply().unwrap();
        Self { _folder: folder, root }
    }

    fn layout(&self) -> Layout {
        Layout::find(&self.root.join("functions/guestbook/src")).unwrap()
    }

    fn text(&self, file: &str) -> String {
        fs::read_to_string(self.root.join(file)).unwrap()
    }

    /// Every file and what is in it.
    fn files(&self) -> BTreeMap<PathBuf, String> {
        fn below(folder: &Path, files: &mut BTreeMap<PathBuf, String>) {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    below(&path, files);
                } else {
                    files.insert(path.clone(), fs::read_to_string(path).unwrap());
                }
            }
        }
        let mut files = BTreeMap::new();
        below(&self.root, &mut files);
        files
    }
}

fn measured() -> NewEvent {
    NewEvent {
        name: "TemperatureMeasured".parse().unwrap(),
        summary: None,
        fields: vec!["room:String".parse().unwrap(), "celsius:f64".parse().unwrap()],
        stream: None,
    }
}

fn climate() -> NewConsumer {
    NewConsumer {
        name: "climate".parse().unwrap(),
        on: "TemperatureMeasured".parse().unwrap(),
        emits: Some("AcSwitched".parse().unwrap()),
        table: Some("rooms:room".parse().unwrap()),
    }
}

#[test]
fn an_event_is_declared_listed_and_has_a_sample_and_typing_it_twice_changes_nothing() {
    let project = Project::new();

    measured().changes(&project.layout()).unwrap().apply().unwrap();

    let code = project.text("events/src/lib.rs");
    let declared = r#"
    /// Temperature measured.
    #[event(stream = "room-{room}", correlation = room)]
    pub struct TemperatureMeasured {
        /// The room.
        pub room: String,
        /// The celsius.
        pub celsius: f64,
    }
}
"#;
    assert!(code.contains(declared), "{code}");
    assert!(project.text("catalogue.json").contains(r#""stream": "room-{room}""#));
    assert!(project.text("samples/temperature-measured.json").contains(r#""celsius": 1.5"#));
    assert!(measured().changes(&project.layout()).unwrap().is_empty());
}

#[test]
fn a_consumer_is_one_block_of_the_template_and_everything_before_it_stays() {
    let project = Project::new();
    measured().changes(&project.layout()).unwrap().apply().unwrap();
    let commented = format!(
        "# A comment of ours.\n{}\nOutputs:\n  A: {{ Value: 1 }}\n",
        project.text("template.yaml")
    );
    fs::write(project.root.join("template.yaml"), &commented).unwrap();

    climate().changes(&project.layout()).unwrap().apply().unwrap();

    let template = project.text("template.yaml");
    let before = commented.split("\nOutputs:").next().unwrap().trim_end();
    assert!(template.starts_with(before), "what was there stays as it is");
    assert!(template.ends_with("\nOutputs:\n  A: { Value: 1 }\n"));
    for line in [
        "  ClimateQueuePolicy:",
        "        eventType: [TemperatureMeasured]",
        "          ROOMS_TABLE: !Ref RoomsTable",
        r#"dynamodb:LeadingKeys: ["climate#*"]"#,
        "  ClimateDeadLettersAlarm:",
    ] {
        assert!(template.contains(line), "{line} is missing");
    }
    assert!(project.text("catalogue.json").contains("AcSwitched"), "what it emits is declared");
    assert!(project.text("functions/climate/src/lib.rs").contains(".announces::<AcSwitched>()"));
}

#[test]
fn a_consumer_typed_twice_changes_nothing_and_another_of_its_name_is_refused() {
    let project = Project::new();
    measured().changes(&project.layout()).unwrap().apply().unwrap();
    climate().changes(&project.layout()).unwrap().apply().unwrap();

    let again = climate().changes(&project.layout()).unwrap();
    let other = NewConsumer { on: "Greeted".parse().unwrap(), ..climate() };

    assert!(again.is_empty(), "{}", again.diff());
    let message = other.changes(&project.layout()).expect_err("it acts on another").to_string();
    assert!(message.contains("climate exists, and is another"), "{message}");
}

#[test]
fn ends_that_lead_nowhere_are_said_to_be_meant_and_no_others() {
    let project = Project::new();
    measured().changes(&project.layout()).unwrap().apply().unwrap();
    climate().changes(&project.layout()).unwrap().apply().unwrap();
    let fan = NewConsumer {
        name: "fan".parse().unwrap(),
        on: "AcSwitched".parse().unwrap(),
        emits: None,
        table: None,
    };

    fan.changes(&project.layout()).unwrap().apply().unwrap();

    let template = project.text("template.yaml");
    let (_, added) = template.split_once("---- climate").unwrap();
    let (climate, fan) = added.split_once("---- fan").unwrap();
    assert!(climate.contains("TemperatureMeasured comes from outside"), "{climate}");
    assert!(climate.contains("Rule: event-without-consumer"), "{climate}");
    assert!(!fan.contains("Accept:"), "climate announces what it acts on: {fan}");
    assert_eq!(template.matches("DeadLettersAlarm:").count(), 3, "each has its own");
}

#[test]
fn what_is_refused_names_the_remedy_and_has_changed_nothing() {
    let project = Project::new();
    measured().changes(&project.layout()).unwrap().apply().unwrap();
    let before = project.files();
    let layout = project.layout();
    let other_fields = NewEvent { fields: vec!["room:String".parse().unwrap()], ..measured() };
    let about_a_number = NewEvent {
        name: "Cooled".parse().unwrap(),
        fields: vec!["celsius:f64".parse().unwrap()],
        ..measured()
    };
    let unheard = NewConsumer { on: "Nothing".parse().unwrap(), ..climate() };
    let no_key = NewConsumer { table: Some("rooms:celsius".parse().unwrap()), ..climate() };
    let taken = NewConsumer { name: "guestbook".parse().unwrap(), ..climate() };
    let again = NewProject { name: "greenhouse".parse().unwrap(), fanfare: Fanfare::Version };

    let refusals: [(Result<Changes, NewError>, &str); 6] = [
        (other_fields.changes(&layout), "keeps its fields"),
        (about_a_number.changes(&layout), "put such a field first"),
        (unheard.changes(&layout), "fanfare new event Nothing"),
        (no_key.changes(&layout), "it has room, celsius"),
        (taken.changes(&layout), "functions/guestbook/src/lib.rs"),
        (again.changes(&project.root), "exists"),
    ];

    for (refused, remedy) in refusals {
        let message = refused.expect_err(remedy).to_string();
        assert!(message.contains(remedy), "{message}");
    }
    assert_eq!(project.files(), before);
}

#[test]
fn outside_a_project_the_way_to_one_is_named() {
    let folder = tempfile::tempdir().unwrap();

    let message = Layout::find(folder.path()).expect_err("no project").to_string();

    assert!(message.contains("`fanfare new NAME` begins one"), "{message}");
}

#[test]
fn a_template_without_a_place_for_resources_is_refused_with_a_reason() {
    let project = Project::new();
    measured().changes(&project.layout()).unwrap().apply().unwrap();
    fs::write(
        project.root.join("template.yaml"),
        "Metadata: { Fanfare: { Catalogue: catalogue.json } }\nResources: { Q: { Type: AWS::SQS::Queue } }\n",
    )
    .unwrap();

    let message = climate().changes(&project.layout()).expect_err("no topic").to_string();

    assert!(message.contains("it has no topic"), "{message}");
}

#[test]
fn a_template_with_a_fault_is_refused_with_the_line() {
    let project = Project::new();
    measured().changes(&project.layout()).unwrap().apply().unwrap();
    let broken = project.text("template.yaml").replace("!Ref AlarmEmail", "!Ref AlarmMail");
    fs::write(project.root.join("template.yaml"), &broken).unwrap();

    let message = climate().changes(&project.layout()).expect_err("a dead reference").to_string();

    assert!(message.contains("template.yaml: line ") && message.contains("mend"), "{message}");
    assert_eq!(project.text("template.yaml"), broken);
}

#[test]
fn a_function_of_a_schedule_is_written_once() {
    let project = Project::new();
    let report =
        NewFunction { name: "report".parse().unwrap(), schedule: "rate(1 day)".parse().unwrap() };

    report.changes(&project.layout()).unwrap().apply().unwrap();

    let template = project.text("template.yaml");
    assert!(template.contains("Properties: { Schedule: rate(1 day) }"), "{template}");
    assert!(template.contains("  ReportErrorsAlarm:"), "{template}");
    assert!(project.text("Cargo.toml").contains("\nlambda_runtime = \"1\"\n"));
    assert!(report.changes(&project.layout()).unwrap().is_empty());
    let other = NewFunction { schedule: "rate(2 days)".parse().unwrap(), ..report };
    assert!(other.changes(&project.layout()).is_err(), "another schedule is another function");
}

#[test]
fn an_event_of_another_s_stream_is_announced_there() {
    let project = Project::new();
    measured().changes(&project.layout()).unwrap().apply().unwrap();
    let echo = NewConsumer {
        on: "Greeted".parse().unwrap(),
        emits: Some("TemperatureMeasured".parse().unwrap()),
        table: None,
        ..climate()
    };

    echo.changes(&project.layout()).unwrap().apply().unwrap();

    assert!(project.text("template.yaml").contains(r#"dynamodb:LeadingKeys: ["room-*"]"#));
}

#[test]
fn the_diff_shows_what_would_change_and_writes_nothing() {
    let project = Project::new();
    let before = project.files();

    let diff = measured().changes(&project.layout()).unwrap().diff();

    assert!(diff.contains("+    pub struct TemperatureMeasured {"), "{diff}");
    assert_eq!(project.files(), before);
}
