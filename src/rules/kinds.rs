//! `rules/kinds.toml`: what kind of mail, and what kind of request.

use serde::Deserialize;

use super::lists::lists;
use crate::domain::words::{Class, Kind};

lists! {
    /// Words that tell classes and kinds apart.
    KindRules from KindFile with cases KindCase {
        cancel, reprocess, status_query, request, correction, subject_matter, third_party, download, not_download, bill_to,
        ordering, not_ordering, full, not_reason, reason, inquiry,
    }
}

/// A mail's text and what it must be read as.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KindCase {
    pub text: String,
    pub class: Class,
    pub kind: Option<Kind>,
}
