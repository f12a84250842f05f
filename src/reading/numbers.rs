//! Numbers of contracts, bill-to IDs and products in a text, in its order, without what only looks like one.

use crate::rules::numbers::NumberRules;
use crate::rules::source::Pattern;

/// How many characters a number may stand behind the word that names it.
const FAR: usize = 160;
/// Characters that the name of a number can be long.
const LONGEST_NAME: usize = 80;

/// What a number is, as far as the words around it say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    Contract,
    BillTo,
    Serial,
    /// Nothing beside it says.
    Unnamed,
}

/// A number in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Number {
    pub sort: Sort,
    /// ASCII, no separators.
    pub value: String,
    /// Byte offset in the text.
    at: usize,
}

/// A range that would name more is taken for something else.
const LONGEST_RANGE: u64 = 200;

/// Every number of the text, which is folded. `named` is what a label above or before the text says of its numbers.
pub(super) fn find(rules: &NumberRules, text: &str, named: Option<Sort>) -> Vec<Number> {
    let mut left = text.to_owned();
    for excluded in rules.excluded.find_all(text) {
        blank(&mut left, excluded.start(), excluded.end());
    }
    // What is excluded says nothing of a number either: "expired@…" is an address, and "…@firm.example" no example.
    let said = left.clone();
    let mut replaced: Vec<String> = Vec::new();
    for found in rules.replaced.captures_all(&said) {
        if let Some(number) = found.name("n") {
            replaced.push(number.as_str().to_owned());
            blank(&mut left, number.start(), number.end());
        }
    }
    let mut numbers = Vec::new();
    ranges(rules, text, &mut left, named, &mut numbers);
    grouped(rules, text, &mut left, named, &mut numbers);
    for (at, word) in words(&left) {
        // "№92000101" reads "No92000101" here.
        let glued = rules.glued.find(word).map_or(0, |name| name.end());
        let (at, word) = (at + glued, word.get(glued..).unwrap_or_default());
        let Some(sort) = sort_of(rules, text, at, word, named) else { continue };
        let value = if sort == Sort::Contract { word.replace('-', "") } else { word.to_owned() };
        numbers.push(Number { sort, value: value.to_uppercase(), at });
    }
    let withdrawn = withdrawn(rules, &said);
    let is_withdrawn = |at: usize| withdrawn.iter().any(|clause| clause.contains(&at));
    numbers.retain(|number| !replaced.contains(&number.value) && !is_withdrawn(number.at));
    numbers.sort_by_key(|number| number.at);
    numbers
}

/// Blanks a byte range without moving what follows.
fn blank(text: &mut String, start: usize, end: usize) {
    if text.is_char_boundary(start) && text.is_char_boundary(end) && start <= end {
        text.replace_range(start..end, &" ".repeat(end - start));
    }
}

/// Runs of ASCII letters, digits and hyphens, with their places.
fn words(text: &str) -> Vec<(usize, &str)> {
    let mut out = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain(std::iter::once((text.len(), ' '))) {
        let inside = c.is_ascii_alphanumeric() || c == '-' || c == '_';
        match (start, inside) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                let word = text.get(from..at).unwrap_or_default();
                let trimmed = word.trim_matches(['-', '_']);
                let skipped = word.len() - word.trim_start_matches(['-', '_']).len();
                out.push((from + skipped, trimmed));
                start = None;
            }
            _ => {}
        }
    }
    out
}

/// What a word is, by its shape and by the name that stands nearest before it.
fn sort_of(rules: &NumberRules, text: &str, at: usize, word: &str, named: Option<Sort>) -> Option<Sort> {
    if !word.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    let digits = word.bytes().all(|b| b.is_ascii_digit());
    let name = name_before(rules, text, at)?.or(named);
    if digits {
        return match name {
            Some(Sort::BillTo) if rules.bill_to.is_match(word) => Some(Sort::BillTo),
            Some(Sort::Serial) if word.len() >= 8 => Some(Sort::Serial),
            Some(Sort::Contract) if rules.contract.is_match(word) => Some(Sort::Contract),
            // Shorter ones are dates and counts more often than contracts.
            None if word.len() >= 8 && rules.contract.is_match(word) => Some(Sort::Unnamed),
            _ => None,
        };
    }
    let plain: String = word.chars().filter(|c| *c != '-').collect();
    if name == Some(Sort::Contract) && rules.contract_with_letters.is_match(&plain) {
        return Some(Sort::Contract);
    }
    let serial = word.bytes().any(|b| b.is_ascii_alphabetic()) && rules.serial.is_match(&plain);
    match name {
        Some(Sort::Serial) if serial => Some(Sort::Serial),
        _ => None,
    }
}

/// The end of a text.
fn last_characters(text: &str, count: usize) -> &str {
    let from = text.char_indices().rev().take(count).last().map_or(text.len(), |(at, _)| at);
    text.get(from..).unwrap_or_default()
}

/// The name nearest before a place: `None` where it is a name of something else, `Some(None)` where there is none.
fn name_before(rules: &NumberRules, text: &str, at: usize) -> Option<Option<Sort>> {
    // No more than can count: a text of many numbers would else be searched from its beginning for each.
    let before = last_characters(text.get(..at).unwrap_or_default(), FAR + LONGEST_NAME);
    let last = |pattern: &Pattern| pattern.find_all(before).last().map(|found| (found.start(), found.end()));
    let named = [
        (last(&rules.contract_words), Sort::Contract),
        (last(&rules.bill_to_words), Sort::BillTo),
        (last(&rules.serial_words), Sort::Serial),
    ];
    // A word far above says nothing of a number here.
    let near = |start: usize| before.get(start..).is_some_and(|between| between.chars().count() <= FAR);
    let nearest = named
        .into_iter()
        .filter_map(|(place, sort)| place.map(|(start, end)| (start, end, sort)))
        .filter(|(start, _, _)| near(*start))
        .max_by_key(|(start, _, _)| *start);
    // "請求先ID" holds "ID", which alone names something else.
    if let Some((start, end)) = last(&rules.other_words)
        && nearest.is_none_or(|(own, own_end, _)| own < start && own_end <= start)
    {
        let between = before.get(end..).unwrap_or_default();
        let beside = between.chars().count() <= 14 && !between.contains(['\n', '、', '。', ',', ';']);
        if beside && !between.chars().any(|c| c.is_ascii_digit()) {
            return None;
        }
    }
    Some(nearest.map(|(_, _, sort)| sort))
}

fn ranges(rules: &NumberRules, text: &str, left: &mut String, named: Option<Sort>, out: &mut Vec<Number>) {
    for found in rules.range.captures_all(&left.clone()) {
        let (Some(from), Some(to)) = (found.name("from"), found.name("to")) else { continue };
        let Some(sort) = sort_of(rules, text, from.start(), from.as_str(), named) else { continue };
        let (first, last) = (from.as_str(), to.as_str());
        // "92000101～03": the end is cut to what differs.
        let kept = first.len().saturating_sub(last.len());
        let whole = format!("{}{last}", first.get(..kept).unwrap_or_default());
        let (Ok(start), Ok(end)) = (first.parse::<u64>(), whole.parse::<u64>()) else { continue };
        if last.len() > first.len() || end <= start || end - start > LONGEST_RANGE {
            continue;
        }
        out.extend((start..=end).map(|value| Number { sort, value: value.to_string(), at: from.start() }));
        blank(left, from.start(), to.end());
    }
}

fn grouped(rules: &NumberRules, text: &str, left: &mut String, named: Option<Sort>, out: &mut Vec<Number>) {
    for found in rules.grouped.captures_all(&left.clone()) {
        let Some(group) = found.name("n") else { continue };
        let digits: String = group.as_str().chars().filter(char::is_ascii_digit).collect();
        let sort = sort_of(rules, text, group.start(), &digits, named);
        let whole = digits.len() == 8 && group.as_str().chars().filter(|c| !c.is_ascii_digit()).count() == 1;
        let sort = sort.filter(|sort| *sort != Sort::Serial && (*sort != Sort::Unnamed || whole));
        if let Some(sort) = sort {
            out.push(Number { sort, value: digits, at: group.start() });
            blank(left, group.start(), group.end());
        }
    }
}

/// Byte ranges of the text's clauses. A comma between numbers of a list ends none.
fn clauses(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut out = Vec::new();
    let mut start = 0;
    let mut characters = text.char_indices().peekable();
    while let Some((offset, c)) = characters.next() {
        let next = characters.peek().map_or(' ', |(_, next)| *next);
        let ends = match c {
            '\n' | '。' | ';' | '；' | '!' | '?' => true,
            '.' => next.is_whitespace(),
            ',' | '、' => {
                let after = text.get(offset + c.len_utf8()..).unwrap_or_default();
                !after.trim_start().starts_with(|c: char| c.is_ascii_digit())
            }
            _ => false,
        };
        if ends {
            out.push(start..offset);
            start = offset + c.len_utf8();
        }
    }
    out.push(start..text.len());
    out
}

/// Clauses whose numbers are taken back, ended, or mere examples. A clause without a number of its own ("…, which
/// expired", "こちらは…不要です") speaks of the number before it in the same or the last sentence.
fn withdrawn(rules: &NumberRules, text: &str) -> Vec<std::ops::Range<usize>> {
    let numbered = |words: &str| words.split(|c: char| !c.is_ascii_digit()).any(|run| run.len() >= 7);
    let mut out = Vec::new();
    // The clauses that a demonstrative still points back to.
    let mut pointed: Option<std::ops::Range<usize>> = None;
    let mut last: Option<std::ops::Range<usize>> = None;
    for clause in clauses(text) {
        let Some(words) = text.get(clause.clone()) else { continue };
        let gone = rules.withdrawn.is_match(words);
        if numbered(words) {
            pointed = None;
            if gone {
                out.push(clause.clone());
            }
            last = Some(clause);
            continue;
        }
        if rules.points_back.is_match(words.trim_start()) {
            pointed = last.clone();
        }
        if gone && let Some(before) = pointed.clone() {
            out.push(before);
        }
        let ended = text.get(clause.end..).is_some_and(|after| after.starts_with(['。', '.', '\n', ';', '!', '?']));
        if ended {
            pointed = None;
        }
    }
    out
}
