//! What mappings may invoke at once, functions can take.

use super::{Findings, Rule};
use crate::stack::{Located, Mapping, Owner, Source, Stack};
use fanfare_template::{Resource, Setting};

pub(super) static RESERVED_CONCURRENCY: Rule = Rule {
    id: "reserved-concurrency",
    title: "A function's mappings together may invoke it more often at once than it has reserved",
    why: "Event source mappings know nothing of reserved concurrency: what they invoke beyond it is \
          throttled, which costs receives and takes good messages to the dead-letter queue.",
    page: "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html",
    check: check_reserved,
};

pub(super) static ACCOUNT_CONCURRENCY: Rule = Rule {
    id: "account-concurrency",
    title: "All mappings together may invoke more functions at once than the account allows",
    why: "Beyond the account's concurrency every function of the region is throttled, also those that \
          customers wait for.",
    page: "https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html",
    check: check_account,
};

const MAXIMUM: [&str; 2] = ["ScalingConfig", "MaximumConcurrency"];

fn check_reserved(stack: &Stack<'_>, findings: &mut Findings) {
    let mappings = stack.mappings();
    for function in stack.functions() {
        let spot = function.spot(&["ReservedConcurrentExecutions"]);
        let reserved = match function.properties.number(&["ReservedConcurrentExecutions"]) {
            // Zero is how a function is switched off.
            Setting::Absent | Setting::Known(..=0) => continue,
            Setting::Unknown(why) => {
                findings.undecided(spot, &why);
                continue;
            }
            Setting::Known(reserved) => reserved,
        };
        let own: Vec<_> = mappings.iter().filter(|mapping| is_of(mapping, function)).collect();
        let Limits { sum, unlimited, unknown } = Limits::of(&own);
        if !unlimited.is_empty() {
            findings.report(
                spot,
                format!(
                    "nothing limits how often {} may invoke it at once, and {reserved} are reserved",
                    unlimited.join(", ")
                ),
                format!("Give its mappings a MaximumConcurrency, {reserved} together."),
            );
        } else if sum > reserved {
            findings.report(
                spot,
                format!(
                    "{} may invoke it {sum} times at once, and {reserved} are reserved",
                    names(&own)
                ),
                format!("Reserve {sum} or more, or lower the mappings' MaximumConcurrency."),
            );
        } else if let Some(why) = unknown {
            findings.undecided(spot, &why);
        }
    }
}

fn check_account(stack: &Stack<'_>, findings: &mut Findings) {
    let mappings = stack.mappings();
    let all: Vec<_> = mappings.iter().collect();
    let sum = Limits::of(&all).sum;
    let limit = i64::from(stack.options.account_concurrency);
    // The first of the largest is where a change does most.
    let largest = mappings.iter().rev().max_by_key(|mapping| maximum(mapping).known());
    if let Some(largest) = largest.filter(|_| sum > limit) {
        findings.report(
            largest.spot(&MAXIMUM),
            format!("the mappings may invoke {sum} functions at once, and the account allows {limit}"),
            "Lower MaximumConcurrency, or have the account's quota raised and say so by --account-concurrency.",
        );
    }
}

fn is_of(mapping: &Mapping<'_>, function: &Resource) -> bool {
    matches!(&mapping.function, Owner::Resource(other) if other.id == function.id)
}

fn maximum(mapping: &Mapping<'_>) -> Setting<i64> {
    mapping.settings.number(&MAXIMUM)
}

/// What mappings may invoke at once, together.
#[derive(Default)]
struct Limits {
    /// Of those that have a limit.
    sum: i64,
    /// The names of those that have none.
    unlimited: Vec<String>,
    /// What the rest depends on.
    unknown: Option<String>,
}

impl Limits {
    fn of(mappings: &[&Mapping<'_>]) -> Self {
        let mut limits = Self::default();
        for mapping in mappings {
            match maximum(mapping) {
                Setting::Known(maximum) => {
                    limits.sum = limits.sum.saturating_add(maximum.max(0));
                }
                Setting::Unknown(why) => limits.unknown = Some(why),
                Setting::Absent => limits.add_without_maximum(mapping),
            }
        }
        limits
    }

    /// A stream is limited by its shards, and a queue by nothing but its pollers, if their number is set.
    fn add_without_maximum(&mut self, mapping: &Mapping<'_>) {
        let pollers = "ProvisionedPollerConfig";
        match &mapping.source {
            Source::Queue { .. } if mapping.settings.field(pollers).is_some() => {
                self.unknown = Some(pollers.to_owned());
            }
            Source::Queue { .. } => self.unlimited.push(mapping.name.clone()),
            Source::Unknown(why) => self.unknown = Some(why.clone()),
            Source::Stream | Source::Other => {}
        }
    }
}

fn names(mappings: &[&Mapping<'_>]) -> String {
    let limited = mappings.iter().filter(|mapping| maximum(mapping).known().is_some());
    limited.map(|mapping| mapping.name.as_str()).collect::<Vec<_>>().join(", ")
}
