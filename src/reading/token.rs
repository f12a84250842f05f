//! Token candidates that a mail carries, and where they stood (rule T8).

/// Where a token stood. The order of declaration is the order in which carriers decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
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

/// A string of a token's shape (26 characters of lower-case base32) at a place where our tokens stand.
#[derive(Clone, PartialEq, Eq)]
pub struct Candidate {
    pub carrier: Carrier,
    /// The 26 characters, lower case.
    pub secret: String,
}

impl std::fmt::Debug for Candidate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Tokens are never shown (rule T10).
        write!(f, "Candidate({:?}, …)", self.carrier)
    }
}
