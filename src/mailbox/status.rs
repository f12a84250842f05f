//! How a mailbox stands, for the timers (rule C4), for `--until-idle` and for the operator.

/// How a mailbox stands now. Published over a watch channel by the [`super::Worker`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Status {
    /// A connection stands and the inbox is open.
    pub connected: bool,
    /// The UIDNEXT seen at the last (re)connect, once every UID below it is recorded, proved absent, or a gap over an
    /// hour old (rule C4). `None` until then, and while there is no connection: an answer may be waiting unseen.
    pub drained: Option<u32>,
    /// Mails that the server lists and that are not recorded yet, gaps not counted.
    pub lag: usize,
    /// UIDs that the server lists and does not deliver.
    pub gaps: usize,
    /// Those of them over an hour old: they no longer hold back the timers, but they hold back expiry (rule C4), and the
    /// operator is to be told.
    pub old_gaps: usize,
    /// What went wrong last, on one line, without any secret; `None` after a pass without trouble.
    pub last_error: Option<String>,
    /// What does not work as configured and keeps no mail from being read.
    pub notes: Vec<String>,
}
