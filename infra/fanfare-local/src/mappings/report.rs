//! What a function's answer says about the records of its batch.

use serde::Deserialize;

/// Which records of a batch have to come back.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Report {
    /// None of them.
    AllGood,
    /// These, by their place in the batch, ascending.
    Failed(Vec<usize>),
    /// All of them: the answer does not make sense.
    Senseless,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BatchAnswer {
    batch_item_failures: Option<Vec<ItemFailure>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ItemFailure {
    item_identifier: Option<String>,
}

/// Reads `{"batchItemFailures": [{"itemIdentifier": …}]}`. An empty or absent list is success; an identifier
/// that is null, empty or not of this batch fails the batch as a whole.
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting>
pub(super) fn read(answer: &[u8], identifiers: &[&str]) -> Report {
    let answer: Option<BatchAnswer> = match serde_json::from_slice(answer) {
        Ok(answer) => answer,
        Err(_) => return Report::Senseless,
    };
    let failures = answer.and_then(|answer| answer.batch_item_failures).unwrap_or_default();
    let place = |failure: &ItemFailure| {
        let identifier = failure.item_identifier.as_deref()?;
        identifiers.iter().position(|known| *known == identifier)
    };
    match failures.iter().map(place).collect::<Option<Vec<usize>>>() {
        None => Report::Senseless,
        Some(places) if places.is_empty() => Report::AllGood,
        Some(mut places) => {
            places.sort_unstable();
            places.dedup();
            Report::Failed(places)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_as_lambda_reads_it() {
        for (answer, expected) in [
            (r#"{"batchItemFailures":[]}"#, Report::AllGood),
            (r#"{"batchItemFailures":null}"#, Report::AllGood),
            ("{}", Report::AllGood),
            ("null", Report::AllGood),
            (
                r#"{"batchItemFailures":[{"itemIdentifier":"c"},{"itemIdentifier":"a"}]}"#,
                Report::Failed(vec![0, 2]),
            ),
            (r#"{"batchItemFailures":[{"itemIdentifier":""}]}"#, Report::Senseless),
            (r#"{"batchItemFailures":[{"itemIdentifier":null}]}"#, Report::Senseless),
            (r#"{"batchItemFailures":[{"itemIdentifier":"a"},{"wrong":"b"}]}"#, Report::Senseless),
            (r#"{"batchItemFailures":[{"itemIdentifier":"unknown"}]}"#, Report::Senseless),
            (r#"{"batchItemFailures":"a"}"#, Report::Senseless),
            (r#""done""#, Report::Senseless),
        ] {
            assert_eq!(read(answer.as_bytes(), &["a", "b", "c"]), expected, "{answer}");
        }
    }
}
