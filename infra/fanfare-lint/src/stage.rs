//! Stages: what a template is judged as.

const PARAMETERS: [&str; 7] =
    ["Stage", "StageName", "Env", "EnvName", "EnvType", "Environment", "EnvironmentName"];
const PRODUCTION: [&str; 4] = ["prod", "production", "prd", "live"];

/// Whether a parameter of this name is about the stage.
pub(crate) fn is_parameter(name: &str) -> bool {
    PARAMETERS.iter().any(|stage| stage.eq_ignore_ascii_case(name))
}

/// Whether the two name the same stage.
pub(crate) fn is_same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other) || (is_production(one) && is_production(other))
}

/// Whether customers' data is there.
pub(crate) fn is_production(stage: &str) -> bool {
    PRODUCTION.iter().any(|name| name.eq_ignore_ascii_case(stage))
}
