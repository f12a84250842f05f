//! Numbers on the command line, with faults in words: the parser's own say "invalid digit found in string".

use crate::domain::address::EmailAddress;
use crate::domain::ids::Reference;

/// The number of a mail, letter or task, as the lists show them.
pub fn row(text: &str) -> Result<i64, String> {
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| "no number of the list; one looks like 12".to_owned())
}

/// How many at most.
pub fn count(text: &str) -> Result<u32, String> {
    text.parse().map_err(|_| "no count; one looks like 200".to_owned())
}

/// A request's reference.
pub fn reference(text: &str) -> Result<Reference, String> {
    Reference::parse(text).ok_or_else(|| "no reference; one looks like RG-7K3M9Q".to_owned())
}

/// A mail address.
pub fn address(text: &str) -> Result<EmailAddress, String> {
    EmailAddress::parse(text).ok_or_else(|| "no address; one looks like ito@vendor.example".to_owned())
}
