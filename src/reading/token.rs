//! Token candidates that a mail carries, and where they stood (rule T8).

pub use crate::domain::trust::Carrier;

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
