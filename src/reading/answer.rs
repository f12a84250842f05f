//! What an answer to an approval letter says (rules R1 and R2): a wrong decision is the worst fault there is.

use super::{AnswerReading, OpenedMail};
use crate::domain::words::Verdict;
use crate::rules::Rules;

/// Reads the newly written text as an answer about `asked`.
pub fn read(_rules: &Rules, _mail: &OpenedMail, _asked: &[String]) -> AnswerReading {
    AnswerReading {
        verdict: Verdict::Unclear,
        items: Default::default(),
        delegate_to: None,
        comment: None,
        evidence: Vec::new(),
    }
}
