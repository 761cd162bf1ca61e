//! Templates of other shapes than the store's.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde_json::json;

use super::super::stack::{Authorization, JwtAuthorizer, Route, Source};
use super::{given, given_resources};

fn route(key: &str, function: &str) -> Route {
    Route { key: key.into(), function: function.into(), authorization: Authorization::None }
}

#[test]
fn a_sam_web_service_with_globals_and_an_implicit_api() {
    let stack = given(
        "Transform: [AWS::Serverless-2016-10-31]
Globals:
  Function:
    Runtime: provided.al2023
    Architectures: [arm64]
    Timeout: 7
    Environment: { Variables: { LEVEL: info, SHARED: yes } }
Resources:
  Notes:
    Type: AWS::Serverless::SimpleTable
    Properties: { PrimaryKey: { Name: noteId, Type: String } }
  Web:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: ../target/./lambda/web/
      Timeout: !Ref AWS::NoValue
      Policies: [{ DynamoDBCrudPolicy: { TableName: !Ref Notes } }]
      Environment: { Variables: { LEVEL: debug, TABLE: !Ref Notes, API: !GetAtt ServerlessHttpApi.ApiEndpoint } }
      Events:
        List: { Type: HttpApi, Properties: { Path: /notes, Method: get } }
        Any: { Type: HttpApi, Properties: { Path: '/x/{proxy+}', Method: ANY, ApiId: !Ref ServerlessHttpApi } }
        Tick: { Type: ScheduleV2, Properties: { ScheduleExpression: rate(1 hour), Input: '{\"tick\":1}' } }
Outputs:
  Role: { Value: !GetAtt WebRole.Arn }",
    )
    .loads();

    let web = &stack.functions[0];
    assert_eq!(web.code, Path::new("/shop/target/lambda/web"));
    assert_eq!((web.timeout, web.memory_mb), (Duration::from_secs(3), 128));
    let environment = [
        ("API", "http://127.0.0.1:8080"),
        ("LEVEL", "debug"),
        ("SHARED", "yes"),
        ("TABLE", "shop-Notes"),
    ];
    let environment: BTreeMap<String, String> =
        environment.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
    assert_eq!(web.environment, environment);
    assert_eq!(stack.routes, [route("GET /notes", "Web"), route("ANY /x/{proxy+}", "Web")]);
    assert_eq!(
        stack.mappings[0].source,
        Source::Schedule { every: Duration::from_secs(3600), input: Some(json!({ "tick": 1 })) }
    );
    assert_eq!(
        stack.tables[0].create["KeySchema"],
        json!([{ "AttributeName": "noteId", "KeyType": "HASH" }])
    );
    assert_eq!(stack.outputs["Role"], "arn:aws:iam::000000000000:role/shop-WebRole");
}

#[test]
fn a_plain_template_in_json_with_a_stream_a_rule_and_an_api() {
    let stack = given(
        r#"{
	"Resources": {
		"Items": { "Type": "AWS::DynamoDB::Table", "Properties": {
			"TableName": "items",
			"KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }],
			"AttributeDefinitions": [{ "AttributeName": "pk", "AttributeType": "S" }],
			"ProvisionedThroughput": { "ReadCapacityUnits": "5", "WriteCapacityUnits": 5 },
			"StreamSpecification": { "StreamViewType": "KEYS_ONLY" } } },
		"Work": { "Type": "AWS::Lambda::Function", "Properties": {
			"Code": "work", "Runtime": "provided.al2023", "Handler": "bootstrap",
			"Role": { "Fn::GetAtt": ["WorkRole", "Arn"] } } },
		"WorkRole": { "Type": "AWS::IAM::Role", "Properties": {} },
		"Feed": { "Type": "AWS::Lambda::EventSourceMapping", "Properties": {
			"FunctionName": { "Fn::GetAtt": "Work.Arn" }, "Enabled": false, "MaximumRetryAttempts": 2,
			"EventSourceArn": { "Fn::GetAtt": ["Items", "StreamArn"] }, "StartingPosition": "LATEST" } },
		"Nightly": { "Type": "AWS::Events::Rule", "Properties": {
			"ScheduleExpression": "rate(2 days)",
			"Targets": [{ "Id": "Work", "Arn": { "Fn::GetAtt": ["Work", "Arn"] } }] } },
		"Api": { "Type": "AWS::ApiGatewayV2::Api", "Properties": { "ProtocolType": "HTTP", "Name": "api" } },
		"Link": { "Type": "AWS::ApiGatewayV2::Integration", "Properties": {
			"ApiId": { "Ref": "Api" }, "IntegrationType": "AWS_PROXY", "PayloadFormatVersion": "2.0",
			"IntegrationUri": { "Fn::Sub":
				"arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Work.Arn}/invocations" } } },
		"Get": { "Type": "AWS::ApiGatewayV2::Route", "Properties": {
			"ApiId": { "Ref": "Api" }, "RouteKey": "GET /items/{id}",
			"Target": { "Fn::Join": ["/", ["integrations", { "Ref": "Link" }]] } } }
	}
}"#,
    )
    .loads();

    assert_eq!(stack.routes, [route("GET /items/{id}", "Work")]);
    assert_eq!(
        stack.tables[0].create["ProvisionedThroughput"],
        json!({ "ReadCapacityUnits": 5, "WriteCapacityUnits": 5 })
    );
    let feed = &stack.mappings[0];
    assert!(!feed.enabled);
    assert!(matches!(
        feed.source,
        Source::Stream {
            from_start: false,
            maximum_retry_attempts: Some(2),
            bisect_on_error: false,
            ..
        }
    ));
    assert_eq!(stack.mappings[1].logical_id, "NightlyWork");
    assert_eq!(
        stack.mappings[1].source,
        Source::Schedule { every: Duration::from_secs(172_800), input: None }
    );
}

#[test]
fn a_topic_with_its_own_subscriptions_and_a_fifo_pair() {
    let stack = given_resources(
        "  Orders: { Type: AWS::SQS::Queue }
  News:
    Type: AWS::SNS::Topic
    Properties:
      DisplayName: News
      Subscription: [{ Protocol: sqs, Endpoint: !GetAtt Orders.Arn }]
  Steps: { Type: AWS::SQS::Queue, Properties: { FifoQueue: true, ContentBasedDeduplication: true } }
  Ordered: { Type: AWS::SNS::Topic, Properties: { FifoTopic: true } }
  InOrder:
    Type: AWS::SNS::Subscription
    Properties:
      TopicArn: !Ref Ordered
      Protocol: sqs
      Endpoint: !GetAtt Steps.Arn
      FilterPolicyScope: MessageBody
      FilterPolicy: { amount: [{ numeric: ['>', 5] }], paid: [true], code: ['5'] }",
    )
    .loads();

    assert_eq!(stack.topics[1].name, "shop-Ordered.fifo");
    assert_eq!(stack.queues[1].attributes["FifoQueue"], "true");
    assert_eq!(stack.subscriptions[0].topic_arn, stack.topics[0].arn);
    assert_eq!(
        stack.subscriptions[1].filter_policy,
        Some(json!({ "amount": [{ "numeric": [">", 5] }], "paid": [true], "code": ["5"] }))
    );
    assert_eq!(stack.subscriptions[1].filter_policy_scope.as_deref(), Some("MessageBody"));
}

#[test]
fn a_function_with_a_url_answers_every_path() {
    let stack = given_resources(
        "  Web:
    Type: AWS::Serverless::Function
    Properties: { CodeUri: web, Runtime: provided.al2023, FunctionUrlConfig: { AuthType: NONE } }
  Watch: { Type: AWS::CloudWatch::Alarm, Properties: { AlarmActions: [!Ref WebUrl], Anything: goes } }",
    )
    .loads();

    assert_eq!(stack.routes, [route("$default", "Web")]);
}

#[test]
fn what_a_false_condition_leaves_out_may_be_anything() {
    let stack = given(
        "Conditions: { Never: !Equals [a, b] }
Resources:
  Orders: { Type: AWS::SQS::Queue }
  Files: { Type: AWS::S3::Bucket, Condition: Never }
Outputs:
  Files: { Condition: Never, Value: !Ref Files }
  Orders: { Value: !Ref Orders }",
    )
    .loads();

    assert_eq!(stack.outputs.keys().collect::<Vec<_>>(), ["Orders"]);
}

#[test]
fn anchors_and_multi_line_texts_are_read_as_yaml_reads_them() {
    let stack = given_resources(
        "  A: { Type: AWS::SQS::Queue, Properties: &settings { DelaySeconds: 5 } }
  B: { Type: AWS::SQS::Queue, Properties: *settings }
  C:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Sub >-
        ${AWS::StackName}-c",
    )
    .loads();

    assert_eq!(stack.queues[1].attributes["DelaySeconds"], "5");
    assert_eq!(stack.queues[2].name, "shop-c");
}

#[test]
fn routes_ask_for_what_their_authorizers_say() {
    let stack = given_resources(
        "  Web:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: web
      Runtime: provided.al2023
      Events:
        Tokens: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: GET, Path: /a } }
        Scope:
          Type: HttpApi
          Properties: { ApiId: !Ref Api, Method: GET, Path: /b, Auth: { AuthorizationScopes: [write] } }
        Open: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: GET, Path: /c, Auth: { Authorizer: NONE } } }
        Signed: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: GET, Path: /d, Auth: { Authorizer: AWS_IAM } } }
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      Auth:
        DefaultAuthorizer: Login
        Authorizers:
          Login:
            IdentitySource: $request.header.Authorization
            AuthorizationScopes: [read]
            JwtConfiguration: { issuer: https://login, audience: [web] }
",
    );
    let stack = stack.loads();
    let login = |scope: &str| {
        Authorization::Jwt(JwtAuthorizer {
            issuer: "https://login".to_owned(),
            audience: vec!["web".to_owned()],
            scopes: vec![scope.to_owned()],
        })
    };
    let asked: Vec<_> = stack.routes.into_iter().map(|route| route.authorization).collect();
    assert_eq!(asked, [login("read"), login("write"), Authorization::None, Authorization::Iam]);
}
