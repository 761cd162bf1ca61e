//! Reads SAM and CloudFormation templates.
//!
//! [`Template::read`] takes YAML or JSON and gives sections whose every value knows its line and column.
//! A [`Resolver`] works out intrinsic functions, conditions and parameters. What a template leaves to AWS (a parameter
//! without a value, an import, a secret) becomes an [`Unknown`], which says what it depends on. What is wrong becomes a
//! [`Problem`], and reading goes on: all problems are found at once.
//!
//! A reader who has no stack takes [`Template::known`], in which a reference to a resource stays a reference:
//!
//! ```
//! use fanfare_template::{Inputs, Template};
//!
//! let text = "
//! Parameters: { Stage: { Type: String, Default: dev } }
//! Resources:
//!   Orders: { Type: AWS::SQS::Queue, Properties: { QueueName: !Sub 'orders-${Stage}' } }
//!   Handle: { Type: AWS::Lambda::Function, Properties: { Timeout: 5, Layers: [!Ref Orders] } }
//! ";
//! let known = Template::read(text, &Inputs::default())?.known();
//!
//! let [orders, handle] = known.resources.as_slice() else { unreachable!("two resources") };
//! assert_eq!(orders.properties.find_text(&["QueueName"]).known().unwrap().as_known(), Some("orders-dev"));
//! assert_eq!(handle.properties.number(&["Timeout"]).known(), Some(5));
//! let layer = handle.properties.field("Layers").unwrap().value.items()[0].as_text().unwrap();
//! assert_eq!(layer.resource(), Some("Orders"));
//! assert!(known.problems.is_empty());
//! # Ok::<(), fanfare_template::Unreadable>(())
//! ```
//!
//! A reader who has a stack implements [`Names`], and gets the texts that references stand for.
//!
//! What the resources are for, by how they refer to each other, is told by [`roles`].
//!
//! No text makes this crate panic, overflow the stack, or use memory without bound: depth, aliases, loops and the work
//! of resolving are limited, and a template beyond that is a problem like another.

mod catalogue;
mod cidr;
mod document;
mod inputs;
mod known;
mod nearest;
pub mod pattern;
mod problem;
mod resolve;
pub mod roles;
mod template;
mod value;

pub use document::{Content, Entry, Node, Place, Unreadable};
pub use inputs::{Inputs, StackIdentity};
pub use known::{Known, LeftOut, Resource};
pub use nearest::nearest;
pub use problem::{Part, Problem, ProblemKind, Problems};
pub use resolve::{Names, Resolver, Symbolic};
pub use template::{Declaration, Output, Parameter, Template};
pub use value::{Cause, Field, Kind, Piece, Setting, Text, Unknown, Value};

/// Compiles what the README shows.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
