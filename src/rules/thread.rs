//! `rules/thread.toml`: quote headers, forward headers, signatures, disclaimers.

/// Compiled thread rules.
#[derive(Debug, Default)]
pub struct ThreadRules {}
