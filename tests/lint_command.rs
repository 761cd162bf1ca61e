//! `fanfare lint` as a command: what it prints, and how it ends.

#![allow(clippy::unwrap_used, reason = "a test may")]

use std::process::{Command, Output};
use system_tests::{program, repository};

fn lint(arguments: &[&str]) -> Output {
    let mut command = Command::new(program("fanfare"));
    command.current_dir(repository()).arg("lint").args(arguments).output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn the_store_s_template_is_clean() {
    let output = lint(&["infra/template.yaml"]);

    assert_eq!(output.status.code(), Some(0), "{}{}", out(&output), err(&output));
    assert!(out(&output).starts_with("infra/template.yaml: clean"));
}

/// The findings, rules alone, in the store's template after a change; its catalogue lies where the template looks for it.
fn rules_broken_after(change: impl Fn(&str) -> String) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    for part in ["infra", "events"] {
        std::fs::create_dir(folder.path().join(part)).unwrap();
    }
    let (catalogue, template) = ("events/catalogue.json", "infra/template.yaml");
    std::fs::copy(repository().join(catalogue), folder.path().join(catalogue)).unwrap();
    let text = std::fs::read_to_string(repository().join(template)).unwrap();
    let changed = change(&text);
    assert_ne!(changed, text, "the change finds its place");
    std::fs::write(folder.path().join(template), changed).unwrap();

    let path = folder.path().join(template);
    let output = lint(&["--format", "json", path.to_str().unwrap()]);
    let json: serde_json::Value = serde_json::from_str(&out(&output)).unwrap();
    let findings = json["templates"][0]["findings"].as_array().unwrap();
    findings.iter().map(|finding| finding["rule"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_can_be_forgotten_of_a_consumer_is_found() {
    for (line, instead, rule) in [
        ("        - !Ref EmailQueue\n", "", "queue-closed-to-topic"),
        ("        - !Ref EmailDeadLetters\n", "", "queue-closed-to-topic"),
        ("[\"email#*\"]", "[\"views#*\"]", "foreign-leading-keys"),
        ("[\"shipment-*\"]", "[\"shipping-*\"]", "foreign-leading-keys"),
        ("!Ref StockTable", "!Ref EventsTopic", "unknown-table"),
        (
            "!GetAtt ViewsDeadLetters.QueueName",
            "!GetAtt ViewsQueue.QueueName",
            "consumer-without-alarms",
        ),
        ("- !Join [\"=\", [views, ", "- !Join [\"=\", [other, ", "unlisted-consumer"),
        ("        - OrderStalled\n", "", "event-without-consumer"),
        ("\"stalled-*\", ", "", "event-without-announcer"),
    ] {
        let found = rules_broken_after(|text| text.replacen(line, instead, 1));
        assert!(found.iter().any(|found| found == rule), "{line:?}: {found:?}");
    }
}

#[test]
fn what_conditions_leave_out_is_named_and_judged_with_the_parameters_that_it_needs() {
    let by_default = lint(&["--verbose", "infra/template.yaml"]);
    let watched = lint(&["--verbose", "--parameter", "AlarmEmail=a@b.c", "infra/template.yaml"]);

    let not_judged = "AlarmsTopic: not judged: IsWatched does not hold";
    assert!(out(&by_default).contains(not_judged), "{}", out(&by_default));
    assert!(!out(&watched).contains("IsWatched"), "{}", out(&watched));
    assert_eq!(watched.status.code(), Some(0), "{}", out(&watched));
}

#[test]
fn a_finding_names_line_property_rule_reason_remedy_and_page_and_ends_with_1() {
    let output = lint(&[
        "infra/fanfare-lint/tests/templates/max-receive-count.yaml",
        "infra/fanfare-lint/tests/templates/clean.raw.json",
    ]);

    assert_eq!(output.status.code(), Some(1));
    let out = out(&output);
    let expected = "infra/fanfare-lint/tests/templates/max-receive-count.yaml:8:9 PaymentsQueue.RedrivePolicy.maxReceiveCount";
    for part in [
        expected,
        "max-receive-count\n",
        "after 3 receives",
        "fix Set maxReceiveCount",
        "see https://",
    ] {
        assert!(out.contains(part), "{part:?} is not in {out}");
    }
    assert!(out.contains("clean.raw.json: clean, 1 note"), "{out}");
    assert!(!out.contains('\u{1b}'), "colours though it is no terminal: {out}");
}

#[test]
fn what_cannot_be_read_ends_with_2_and_does_not_hide_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let broken = folder.path().join("broken.yaml");
    std::fs::write(&broken, "Resources:\n  A: [\n").unwrap();
    let broken = broken.to_str().unwrap();

    let output = lint(&[
        broken,
        "nowhere.yaml",
        "infra/fanfare-lint/tests/templates/max-receive-count.yaml",
    ]);

    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("broken.yaml is no template: line "), "{}", err(&output));
    assert!(err(&output).contains("cannot read nowhere.yaml: No such file"), "{}", err(&output));
    assert!(out(&output).contains("1 finding"));
}

#[test]
fn a_wrong_call_ends_with_2() {
    let clean = "infra/fanfare-lint/tests/templates/clean.raw.json";
    for (arguments, word) in [
        (&[][..], "TEMPLATE"),
        (&["--parameter", "Nonsense=1", clean][..], "Nonsense"),
        (&["--parameter", "Nonsense", clean][..], "NAME=VALUE"),
        (&["--format", "xml", clean][..], "sarif"),
        (&["--project", "events", clean][..], "events is no cargo project"),
    ] {
        let output = lint(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(err(&output).contains(word), "{arguments:?}: {}", err(&output));
    }
}

#[test]
fn json_and_sarif_are_for_programs() {
    let template = "infra/fanfare-lint/tests/templates/max-receive-count.yaml";

    let json: serde_json::Value =
        serde_json::from_str(&out(&lint(&["--format", "json", template]))).unwrap();
    let sarif: serde_json::Value =
        serde_json::from_str(&out(&lint(&["--format", "sarif", template]))).unwrap();

    assert_eq!(json["templates"][0]["findings"][0]["line"], 8);
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "max-receive-count");
}

#[test]
fn a_project_s_consumers_need_subscriptions() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    std::fs::create_dir_all(root.join("infra")).unwrap();
    std::fs::write(root.join("Cargo.toml"), "[workspace]\nmembers = [\"functions/*\"]\n").unwrap();
    for (name, code) in [("loyalty", "Consumer::new(\"loyalty\", award)"), ("api", "Ledger::new()")]
    {
        let folder = root.join("functions").join(name);
        std::fs::create_dir_all(folder.join("src")).unwrap();
        let manifest =
            format!("[package]\nname = \"{name}\"\n[dependencies]\nfanfare.workspace = true\n");
        std::fs::write(folder.join("Cargo.toml"), manifest).unwrap();
        std::fs::write(folder.join("src/main.rs"), code).unwrap();
    }
    let template = root.join("infra/template.yaml");
    let topic = "{ Type: AWS::SNS::Topic, Properties: { KmsMasterKeyId: alias/aws/sns } }";
    std::fs::write(&template, format!("Resources: {{ Topic: {topic} }}\n")).unwrap();
    let template = template.to_str().unwrap();

    let found = lint(&[template]);
    let not_asked = lint(&["--no-project", template]);

    assert_eq!(found.status.code(), Some(1), "{}", err(&found));
    assert!(out(&found).contains("no function of the template runs the consumer loyalty"));
    assert!(!out(&found).contains("consumer api"));
    assert_eq!(not_asked.status.code(), Some(0));
}

#[test]
fn event_types_are_read_from_the_catalogue_that_the_template_names_or_from_the_one_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    std::fs::create_dir_all(root.join("infra")).unwrap();
    let event = r#"{ "type": "RoomHeated", "version": 1, "stream": "room-{roomId}", "correlation": "roomId" }"#;
    let catalogue = format!(r#"{{ "fanfare": 1, "events": [{event}] }}"#);
    let template = root.join("infra/template.yaml");
    let write = |metadata: &str| {
        let path = "infra/fanfare-lint/tests/templates/unknown-event-type.yaml";
        let rest = std::fs::read_to_string(repository().join(path)).unwrap();
        std::fs::write(&template, format!("{metadata}\n{rest}")).unwrap();
    };
    let template = template.to_str().unwrap();

    write("Metadata: { Fanfare: { Catalogue: ../events.json } }");
    let missing = lint(&[template]);
    std::fs::write(root.join("events.json"), &catalogue).unwrap();
    let named = lint(&[template]);
    write("");
    let none = lint(&["--verbose", template]);
    std::fs::write(root.join("infra/catalogue.json"), &catalogue).unwrap();
    let beside = lint(&[template]);

    assert_eq!(missing.status.code(), Some(2));
    assert!(err(&missing).contains("../events.json: No such file"), "{}", err(&missing));
    for found in [named, beside] {
        assert_eq!(found.status.code(), Some(1), "{}", err(&found));
        assert!(out(&found).contains("Use one of RoomHeated;"), "{}", out(&found));
    }
    assert_eq!(none.status.code(), Some(0), "{}", out(&none));
    assert!(out(&none).contains("there is no catalogue of events"), "{}", out(&none));
}

#[test]
fn the_rules_are_listed() {
    let output = lint(&["--rules"]);

    assert_eq!(output.status.code(), Some(0));
    assert!(out(&output).contains("visibility-timeout\n    Visibility timeout under 6 times"));
}
