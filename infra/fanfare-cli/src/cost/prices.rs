//! What AWS asks for each thing that is billed: a list with its region, date and source, which can be replaced.

use fanfare_local::Meter;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The list that comes with the command.
const BUILT_IN: &str = include_str!("prices.json");

/// A price list of one region.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Prices {
    pub(super) region: String,
    /// The month it is of, such as `2026-06`.
    pub(super) date: String,
    pub(super) source: String,
    /// US dollars for one of each.
    pub(super) usd: BTreeMap<Meter, f64>,
}

/// Why there are no prices.
#[derive(Debug, thiserror::Error)]
pub(super) enum PricesError {
    #[error("can't read the price list {}", path.display())]
    Unreadable {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("the price list {} is not as `fanfare cost --print-prices` prints one", path.display())]
    Malformed {
        path: PathBuf,
        #[source]
        source: serde_json::Error,
    },
    #[error("the price list {} has no price for {meter:?} that is a number from 0", path.display())]
    Missing { path: PathBuf, meter: Meter },
}

impl Prices {
    /// The list in a file, or the one that comes with the command.
    pub(super) fn read(file: Option<&Path>) -> Result<Self, PricesError> {
        let path = file.map_or_else(|| PathBuf::from("that is built in"), Path::to_owned);
        let text = match file {
            Some(file) => std::fs::read_to_string(file)
                .map_err(|source| PricesError::Unreadable { path: path.clone(), source })?,
            None => BUILT_IN.to_owned(),
        };
        let prices: Self = serde_json::from_str(&text)
            .map_err(|source| PricesError::Malformed { path: path.clone(), source })?;
        let is_price =
            |meter| prices.usd.get(meter).is_some_and(|usd| *usd >= 0.0 && usd.is_finite());
        match Meter::ALL.iter().find(|meter| !is_price(meter)) {
            Some(meter) => Err(PricesError::Missing { path, meter: *meter }),
            None => Ok(prices),
        }
    }

    /// The list that comes with the command, as text.
    pub(super) const fn built_in() -> &'static str {
        BUILT_IN
    }

    /// What so many cost.
    pub(super) fn of(&self, meter: Meter, amount: f64) -> f64 {
        self.usd.get(&meter).copied().unwrap_or_default() * amount
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_that_is_built_in_has_a_price_for_everything() {
        let prices = Prices::read(None).expect("prices");
        assert!((prices.of(Meter::DynamodbWriteUnits, 1e6) - 0.625).abs() < 1e-9);
    }

    #[test]
    fn a_list_without_a_price_or_with_a_wrong_one_is_refused_by_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("prices.json");
        let refusal = |text: String| {
            std::fs::write(&file, text).expect("written");
            Prices::read(Some(&file)).expect_err("refused").to_string()
        };
        let without = BUILT_IN.replace("\"log-bytes\": 0.0000000005", "\"log-bytes\": -1");
        assert!(refusal(without).contains("no price for LogBytes"), "named");
        assert!(refusal("[]".to_owned()).contains("--print-prices"), "the remedy");
    }
}
