//! Newly written text against quotes, signatures and disclaimers.

use super::{Forwarded, form, forward, signature, token};
use crate::rules::thread::ThreadRules;

/// Lines that are looked at. A longer text is a log or an attack; what lies beyond counts as quote.
pub const MOST_LINES: usize = 20_000;
/// Lines over which mail programs fold a quote header.
const MOST_FOLDED: usize = 4;
/// Lines within which the labels of a header block stand: long lists of recipients fold.
const BLOCK_LINES: usize = 12;

/// What is known of the mail around the text.
#[derive(Debug, Clone, Copy, Default)]
pub struct Context<'m> {
    /// The writer's display name: a line that repeats it is a signature.
    pub from_name: Option<&'m str>,
    pub subject: &'m str,
    /// How many forwards lie around this text.
    pub depth: usize,
}

/// A text taken apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Thread {
    pub visible: String,
    pub signature: String,
    pub quoted: String,
    pub forwarded: Option<Forwarded>,
    pub returned_form: Option<String>,
}

/// One line without its quote marks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line<'t> {
    /// How many marks stood before it.
    pub depth: usize,
    pub text: &'t str,
}

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    New,
    Quote,
}

/// Where the newly written text ends for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// All below is the quoted mail.
    Quote,
    /// All below is a forwarded mail; its header begins that many lines further down.
    Forward { header: usize },
}

/// Takes a text apart. Total; every line ends up in exactly one of visible text, signature, quote and forward, but for
/// blank lines, which the visible text has none of.
pub fn split(rules: &ThreadRules, text: &str, context: &Context<'_>) -> Thread {
    let lines = lines(rules, text);
    let (kinds, end) = classify(rules, &lines, context);
    let open_ended = end.map_or(lines.len(), |(at, _)| at);

    let mut visible = Vec::new();
    let mut signed = Vec::new();
    let mut hard_only = Vec::new();
    let mut hard_signed = Vec::new();
    let mut quoted = Vec::new();
    let mut at = 0;
    while at < open_ended {
        let kind = kinds.get(at).copied().unwrap_or(Kind::Quote);
        let length = kinds.iter().take(open_ended).skip(at).take_while(|k| **k == kind).count().max(1);
        let block: Vec<&str> = lines.iter().skip(at).take(length).map(|l| l.text).collect();
        match kind {
            Kind::New => {
                let above = visible.iter().any(|l: &&str| !l.trim().is_empty());
                let cut = signature::cut(&rules.signature, &block, context.from_name, signature::Care::Full, above);
                visible.extend(cut.kept);
                signed.extend(cut.signature);
                let care = signature::Care::DelimitersOnly;
                let cut = signature::cut(&rules.signature, &block, context.from_name, care, above);
                hard_only.extend(cut.kept);
                hard_signed.extend(cut.signature);
            }
            Kind::Quote => quoted.extend(block),
        }
        at += length;
    }
    // When reading a signature out of the text leaves nothing, it was the text: "Kei Mori, Haruka" may be all that
    // somebody writes above a quote. Only what a delimiter cuts off stays cut.
    let blank = |lines: &[&str]| lines.iter().all(|l| l.trim().is_empty());
    if blank(&visible) && !signature::only_closing(&rules.signature, &hard_only) {
        (visible, signed) = (hard_only, hard_signed);
    }
    let forwarded = match end {
        Some((at, End::Forward { header })) => {
            Some(forward::read(rules, lines.get(at + header..).unwrap_or_default(), context.depth))
        }
        Some((at, End::Quote)) => {
            quoted.extend(lines.iter().skip(at).map(|l| l.text));
            None
        }
        None => None,
    };
    let returned_form = form::returned(rules, &lines, open_ended, matches!(end, Some((_, End::Quote))));
    Thread {
        visible: joined(&visible, true),
        signature: joined(&signed, false),
        quoted: joined(&quoted, false),
        forwarded,
        returned_form,
    }
}

/// Joins lines; blank ones at both ends go; inner ones and indents where asked.
fn joined(lines: &[&str], drop_blank: bool) -> String {
    let tidy =
        |line: &&'_ str| -> String { if drop_blank { line.trim().to_owned() } else { line.trim_end().to_owned() } };
    let kept: Vec<String> = lines.iter().map(tidy).filter(|l| !drop_blank || !l.is_empty()).collect();
    kept.join("\n").trim_matches('\n').to_owned()
}

/// Takes the quote marks off each line. `|` marks a quote only in a run below a quote header, since tables use it too.
fn lines<'t>(rules: &ThreadRules, text: &'t str) -> Vec<Line<'t>> {
    let mut out: Vec<Line<'t>> = Vec::new();
    let mut bars = false;
    for raw in text.lines().take(MOST_LINES) {
        let mut line = unmarked(raw);
        if line.depth == 0 && line.text.trim_start().starts_with('|') {
            let above = out.iter().rev().find(|l| !l.text.trim().is_empty());
            bars = bars || above.is_some_and(|l| rules.quote_headers.matches(l.text.trim()));
            if bars {
                line = Line { depth: 1, text: line.text.trim_start().trim_start_matches('|').trim_start_matches(' ') };
            }
        } else if !line.text.trim().is_empty() {
            bars = false;
        }
        out.push(line);
    }
    out
}

/// A line without its marks `>` and `＞`. One blank behind each mark belongs to it.
fn unmarked(raw: &str) -> Line<'_> {
    let (mut depth, mut rest) = (0, raw);
    loop {
        let ahead = rest.trim_start_matches([' ', '\t', '\u{3000}']);
        match ahead.strip_prefix(['>', '＞']) {
            // `>>> ` at length is still one line; deeper marks say nothing more.
            Some(after) if depth < 50 => {
                depth += 1;
                rest = after;
            }
            _ => break,
        }
    }
    if depth == 0 {
        return Line { depth, text: raw };
    }
    Line { depth, text: rest.strip_prefix(' ').unwrap_or(rest) }
}

/// Says of each line whether it is newly written, and where something begins that reaches to the text's end.
fn classify(rules: &ThreadRules, lines: &[Line<'_>], context: &Context<'_>) -> (Vec<Kind>, Option<(usize, End)>) {
    let mut kinds = vec![Kind::New; lines.len()];
    let mark = |kinds: &mut Vec<Kind>, from: usize, length: usize| {
        kinds.iter_mut().skip(from).take(length).for_each(|k| *k = Kind::Quote);
    };
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        if line.depth > 0 {
            // Apple Mail's "Begin forwarded message:" may itself be marked when it is all that there is.
            mark(&mut kinds, at, 1);
            at += 1;
            continue;
        }
        if line.text.trim().is_empty() {
            at += 1;
            continue;
        }
        if let Some(end) = ends_here(rules, lines, at, context) {
            return (kinds, Some((at, end)));
        }
        // Our own reference line, in a mail that a button made: nobody wrote it, and its token must not get into a comment.
        let next = lines.get(at + 1).filter(|l| l.depth == 0).map_or("", |l| l.text);
        if let Some(length) = token::reference_line(line.text, next) {
            mark(&mut kinds, at, length);
            at += length;
            continue;
        }
        if let Some((length, needs_marks)) = quote_header(rules, lines, at) {
            let below = lines.iter().skip(at + length).find(|l| !l.text.trim().is_empty());
            match below {
                Some(below) if below.depth > 0 => {
                    mark(&mut kinds, at, length);
                    at += length;
                    continue;
                }
                // The header alone, or a quote without marks (some telephones): it reaches to the end.
                _ if !needs_marks => return (kinds, Some((at, End::Quote))),
                _ => {}
            }
        }
        at += 1;
    }
    (kinds, None)
}

/// Whether the line at `at` begins something that reaches to the text's end.
fn ends_here(rules: &ThreadRules, lines: &[Line<'_>], at: usize, context: &Context<'_>) -> Option<End> {
    let text = lines.get(at)?.text.trim();
    if rules.forwards.matches(text) {
        return Some(End::Forward { header: 1 });
    }
    let below = || lines.iter().enumerate().skip(at + 1).find(|(_, l)| !l.text.trim().is_empty()).map(|(i, _)| i);
    let header = if header_block(rules, lines, at) {
        0
    } else if rules.separators.matches(text) {
        1
    } else if signature::is_ruler(text) && below().is_some_and(|i| header_block(rules, lines, i)) {
        below()? - at
    } else {
        return None;
    };
    // Outlook forwards and quotes with the same block: the subject tells which it is.
    if rules.forward_subjects.matches(context.subject) {
        return Some(End::Forward { header });
    }
    Some(End::Quote)
}

/// Whether a header block begins here: a writer, and two others of date, recipient and subject, on neighbouring lines.
pub fn header_block(rules: &ThreadRules, lines: &[Line<'_>], at: usize) -> bool {
    let labels = &rules.header;
    let is = |regex: &Option<regex::Regex>, text: &str| regex.as_ref().is_some_and(|r| r.is_match(text));
    let first = lines.get(at).map_or("", |l| l.text.trim());
    let depth = lines.get(at).map_or(0, |l| l.depth);
    let any =
        |text: &str| [&labels.from, &labels.date, &labels.to, &labels.subject].iter().position(|regex| is(regex, text));
    if any(first).is_none() {
        return false;
    }
    let mut seen = [false; 4];
    let (mut blanks, mut foreign) = (0, 0);
    for line in lines.iter().skip(at).take(BLOCK_LINES) {
        let text = line.text.trim();
        if line.depth != depth || foreign > 2 || blanks > 3 {
            break;
        }
        if text.is_empty() {
            // Some programs put a blank line between the fields, none puts two.
            blanks += 1;
            continue;
        }
        match any(text).and_then(|which| seen.get_mut(which)) {
            Some(seen) => {
                *seen = true;
                foreign = 0;
            }
            None => foreign += 1,
        }
    }
    let [from, date, to, subject] = seen;
    from && [date, to, subject].iter().filter(|s| **s).count() >= 2
}

/// The quote header that begins at `at`: over how many lines, and whether it counts only above marks.
fn quote_header(rules: &ThreadRules, lines: &[Line<'_>], at: usize) -> Option<(usize, bool)> {
    let mut text = String::new();
    for length in 1..=MOST_FOLDED {
        let line = lines.get(at + length - 1).filter(|l| l.depth == 0 && !l.text.trim().is_empty())?;
        if length > 1 {
            text.push(' ');
        }
        text.push_str(line.text.trim());
        if text.len() > 600 {
            return None;
        }
        if length == 1 {
            if let Some((which, _)) = rules.quote_headers.first(&text) {
                return Some((1, rules.quote_header_needs_marks.get(which).copied().unwrap_or(false)));
            }
        } else if rules.folded_quote_headers.matches(&text) {
            return Some((length, false));
        }
    }
    None
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
