//! The daemon: built from a config, then run until it is told to stop, or until nothing is left to do.
//!
//! Each desk has one engine, one outbox, its clocks and a worker for each mailbox. They meet in the store alone; the bells
//! between them only spare them the wait.

mod bells;
mod build;
pub mod console;
mod idle;
mod ledger;
mod lock;
mod mailboxes;
mod run;
mod watch;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::domain::entropy::Entropy;
use crate::engine::Engine;
use crate::outbox::Outbox;
use crate::store::Store;
use crate::timers::Timers;
use bells::Bells;
pub use lock::Lock;
pub use mailboxes::Mailbox;

/// What time it is.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// Where each desk's randomness comes from.
pub type EntropySource = Arc<dyn Fn() -> Box<dyn Entropy> + Send + Sync>;

/// What a daemon takes from outside itself: tests have their own.
#[derive(Clone)]
pub struct Surroundings {
    pub clock: Clock,
    pub entropy: EntropySource,
}

impl Default for Surroundings {
    /// The time and the random bytes of the operating system.
    fn default() -> Self {
        Self { clock: Arc::new(Utc::now), entropy: Arc::new(|| Box::new(SystemEntropy)) }
    }
}

/// Everything that one process runs.
pub struct App {
    store: Store,
    desks: Vec<DeskApp>,
    clock: Clock,
    grace: Duration,
    _lock: Lock,
}

/// One desk at work.
struct DeskApp {
    name: String,
    engine: Engine,
    outbox: Outbox,
    timers: Timers,
    mailboxes: Vec<Mailbox>,
    watch: watch::Watch,
    bells: Bells,
}

impl App {
    /// The store that all share.
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// Lets go of servers and database.
    pub async fn close(mut self) {
        for desk in &mut self.desks {
            if let Err(error) = desk.outbox.close().await {
                tracing::warn!(desk = %desk.name, %error, "what the server said last could not be written: those letters are sent again");
            }
            for mailbox in &mut desk.mailboxes {
                mailbox.close().await;
            }
        }
        self.store.close().await;
    }
}

/// Random bytes of the operating system.
#[derive(Debug, Clone, Copy)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&mut self, bytes: &mut [u8]) {
        if getrandom::fill(bytes).is_err() {
            // A token that can be guessed would be worse than no daemon.
            tracing::error!("the operating system gives no random bytes");
            std::process::abort();
        }
    }
}
