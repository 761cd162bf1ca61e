//! What can go wrong, how likely it is in a run, and how often it did.

use crate::chance::Chance;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A fault of the simulated cloud.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "`meaning` says it, and is printed")]
pub enum Fault {
    DuplicateDelivery,
    RedeliveryInFlight,
    DelayedDelivery,
    ReorderedDelivery,
    LostDelete,
    Throttle,
    ErrorBefore,
    ErrorAfter,
    LostResponse,
    NoResponse,
    LateWrite,
    PartialRead,
    Outage,
    Conflict,
    CrashAtPoll,
    CrashAtTime,
    Overrun,
    LeaseExpiry,
    ClockSkew,
    SendEntryFails,
    VisibilityEntryFails,
    Poison,
    Tampered,
    MailFails,
    MailHangs,
    MailAnswerLost,
    MailPanics,
    ChargeFails,
    ChargeHangs,
    ChargeAnswerLost,
    RingFails,
    RingAnswerLost,
    ChargeLate,
    HandlerFails,
    MailOutage,
    ChargeOutage,
    LongOutage,
    Killer,
    Hopeless,
    OldBuild,
    MalformedSaga,
    PublishEntryFails,
    PublishEntryForgotten,
    TopicOutage,
    SlowTopic,
    LostCheckpoint,
    ForeignItem,
    TimeOut,
    HotPartition,
    StaleIndex,
}

/// Which kinds of faults a run may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kinds {
    All,
    /// Those of a queue that works as documented: repeats, delays, another order.
    Delivery,
}

/// The faults that last.
const OUTAGES: [Fault; 5] = [
    Fault::Outage,
    Fault::MailOutage,
    Fault::ChargeOutage,
    Fault::TopicOutage,
    Fault::HotPartition,
];
/// Into how many partitions all keys fall.
const PARTITIONS: u64 = 8;
/// Those of them that may last for hours.
const LONG_OUTAGES: [Fault; 4] =
    [Fault::Outage, Fault::MailOutage, Fault::ChargeOutage, Fault::TopicOutage];

impl Fault {
    /// Every fault, with the most that its probability is in a run, and what it is.
    const TABLE: [(Self, f64, &'static str); 50] = [
        (Self::DuplicateDelivery, 0.15, "an event is announced twice"),
        (Self::RedeliveryInFlight, 0.15, "a message is received twice at once"),
        (Self::DelayedDelivery, 0.3, "a message arrives late"),
        (Self::ReorderedDelivery, 0.5, "a message overtakes an older one"),
        (Self::LostDelete, 0.1, "a handled message is not deleted"),
        (Self::Throttle, 0.08, "a request is throttled"),
        (Self::ErrorBefore, 0.05, "a 500 before the request took effect"),
        (Self::ErrorAfter, 0.08, "a 500 after the request took effect"),
        (Self::LostResponse, 0.08, "the connection breaks after the request took effect"),
        (Self::NoResponse, 0.04, "no answer at all, though the request took effect"),
        (Self::LateWrite, 0.04, "a request takes effect after its sender gave up"),
        (Self::PartialRead, 0.2, "a batch read leaves keys unprocessed"),
        (Self::Outage, 0.5, "DynamoDB takes nothing for a while"),
        (Self::Conflict, 0.2, "a transaction meets another one on a hot item"),
        (Self::CrashAtPoll, 0.12, "the function dies at an await point"),
        (Self::CrashAtTime, 0.12, "the function dies at a moment"),
        (Self::Overrun, 0.3, "an environment stalls, and goes on after its time"),
        // Not drawn: it is what a stall comes to in the midst of a mail.
        (Self::LeaseExpiry, 0.0, "the owner of a lease goes on after it ran out"),
        (Self::ClockSkew, 0.5, "an environment's clock is minutes wrong"),
        (Self::SendEntryFails, 0.3, "one entry of SendMessageBatch fails"),
        (Self::VisibilityEntryFails, 0.3, "one entry of ChangeMessageVisibilityBatch fails"),
        (Self::Poison, 0.06, "a message that no retry can help"),
        (Self::Tampered, 0.1, "an event id comes again with other content"),
        (Self::MailFails, 0.1, "a mail is not taken"),
        (Self::MailHangs, 0.1, "a mail is taken and no answer comes"),
        (Self::MailAnswerLost, 0.1, "a mail is taken and the answer lost"),
        (Self::MailPanics, 0.05, "the effect panics"),
        (Self::ChargeFails, 0.1, "a charge is not taken"),
        (Self::ChargeHangs, 0.1, "a charge is taken and no answer comes"),
        (Self::ChargeAnswerLost, 0.1, "a charge is taken and the answer lost"),
        (Self::RingFails, 0.1, "the bell does not ring"),
        (Self::RingAnswerLost, 0.1, "the bell rings, which nobody may know"),
        (Self::ChargeLate, 0.1, "a charge is taken when nobody waits for it any more"),
        (Self::HandlerFails, 0.2, "a handler asks for another try"),
        (Self::MailOutage, 0.5, "no mail is taken for a while"),
        (Self::ChargeOutage, 0.5, "the gateway takes nothing for a while"),
        (Self::LongOutage, 0.2, "an outage lasts for hours"),
        (Self::Killer, 0.1, "a message kills its process"),
        (Self::Hopeless, 0.1, "a message asks for another try for ever"),
        // Not drawn: a run has a deployment or not.
        (Self::OldBuild, 0.0, "an old build gets what a newer one wrote"),
        (Self::MalformedSaga, 1.0, "somebody else wrote into the table of sagas"),
        (Self::PublishEntryFails, 0.05, "one entry of PublishBatch fails"),
        (Self::PublishEntryForgotten, 0.02, "an answer of SNS does not name an entry"),
        (Self::TopicOutage, 0.5, "SNS takes nothing for a while"),
        (Self::SlowTopic, 0.3, "SNS takes seconds"),
        (Self::LostCheckpoint, 0.1, "a shard is read again from before what was published"),
        (Self::ForeignItem, 1.0, "somebody else wrote into the event table"),
        (Self::TimeOut, 0.1, "the function waits at an await point until its time is over"),
        (Self::HotPartition, 0.5, "a partition of a table takes no writes for a while"),
        (Self::StaleIndex, 0.3, "an index tells of what was"),
    ];

    /// Every fault.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::TABLE.into_iter().map(|(fault, ..)| fault)
    }

    /// Whether queues that work as documented show it.
    fn is_of_delivery(self) -> bool {
        let kinds = [
            Self::DuplicateDelivery,
            Self::RedeliveryInFlight,
            Self::DelayedDelivery,
            Self::ReorderedDelivery,
        ];
        kinds.contains(&self)
    }

    /// What it is, in words.
    pub fn meaning(self) -> &'static str {
        let row = Self::TABLE.into_iter().find(|(fault, ..)| *fault == self);
        row.map(|(_, _, meaning)| meaning).unwrap_or_default()
    }
}

/// The faults of one run.
#[derive(Debug)]
pub(crate) struct Faults {
    chance: Chance,
    probabilities: BTreeMap<Fault, f64>,
    /// From when until when nothing works at DynamoDB, SNS, the mail service and the gateway.
    outages: BTreeMap<Fault, Range<Duration>>,
    /// Which of these lasts for hours, if one does.
    long: Option<Fault>,
    /// Which partition gets hot.
    hot: u64,
    fired: Mutex<BTreeMap<Fault, u64>>,
    on: Arc<AtomicBool>,
}

impl Faults {
    /// Draws which faults a run has, each of them half of the time, and how likely each is: a run with few
    /// kinds of faults reaches states that a storm of all of them never does.
    pub(crate) fn new(seed: u64, kinds: Kinds) -> Self {
        let chance = Chance::new(seed, "faults");
        let calm = chance.happens(0.05);
        let probabilities = Fault::TABLE.into_iter().map(|(fault, most, _)| {
            let (active, share) = (chance.happens(0.5), chance.draw(fastrand::Rng::f64));
            let active = match kinds {
                Kinds::All => active && !calm,
                Kinds::Delivery => fault.is_of_delivery(),
            };
            (fault, if active { most * (0.1 + 0.9 * share) } else { 0.0 })
        });
        let probabilities: BTreeMap<Fault, f64> = probabilities.collect();
        let outage = |fault| {
            let likely = probabilities.get(&fault).copied().unwrap_or(0.0);
            // Most orders come in a rush at the beginning.
            let from = chance.happens(likely).then(|| match chance.happens(0.5) {
                true => chance.millis(1..=60_000),
                false => Duration::from_millis(chance.magnitude(1..=10_000)),
            })?;
            Some((fault, from..from + Duration::from_millis(chance.magnitude(2_000..=300_000))))
        };
        let mut outages: BTreeMap<_, _> = OUTAGES.into_iter().filter_map(outage).collect();
        let likely = probabilities.get(&Fault::LongOutage).copied().unwrap_or(0.0);
        let long = chance.happens(likely).then(|| *chance.one_of(&LONG_OUTAGES));
        if let Some(fault) = long {
            let from = chance.millis(1..=30_000);
            let length = Duration::from_secs(chance.between(3_600..=12 * 3_600));
            outages.insert(fault, from..from + length);
        }
        let on = Arc::new(AtomicBool::new(true));
        let hot = chance.between(0..=PARTITIONS - 1);
        Self { chance, probabilities, outages, long, hot, fired: Mutex::default(), on }
    }

    /// The outage that lasts for hours, and when it ends.
    pub(crate) fn long_outage(&self) -> Option<(Fault, Duration)> {
        let fault = self.long?;
        Some((fault, self.outages.get(&fault)?.end))
    }

    /// Whether a fault strikes now. One that does is counted.
    pub(crate) fn strike(&self, fault: Fault) -> bool {
        let strikes = self.would_strike(fault);
        if strikes {
            self.count(fault);
        }
        strikes
    }

    /// Whether a fault is to strike, which is to be [counted](Self::count) if it really does.
    pub(crate) fn would_strike(&self, fault: Fault) -> bool {
        let probability = self.probabilities.get(&fault).copied().unwrap_or(0.0);
        self.chance.happens(probability) && self.on.load(Ordering::Relaxed)
    }

    /// Whether there is this outage, at this time of the run. One that is met is counted.
    pub(crate) fn outage(&self, fault: Fault, now: Duration) -> bool {
        let strikes = self.is_out(fault, now);
        if strikes {
            self.count(fault);
            if self.long == Some(fault) {
                self.count(Fault::LongOutage);
            }
        }
        strikes
    }

    /// Whether there is this outage, met or not.
    pub(crate) fn is_out(&self, fault: Fault, now: Duration) -> bool {
        self.are_on() && self.outages.get(&fault).is_some_and(|time| time.contains(&now))
    }

    /// Whether a partition key is of the partition that gets hot.
    pub(crate) fn is_hot(&self, partition: &str) -> bool {
        let sum: u64 = partition.bytes().map(u64::from).sum();
        sum % PARTITIONS == self.hot
    }

    /// Counts a fault.
    pub(crate) fn count(&self, fault: Fault) {
        *self.fired.lock().unwrap_or_else(PoisonError::into_inner).entry(fault).or_default() += 1;
    }

    /// Ends all faults.
    pub(crate) fn stop(&self) {
        self.on.store(false, Ordering::Relaxed);
    }

    /// Whether there still are faults.
    pub(crate) fn are_on(&self) -> bool {
        self.on.load(Ordering::Relaxed)
    }

    /// The same, for who must know at every moment.
    pub(crate) fn switch(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.on)
    }

    /// The stream of chance that details of faults come from.
    pub(crate) fn chance(&self) -> &Chance {
        &self.chance
    }

    /// How often each fault fired.
    pub(crate) fn fired(&self) -> BTreeMap<Fault, u64> {
        self.fired.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
