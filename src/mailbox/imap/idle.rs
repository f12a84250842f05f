//! Waiting for new mail: IDLE (RFC 2177) where it works, NOOP else.
//!
//! The library's own IDLE handle reports a lost connection as an interrupt and hangs where the server refuses; here the
//! end of the stream and a NO are seen for what they are.

use std::future::Future;
use std::time::Duration;

use async_imap::imap_proto::Response;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::session::{Link, Tagged, stalled, tagged};
use crate::mailbox::source::{Trouble, TroubleKind, Woken};

/// NAT tables and servers forget silent connections, some after 5 minutes; a renewed IDLE finds out.
const RENEW: Duration = Duration::from_secs(5 * 60);

/// How long the server may take to answer DONE.
const DONE: Duration = Duration::from_secs(10);

/// Between two looks while mail is flowing. Servers tell an idling client late (Dovecot: 0.5 s).
const SHORT: Duration = Duration::from_millis(200);

/// How to wait.
#[derive(Debug, Clone, Copy)]
pub(super) enum How {
    /// One quick look.
    Short,
    Poll(Duration),
    Idle {
        else_poll: Duration,
    },
}

impl Link {
    /// Waits for news.
    pub(super) async fn wait(
        &mut self,
        how: How,
        longest: Duration,
        interrupt: impl Future<Output = ()> + Send,
    ) -> Result<Woken, Trouble> {
        if self.news {
            return Ok(Woken::NewMail);
        }
        let mut interrupt = std::pin::pin!(interrupt);
        let pause = match how {
            How::Short => SHORT,
            How::Poll(pause) => pause,
            How::Idle { else_poll } => {
                if self.can_idle && self.idle(longest.min(RENEW), interrupt.as_mut()).await? {
                    return Ok(self.woken());
                }
                else_poll
            }
        };
        tokio::select! {
            () = sleep(pause.min(longest)) => {}
            () = interrupt => {}
        }
        self.command("NOOP", "NOOP", |_| {}).await?.ok("NOOP")?;
        Ok(self.woken())
    }

    fn woken(&self) -> Woken {
        if self.news { Woken::NewMail } else { Woken::Nothing }
    }

    /// One IDLE. `false`: the server refuses it after all, and is not asked again on this connection.
    async fn idle(&mut self, longest: Duration, interrupt: impl Future<Output = ()> + Send) -> Result<bool, Trouble> {
        let tag = timeout(self.limit, self.session.run_command("IDLE"))
            .await
            .map_err(|_| stalled("IDLE"))?
            .map_err(|e| Trouble::new(TroubleKind::Lost, format!("IDLE: {e}")))?;
        let begin = Instant::now() + self.limit;
        loop {
            let answer = self.response("IDLE", begin, |response| match response {
                Response::Continue(_) => Some(Tagged::Ok),
                other => tagged(other, &tag),
            });
            match answer.await? {
                Some(Tagged::Ok) => break,
                Some(Tagged::Refused { .. }) => {
                    self.can_idle = false;
                    return Ok(false);
                }
                None => {}
            }
        }

        let mut interrupt = std::pin::pin!(interrupt);
        let end = Instant::now() + longest;
        // What the server says besides EXISTS (flags, expunges, "Still here") wakes nobody and prolongs nothing.
        while !self.news {
            tokio::select! {
                heard = self.response("IDLE", end + DONE, |_| ()) => heard?,
                () = sleep_until(end) => break,
                () = interrupt.as_mut() => break,
            }
        }

        let end = Instant::now() + DONE;
        timeout(DONE, self.session.run_command_untagged("DONE"))
            .await
            .map_err(|_| stalled("DONE"))?
            .map_err(|e| Trouble::new(TroubleKind::Lost, format!("DONE: {e}")))?;
        loop {
            if let Some(ended) = self.response("DONE", end, |response| tagged(response, &tag)).await? {
                return ended.ok("IDLE").map(|()| true);
            }
        }
    }
}
