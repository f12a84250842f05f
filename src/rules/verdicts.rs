//! `rules/verdicts.toml`: what the words of an answer mean.

use serde::Deserialize;

use super::lists::lists;
use crate::domain::words::Verdict;

lists! {
    /// Words of answers; where each list stands in the order of judging, the file says.
    VerdictRules from VerdictFile with cases VerdictCase {
        courtesy, both_offered, mention, double_negation, send_back, hold, hedge, deny, condition, idiom, weak_idiom, approve,
        weak_approve, negation, contrast, after_yes, own_subject, others_act, delegate, question, harmless_question, topic,
        remark, lean, asks_around, about, own_topic, yes_words, subject_marks,
        ; sections { items: ItemRules from ItemFile }
        ; plain { misspelt: Misspelt }
    }
}

lists! {
    /// How an answer points at one of the asked contracts without its number.
    ItemRules from ItemFile {
        first, second, third, fourth, last, rest, all, only, several, between, exception,
    }
}

/// Words that a whole answer of one word may stand for with one letter wrong.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Misspelt {
    pub approve: Vec<String>,
    pub deny: Vec<String>,
}

/// An answer, the contracts that its letter asked about, and the verdict that it must come to.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerdictCase {
    pub text: String,
    #[serde(default)]
    pub asked: Vec<String>,
    pub verdict: Verdict,
}
