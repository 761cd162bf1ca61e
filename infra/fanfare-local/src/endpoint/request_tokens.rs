//! `ClientRequestToken`: a transaction that is sent again within ten minutes is not executed again.
//!
//! dynoxide (3.2.0) walks all tokens of the last ten minutes at each transaction that bears one, under a lock that it
//! holds for the whole transaction, and an SDK puts one into each: 4.5 ms a transaction after 40,000. So tokens are kept
//! here, in the order in which they expire, and none is handed on.
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>, "Idempotency".

use dynoxide::DynoxideError;
use serde::Serialize;
use serde_json::Value;
use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long a token is good for, by the page above.
const WINDOW: Duration = Duration::from_secs(600);
/// The longest token that DynamoDB takes; dynoxide refuses a longer one in DynamoDB's words.
const LONGEST: usize = 36;

/// The tokens of a database. One that is used for two operations is two tokens.
#[derive(Default)]
pub(crate) struct TransactionTokens {
    pub(super) transact_write_items: RequestTokens,
    pub(super) execute_transaction: RequestTokens,
}

/// The tokens of one operation.
pub(super) struct RequestTokens {
    window: Duration,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    by_token: HashMap<String, Arc<Mutex<Execution>>>,
    /// When each was first seen, oldest first.
    seen: VecDeque<(Instant, String)>,
}

/// A token, and a digest of what it came with.
pub(super) struct Sent {
    token: String,
    items: u64,
}

impl Sent {
    /// Takes the token out of a request, unless there is none, or dynoxide is to refuse it.
    pub(super) fn take(
        token: &mut Option<String>,
        items: &impl Serialize,
    ) -> Result<Option<Self>, DynoxideError> {
        let Some(token) = token.take_if(|token| token.len() <= LONGEST) else { return Ok(None) };
        let items = serde_json::to_value(items)
            .map_err(|error| DynoxideError::InternalServerError(error.to_string()))?;
        Ok(Some(Self { token, items: digest(&items) }))
    }
}

/// What came of the transaction under a token.
enum Execution {
    /// Nothing yet, or it was refused: then it may be sent again.
    Open,
    Done {
        items: u64,
        answer: String,
    },
}

impl Default for RequestTokens {
    fn default() -> Self {
        Self { window: WINDOW, known: Mutex::default() }
    }
}

impl RequestTokens {
    /// Executes a transaction, or gives the answer that it got before. A second call under a token waits for the
    /// first.
    pub(super) fn once(
        &self,
        sent: Option<Sent>,
        execute: impl FnOnce() -> Result<String, DynoxideError>,
    ) -> Result<String, DynoxideError> {
        let Some(sent) = sent else { return execute() };
        let execution = self.execution(sent.token);
        let mut execution = lock(&execution);
        match &*execution {
            Execution::Done { items, answer } if *items == sent.items => Ok(answer.clone()),
            Execution::Done { .. } => Err(DynoxideError::IdempotentParameterMismatchException(
                "This ClientRequestToken was used with other items less than ten minutes ago"
                    .to_owned(),
            )),
            Execution::Open => {
                let answer = execute()?;
                *execution = Execution::Done { items: sent.items, answer: answer.clone() };
                Ok(answer)
            }
        }
    }

    fn execution(&self, token: String) -> Arc<Mutex<Execution>> {
        let now = Instant::now();
        let mut known = lock(&self.known);
        while let Some((_, expired)) =
            known.seen.pop_front_if(|(seen, _)| now.duration_since(*seen) >= self.window)
        {
            known.by_token.remove(&expired);
        }
        if let Some(execution) = known.by_token.get(&token) {
            return execution.clone();
        }
        let execution = Arc::new(Mutex::new(Execution::Open));
        known.seen.push_back((now, token.clone()));
        known.by_token.insert(token, execution.clone());
        execution
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The same number for the same items, whatever order an SDK's maps are written in.
fn digest(value: &Value) -> u64 {
    let mut hasher = DefaultHasher::new();
    match value {
        Value::Object(members) => {
            let digests = members.iter().map(|(name, value)| {
                let mut member = DefaultHasher::new();
                (name, digest(value)).hash(&mut member);
                member.finish()
            });
            (1_u8, digests.fold(0, u64::wrapping_add)).hash(&mut hasher);
        }
        Value::Array(elements) => {
            let digests: Vec<u64> = elements.iter().map(digest).collect();
            (2_u8, digests).hash(&mut hasher);
        }
        scalar => (3_u8, scalar).hash(&mut hasher),
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::cell::Cell;

    fn sent(token: &str, items: &Value) -> Option<Sent> {
        Sent::take(&mut Some(token.to_owned()), items).expect("JSON")
    }

    /// Sends it, and gives the answer with how often it was executed so far.
    fn send(tokens: &RequestTokens, executed: &Cell<u32>, token: &str, items: &Value) -> String {
        let execute = || {
            executed.set(executed.get() + 1);
            Ok(format!("answer {}", executed.get()))
        };
        tokens.once(sent(token, items), execute).unwrap_or_else(|error| error.to_json())
    }

    #[test]
    fn a_repeat_within_the_window_gets_the_first_answer_and_other_items_are_refused() {
        let (tokens, executed) = (RequestTokens::default(), Cell::new(0));
        let items = json!([{"Put": {"TableName": "t", "Item": {"id": {"S": "1"}}}}]);
        let in_another_order: Value =
            serde_json::from_str(r#"[{"Put": {"Item": {"id": {"S": "1"}}, "TableName": "t"}}]"#)
                .expect("JSON");

        assert_eq!(send(&tokens, &executed, "a", &items), "answer 1");
        assert_eq!(send(&tokens, &executed, "a", &in_another_order), "answer 1");
        assert_eq!(send(&tokens, &executed, "b", &items), "answer 2");
        let refused = send(&tokens, &executed, "a", &json!([]));
        assert!(refused.contains("IdempotentParameterMismatchException"), "{refused}");
    }

    #[test]
    fn what_was_refused_may_be_sent_again() {
        let (tokens, executed) = (RequestTokens::default(), Cell::new(0));
        let refused = tokens.once(sent("a", &json!([])), || {
            Err(DynoxideError::ValidationException("no".to_owned()))
        });

        assert!(refused.is_err());
        assert_eq!(send(&tokens, &executed, "a", &json!([1])), "answer 1");
    }

    #[test]
    fn an_expired_token_is_forgotten_and_takes_no_room() {
        let tokens = RequestTokens { window: Duration::ZERO, known: Mutex::default() };
        let executed = Cell::new(0);

        for _ in 0..3 {
            send(&tokens, &executed, "a", &json!([]));
        }

        assert_eq!(executed.get(), 3);
        assert_eq!(lock(&tokens.known).by_token.len(), 1);
        assert_eq!(lock(&tokens.known).seen.len(), 1);
    }
}
