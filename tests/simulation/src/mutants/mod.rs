//! Mutants: mechanisms of the store switched off, from outside, on the wire.
//!
//! Each is a change of what DynamoDB and SQS are asked, or of what they answer, so that nothing need be
//! known of the code under test but what it writes.

mod dynamodb;
mod sns;

/// A mechanism that is off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mutant {
    /// The ledger does not know what was applied.
    Dedupe,
    /// Stock is taken whether there is any or not.
    ConditionalStock,
    /// Two owners may hold the lease on one effect.
    Lease,
    /// Who lost the lease may complete all the same.
    Fence,
    /// An event is written after, not with, what it announces.
    Outbox,
    /// Nobody knows what an event's content was.
    TamperCheck,
    /// An older event overwrites what a newer one said.
    VersionRule,
    /// The message is gone before its dead letter is safe.
    DeadLetters,
    /// Entries of a batch that failed count as sent.
    FailedEntries,
    /// Nobody knows what an effect came to.
    KeptResult,
    /// What is remembered is written over what somebody else has remembered since.
    Revision,
    /// An event takes the place of another in its stream.
    StreamVersion,
    /// An announcement takes the place of another on a stream that many append to.
    AnnouncedPlace,
    /// Nobody tells where a stream stands that others append to as well.
    Head,
    /// The gateway takes a repeated request for a second one.
    IdempotencyKey,
    /// Nobody asks for a cancelled order's money to be given back.
    Refund,
    /// Nobody looks again at a refund that is pending.
    RefundLook,
    /// Nothing is swept.
    Sweep,
    /// The sweep announces what it has announced.
    SweepOnce,
    /// The sweep reads the oldest first, and ends at what it can't read.
    SweepGoesOn,
    /// A queue gives a message up after as many receives as there are tries.
    ReceivesAreTries,
    /// Nobody counts how often a message failed.
    Tries,
    /// Nobody counts the attempts that began and never ended.
    Begun,
    /// What does not work is taken for a failure like another.
    Brake,
    /// What a newer build has written is given up at once.
    Grace,
    /// The relay takes entries that SNS refused for published.
    RefusedEntries,
    /// The relay takes entries that SNS does not name for published.
    UnnamedEntries,
    /// The relay takes another entry for the one that SNS refused.
    OtherEntry,
    /// A stream goes on behind what SNS refused of it.
    BlockedStreams,
    /// The relay reports the last event that it did not publish, not the first.
    FirstUnsent,
    /// The relay goes on when its time is over.
    RelayDeadline,
    /// The relay gives up whatever SNS calls its sender's fault.
    SenderFault,
    /// The relay tries for ever what SNS will never take.
    NeverTaken,
}

impl Mutant {
    /// Every mutant.
    pub const ALL: [Self; 33] = [
        Self::Dedupe,
        Self::ConditionalStock,
        Self::Lease,
        Self::Fence,
        Self::Outbox,
        Self::TamperCheck,
        Self::VersionRule,
        Self::DeadLetters,
        Self::FailedEntries,
        Self::KeptResult,
        Self::Revision,
        Self::StreamVersion,
        Self::AnnouncedPlace,
        Self::Head,
        Self::IdempotencyKey,
        Self::Refund,
        Self::RefundLook,
        Self::Sweep,
        Self::SweepOnce,
        Self::SweepGoesOn,
        Self::ReceivesAreTries,
        Self::Tries,
        Self::Begun,
        Self::Brake,
        Self::Grace,
        Self::RefusedEntries,
        Self::UnnamedEntries,
        Self::OtherEntry,
        Self::BlockedStreams,
        Self::FirstUnsent,
        Self::RelayDeadline,
        Self::SenderFault,
        Self::NeverTaken,
    ];
}
