//! `rules/noise.toml`: headers and wordings that show noise.

/// Compiled noise rules.
#[derive(Debug, Default)]
pub struct NoiseRules {}
