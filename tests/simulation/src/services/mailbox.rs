//! The mail service: what was sent, and what goes wrong while sending.

use crate::cloud::Cloud;
use crate::faults::Fault;
use crate::invocation::{Caller, Invocation};
use crate::services::outage::Outage;
use crate::services::{calling, strikes};
use crate::tables::{self, EMAIL};
use email::Mail;
use fanfare::Failure;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::time::sleep;

/// Every mail that went out, by its subject.
pub(crate) struct Mailbox {
    cloud: Arc<Cloud>,
    sent: Mutex<BTreeMap<String, Vec<Arc<Invocation>>>>,
    /// The subjects of mails that were begun by somebody whose clock was wrong.
    skewed: Mutex<BTreeSet<String>>,
    outage: Outage,
}

impl Mailbox {
    pub(crate) fn new(cloud: Arc<Cloud>) -> Arc<Self> {
        Arc::new(Self {
            cloud,
            sent: Mutex::default(),
            skewed: Mutex::default(),
            outage: Outage::default(),
        })
    }

    /// How often each mail went out.
    pub(crate) fn counts(&self) -> BTreeMap<String, usize> {
        let sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        sent.iter().map(|(subject, mails)| (subject.clone(), mails.len())).collect()
    }

    fn skewed(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.skewed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a mail, as the service does that the function calls.
    pub(crate) async fn send(
        self: Arc<Self>,
        caller: Arc<Caller>,
        mail: Mail,
    ) -> Result<(), Failure> {
        let invocation = calling(&caller);
        let (cloud, faults) = (&self.cloud, &self.cloud.faults);
        if invocation.skewed {
            self.skewed().insert(mail.subject.clone());
        }
        let strike = |fault| strikes(cloud, &invocation, fault);
        sleep(cloud.chance.millis(10..=150)).await;
        if faults.outage(Fault::MailOutage, cloud.time.elapsed()) {
            return Err(self.outage.met(cloud, &caller, &invocation, "ses"));
        }
        self.outage.answered(&caller);
        if strike(Fault::MailFails) {
            return Err(Failure::retry("the mail was not taken"));
        }
        if strike(Fault::MailPanics) {
            // As a panic, but for the message on standard error.
            std::panic::resume_unwind(Box::new("the mail service's client panicked"));
        }
        self.take(&invocation, &mail);
        if strike(Fault::MailHangs) {
            return std::future::pending().await;
        }
        sleep(cloud.chance.millis(10..=150)).await;
        if caller.clock.now() > invocation.deadline {
            faults.count(Fault::LeaseExpiry);
        }
        match strike(Fault::MailAnswerLost) {
            true => Err(Failure::retry("the mail service's answer was lost")),
            false => Ok(()),
        }
    }

    /// Keeps a mail, and checks that it may go out.
    fn take(&self, invocation: &Arc<Invocation>, mail: &Mail) {
        let history = &self.cloud.history;
        history.note(format!("{} mails {:?} to {}", invocation.name, mail.subject, mail.to));
        let key = json!({"id": {"S": record(&mail.subject)}});
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        let mails = sent.entry(mail.subject.clone()).or_default();
        let last = mails.last();
        // A clock that is minutes ahead takes leases over that still run, whether it mails then or not, and an owner
        // that stalled does not know that its own ran out: at most the second mail can't be helped, never the second
        // record.
        let excused = invocation.overruns || self.skewed().contains(&mail.subject);
        if !excused && !tables::get(&self.cloud.database, EMAIL, &key).is_null() {
            history.violation(format!("{:?} went out after it was recorded", mail.subject));
        }
        if let Some(last) = last.filter(|last| !excused && !last.is_troubled()) {
            let both = format!("{} and {}", last.name, invocation.name);
            history.violation(format!("{:?} went out twice, in {both}", mail.subject));
        }
        mails.push(Arc::clone(invocation));
    }
}

/// The key of the record of a mail, from its subject.
fn record(subject: &str) -> String {
    let order = subject.split(' ').find(|word| word.starts_with("ord_")).unwrap_or_default();
    let kinds = [("confirmed", "confirmed"), ("left", "shipped"), ("cancelled", "cancelled")];
    let kind = kinds.into_iter().find(|(ending, _)| subject.ends_with(ending));
    format!("mail#{order}#{}", kind.map_or("received", |(_, kind)| kind))
}
