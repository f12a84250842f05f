//! Between Rust values and column values: milliseconds, fixed words, addresses, text without U+0000.

use std::borrow::Cow;
use std::fmt::Display;

use super::{Moment, Result, StoreError};
use crate::domain::address::EmailAddress;
use crate::domain::ids::Reference;

/// A moment as milliseconds since 1970, UTC.
pub(super) const fn ms(at: Moment) -> i64 {
    at.timestamp_millis()
}

/// Text as the store keeps it. PostgreSQL refuses U+0000 in text, so that neither database is given any.
pub(super) fn clean(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "")) } else { Cow::Borrowed(text) }
}

/// The same, where there may be no text.
pub(super) fn clean_opt(text: Option<&str>) -> Option<String> {
    text.map(|text| clean(text).into_owned())
}

/// A row that is being read back: says which one it is where it is broken.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    pub table: &'static str,
    pub id: &'a (dyn Display + Sync),
}

impl<'a> Row<'a> {
    pub fn new(table: &'static str, id: &'a (impl Display + Sync)) -> Self {
        Self { table, id }
    }

    /// The value, or the fault that there is none to be had.
    pub fn sound<T>(self, value: Option<T>, what: impl Into<String>) -> Result<T> {
        value.ok_or_else(|| StoreError::corrupt(self.table, self.id, what))
    }

    pub fn time(self, ms: i64) -> Result<Moment> {
        self.sound(Moment::from_timestamp_millis(ms), "a time out of range")
    }

    pub fn time_opt(self, ms: Option<i64>) -> Result<Option<Moment>> {
        ms.map(|ms| self.time(ms)).transpose()
    }

    pub fn count(self, value: i64) -> Result<u32> {
        self.sound(u32::try_from(value).ok(), "a number out of range")
    }

    pub fn count_opt(self, value: Option<i64>) -> Result<Option<u32>> {
        value.map(|value| self.count(value)).transpose()
    }

    pub fn address(self, text: &str) -> Result<EmailAddress> {
        self.sound(EmailAddress::parse(text), "an address that is none")
    }

    pub fn address_opt(self, text: Option<&str>) -> Result<Option<EmailAddress>> {
        text.map(|text| self.address(text)).transpose()
    }

    pub fn reference(self, text: &str) -> Result<Reference> {
        self.sound(Reference::parse(text), "a reference that is none")
    }

    pub fn reference_opt(self, text: Option<&str>) -> Result<Option<Reference>> {
        text.map(|text| self.reference(text)).transpose()
    }

    /// One of a closed set of words.
    pub fn word<T>(self, text: &str, parse: impl Fn(&str) -> Option<T>) -> Result<T> {
        self.sound(parse(text), format!("the unknown word {text:?}"))
    }

    pub fn word_opt<T>(self, text: Option<&str>, parse: impl Fn(&str) -> Option<T>) -> Result<Option<T>> {
        text.map(|text| self.word(text, parse)).transpose()
    }
}

/// JSON of a value whose types cannot fail to serialize; a failure is a broken row all the same, never a panic.
pub(super) fn to_json(value: &impl serde::Serialize, table: &'static str) -> Result<String> {
    serde_json::to_string(value).map_err(|error| StoreError::corrupt(table, "new", error.to_string()))
}

/// Reads what [`to_json`] wrote.
pub(super) fn read_json<T: serde::de::DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}

/// The spelling of a plain enum that serde names in snake_case.
pub(super) fn word_of(value: &impl serde::Serialize, table: &'static str) -> Result<String> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Ok(word),
        _ => Err(StoreError::corrupt(table, "new", "a word that is none")),
    }
}

/// Reads what [`word_of`] wrote.
pub(super) fn read_word<T: serde::de::DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(text.to_owned())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::approval::{ApprovalState, Purpose};

    #[test]
    fn plain_enums_are_spelled_as_serde_spells_them_and_read_back() {
        assert_eq!(word_of(&Purpose::AskAgain, "ask").unwrap(), "ask_again");
        assert_eq!(read_word::<Purpose>("ask_again"), Some(Purpose::AskAgain));
        assert_eq!(read_word::<ApprovalState>("no such state"), None);
    }

    #[test]
    fn no_text_holds_a_nul() {
        assert_eq!(clean("a\0b"), "ab");
        assert!(matches!(clean("稟議 🖋"), Cow::Borrowed(_)));
    }
}
