//! SNS and SQS on this machine, which answer as a test says, and keep what they took.

use aws_sdk_sns::config::{BehaviorVersion, Region};
use fanfare_relay::{Publisher, Settings};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// SNS's answer to more than ten entries or 256 KiB.
const BATCH_TOO_LARGE: &str = "<ErrorResponse><Error><Type>Sender</Type>\
     <Code>BatchRequestTooLong</Code><Message>no</Message></Error></ErrorResponse>";

/// What becomes of one entry.
#[derive(Clone, Copy)]
pub(crate) enum Fate {
    Taken,
    /// Refused by this code; the sender's fault or not.
    Refused(&'static str, bool),
    /// Named neither as taken nor as refused.
    Forgotten,
}

/// How SNS and SQS behave.
pub(crate) struct Behaviour {
    /// The fate of an entry, by its message.
    pub(crate) fate: fn(&str) -> Fate,
    /// How long SNS takes for a request.
    pub(crate) delay: Duration,
    /// Whether the dead-letter queue takes anything.
    pub(crate) takes_dead_letters: bool,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self { fate: |_| Fate::Taken, delay: Duration::ZERO, takes_dead_letters: true }
    }
}

/// What arrived, in its order.
#[derive(Default)]
struct Arrived {
    messages: Vec<String>,
    /// The message group of each, if it has one.
    groups: Vec<Option<String>>,
    dead_letters: Vec<String>,
}

pub(crate) struct Aws {
    pub(crate) publisher: Publisher,
    arrived: Arc<Mutex<Arrived>>,
}

impl Aws {
    pub(crate) async fn start(behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (arrived, behaviour) = (Arc::default(), Arc::new(behaviour));
        let server = (Arc::clone(&arrived), behaviour);
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                connection.set_nodelay(true).unwrap();
                tokio::spawn(serve(connection, server.clone()));
            }
        });
        Self { publisher: publisher(&url), arrived }
    }

    /// The messages that SNS took, in their order.
    pub(crate) fn published(&self) -> Vec<String> {
        self.arrived.lock().unwrap().messages.clone()
    }

    /// The message group of each of them, if it has one.
    pub(crate) fn groups(&self) -> Vec<Option<String>> {
        self.arrived.lock().unwrap().groups.clone()
    }

    /// The bodies that the dead-letter queue took.
    pub(crate) fn dead_letters(&self) -> Vec<String> {
        self.arrived.lock().unwrap().dead_letters.clone()
    }
}

fn publisher(url: &str) -> Publisher {
    macro_rules! client {
        ($service:ident) => {
            $service::Client::from_conf(
                $service::Config::builder()
                    .behavior_version(BehaviorVersion::latest())
                    .region(Region::from_static("eu-west-1"))
                    .allow_no_auth()
                    .endpoint_url(url)
                    .build(),
            )
        };
    }
    let settings = Settings {
        topic: "arn:aws:sns:eu-west-1:000000000000:events".to_owned(),
        dead_letter_queue_url: format!("{url}/000000000000/dead-letters"),
    };
    Publisher::new(client!(aws_sdk_sns), client!(aws_sdk_sqs), settings)
}

async fn serve(mut connection: TcpStream, (arrived, how): (Arc<Mutex<Arrived>>, Arc<Behaviour>)) {
    let mut bytes = Vec::new();
    loop {
        while let Some((request, length)) = request(&bytes) {
            bytes.drain(..length);
            let is_sqs = request.head.contains("x-amz-target: amazonsqs");
            if !is_sqs {
                tokio::time::sleep(how.delay).await;
            }
            let answer = match is_sqs {
                true => send_message(&request.body, &how, &arrived),
                false => publish_batch(&request.body, &how, &arrived),
            };
            if connection.write_all(answer.as_bytes()).await.is_err() {
                return;
            }
        }
        match connection.read_buf(&mut bytes).await {
            Ok(1..) => {}
            _ => return,
        }
    }
}

fn send_message(body: &str, how: &Behaviour, arrived: &Mutex<Arrived>) -> String {
    if !how.takes_dead_letters {
        let error = r#"{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"none"}"#;
        return response(400, error);
    }
    let request: serde_json::Value = serde_json::from_str(body).unwrap();
    let letter = request["MessageBody"].as_str().unwrap().to_owned();
    arrived.lock().unwrap().dead_letters.push(letter);
    response(200, r#"{"MessageId":"1"}"#)
}

fn publish_batch(body: &str, how: &Behaviour, arrived: &Mutex<Arrived>) -> String {
    let fields: HashMap<_, _> = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let entries = fields.keys().filter(|key| key.ends_with(".Message")).count();
    let bytes = fields.iter().filter(|(key, _)| key.ends_with(".Message")).map(|(_, m)| m.len());
    if entries > 10 || bytes.sum::<usize>() > 262_144 {
        return response(400, BATCH_TOO_LARGE);
    }
    let (mut taken, mut failed) = (String::new(), String::new());
    for n in 1..=10 {
        let entry = format!("PublishBatchRequestEntries.member.{n}");
        let Some(id) = fields.get(&format!("{entry}.Id")) else { break };
        let message = &fields[&format!("{entry}.Message")];
        match (how.fate)(message) {
            Fate::Taken => {
                let mut arrived = arrived.lock().unwrap();
                arrived.messages.push(message.clone());
                arrived.groups.push(fields.get(&format!("{entry}.MessageGroupId")).cloned());
                taken += &format!("<member><Id>{id}</Id><MessageId>m</MessageId></member>");
            }
            Fate::Refused(code, fault) => {
                failed += &format!(
                    "<member><Id>{id}</Id><Code>{code}</Code><Message>no</Message>\
                     <SenderFault>{fault}</SenderFault></member>"
                );
            }
            Fate::Forgotten => {}
        }
    }
    let result = format!(
        "<PublishBatchResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishBatchResult>\
         <Successful>{taken}</Successful><Failed>{failed}</Failed></PublishBatchResult>\
         <ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></PublishBatchResponse>"
    );
    response(200, &result)
}

fn response(status: u16, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status} OK\r\ncontent-length: {length}\r\n\r\n{body}")
}

struct Request {
    /// In lower case.
    head: String,
    body: String,
}

/// The first request in `bytes`, once it is whole, and its length.
fn request(bytes: &[u8]) -> Option<(Request, usize)> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap().to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
    let body = String::from_utf8(bytes.get(end..end + length)?.to_vec()).unwrap();
    Some((Request { head, body }, end + length))
}
