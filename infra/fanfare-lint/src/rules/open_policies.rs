//! Queues and topics take messages from whom they know.

use super::{Findings, Rule};
use crate::stack::{Stack, statements_about_queues_and_topics};
use fanfare_template::Setting;

pub(super) static OPEN_POLICY: Rule = Rule {
    id: "open-policy",
    title: "Queue or topic policy that lets anyone in",
    why: "`Principal: \"*\"` is every account of AWS, and for some actions everybody without one; a service such as \
          sns.amazonaws.com comes for whoever asks it to. A condition has to say who is meant.",
    page: "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-security-best-practices.html",
    check,
};

fn check(stack: &Stack<'_>, findings: &mut Findings) {
    for statement in statements_about_queues_and_topics(stack) {
        if let Some(why) = statement.why_unknown() {
            findings.undecided(statement.spot.clone(), why);
        }
        let strangers = statement.strangers().filter(|_| statement.allows());
        let Some((strangers, spot)) = strangers else { continue };
        match statement.is_narrowed_to_someone() {
            Setting::Known(true) => {}
            Setting::Unknown(why) => findings.undecided(spot, &why),
            Setting::Known(false) | Setting::Absent => findings.report(
                spot,
                format!("it lets {strangers} in, and no condition says who is meant"),
                "Name the principal, or add a condition on aws:SourceArn, aws:SourceAccount or aws:PrincipalOrgID.",
            ),
        }
    }
}
