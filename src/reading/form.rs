//! A form of the desk that came back filled in between the quote marks.

use super::text::{self, Line};
use crate::rules::thread::ThreadRules;

/// Lines that a form may have.
const LONGEST: usize = 60;

/// The form as `label: value` lines, where one came back.
///
/// The quote holds the desk's letter, and a letter may hold values that nobody typed just now. So two things count and
/// nothing else, both only in the mail that is quoted directly: lines below a heading that asks to fill in a form; and
/// text newly typed beneath a quoted label that was left empty. A thread quoted below never counts.
pub fn returned(rules: &ThreadRules, lines: &[Line<'_>], open_ended: usize, quote_below: bool) -> Option<String> {
    let marked = read(rules, lines.get(..open_ended)?, 1);
    if marked.is_some() || !quote_below {
        return marked;
    }
    // A quote without marks: what lies below its own header block and above the next.
    let below = lines.get(open_ended..)?;
    let older = (1..below.len()).find(|at| {
        *at > LONGEST
            || *at > 8 && text::header_block(rules, below, *at)
            || below.get(*at).is_some_and(|l| rules.separators.matches(l.text.trim()))
    });
    read(rules, below.get(..older.unwrap_or(below.len()).min(500))?, 0)
}

/// Reads the form in lines of which those of `depth` are the letter.
fn read(rules: &ThreadRules, lines: &[Line<'_>], depth: usize) -> Option<String> {
    let mut out: Vec<String> = Vec::new();
    let mut inside = false;
    // The empty label that a value may be typed beneath.
    let mut waiting: Option<&str> = None;
    for line in lines.iter() {
        let text = line.text.trim();
        let of_letter = line.depth == depth;
        if line.depth > depth || text.is_empty() {
            continue;
        }
        if of_letter && rules.form.headings.matches(text) {
            inside = true;
            waiting = None;
            continue;
        }
        if of_letter && rules.form.endings.matches(text) {
            inside = false;
            waiting = None;
            continue;
        }
        let found = if of_letter { printed(text) } else { label(rules, text) };
        match found {
            Some((name, "")) => waiting = Some(name),
            Some((name, value)) if inside || !of_letter && !out.is_empty() => {
                // A label typed without marks among the letter's lines, or one below the heading.
                out.push(format!("{name}: {value}"));
                waiting = None;
            }
            Some(_) => waiting = None,
            None if depth > 0 && line.depth < depth || inside => {
                if let Some(name) = waiting.take() {
                    out.push(format!("{name}: {text}"));
                }
            }
            None => waiting = None,
        }
        if out.len() >= LONGEST {
            break;
        }
    }
    (!out.is_empty()).then(|| out.join("\n"))
}

/// A label of the letter itself: "・会社名：", "【契約番号】92000101", or a line behind a bullet, whatever it says. What
/// it means is read later.
fn printed(text: &str) -> Option<(&str, &str)> {
    let bullets = |c: char| "■□●○◆◇・*-*> \u{3000}".contains(c) || c.is_ascii_digit() || ".)）．".contains(c);
    let bare = text.trim_start_matches(bullets);
    let (name, value) = if let Some(rest) = bare.strip_prefix(['【', '［', '[']) {
        let (name, value) = rest.split_once(['】', '］', ']'])?;
        (name, value.trim_start_matches([':', '：']))
    } else if let Some((name, value)) = bare.split_once([':', '：']).filter(|(name, _)| !name.contains(['(', '（'])) {
        (name, value)
    } else if bare.len() < text.len() {
        (bare.split(['(', '（']).next().unwrap_or_default(), "")
    } else {
        return None;
    };
    let name = name.trim();
    (!name.is_empty() && name.chars().count() <= 40 && !name.contains('。')).then_some((name, value.trim()))
}

/// A line's label and value, where it begins with a label that forms have.
fn label<'t>(rules: &ThreadRules, text: &'t str) -> Option<(&'t str, &'t str)> {
    let found = rules.form.label.as_ref()?.find(text)?;
    let name = text.get(..found.end())?.trim_end_matches([':', '：']).trim();
    let name = name.trim_start_matches(|c: char| "■□●○◆◇・*-【[ \u{3000}".contains(c)).trim_end_matches(['】', ']']);
    Some((name.trim(), text.get(found.end()..)?.trim()))
}
