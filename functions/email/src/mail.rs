//! A mail, ready to be sent.

/// A mail to one customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Where it goes.
    pub to: String,
    /// Its subject line, free of anything a customer typed.
    pub subject: String,
    /// Its plain text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
}
