//! The two facts that make an answer count: a token, and an aligned From (rules T1 to T8).

use serde::{Deserialize, Serialize};

/// Where a token stood in a mail. The order of declaration is the order in which carriers decide (rule T8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Carrier {
    /// `local+TOKEN@domain` in Delivered-To, X-Original-To, To or Cc.
    ReplyAddress,
    /// `<RG-XXXXXX.TOKEN@domain>` in In-Reply-To.
    InReplyTo,
    /// The same in References, the last one first.
    References,
    /// The first reference line of the quote: `Ref: RG-XXXXXX TOKEN`.
    ReferenceLine,
}

/// What is known of From.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Authentication {
    /// DMARC or DKIM passed for From's own domain.
    Aligned { by: String },
    /// Nothing that counts says so; the cause is for the timeline.
    NotAligned { cause: String },
    /// The pinned server says dmarc=fail (rule H3).
    DmarcFail,
}

impl Authentication {
    /// Whether From is who it says.
    pub const fn is_aligned(&self) -> bool {
        matches!(self, Self::Aligned { .. })
    }
}
