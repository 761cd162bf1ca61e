//! What a template leaves to AWS: a value that nobody knows before the template is deployed.

use std::fmt;

/// A value that is unknown, and why. Two unknown values of one name are the same value.
#[derive(Debug, Clone)]
pub struct Unknown {
    /// A short name for the value.
    pub name: String,
    /// Why it is unknown.
    pub cause: Cause,
}

/// Why a value is unknown. `Display` says it, and what can be done about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// A parameter without a default that was given no value.
    Parameter(String),
    /// A pseudo parameter, such as `AWS::Region`, of a stack that is not known.
    PseudoParameter(String),
    /// What is looked up at deployment, such as `{{resolve:ssm:/key}}` or a parameter of an SSM type.
    Lookup(String),
    /// A function that only AWS can carry out, such as `Fn::ImportValue`.
    Function(String),
    /// What a reference to a resource gives once it is there.
    Resource(String),
    /// The template is wrong here, which is a [`Problem`](crate::Problem) of its own.
    Fault,
    /// Anything else, in words.
    Other(String),
}

impl Unknown {
    pub(crate) fn new(name: impl Into<String>, cause: Cause) -> Self {
        Self { name: name.into(), cause }
    }

    /// A value that is missing because of a problem that is told by itself.
    pub(crate) fn fault() -> Self {
        Self::new("what is wrong with the template", Cause::Fault)
    }

    /// The same cause for a value that is made of the unknown one.
    #[must_use]
    pub(crate) fn named(self, name: impl Into<String>) -> Self {
        Self { name: name.into(), ..self }
    }

    pub(crate) fn is_fault(&self) -> bool {
        self.cause == Cause::Fault
    }
}

impl PartialEq for Unknown {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Unknown {}

impl From<&str> for Unknown {
    fn from(name: &str) -> Self {
        Self::from(name.to_owned())
    }
}

impl From<String> for Unknown {
    fn from(name: String) -> Self {
        Self { cause: Cause::Other(name.clone()), name }
    }
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const REMEDY: &str = "write the value itself, or take it from a parameter of type String";
        match self {
            Self::Parameter(name) => write!(
                f,
                "the parameter {name}, which has no Default and was given no value; give it one"
            ),
            Self::PseudoParameter(name) => write!(f, "{name}, which only a stack has"),
            Self::Lookup(what) => {
                write!(f, "{what}, which AWS looks up at deployment; {REMEDY}")
            }
            Self::Function(name) => write!(f, "{name}, which only AWS can carry out; {REMEDY}"),
            Self::Resource(name) => write!(f, "{name}, which only AWS knows; {REMEDY}"),
            Self::Fault => f.write_str("what is wrong elsewhere in the template"),
            Self::Other(what) => f.write_str(what),
        }
    }
}
