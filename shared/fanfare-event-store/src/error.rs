//! What can go wrong with the event store, told apart by what the caller can do.

/// Why the event store did not do as asked.
///
/// ```
/// use fanfare_event_store::StoreError;
///
/// /// Whether the same append may be tried again as it is.
/// fn is_worth_a_retry(error: &StoreError) -> bool {
///     match error {
///         StoreError::Unavailable(_) | StoreError::Busy { .. } => true,
///         // Read again and decide again first.
///         StoreError::Conflict { .. } => false,
///         StoreError::TooLarge { .. } | StoreError::Malformed { .. } => false,
///     }
/// }
/// let error = StoreError::Conflict { stream: "room-attic".to_owned(), after: 3 };
/// assert!(!is_worth_a_retry(&error));
/// assert_eq!(error.to_string(), "stream room-attic has moved past version 3: read it and decide again");
/// ```
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Someone else appended to the stream first. Read it again, decide again, append again.
    #[error("stream {stream} has moved past version {after}: read it and decide again")]
    Conflict {
        /// The stream.
        stream: String,
        /// The version that the caller had seen last.
        after: u64,
    },
    /// Another transaction is at the stream's end, and nothing was appended: whether the stream will have moved is open.
    /// Append the same again.
    #[error("another append to stream {stream} is under way: try again")]
    Busy {
        /// The stream.
        stream: String,
    },
    /// DynamoDB did not answer, or refused. The append may have taken effect; appending the same events
    /// after the same version again is safe, and is a [`Conflict`](Self::Conflict) if it had.
    #[error("the event store is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// An event is larger than what can ever be published. It has to say less, or point to where the rest is.
    #[error("an event of stream {stream} has {bytes} bytes; {limit} can be published")]
    TooLarge {
        /// The stream.
        stream: String,
        /// The bytes of its envelope.
        bytes: usize,
        /// The most that there may be.
        limit: usize,
    },
    /// An item of the table, or an event to be written, is not what this crate writes.
    #[error("an event of stream {stream} is malformed: {what}")]
    Malformed {
        /// The stream.
        stream: String,
        /// What is wrong with it.
        what: String,
    },
}
