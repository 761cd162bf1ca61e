//! Stages: what a template is judged as.

use fanfare_template::Parameter;

const PARAMETERS: [&str; 7] =
    ["Stage", "StageName", "Env", "EnvName", "EnvType", "Environment", "EnvironmentName"];
const PRODUCTION: [&str; 4] = ["prod", "production", "prd", "live"];

/// The stage, for a parameter that is about it and allows it.
pub(crate) fn value_for(parameter: &Parameter, stage: &str) -> Option<String> {
    let name = &parameter.name;
    if !PARAMETERS.iter().any(|about| about.eq_ignore_ascii_case(name)) {
        return None;
    }
    match parameter.allowed.as_slice() {
        [] => Some(stage.to_owned()),
        allowed => allowed.iter().find(|value| is_same(value, stage)).cloned(),
    }
}

/// Whether the two name the same stage.
fn is_same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other) || (is_production(one) && is_production(other))
}

/// Whether customers' data is there.
pub(crate) fn is_production(stage: &str) -> bool {
    PRODUCTION.iter().any(|name| name.eq_ignore_ascii_case(stage))
}
