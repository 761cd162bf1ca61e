//! SAM and CloudFormation templates.

pub mod pattern;
pub mod roles;
