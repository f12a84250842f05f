//! Whether From is aligned, judged by the receiving server's Authentication-Results (rule T7).

/// A header field that the trace is judged by, in the mail's order from the top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TraceField {
    Received,
    /// The unfolded value.
    AuthenticationResults(String),
}

/// What the desk's server is pinned to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// The authserv-id that the desk's own server writes, compared without case.
    pub authserv_id: String,
    /// How many Received fields may stand above the field that counts.
    pub hops: usize,
}
