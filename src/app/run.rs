//! The daemon's loops, one task each, and how they end.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::bells::Bells;
use super::mailboxes::drained;
use super::watch::Watch;
use super::{App, Clock, DeskApp};
use crate::domain::event::OPERATOR_LOG;
use crate::engine::{Engine, Step};
use crate::failure::Failure;
use crate::mailbox::Status;
use crate::outbox::Outbox;
use crate::timers::Timers;

/// The longest wait for a bell: also what another process writes is seen then.
const LONGEST_WAIT: Duration = Duration::from_secs(1);
/// The pause after a fault of the surroundings, doubled up to the longest.
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

impl App {
    /// Runs until `stop` ends, then ends all loops within the grace: what is being worked is finished, nothing new is begun.
    ///
    /// # Errors
    /// A loop that did not end within the grace, or panicked.
    pub async fn run(self, stop: impl Future<Output = ()>) -> Result<(), Failure> {
        let (tell, told) = watch::channel(false);
        let mut loops = JoinSet::new();
        for desk in self.desks {
            start(desk, &self.clock, &told, &mut loops);
        }
        let _ = sd_notify::notify(&[sd_notify::NotifyState::Ready]);
        let broken = tokio::select! {
            () = stop => None,
            // No loop ends by itself: one that does has panicked, and the rest must not go on without it.
            ended = loops.join_next() => Some(ended),
        };
        let _ = sd_notify::notify(&[sd_notify::NotifyState::Stopping]);
        let _ = tell.send(true);
        let all = async { while loops.join_next().await.is_some() {} };
        let in_time = timeout(self.grace, all).await.is_ok();
        loops.abort_all();
        self.store.close().await;
        match (broken, in_time) {
            (Some(_), _) => Err(Failure::Failed("a part of the daemon ended unexpectedly; see the log".to_owned())),
            (None, false) => {
                Err(Failure::Failed("the daemon did not end within its grace; nothing is lost".to_owned()))
            }
            (None, true) => Ok(()),
        }
    }
}

fn start(desk: DeskApp, clock: &Clock, stop: &watch::Receiver<bool>, loops: &mut JoinSet<()>) {
    let DeskApp { name, engine, outbox, timers, mailboxes, watch, bells } = desk;
    let statuses: Vec<_> = mailboxes.iter().map(super::Mailbox::status).collect();
    let nudges: Vec<_> = mailboxes.iter().map(super::Mailbox::nudge).collect();
    let desk: Arc<str> = name.into();
    loops.spawn(engine_loop(engine, bells.clone(), nudges, Arc::clone(clock), stop.clone(), Arc::clone(&desk)));
    loops.spawn(outbox_loop(outbox, bells.clone(), Arc::clone(clock), stop.clone(), Arc::clone(&desk)));
    loops.spawn(timers_loop(timers, watch, bells, statuses, Arc::clone(clock), stop.clone(), desk));
    for mailbox in mailboxes {
        loops.spawn(mailbox.run(stop.clone()));
    }
}

/// Works inputs while there are any; then tells the others and waits.
async fn engine_loop(
    mut engine: Engine,
    bells: Bells,
    nudges: Vec<Arc<Notify>>,
    clock: Clock,
    stop: watch::Receiver<bool>,
    desk: Arc<str>,
) {
    let mut pause = Pause::default();
    let mut worked = false;
    while !*stop.borrow() {
        match engine.step(clock()).await {
            Ok(Step::Worked { letters, .. }) => {
                pause.reset();
                worked = true;
                if letters > 0 {
                    bells.outbox.notify_one();
                }
            }
            Ok(Step::Parked { .. }) => worked = true,
            Ok(Step::Idle) => {
                if std::mem::take(&mut worked) {
                    bells.timers.notify_one();
                    // Worked mails are moved on the server, once a burst and not once a mail.
                    nudges.iter().for_each(|nudge| nudge.notify_one());
                }
                wait(&bells.engine, LONGEST_WAIT, &stop).await;
            }
            Err(error) => {
                tracing::error!(target: OPERATOR_LOG, desk = %desk, %error, "engine_trouble");
                wait(&Notify::new(), pause.next(), &stop).await;
            }
        }
    }
}

async fn outbox_loop(mut outbox: Outbox, bells: Bells, clock: Clock, stop: watch::Receiver<bool>, desk: Arc<str>) {
    let mut pause = Pause::default();
    while !*stop.borrow() {
        match outbox.step(clock()).await {
            Ok(progress) if !progress.is_idle() => {
                pause.reset();
                // What became of the letters waits as inputs.
                bells.engine.notify_one();
            }
            Ok(_) => wait(&bells.outbox, LONGEST_WAIT, &stop).await,
            Err(error) => {
                tracing::error!(target: OPERATOR_LOG, desk = %desk, %error, "outbox_trouble");
                wait(&Notify::new(), pause.next(), &stop).await;
            }
        }
    }
    if let Err(error) = outbox.close().await {
        tracing::warn!(desk = %desk, %error, "what the server said last could not be written: those letters are sent again");
    }
}

async fn timers_loop(
    timers: Timers,
    mut watch: Watch,
    bells: Bells,
    statuses: Vec<watch::Receiver<Status>>,
    clock: Clock,
    stop: watch::Receiver<bool>,
    desk: Arc<str>,
) {
    let mut pause = Pause::default();
    while !*stop.borrow() {
        if let Err(error) = watch.step(clock()).await {
            tracing::warn!(desk = %desk, %error, "a mailbox's trouble cannot be written down just now; it is tried again");
        }
        match timers.step(drained(statuses.iter()), clock()).await {
            Ok(0) => wait(&bells.timers, LONGEST_WAIT, &stop).await,
            Ok(_) => {
                pause.reset();
                bells.engine.notify_one();
            }
            Err(error) => {
                tracing::error!(target: OPERATOR_LOG, desk = %desk, %error, "clocks_trouble");
                wait(&Notify::new(), pause.next(), &stop).await;
            }
        }
    }
}

/// Until the bell, the end of the time, or the stop.
async fn wait(bell: &Notify, longest: Duration, stop: &watch::Receiver<bool>) {
    let mut stop = stop.clone();
    tokio::select! {
        () = bell.notified() => {}
        () = sleep(longest) => {}
        _ = stop.wait_for(|stop| *stop) => {}
    }
}

/// A pause that doubles with each failure.
#[derive(Default)]
struct Pause(u32);

impl Pause {
    fn reset(&mut self) {
        self.0 = 0;
    }

    fn next(&mut self) -> Duration {
        let pause = SHORTEST_PAUSE.saturating_mul(1 << self.0.min(6)).min(LONGEST_PAUSE);
        self.0 = self.0.saturating_add(1);
        pause
    }
}
