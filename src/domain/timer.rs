//! Clocks that Ringi sets itself.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::ids::{ApprovalNo, ItemNo, Reference};

/// What is due.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "timer", rename_all = "snake_case")]
pub enum Timer {
    /// The `nth` reminder (from 0) of an approval.
    Remind { reference: Reference, approval: ApprovalNo, nth: u32 },
    /// The reviewers hear that an administrator is silent.
    Escalate { reference: Reference, approval: ApprovalNo },
    /// An approval ends unanswered.
    Expire { reference: Reference, approval: ApprovalNo },
    /// A contract that was too new is looked at again.
    Recheck { reference: Reference, item: ItemNo },
    /// Items wait for a reviewer, and the promised time comes near.
    ReviewWarning { reference: Reference },
    /// The promised time of review has come.
    ReviewDue { reference: Reference },
    /// The reviewers hear of the tasks opened since the last notice.
    TaskNotice,
}

/// A change to the clocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TimerChange {
    /// Set, or move, a clock.
    Set { timer: Timer, due: DateTime<Utc> },
    /// Take away every clock of an approval.
    ClearApproval { reference: Reference, approval: ApprovalNo },
    /// Take away one clock.
    Clear { timer: Timer },
}

impl Timer {
    /// The request that the clock belongs to; none for a desk's own.
    pub const fn reference(&self) -> Option<&Reference> {
        match self {
            Self::Remind { reference, .. }
            | Self::Escalate { reference, .. }
            | Self::Expire { reference, .. }
            | Self::ReviewWarning { reference }
            | Self::ReviewDue { reference }
            | Self::Recheck { reference, .. } => Some(reference),
            Self::TaskNotice => None,
        }
    }

    /// The approval that the clock belongs to.
    pub const fn approval(&self) -> Option<ApprovalNo> {
        match self {
            Self::Remind { approval, .. } | Self::Escalate { approval, .. } | Self::Expire { approval, .. } => {
                Some(*approval)
            }
            Self::Recheck { .. } | Self::ReviewWarning { .. } | Self::ReviewDue { .. } | Self::TaskNotice => None,
        }
    }
}
