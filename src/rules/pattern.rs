//! Patterns of a rule file: compiled once, matched in linear time, each with its name and its line.

use std::path::Path;

use regex::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};
use toml::Spanned;

use crate::fault::{Fault, line_of};

/// Memory that the patterns of one list may compile to: a rule file must not be able to exhaust the machine.
const LARGEST: usize = 32 * 1024 * 1024;

/// A list of patterns, of which the first that matches counts.
#[derive(Debug)]
pub struct Patterns {
    set: RegexSet,
    names: Vec<String>,
}

impl Default for Patterns {
    fn default() -> Self {
        Self { set: RegexSet::empty(), names: Vec::new() }
    }
}

impl Patterns {
    /// Whether one matches.
    pub fn matches(&self, text: &str) -> bool {
        self.set.is_match(text)
    }

    /// The place and name of the first that matches.
    pub fn first(&self, text: &str) -> Option<(usize, &str)> {
        let at = self.set.matches(text).iter().next()?;
        Some((at, self.names.get(at).map_or("", String::as_str)))
    }
}

/// Collects the faults of one file while its patterns compile.
pub struct Compiler<'f> {
    file: &'f Path,
    text: &'f str,
    faults: Vec<Fault>,
}

impl<'f> Compiler<'f> {
    pub fn new(file: &'f Path, text: &'f str) -> Self {
        Self { file, text, faults: Vec::new() }
    }

    /// Reads the file's TOML into its shape.
    ///
    /// # Errors
    /// The one fault at which the TOML ends.
    pub fn parse<T: serde::de::DeserializeOwned>(&self) -> Result<T, Vec<Fault>> {
        toml::from_str(self.text).map_err(|error| {
            let line = error.span().map_or(1, |span| line_of(self.text, span.start));
            let fault =
                Fault::new(error.message().to_owned(), "Compare the file with the one that `ringi init` writes.");
            vec![fault.in_file(self.file).at_line(line)]
        })
    }

    /// The 1-based line of a value.
    pub fn line<T>(&self, value: &Spanned<T>) -> usize {
        line_of(self.text, value.span().start)
    }

    /// Notes a fault at a value.
    pub fn fault<T>(&mut self, at: &Spanned<T>, what: String, remedy: &str) {
        self.faults.push(Fault::new(what, remedy).in_file(self.file).at_line(self.line(at)));
    }

    /// Compiles a list. `names` and `patterns` run in step; upper and lower case are alike.
    pub fn patterns(&mut self, rules: &[(String, &Spanned<String>)]) -> Patterns {
        let mut sound = Vec::new();
        for (name, pattern) in rules {
            if self.regex(pattern).is_some() {
                sound.push((name.clone(), pattern.get_ref().clone()));
            }
        }
        let built =
            RegexSetBuilder::new(sound.iter().map(|(_, p)| p)).case_insensitive(true).size_limit(LARGEST).build();
        match (built, rules.first()) {
            (Ok(set), _) => Patterns { set, names: sound.into_iter().map(|(name, _)| name).collect() },
            (Err(error), Some((_, first))) => {
                self.fault(
                    first,
                    format!("the list that begins here does not compile: {error}"),
                    "Make its patterns smaller.",
                );
                Patterns::default()
            }
            (Err(_), None) => Patterns::default(),
        }
    }

    /// Compiles a list whose patterns name themselves.
    pub fn unnamed(&mut self, patterns: &[Spanned<String>]) -> Patterns {
        let rules: Vec<_> = patterns.iter().map(|p| (p.get_ref().clone(), p)).collect();
        self.patterns(&rules)
    }

    /// Compiles one pattern.
    pub fn regex(&mut self, pattern: &Spanned<String>) -> Option<Regex> {
        match RegexBuilder::new(pattern.get_ref()).case_insensitive(true).size_limit(LARGEST).build() {
            Ok(regex) => Some(regex),
            Err(error) => {
                let said = error.to_string();
                let why = said.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
                self.fault(
                    pattern,
                    format!("the pattern {:?} does not compile: {why}", pattern.get_ref()),
                    "Mend it; see https://docs.rs/regex for what may stand in one.",
                );
                None
            }
        }
    }

    /// Compiles a pattern made of words, each taken literally: `before(?:a|b)after`.
    pub fn words(&mut self, before: &str, words: &[Spanned<String>], after: &str) -> Option<Regex> {
        // Longest first: `From` must not hide `From address`.
        let mut escaped: Vec<String> = words.iter().map(|w| regex::escape(w.get_ref())).collect();
        escaped.sort_by_key(|w| std::cmp::Reverse(w.len()));
        let pattern = format!("{before}(?:{}){after}", escaped.join("|"));
        let built = RegexBuilder::new(&pattern).case_insensitive(true).size_limit(LARGEST).build();
        match (built, words.first()) {
            (Ok(regex), Some(_)) => Some(regex),
            (Err(error), Some(first)) => {
                self.fault(
                    first,
                    format!("the words that begin here do not compile: {error}"),
                    "Make the list shorter.",
                );
                None
            }
            (_, None) => None,
        }
    }

    /// The value, unless a fault was found.
    ///
    /// # Errors
    /// Every fault found.
    pub fn finish<T>(self, value: T) -> Result<T, Vec<Fault>> {
        if self.faults.is_empty() { Ok(value) } else { Err(self.faults) }
    }
}
