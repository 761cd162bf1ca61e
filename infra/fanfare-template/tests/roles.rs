//! What the resources of a template are for.
#![allow(clippy::unwrap_used, reason = "a test that is set up wrongly should end there")]

use fanfare_template::roles::{ForcedReplay, Role, Roles, StackDescription};
use fanfare_template::{Inputs, Template};
use std::collections::BTreeMap;
use std::path::Path;

/// The roles of a template, and what is wrong, one line each.
fn roles(resources: &str) -> (Roles, Vec<String>) {
    let text = format!("Transform: AWS::Serverless-2016-10-31\nResources:\n{resources}");
    let (roles, problems) = Roles::of(&Template::read(&text, &Inputs::default()).unwrap().known());
    (roles, problems.iter().map(ToString::to_string).collect())
}

const HOUSE: &str = "
  Readings: { Type: 'AWS::DynamoDB::Table' }
  Seen: { Type: 'AWS::DynamoDB::Table', Properties: { TableName: !Sub '${AWS::StackName}-seen' } }
  House: { Type: 'AWS::SNS::Topic' }
  Lost: { Type: 'AWS::SQS::Queue' }
  Announcer:
    Type: AWS::Serverless::Function
    Properties:
      Environment: { Variables: { EVENTS_TOPIC: !Ref House, DEAD_LETTER_QUEUE_URL: !Ref Lost } }
      Events: { Store: { Type: DynamoDB, Properties: { Stream: !GetAtt Readings.StreamArn } } }
  AirConditionerQueue: { Type: 'AWS::SQS::Queue' }
  AirConditionerDead: { Type: 'AWS::SQS::Queue' }
  AirConditionerSubscription:
    Type: AWS::SNS::Subscription
    Properties:
      TopicArn: !Ref House
      Protocol: sqs
      Endpoint: !GetAtt AirConditionerQueue.Arn
      RedrivePolicy: { deadLetterTargetArn: !GetAtt AirConditionerDead.Arn }
  AirConditionerFunction:
    Type: AWS::Serverless::Function
    Properties:
      Environment: { Variables: { LEDGER_TABLE: !Sub '${AWS::StackName}-seen', QUEUE_URL: !Ref AirConditionerQueue } }
      Events: { Queue: { Type: SQS, Properties: { Queue: !GetAtt AirConditionerQueue.Arn } } }
";

#[test]
fn roles_are_found_by_how_resources_refer_to_each_other() {
    let (roles, problems) = roles(HOUSE);

    assert_eq!(problems, Vec::<String>::new());
    assert_eq!(roles.event_store.as_deref(), Some("Readings"), "its stream feeds the relay");
    assert_eq!(roles.ledger.as_deref(), Some("Seen"), "by its name");
    assert_eq!(roles.topic.as_deref(), Some("House"));
    assert_eq!(roles.relay.as_deref(), Some("Announcer"));
    assert_eq!(roles.audit, None);
    let [consumer] = roles.consumers.as_slice() else { panic!("{roles:?}") };
    assert_eq!(
        (consumer.name.as_str(), consumer.queue.as_str()),
        ("air-conditioner", "AirConditionerQueue")
    );
    assert_eq!(consumer.forced_replay, ForcedReplay::Unsaid);
    let failures: Vec<_> = roles
        .failure_queues
        .iter()
        .map(|one| (one.queue.as_str(), one.owner.as_str(), one.meant_for.as_deref()))
        .collect();
    let expected = [
        ("Lost", "announcer", None),
        ("AirConditionerDead", "air-conditioner", Some("AirConditionerQueue")),
    ];
    assert_eq!(failures, expected);
}

#[test]
fn a_mapping_of_its_own_and_a_json_template_are_understood_too() {
    let json = r#"{"Resources": {
        "Q": {"Type": "AWS::SQS::Queue"},
        "F": {"Type": "AWS::Lambda::Function", "Metadata": {"Fanfare": {"Consumer": "climate"}},
              "Properties": {"Environment": {"Variables": {"QUEUE_URL": {"Ref": "Q"}}}}},
        "M": {"Type": "AWS::Lambda::EventSourceMapping",
              "Properties": {"FunctionName": {"Ref": "F"}, "EventSourceArn": {"Fn::GetAtt": ["Q", "Arn"]}}}}}"#;
    let template = Template::read(json, &Inputs::default()).unwrap();
    let (roles, problems) = Roles::of(&template.known());

    assert!(problems.is_empty());
    assert_eq!(roles.consumer("climate").unwrap().function.as_deref(), Some("F"));
    assert_eq!(roles.consumer_of("Q").unwrap().name, "climate");
}

#[test]
fn a_role_that_is_said_outright_counts_before_what_is_found() {
    let (roles, problems) = roles(&format!(
        "{HOUSE}
  Archive: {{ Type: 'AWS::DynamoDB::Table', Metadata: {{ Fanfare: {{ Role: event-store }} }} }}
  Actions: {{ Type: 'AWS::DynamoDB::Table', Metadata: {{ Fanfare: {{ Role: audit }} }} }}
  Outside: {{ Type: 'AWS::SQS::Queue', Metadata: {{ Fanfare: {{ Role: consumer, Consumer: elsewhere }} }} }}
  Failed: {{ Type: 'AWS::SQS::Queue', Metadata: {{ Fanfare: {{ Role: relay }} }} }}
"
    ));

    assert_eq!(problems, Vec::<String>::new());
    assert_eq!(roles.event_store.as_deref(), Some("Archive"));
    assert_eq!(roles.audit.as_deref(), Some("Actions"));
    assert_eq!(roles.consumer("elsewhere").unwrap().queue, "Outside");
    assert_eq!(roles.failure_queues[0].owner, "relay");
}

#[test]
fn a_consumer_says_what_a_forced_replay_does_to_it() {
    let said = |metadata: &str| {
        let queue = format!(
            "  Q: {{ Type: 'AWS::SQS::Queue', Metadata: {{ Fanfare: {{ Role: consumer, ForcedReplay: {metadata} }} }} }}\n"
        );
        let (roles, problems) = roles(&queue);
        (roles.consumers[0].forced_replay.clone(), problems)
    };
    let why = || "why".to_owned();
    for (metadata, meant) in [
        ("Harmless", ForcedReplay::Harmless(None)),
        ("{ Harmless: why }", ForcedReplay::Harmless(Some(why()))),
        ("{ Refused: why }", ForcedReplay::Refused(why())),
        (
            "{ IfEmpty: T, Because: why }",
            ForcedReplay::IfEmpty { table: "T".to_owned(), because: why() },
        ),
    ] {
        assert_eq!(said(metadata), (meant, Vec::new()), "{metadata}");
    }
    for unclear in
        ["Harmful", "{ Refused: '' }", "{ IfEmpty: T }", "[]", "{ IfEmpty: !Ref T, Because: why }"]
    {
        let (forced_replay, problems) = said(unclear);
        assert_eq!(forced_replay, ForcedReplay::Unsaid, "{unclear}");
        assert!(
            problems[0].starts_with("resource Q: attribute Metadata.Fanfare has a ForcedReplay"),
            "{problems:?}"
        );
    }
}

#[test]
fn what_is_unclear_names_the_resource_and_the_remedy() {
    for (resources, said) in [
        (
            "  A: { Type: 'AWS::DynamoDB::Table', Metadata: { Fanfare: { Role: event_store } } }",
            "resource A: attribute Metadata.Fanfare has a Role that is none of event-store, ledger",
        ),
        (
            "  A: { Type: 'AWS::DynamoDB::Table', Metadata: { Fanfare: { Role: ledger } } }
  B: { Type: 'AWS::DynamoDB::Table', Metadata: { Fanfare: { Role: ledger } } }",
            "resource B may be the ledger as well as A: give one of them alone `Metadata: { Fanfare: { Role: ledger } }`",
        ),
        (
            "  A: { Type: 'AWS::Lambda::Function', Metadata: { Fanfare: { Role: consumer } } }",
            "resource A has Role consumer, and no queue of the template feeds it",
        ),
    ] {
        let (_, problems) = roles(resources);
        assert!(problems[0].starts_with(said), "{problems:?}");
    }
}

#[test]
fn the_words_for_a_missing_role_say_how_to_give_it() {
    let folder = std::env::temp_dir().join(format!("fanfare-roles-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("template.yaml");
    std::fs::write(&file, "Resources: { Q: { Type: 'AWS::SQS::Queue', Properties: { QueueName: !Sub '${AWS::StackName}-q' } } }").unwrap();

    let described = StackDescription::read(&file, "home", &BTreeMap::new()).unwrap();

    assert_eq!(described.resource("Q").unwrap().name.as_deref(), Some("home-q"));
    let missing = described.require(Role::EventStore).unwrap_err().to_string();
    for part in ["template.yaml", "event store", "EVENTS_TABLE", "Role: event-store"] {
        assert!(missing.contains(part), "{part}: {missing}");
    }
    let nowhere = StackDescription::read(Path::new("nowhere.yaml"), "home", &BTreeMap::new());
    assert_eq!(nowhere.unwrap_err().to_string(), "nowhere.yaml can't be read");
    std::fs::remove_dir_all(&folder).unwrap();
}
