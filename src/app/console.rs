//! Orders given at the keyboard: each becomes an input of its desk, and whoever gave it waits for the answer.
//!
//! Where a daemon works on the database, it takes the input like any other. Where none does, this program takes the lock
//! and steps the desk's engine itself: no decision is taken anywhere else.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::lock::Lock;
use super::{Surroundings, build};
use crate::config::{Config, DeskConfig};
use crate::domain::input::Order;
use crate::domain::outcome::Reply;
use crate::engine::Engine;
use crate::failure::Failure;
use crate::fault::Fault;
use crate::letters::Templates;
use crate::rules::Rules;
use crate::store::{DeskId, InputId, InputState, Store};

/// How long an order is waited for.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often the answer is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Gives an order to a desk and waits for its answer, at most 10 seconds.
///
/// # Errors
/// Faults of config, rules and templates; the database; an order that was not worked in time or was put aside.
pub async fn submit(config: &Config, store: &Store, desk: &DeskConfig, order: &Order) -> Result<Reply, Failure> {
    submit_in(config, store, desk, order, &Surroundings::default()).await
}

/// The same, with a clock and randomness of one's own.
///
/// # Errors
/// As [`submit`].
pub async fn submit_in(
    config: &Config,
    store: &Store,
    desk: &DeskConfig,
    order: &Order,
    surroundings: &Surroundings,
) -> Result<Reply, Failure> {
    let id = store.desk(&desk.name).await?;
    // The engine first: an order that nobody can work is better not written.
    let mut own = Own::take(config, store, desk, id, surroundings)?;
    let input = store.add_order(id, order, (surroundings.clock)()).await?;
    let begun = Instant::now();
    loop {
        match store.input_state(input).await? {
            Some(InputState::Done(Some(reply))) => return Ok(reply),
            Some(InputState::Done(None)) => return Ok(Reply { done: true, lines: Vec::new() }),
            Some(InputState::Parked(cause)) => {
                return Err(Failure::Failed(format!("the order could not be worked: {cause}")));
            }
            None => return Err(Failure::Failed("the order is gone from the database".to_owned())),
            Some(InputState::Waiting) => {}
        }
        if begun.elapsed() >= PATIENCE {
            return Err(late(store, id, input).await);
        }
        match &mut own {
            Some(own) => {
                own.engine
                    .step((surroundings.clock)())
                    .await
                    .map_err(|error| Failure::Failed(format!("desk {}: {error}", desk.name)))?;
            }
            None => {
                sleep(LOOK_EVERY).await;
                // The daemon may have ended in the meantime.
                own = Own::take(config, store, desk, id, surroundings)?;
            }
        }
    }
}

async fn late(store: &Store, desk: DeskId, input: InputId) -> Failure {
    let before = store.waiting_inputs(desk).await.unwrap_or_default().saturating_sub(1);
    Failure::Failed(format!(
        "the order is recorded as input {input} and was not worked within {} seconds ({before} others wait); the daemon works it in its turn",
        PATIENCE.as_secs()
    ))
}

/// The desk's engine, while no daemon runs.
struct Own {
    engine: Engine,
    _lock: Lock,
}

impl Own {
    /// `None` where a daemon holds the lock.
    fn take(
        config: &Config,
        store: &Store,
        desk: &DeskConfig,
        id: DeskId,
        surroundings: &Surroundings,
    ) -> Result<Option<Self>, Failure> {
        let Some(lock) = Lock::try_take(&config.database)? else { return Ok(None) };
        let rules = Arc::new(Rules::load(config.rules.as_deref())?);
        let templates = Arc::new(Templates::load(config.templates.as_deref())?);
        let engine = build::engine(desk, store, id, &rules, &templates, surroundings);
        Ok(Some(Self { engine, _lock: lock }))
    }
}

/// The desk of the config that the store knows by this id.
///
/// # Errors
/// A fault where the config has no such desk (any more).
pub async fn desk_of<'a>(config: &'a Config, store: &Store, id: DeskId) -> Result<&'a DeskConfig, Failure> {
    for desk in &config.desks {
        if store.find_desk(&desk.name).await? == Some(id) {
            return Ok(desk);
        }
    }
    let remedy = "Give the desk back its old name, or wait until nothing of it is open.";
    Err(Fault::new("it belongs to a desk that the config does not name", remedy).in_file(&config.file).into())
}
