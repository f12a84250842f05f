//! Labels, number shapes, kinds and verdict words, compiled.

/// Compiled meaning rules.
#[derive(Debug, Default)]
pub struct MeaningRules {}
