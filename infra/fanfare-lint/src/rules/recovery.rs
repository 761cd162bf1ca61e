//! A table of production can be put back to any second of the last weeks.

use super::{Findings, Rule};
use crate::stack::{Located, Spot, Stack};
use crate::stage;
use fanfare_template::{Setting, Value};

pub(super) static POINT_IN_TIME_RECOVERY: Rule = Rule {
    id: "point-in-time-recovery",
    title: "Table of production without point-in-time recovery",
    why: "Without it a wrong deployment or a wrong delete cannot be undone.",
    page: "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Point-in-time-recovery.html",
    check,
};

const ENABLED: [&str; 2] = ["PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled"];

fn check(stack: &Stack<'_>, findings: &mut Findings) {
    if !stage::is_production(&stack.options.stage) {
        return;
    }
    for table in stack.of_kinds(&["AWS::DynamoDB::Table", "AWS::Serverless::SimpleTable"]) {
        judge(&table.properties, table.spot(&ENABLED), findings);
    }
    for table in stack.of_kinds(&["AWS::DynamoDB::GlobalTable"]) {
        let replicas =
            table.properties.field("Replicas").map_or(&[][..], |field| field.value.each());
        let spot = table.spot(&["Replicas"]);
        for (index, replica) in replicas.iter().enumerate() {
            judge(replica, spot.item(index, replica.place).below(replica, &ENABLED), findings);
        }
    }
}

fn judge(settings: &Value, spot: Spot, findings: &mut Findings) {
    match settings.flag(&ENABLED).or_default(false) {
        Setting::Known(false) => findings.report(
            spot,
            "it cannot be put back to how it was",
            "Set PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true }.",
        ),
        Setting::Unknown(why) => findings.undecided(spot, &why),
        Setting::Known(true) | Setting::Absent => {}
    }
}
