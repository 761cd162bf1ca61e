//! Placed orders, as SQS delivers them to Lambda.

use bytes::Bytes;
use fastrand::Rng;
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

/// SKUs that are sold, if nothing else is said.
pub(crate) const SKUS: usize = 100;
/// Lines of an order at the most; each has 1 to 3 pieces.
const LINES: u64 = 4;
/// One message in so many is a copy of one of the last thousand, delivered again.
const ONE_COPY_IN: usize = 10;
const COPIED: usize = 1_000;

/// Draws orders, the same ones in every run.
pub(crate) struct Workload {
    random: Rng,
    skus: Vec<String>,
    placed: Vec<String>,
    messages: u64,
    pieces: u64,
}

impl Workload {
    /// Orders for so many SKUs, each as likely as any other.
    pub(crate) fn new(skus: usize) -> Self {
        let skus = (1..=skus).map(|n| format!("sku-{n}")).collect();
        Self { random: Rng::with_seed(1), skus, placed: Vec::new(), messages: 0, pieces: 0 }
    }

    /// What is sold.
    pub(crate) fn skus(&self) -> &[String] {
        &self.skus
    }

    /// Events of Lambda's with this many messages each.
    pub(crate) fn batches(&mut self, batches: usize, size: usize) -> Vec<Bytes> {
        let batch = |workload: &mut Self| {
            let records: Vec<Value> = (0..size).map(|_| workload.message()).collect();
            Bytes::from(json!({"Records": records}).to_string())
        };
        (0..batches).map(|_| batch(self)).collect()
    }

    /// Pieces in all orders so far, each order counted once.
    pub(crate) fn pieces(&self) -> u64 {
        self.pieces
    }

    fn message(&mut self) -> Value {
        self.messages += 1;
        let body = match self.random.usize(..ONE_COPY_IN) {
            0 if !self.placed.is_empty() => {
                let from = self.placed.len().saturating_sub(COPIED);
                self.placed[self.random.usize(from..self.placed.len())].clone()
            }
            _ => self.order(),
        };
        let (id, now) = (format!("00000000-0000-4000-8000-{:012}", self.messages), now_ms());
        json!({
            "messageId": id,
            // As long as SQS's are.
            "receiptHandle": "AQEB".repeat(100),
            "body": body,
            "attributes": {
                "ApproximateReceiveCount": "1",
                "SentTimestamp": now.to_string(),
                "SenderId": "AIDAIENQZJOLO23YVJ4VO",
                "ApproximateFirstReceiveTimestamp": now.to_string(),
            },
            "messageAttributes": {
                "eventType": {
                    "stringValue": "OrderPlaced", "stringListValues": [], "binaryListValues": [],
                    "dataType": "String",
                },
            },
            "md5OfBody": "6c079a00e7829e79844e842441275e9a",
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:queue",
            "awsRegion": "us-east-1",
        })
    }

    /// A new order's event.
    fn order(&mut self) -> String {
        let mut id = || format!("{:032x}", self.random.u128(..));
        let (order, event, trace) = (format!("ord_{}", id()), format!("evt_{}", id()), id());
        let lines: Vec<Value> = (0..self.random.u64(1..=LINES)).map(|_| self.line()).collect();
        let pieces: u64 = lines.iter().filter_map(|line| line["quantity"].as_u64()).sum();
        self.pieces += pieces;
        let event = json!({
            "eventType": "OrderPlaced",
            "eventId": event,
            "timestamp": "2026-01-15T10:30:00.123456Z",
            "schemaVersion": 1,
            "stream": format!("order-{order}"),
            "version": 1,
            "correlationId": order,
            "traceparent": format!("00-{trace}-00f067aa0ba902b7-01"),
            "source": "api",
            "payload": {
                "orderId": order, "customerId": "cust_0123456789abcdef0123456789abcdef",
                "items": lines, "totalAmount": pieces * 1_250, "currency": "EUR",
            },
        });
        self.placed.push(event.to_string());
        event.to_string()
    }

    fn line(&mut self) -> Value {
        let sku = self.skus[self.random.usize(..self.skus.len())].clone();
        json!({"sku": sku, "quantity": self.random.u64(1..=3), "unitPrice": 1_250})
    }
}

fn now_ms() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis()
}
