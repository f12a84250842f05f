//! The loop around the passes: waiting for mail, pausing after failures, ending quickly.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::sleep;

use super::{Ended, Next, Worker};
use crate::mailbox::ledger::Ledger;
use crate::mailbox::source::Source;

/// How long after a recorded mail the next is looked for every 200 ms.
const FLOWING: Duration = Duration::from_secs(5);

/// The longest wait; a pass after it looks for moves and gaps that are due.
const LONGEST_WAIT: Duration = Duration::from_secs(5 * 60);

/// The longest wait while a gap is open.
const WAIT_WITH_GAPS: Duration = Duration::from_secs(30);

/// How long a pass may go on after the stop before it is dropped.
const GRACE: Duration = Duration::from_secs(2);

impl<S: Source, L: Ledger> Worker<S, L> {
    /// Passes and waits until `stop` says true or its sender is gone.
    pub async fn run(mut self, stop: watch::Receiver<bool>) {
        self.stop = Some(stop.clone());
        while !self.stopping() {
            let next = tokio::select! {
                next = self.step() => next,
                () = async { stopped(stop.clone()).await; sleep(GRACE).await } => break,
            };
            let next = match next {
                Next::Wait => self.wait(stopped(stop.clone())).await,
                Next::Again | Next::Retry(_) => next,
            };
            if let Next::Retry(pause) = next {
                tokio::select! {
                    () = sleep(pause) => {}
                    () = stopped(stop.clone()) => {}
                }
            }
        }
        self.close().await;
    }

    /// Lets the connection go. A later pass connects anew.
    pub async fn close(&mut self) {
        self.open = None;
        self.source.close().await;
        self.status.send_modify(|status| {
            status.connected = false;
            status.drained = None;
        });
    }

    /// Waits until there may be something to do, at most 5 minutes; less where `interrupt` or a nudge comes.
    pub async fn wait(&mut self, interrupt: impl Future<Output = ()> + Send) -> Next {
        let Some(open) = &self.open else { return Next::Again };
        let longest = if open.gaps.is_empty() { LONGEST_WAIT } else { WAIT_WITH_GAPS };
        let short = self.flowed_at.is_some_and(|at| at.elapsed() < FLOWING);
        let nudge = std::sync::Arc::clone(&self.nudge);
        let interrupt = async move {
            tokio::select! {
                () = interrupt => {}
                () = nudge.notified() => {}
            }
        };
        match self.source.wait(short, longest, interrupt).await {
            Ok(_) => Next::Again,
            Err(trouble) => self.failed(Ended::Mailbox(trouble)).await,
        }
    }
}

/// Ends when the program is to end.
async fn stopped(mut stop: watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}
