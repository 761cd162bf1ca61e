//! One consumer: how it stands, and what it did lately.

use super::consumers::{Line, lines};
use super::timeline;
use crate::error::ViewError;
use crate::handle::Asked;
use crate::text;
use crate::view::{Section, View};
use askama::Template;
use fanfare_loopback::Reply;
use fanfare_operate::{Consumption, Handled, Sample, Standing};
use serde::Serialize;

/// Records of the ledger that are read: a megabyte, about.
const LOOKED_AT: u64 = 3_000;
/// Outcomes on the page.
const SHOWN: usize = 50;

/// What the records say as a whole.
#[derive(Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Figures {
    pub(crate) done: u64,
    /// Failed, and will be tried again.
    pub(crate) failed: u64,
    pub(crate) dead: u64,
    /// Done, and not at the first attempt.
    pub(crate) retried: u64,
    /// Milliseconds that half of them took at the most in the handler, and 99 of 100.
    pub(crate) took_p50: Option<f64>,
    pub(crate) took_p99: Option<f64>,
}

impl Figures {
    pub(crate) fn of(handled: &[Handled]) -> Self {
        let all = || handled.iter().map(|one| &one.consumption);
        let count =
            |is_meant: fn(&Consumption) -> bool| all().filter(|one| is_meant(one)).count() as u64;
        let mut took: Vec<f64> = all().filter_map(|one| one.duration_ms).collect();
        took.sort_by(f64::total_cmp);
        let of_100 =
            |percent: usize| took.get(took.len().saturating_sub(1) * percent / 100).copied();
        Self {
            done: count(|one| one.outcome == Standing::Done),
            failed: count(|one| one.outcome == Standing::Failed),
            dead: count(|one| one.outcome == Standing::DeadLettered),
            retried: count(|one| one.outcome == Standing::Done && one.attempts > 1),
            took_p50: of_100(50),
            took_p99: of_100(99),
        }
    }
}

#[derive(Template, Serialize)]
#[template(path = "consumer.html")]
#[serde(rename_all = "camelCase")]
pub(crate) struct Consumer {
    #[serde(flatten)]
    pub(crate) line: Line,
    /// What it did lately; absent where there is no ledger.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sample: Option<Sample>,
    pub(crate) figures: Figures,
    #[serde(skip)]
    pub(crate) is_runner: bool,
}

impl View for Consumer {
    const SECTION: Section = Section::Consumers;
    const PATIENCE: u64 = 3;

    fn title(&self) -> String {
        self.line.name.clone()
    }

    /// Elsewhere each look costs as many reads as records.
    fn is_live(&self) -> bool {
        self.is_runner
    }
}

pub(crate) async fn page(asked: &Asked<'_>, name: &str) -> Result<Reply, ViewError> {
    let mut lines = lines(asked.app).await?;
    let known = lines.iter().map(|line| line.name.as_str()).collect::<Vec<_>>().join(", ");
    let missing =
        || ViewError::Missing(format!("there is no consumer {name:?}; there are: {known}"));
    let place = lines.iter().position(|line| line.name == name).ok_or_else(missing)?;
    let mut sample = asked.app.connection.handled(name, LOOKED_AT).await?;
    let figures = sample.as_ref().map(|sample| Figures::of(&sample.handled)).unwrap_or_default();
    if let Some(sample) = &mut sample {
        sample.handled.truncate(SHOWN);
    }
    let is_runner = asked.app.is_runner().await?;
    asked.show(&Consumer { line: lines.swap_remove(place), sample, figures, is_runner }).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn handled(outcome: &str, attempts: u32, ms: f64) -> Handled {
        let consumption = json!({"consumer": "climate", "outcome": outcome, "attempts": attempts, "durationMs": ms});
        Handled {
            event_id: "evt_1".to_owned(),
            consumption: serde_json::from_value(consumption).expect("a consumption"),
        }
    }

    #[test]
    fn figures_are_of_all_that_was_read() {
        let mut all: Vec<Handled> =
            (1..=99_u32).map(|n| handled("done", 1, f64::from(n))).collect();
        all.extend([handled("done", 3, 100.0), handled("dead-lettered", 5, 1_000.0)]);
        let figures = Figures::of(&all);
        assert_eq!((figures.done, figures.dead, figures.retried, figures.failed), (100, 1, 1, 0));
        assert_eq!((figures.took_p50, figures.took_p99), (Some(51.0), Some(100.0)));
        assert_eq!(Figures::of(&[]), Figures::default());
    }
}
