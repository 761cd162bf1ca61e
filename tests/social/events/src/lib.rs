//! The events of social.

/// Every event; `SocialEvent` is any of them.
#[fanfare::catalogue(SocialEvent)]
pub mod events {
    /// Somebody follows an author from now on.
    #[event(stream = "author-{author}", correlation = author, tenant = author)]
    pub struct Followed {
        /// The author.
        pub author: String,
        /// The follower.
        pub follower: String,
    }

    /// An author has posted something.
    #[event(stream = "author-{author}", correlation = author, tenant = author)]
    pub struct Posted {
        /// The author.
        pub author: String,
        /// The post.
        pub post: String,
        /// The text.
        pub text: String,
    }

    /// So many follow an author.
    #[event(stream = "audience-{author}", correlation = author, tenant = author)]
    pub struct MilestoneReached {
        /// The author.
        pub author: String,
        /// How many.
        pub followers: u64,
    }
}

pub use events::*;
