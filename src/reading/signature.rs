//! Where newly written text turns into signature, device line or disclaimer.

use crate::rules::thread::SignatureRules;

/// How much is taken for a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Care {
    /// Everything that looks like one.
    Full,
    /// Only what a delimiter or a device line shows.
    DelimitersOnly,
}

/// A block of newly written lines, cut.
#[derive(Debug, Default)]
pub struct Cut<'t> {
    pub kept: Vec<&'t str>,
    pub signature: Vec<&'t str>,
}

/// Lines that a signature may have, blank ones not counted.
const LONGEST: usize = 15;
/// Lines at a block's end in which something that only looks like a signature is sought: a card, a closing and a long
/// disclaimer fit in, and a text of a hundred thousand lines costs no more than a letter.
const WINDOW: usize = 120;
/// Rounds of cutting: a disclaimer below a card below a closing are three.
const MOST_ROUNDS: usize = 6;
/// Lines that may stand below a closing.
const LONGEST_CLOSING: usize = 10;

/// Cuts a block. The rules are tried in rounds until none of them finds anything more.
///
/// `text_above` says that newly written text stands above the block, beyond a quote: the block may be all signature then.
pub fn cut<'t>(
    rules: &SignatureRules,
    block: &[&'t str],
    from_name: Option<&str>,
    care: Care,
    text_above: bool,
) -> Cut<'t> {
    let (mut kept, mut signature) = without_banners(rules, block);
    for _ in 0..MOST_ROUNDS {
        let candidates = [
            delimiter(rules, &kept),
            device(rules, &kept),
            if care == Care::Full { soft(rules, &kept, from_name, text_above) } else { None },
        ];
        let Some(at) = candidates.into_iter().flatten().min() else { break };
        let mut tail = kept.split_off(at);
        tail.append(&mut signature);
        signature = tail;
        if kept.is_empty() {
            break;
        }
    }
    Cut { kept, signature }
}

/// Whether a block is a closing with a name, and no text at all.
pub fn only_closing(rules: &SignatureRules, block: &[&str]) -> bool {
    let mut filled = block.iter().map(|l| l.trim()).filter(|l| !l.is_empty());
    filled.next().is_some_and(|first| rules.closings.matches(first)) && filled.all(|l| !is_sentence(l))
}

/// Takes out the paragraphs that a mail system put in.
fn without_banners<'t>(rules: &SignatureRules, block: &[&'t str]) -> (Vec<&'t str>, Vec<&'t str>) {
    let (mut kept, mut taken) = (Vec::new(), Vec::new());
    let mut in_banner = false;
    for line in block {
        if line.trim().is_empty() {
            in_banner = false;
        } else if rules.banners.matches(line.trim()) {
            in_banner = true;
        }
        if in_banner { taken.push(*line) } else { kept.push(*line) }
    }
    (kept, taken)
}

fn delimiter(rules: &SignatureRules, lines: &[&str]) -> Option<usize> {
    lines.iter().position(|l| rules.delimiters.matches(l.trim_start()))
}

/// A device line ends the text if little follows it.
fn device(rules: &SignatureRules, lines: &[&str]) -> Option<usize> {
    let at = lines.iter().position(|l| rules.devices.matches(l.trim()))?;
    (filled(lines, at + 1) <= 6).then_some(at)
}

/// What only looks like a signature: it must have text above it.
fn soft(rules: &SignatureRules, lines: &[&str], from_name: Option<&str>, text_above: bool) -> Option<usize> {
    let first = lines.iter().position(|l| !l.trim().is_empty())?;
    let (lines, offset) = (lines.get(lines.len().saturating_sub(WINDOW)..)?, lines.len().saturating_sub(WINDOW));
    let start = (first + usize::from(!text_above)).saturating_sub(offset);
    let found = (start..lines.len()).find(|at| {
        let Some(line) = lines.get(*at).map(|l| l.trim()).filter(|l| !l.is_empty()) else { return false };
        let paragraph =
            at.checked_sub(1).and_then(|above| lines.get(above)).is_none_or(|above| above.trim().is_empty());
        rules.disclaimers.matches(line) && (paragraph || above_is_ruler(lines, *at))
            || is_ruler(line) && ruled(rules, lines, *at, from_name)
            || rules.closings.matches(line) && filled(lines, at + 1) <= LONGEST_CLOSING && quiet(rules, lines, at + 1)
            || rules.weak_closings.matches(line) && named_below(rules, lines, *at)
            || is_name(line, from_name) && filled(lines, at + 1) <= LONGEST_CLOSING && quiet(rules, lines, at + 1)
            || paragraph && card(rules, lines, *at, from_name)
    });
    found.map(|at| at + offset)
}

fn above_is_ruler(lines: &[&str], at: usize) -> bool {
    lines.iter().take(at).rev().find(|l| !l.trim().is_empty()).is_some_and(|l| is_ruler(l.trim()))
}

/// A ruler begins a signature if what follows reads like a card: short, without a form's labels, with something that
/// stands on cards, or with a second ruler below.
fn ruled(rules: &SignatureRules, lines: &[&str], at: usize, from_name: Option<&str>) -> bool {
    let tail: Vec<&str> = lines.iter().skip(at + 1).map(|l| l.trim()).filter(|l| !l.is_empty()).collect();
    let closing = tail.iter().position(|l| is_ruler(l));
    let card: Vec<&str> = tail.iter().take(closing.unwrap_or(tail.len())).copied().collect();
    let below = closing.map_or(0, |c| tail.len() - c - 1);
    if card.is_empty() || card.len() > LONGEST || below > LONGEST || card.iter().any(|l| rules.contents.matches(l)) {
        return false;
    }
    // Text that goes on below the second ruler: the rulers frame something within the letter.
    let goes_on =
        tail.iter().skip(closing.unwrap_or(tail.len()) + 1).any(|l| is_sentence(l) && !rules.disclaimers.matches(l));
    let disclaimed = tail.iter().any(|l| rules.disclaimers.matches(l));
    let shows = card.iter().any(|l| on_a_card(rules, l) || is_name(l, from_name));
    let sentences = card.iter().filter(|l| is_sentence(l) && !rules.contacts.matches(l)).count();
    (!goes_on || disclaimed) && sentences == 0 && (shows || closing.is_some())
}

/// A paragraph at the end that is a business card without rulers.
fn card(rules: &SignatureRules, lines: &[&str], at: usize, from_name: Option<&str>) -> bool {
    let tail: Vec<&str> = lines.iter().skip(at).map(|l| l.trim()).filter(|l| !l.is_empty()).collect();
    if tail.len() < 2 || tail.len() > LONGEST || tail.iter().any(|l| rules.contents.matches(l)) {
        return false;
    }
    if tail.iter().any(|l| is_sentence(l)) {
        return false;
    }
    let shown = tail.iter().filter(|l| on_a_card(rules, l)).count();
    let named = tail.iter().any(|l| is_name(l, from_name));
    let company_first = tail.first().is_some_and(|l| rules.companies.matches(l));
    let short = tail.iter().all(|l| l.chars().count() <= 80);
    short && (company_first && (named || shown >= 2) || named && shown >= 1 || shown >= 2 && shown * 2 > tail.len())
}

/// A weak closing has a name below it: one or two short lines, then at most a card.
fn named_below(rules: &SignatureRules, lines: &[&str], at: usize) -> bool {
    let tail: Vec<&str> = lines.iter().skip(at + 1).map(|l| l.trim()).filter(|l| !l.is_empty()).collect();
    let Some(first) = tail.first() else { return false };
    let words = first.split_whitespace().count();
    tail.len() <= LONGEST_CLOSING && words <= 4 && first.chars().count() <= 40 && quiet(rules, lines, at + 1)
}

/// Whether nothing from `from` on reads like text.
fn quiet(rules: &SignatureRules, lines: &[&str], from: usize) -> bool {
    let tail = lines.iter().skip(from).map(|l| l.trim()).filter(|l| !l.is_empty());
    tail.clone().take_while(|l| !rules.disclaimers.matches(l)).all(|l| {
        (!is_sentence(l) || on_a_card(rules, l) && l.chars().count() <= 60)
            && !rules.contents.matches(l)
            && l.chars().count() <= 120
    })
}

fn on_a_card(rules: &SignatureRules, line: &str) -> bool {
    rules.contacts.matches(line) || rules.companies.matches(line)
}

fn filled(lines: &[&str], from: usize) -> usize {
    lines.iter().skip(from).filter(|l| !l.trim().is_empty()).count()
}

/// Whether a line consists of nothing but (part of) the writer's name.
fn is_name(line: &str, from_name: Option<&str>) -> bool {
    let Some(name) = from_name else { return false };
    let fold = |text: &str| -> Vec<String> {
        text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_lowercase).collect()
    };
    let (line_words, name_words) = (fold(line), fold(name));
    if line_words.is_empty() || line.chars().count() > 60 || line.ends_with(['。', '？', '?', '！']) {
        return false;
    }
    let joined: String = name_words.concat();
    let whole: String = line_words.concat();
    // Two letters could be anything: "ok" by a Mr. Okada.
    let long_enough = if whole.is_ascii() { whole.len() >= 3 } else { whole.chars().count() >= 2 };
    long_enough
        && (line_words.iter().all(|w| name_words.contains(w))
            || joined == whole
            || !whole.is_ascii() && joined.starts_with(&whole))
}

/// Whether a line reads like a sentence: it ends like one, and is more than a name.
fn is_sentence(line: &str) -> bool {
    let line = line.trim();
    if line.contains('。') || line.ends_with(['？', '！']) {
        return true;
    }
    let words = line.split_whitespace().count();
    line.ends_with(['.', '?', '!']) && words >= 5 || words >= 12
}

/// Line art: `-----`, `/_/_/_/`, `☆━━━☆`, and letters only as ornament among them.
pub fn is_ruler(line: &str) -> bool {
    let (mut art, mut other) = (0usize, 0usize);
    for c in line.chars().filter(|c| !c.is_whitespace()) {
        match c {
            '!'..='/' | ':'..='@' | '['..='`' | '{'..='~' => art += 1,
            '\u{2010}'..='\u{2BFF}' | '\u{3001}'..='\u{3004}' | '\u{3007}'..='\u{301F}' | '\u{30FB}' | '\u{30FC}' => {
                art += 1
            }
            '\u{FF01}'..='\u{FF0F}' | '\u{FF1A}'..='\u{FF20}' | '\u{FF3B}'..='\u{FF40}' | '\u{FF5B}'..='\u{FF65}' => {
                art += 1
            }
            '\u{B4}' | '\u{B0}' | '\u{D7}' => art += 1,
            _ => other += 1,
        }
    }
    art >= 4 && art >= other * 4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_art_is_a_ruler_and_text_is_none() {
        for line in [
            "----",
            "━…━…━…━",
            "/_/_/_/_/",
            "♪∴‥∵‥∴♪",
            "☆━━━━☆",
            "+------+",
            "########",
            "■□■□■□",
            "*:..o☆o..:*",
            "◆◇――――◇◆",
        ] {
            assert!(is_ruler(line), "{line}");
        }
        for line in ["", "ok", "---", "👍👍👍👍👍", "-- ok --", "①○", "…", "承認ーーー", "- approve -"]
        {
            assert!(!is_ruler(line), "{line}");
        }
    }

    #[test]
    fn a_line_of_the_writers_name_is_one() {
        assert!(is_name("Karen", Some("Anderson, Karen J")));
        assert!(is_name("楠木　雅彦", Some("楠木 雅彦")));
        assert!(is_name("川端", Some("川端悟")));
        assert!(!is_name("OK", Some("O. K. Okada")));
        assert!(!is_name("Karen approves", Some("Karen Anderson")));
        assert!(!is_name("Karen", None));
    }
}
