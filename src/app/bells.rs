//! Who is told that there is something to do. A bell that nobody hears costs a second, never a mail.

use std::sync::Arc;

use tokio::sync::Notify;

/// The bells of one desk.
#[derive(Debug, Clone, Default)]
pub struct Bells {
    /// An input was written.
    pub engine: Arc<Notify>,
    /// A letter was written.
    pub outbox: Arc<Notify>,
    /// A clock was set.
    pub timers: Arc<Notify>,
}
