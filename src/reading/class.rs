//! What kind of mail it is, and what a plain mail says.

use super::{DeskSide, OpenedMail, Reading};
use crate::domain::words::{Class, Language};
use crate::rules::Rules;

/// Reads a mail as a plain mail.
pub fn read(_rules: &Rules, _mail: &OpenedMail, _desk: &DeskSide) -> Reading {
    Reading { language: Language::English, class: Class::Unreadable, request: None, evidence: Vec::new() }
}
