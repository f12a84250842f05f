//! Everything that says what words mean: labels, numbers, people, kinds and verdicts, compiled.

use super::fields::FieldRules;
use super::kinds::KindRules;
use super::numbers::NumberRules;
use super::people::PeopleRules;
use super::verdicts::VerdictRules;

/// Compiled meaning rules, one field a file.
#[derive(Debug)]
pub struct MeaningRules {
    pub fields: FieldRules,
    pub numbers: NumberRules,
    pub people: PeopleRules,
    pub kinds: KindRules,
    pub verdicts: VerdictRules,
}
