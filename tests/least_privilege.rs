//! What each function's role allows, and that it allows nothing else: the calls that functions make are tried on
//! every resource of the stack, in the name of every role. What Lambda's pollers and loggers do is not among them.

mod permissions;

use aws_sdk_sqs::config::http::HttpRequest;
use permissions::{Probe, is_refusal};
use system_tests::{Aws, Stack, Store, repository, unique};

const NEEDS_IAM: &str = "a stack on an endpoint that enforces IAM";

/// The same services, in the name of a function.
async fn called_by(aws: &Aws, stack: &Stack, role: &str) -> Aws {
    aws.called_by(aws.role(&stack.role(role)).await)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs IAM: `make e2e-ministack` runs it"]
async fn a_role_allows_the_calls_of_its_function_on_its_resources_and_no_others() {
    let stack = Stack::given().expect(NEEDS_IAM);
    let store = Store::given(&[]).await;
    let probe = Probe::of(&store.aws, &stack).await;

    let mut granted = String::new();
    let mut roles = stack.all("AWS::IAM::Role");
    roles.sort();
    for role in roles {
        let aws = called_by(&store.aws, &stack, &role).await;
        granted += &format!("{role}\n");
        for permission in probe.granted(&aws).await {
            granted += &format!("  {permission}\n");
        }
    }

    let file = repository().join("tests/permissions/granted.txt");
    if std::env::var_os("FANFARE_WRITE").is_some() {
        std::fs::write(&file, &granted).unwrap();
    }
    let listed = std::fs::read_to_string(&file).unwrap();
    assert_eq!(granted, listed, "FANFARE_WRITE=1 writes what is granted:\n{granted}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs IAM: `make e2e-ministack` runs it"]
async fn queues_and_topic_refuse_what_comes_without_tls_whoever_sends_it() {
    let stack = Stack::given().expect(NEEDS_IAM);
    let store = Store::given(&[]).await;
    let (_, sqs) = store.aws.clients();

    for queue in stack.all("AWS::SQS::Queue") {
        let ask = sqs.get_queue_attributes().queue_url(store.aws.url(&queue)).customize();
        let plain = ask.mutate_request(comes_without_tls);
        let refused = plain.send().await.err().is_some_and(|error| is_refusal(&error));
        assert!(refused, "{queue} answers without TLS");
    }

    let relay = called_by(&store.aws, &stack, "RelayRole").await;
    let sns = aws_sdk_sns::Client::new(relay.config());
    // No queue's filter lets through what has no event type, should the topic take it.
    let publish = sns.publish().topic_arn(stack.physical("EventsTopic")).message("no event");
    publish.clone().send().await.expect("it takes what comes over TLS");
    let plain = publish.customize().mutate_request(comes_without_tls);
    let refused = plain.send().await.err().is_some_and(|error| is_refusal(&error));
    assert!(refused, "the topic takes events without TLS");
    let other = aws_sdk_sns::Client::new(store.aws.config());
    let publish = other.publish().topic_arn(stack.physical("EventsTopic")).message("no event");
    let refused = publish.send().await.err().is_some_and(|error| is_refusal(&error));
    assert!(refused, "the topic takes events of others than the relay");
}

/// MiniStack takes a request for one over TLS unless a proxy before it says otherwise.
fn comes_without_tls(request: &mut HttpRequest) {
    request.headers_mut().insert("x-forwarded-proto", "http");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs IAM: `make e2e-ministack` runs it"]
async fn a_queue_takes_nothing_from_another_topic() {
    let stack = Stack::given().expect(NEEDS_IAM);
    let store = Store::given(&[]).await;
    let before = store.aws.depth("EmailDeadLetters").await;
    let sns = aws_sdk_sns::Client::new(store.aws.config());
    let topic = sns.create_topic().name(unique("other")).send().await.expect("a topic");
    let topic = topic.topic_arn.expect("its ARN");
    let subscribe = sns.subscribe().topic_arn(&topic).protocol("sqs");
    subscribe.endpoint(stack.queue_arn("EmailQueue")).send().await.expect("a subscription");

    let publish = sns.publish().topic_arn(&topic).message("no event");
    publish.send().await.expect("the topic takes it");

    // Had it come, it would be dead by the time that a later message is done.
    let customer = unique("cust");
    store.customer(&customer).await;
    let order = store.order(&customer, "none", 1).await;
    store.settled(&order).await;
    assert_eq!(store.aws.depth("EmailDeadLetters").await, before);
    sns.delete_topic().topic_arn(topic).send().await.expect("it goes");
}
