//! One rule file on its way to compiled patterns: every fault keeps its line.

use std::ops::Range;
use std::path::{Path, PathBuf};

use regex::{Regex, RegexBuilder};
use serde::de::DeserializeOwned;
use toml::Spanned;

use crate::fault::{Fault, line_of};

/// The entries of one list in a rule file: regular expressions, each with its place.
pub type Words = Vec<Spanned<String>>;

/// Compiled expressions may take this many bytes each.
const LARGEST: usize = 4 << 20;

/// A rule file and the faults found in it so far.
#[derive(Debug)]
pub struct Source<'a> {
    file: PathBuf,
    text: &'a str,
    faults: Vec<Fault>,
}

impl<'a> Source<'a> {
    /// `file` as a fault is to name it.
    pub fn new(file: &Path, text: &'a str) -> Self {
        Self { file: file.to_path_buf(), text, faults: Vec::new() }
    }

    /// The parsed file, or `None` and a fault at the line where it stops being what it should.
    pub fn parse<T: DeserializeOwned>(&mut self) -> Option<T> {
        match toml::from_str(self.text) {
            Ok(parsed) => Some(parsed),
            Err(error) => {
                let span = error.span().unwrap_or(0..0);
                self.fault(
                    &span,
                    error.message().trim().replace('\n', " "),
                    "Correct the file, or delete it to use the built-in one.",
                );
                None
            }
        }
    }

    /// Records a fault at a byte range of the file.
    pub fn fault(&mut self, span: &Range<usize>, what: impl Into<String>, remedy: &str) {
        let line = line_of(self.text, span.start);
        self.faults.push(Fault::new(what, remedy).in_file(&self.file).at_line(line));
    }

    /// The 1-based line of a byte range.
    pub fn line(&self, span: &Range<usize>) -> usize {
        line_of(self.text, span.start)
    }

    /// Compiles a list into one pattern, tried in the list's order.
    pub fn pattern(&mut self, words: &Words) -> Pattern {
        // A name may stand only once in an expression, so the joined one does without names.
        let parts: Vec<String> = words.iter().map(|word| format!("(?:{})", without_names(word.get_ref()))).collect();
        if parts.is_empty() {
            return Pattern::default();
        }
        let whole = match compiled(&parts.join("|")) {
            // What stands at the beginning of a text may be empty there.
            Ok(regex) if !regex.is_match("") || !self.find_fault(words) => regex,
            Ok(_) => return Pattern::default(),
            Err(_) => {
                if !self.find_fault(words) {
                    let span = words.first().map(Spanned::span).unwrap_or(0..0);
                    self.fault(&span, "the expressions of this list are too large together", "Shorten or split them.");
                }
                return Pattern::default();
            }
        };
        let named = words.iter().filter(|word| word.get_ref().contains(NAMED));
        let groups = named.filter_map(|word| compiled(word.get_ref()).ok()).collect();
        Pattern { whole: Some(whole), groups }
    }

    /// Tries the entries of a list one by one, so that each fault points at its own line. Says whether there is one.
    fn find_fault(&mut self, words: &Words) -> bool {
        let before = self.faults.len();
        for word in words {
            match compiled(word.get_ref()) {
                Ok(found) if found.is_match("") && !word.get_ref().starts_with('^') => self.fault(
                    &word.span(),
                    format!("{:?} matches the empty text", word.get_ref()),
                    "Write an expression that needs at least one character.",
                ),
                Ok(_) => {}
                Err(error) => self.fault(
                    &word.span(),
                    format!("{:?} is no regular expression: {}", word.get_ref(), last_line(&error)),
                    "Correct it; the syntax is that of the Rust crate `regex` (no look-around, no back-references).",
                ),
            }
        }
        self.faults.len() > before
    }

    /// The value, or every fault found.
    pub fn finish<T>(self, value: Option<T>) -> Result<T, Vec<Fault>> {
        match value {
            Some(value) if self.faults.is_empty() => Ok(value),
            _ => Err(self.faults),
        }
    }
}

fn compiled(expression: &str) -> Result<Regex, regex::Error> {
    // Kana and kanji are letters, so a word glued to them ("のaccountは") would have no boundary: boundaries are ASCII.
    let expression = expression.replace("\\b", "(?-u:\\b)");
    RegexBuilder::new(&expression).case_insensitive(true).multi_line(true).size_limit(LARGEST).build()
}

/// How a named group opens.
const NAMED: &str = "(?P<";

/// The expression with its named groups made plain ones.
fn without_names(expression: &str) -> String {
    let mut parts = expression.split(NAMED);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str("(?:");
        out.push_str(part.split_once('>').map_or(part, |(_, rest)| rest));
    }
    out
}

fn last_line(error: &regex::Error) -> String {
    error.to_string().lines().last().unwrap_or_default().trim().to_owned()
}

/// A list of a rule file, compiled: matches without regard to case, in linear time. An empty list matches nothing.
#[derive(Debug, Clone, Default)]
pub struct Pattern {
    whole: Option<Regex>,
    /// The entries that have named groups, each by itself.
    groups: Vec<Regex>,
}

impl Pattern {
    /// Whether one of the entries occurs.
    pub fn is_match(&self, text: &str) -> bool {
        self.whole.as_ref().is_some_and(|regex| regex.is_match(text))
    }

    /// The first occurrence.
    pub fn find<'t>(&self, text: &'t str) -> Option<regex::Match<'t>> {
        self.whole.as_ref()?.find(text)
    }

    /// Every occurrence, left to right, none overlapping.
    pub fn find_all<'p, 't: 'p>(&'p self, text: &'t str) -> impl Iterator<Item = regex::Match<'t>> + 'p {
        self.whole.iter().flat_map(move |regex| regex.find_iter(text))
    }

    /// The named groups of the first entry that occurs.
    pub fn captures<'t>(&self, text: &'t str) -> Option<regex::Captures<'t>> {
        self.groups.iter().find_map(|regex| regex.captures(text))
    }

    /// The named groups of every occurrence, entry by entry.
    pub fn captures_all<'p, 't: 'p>(&'p self, text: &'t str) -> impl Iterator<Item = regex::Captures<'t>> + 'p {
        self.groups.iter().flat_map(move |regex| regex.captures_iter(text))
    }

    /// The text with every occurrence replaced by what `by` makes of it.
    pub fn replace_each(&self, text: &str, by: impl Fn(&str) -> String) -> String {
        match &self.whole {
            Some(regex) => regex
                .replace_all(text, |found: &regex::Captures<'_>| {
                    found.get(0).map(|m| by(m.as_str())).unwrap_or_default()
                })
                .into_owned(),
            None => text.to_owned(),
        }
    }

    /// The text with every occurrence replaced.
    pub fn replace(&self, text: &str, by: &str) -> String {
        match &self.whole {
            Some(regex) => regex.replace_all(text, regex::NoExpand(by)).into_owned(),
            None => text.to_owned(),
        }
    }
}
