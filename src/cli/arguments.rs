//! Numbers on the command line, with faults in words: the parser's own say "invalid digit found in string".

/// The number of a mail, letter or task, as the lists show them.
pub fn row(text: &str) -> Result<i64, String> {
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| "no number of the list; one looks like 12".to_owned())
}

/// How many at most.
pub fn count(text: &str) -> Result<u32, String> {
    text.parse().map_err(|_| "no count; one looks like 200".to_owned())
}
