//! Which of several contracts a piece of an answer speaks of: by number, by its last digits, by position.

use std::collections::BTreeMap;

use super::clauses::{Judged, Stance, judge};
use super::{OpenedMail, fold};
use crate::domain::words::ItemVerdict;
use crate::rules::verdicts::{ItemRules, VerdictRules};

/// A piece of a sentence with the contracts it names.
#[derive(Debug, Clone, Default)]
pub(super) struct Piece {
    /// Places in `asked`.
    named: Vec<usize>,
    /// "The others": whatever no other piece names.
    rest: bool,
    /// "Only": what it does not name is refused.
    only: bool,
    /// It points somewhere, and not at one contract for sure.
    unsure: bool,
    /// The words without what points at a contract.
    text: String,
    /// The sentence that it was cut from.
    sentence: String,
    /// What it says of its contracts, where the sentence's build says so rather than its words.
    said: Option<Stance>,
}

impl Piece {
    fn points(&self) -> bool {
        !self.named.is_empty() || self.rest || self.unsure
    }
}

/// Whether the sentence names a number of a contract's length that the letter did not ask about.
pub(super) fn names_another(sentence: &str, asked: &[String]) -> bool {
    !asked.is_empty()
        && digit_runs(sentence).any(|run| {
            (7..=10).contains(&run.len()) && !run.starts_with('0') && !asked.iter().any(|number| number.ends_with(run))
        })
}

fn digit_runs(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_digit()).filter(|run| !run.is_empty())
}

/// Cuts a sentence into pieces, each with its own contracts and at most one verdict of its own.
pub(super) fn pieces(verdicts: &VerdictRules, sentence: &str, asked: &[String]) -> Vec<Piece> {
    if let Some(pieces) = exception(verdicts, sentence, asked) {
        return pieces;
    }
    let rules = &verdicts.items;
    let mut out: Vec<Piece> = Vec::new();
    for atom in atoms(sentence) {
        let piece = point(rules, &atom, sentence, asked);
        match out.last_mut() {
            Some(last) if !piece.points() || !last.points() || joins(last, &piece) => {
                last.named.extend(piece.named);
                last.rest |= piece.rest;
                last.only |= piece.only;
                last.unsure |= piece.unsure;
                last.text.push_str(", ");
                last.text.push_str(&piece.text);
            }
            _ => out.push(piece),
        }
    }
    out
}

/// "All approved except the third": what is excepted is refused, where the rest is a yes. A no with an exception stays open.
fn exception(verdicts: &VerdictRules, sentence: &str, asked: &[String]) -> Option<Vec<Piece>> {
    let rules = &verdicts.items;
    let found = rules.exception.captures(sentence)?;
    let part = |group: &str| found.name(group).map(|m| m.as_str().trim().to_owned()).unwrap_or_default();
    let mut excepted = Piece { sentence: sentence.to_owned(), said: Some(Stance::Deny), ..Piece::default() };
    for atom in atoms(&part("x")) {
        let piece = point(rules, &atom, sentence, asked);
        excepted.named.extend(piece.named);
        excepted.unsure |= piece.unsure || piece.rest;
    }
    if !excepted.points() {
        return None;
    }
    let whole = format!("{} {}", part("head"), part("tail"));
    let all = rules.all.replace(&whole, " ");
    let stance = match judge(verdicts, all.trim()).stance {
        Stance::Approve => Stance::Approve,
        _ => Stance::Unsure,
    };
    if stance != Stance::Approve {
        excepted.said = Some(Stance::Unsure);
    }
    let rest = Piece { sentence: sentence.to_owned(), rest: true, said: Some(stance), ..Piece::default() };
    Some(vec![excepted, rest])
}

/// "1 and 3 are fine": the first piece has words of its own only with the next. "Approve 1 and 3": the other way round.
fn joins(last: &Piece, next: &Piece) -> bool {
    says_nothing(&last.text) || says_nothing(&next.text)
}

fn says_nothing(text: &str) -> bool {
    !text.chars().any(|c| c.is_alphanumeric() || "○◯〇◎×✕✖❌✅👍👎".contains(c))
}

fn atoms(sentence: &str) -> Vec<String> {
    let mut text = sentence.to_owned();
    for joint in [" and ", " but ", " while ", " whereas ", "が、", "、", ", ", "／", " / ", "; "] {
        text = text.replace(joint, "\n");
    }
    text.lines().map(str::trim).filter(|atom| !atom.is_empty()).map(str::to_owned).collect()
}

fn point(rules: &ItemRules, atom: &str, sentence: &str, asked: &[String]) -> Piece {
    let mut piece = Piece { sentence: sentence.to_owned(), ..Piece::default() };
    let mut text = atom.to_owned();
    for run in digit_runs(atom) {
        let matching: Vec<usize> = asked
            .iter()
            .enumerate()
            .filter(|(_, number)| run.len() >= 3 && number.ends_with(run))
            .map(|(place, _)| place)
            .collect();
        match matching.as_slice() {
            [] => {}
            [one] => {
                piece.named.push(*one);
                text = text.replacen(run, " ", 1);
            }
            _ => piece.unsure = true,
        }
    }
    // "1と3", "2": a digit that stands alone is a position.
    let (alone, without) = lone_digits(&text);
    if !alone.is_empty() {
        for digit in alone {
            match digit.checked_sub(1).filter(|place| *place < asked.len()) {
                Some(place) => piece.named.push(place),
                None => piece.unsure = true,
            }
        }
        text = without;
    }
    if rules.several.is_match(&text) {
        piece.unsure = true;
    } else {
        let positions = [&rules.first, &rules.second, &rules.third, &rules.fourth];
        for (place, pattern) in positions.into_iter().enumerate() {
            if pattern.is_match(&text) {
                if place < asked.len() {
                    piece.named.push(place);
                } else {
                    piece.unsure = true;
                }
                text = pattern.replace(&text, " ");
            }
        }
        if rules.last.is_match(&text) {
            piece.named.extend(asked.len().checked_sub(1));
            text = rules.last.replace(&text, " ");
        }
        if rules.rest.is_match(&text) {
            piece.rest = true;
            text = rules.rest.replace(&text, " ");
        }
    }
    if piece.points() && rules.only.is_match(&text) {
        piece.only = true;
        text = rules.only.replace(&text, " ");
    }
    if piece.points() {
        text = rules.between.replace(text.trim(), " ");
    }
    piece.text = text.trim().to_owned();
    piece
}

/// Single digits with nothing beside them that they could count or belong to, and the text without them.
fn lone_digits(text: &str) -> (Vec<usize>, String) {
    let characters: Vec<char> = text.chars().collect();
    let mut out = String::new();
    let mut digits = Vec::new();
    for (at, c) in characters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| characters.get(at));
        let after = characters.get(at + 1);
        let free_before = before.is_none_or(|c| c.is_whitespace() || "と、,・&/及び#".contains(*c));
        let free_after = after.is_none_or(|c| c.is_whitespace() || "と、,・&/:=→及はがもを".contains(*c));
        match c.to_digit(10).filter(|digit| *digit > 0 && free_before && free_after) {
            Some(digit) => {
                digits.push(digit as usize);
                out.push(' ');
            }
            None => out.push(*c),
        }
    }
    // "in 2 weeks" counts; "1 is fine" points.
    let counts = [" week", " day", " month", " year", " hour", " contract", " item", " of "];
    if counts.iter().any(|unit| text.to_lowercase().contains(unit)) {
        return (Vec::new(), text.to_owned());
    }
    (digits, out)
}

/// The verdict of each item, where the answer tells items apart; `None` where it speaks of the whole.
pub(super) fn by_item(
    rules: &VerdictRules,
    mail: &OpenedMail,
    pieces: &[Piece],
    spoken: &[(String, Judged)],
    asked: &[String],
) -> Option<BTreeMap<String, ItemVerdict>> {
    let mut below = below_quotes(mail, asked);
    let mut placed: Vec<(Piece, Stance)> = Vec::new();
    let mut waiting: Option<Piece> = None;
    for piece in pieces {
        let mut piece = piece.clone();
        if !piece.points()
            && let Some(place) = next_below(&mut below, &piece.sentence)
        {
            piece.named.push(place);
            piece.text = rules.items.between.replace(piece.text.trim(), " ");
        }
        if piece.points() && piece.said.is_none() && says_nothing(&piece.text) {
            waiting = Some(piece);
            continue;
        }
        if let Some(above) = waiting.take()
            && !piece.points()
        {
            piece.named = above.named;
            piece.rest = above.rest;
            piece.unsure = above.unsure;
        }
        let stance = piece.said.unwrap_or_else(|| judge(rules, &piece.text).stance);
        placed.push((piece, stance));
    }
    if !placed.iter().any(|(piece, stance)| piece.points() && decides(*stance)) {
        return None;
    }
    Some(gather(rules, &placed, spoken, asked))
}

fn decides(stance: Stance) -> bool {
    match stance {
        Stance::Approve
        | Stance::Deny
        | Stance::SendBack
        | Stance::Condition
        | Stance::Unsure
        | Stance::Against
        | Stance::Question => true,
        Stance::Delegate => true,
        Stance::HarmlessQuestion | Stance::Weak | Stance::Lean | Stance::Neutral | Stance::Empty => false,
    }
}

fn gather(
    rules: &VerdictRules,
    placed: &[(Piece, Stance)],
    spoken: &[(String, Judged)],
    asked: &[String],
) -> BTreeMap<String, ItemVerdict> {
    let mut verdicts: Vec<Option<ItemVerdict>> = vec![None; asked.len()];
    let mut others: Option<ItemVerdict> = None;
    let mut clash = false;
    let mut last: Option<ItemVerdict> = None;
    for (piece, stance) in placed.iter().filter(|(_, stance)| decides(*stance)) {
        let verdict = match stance {
            Stance::Approve => ItemVerdict::Approve,
            Stance::Deny => ItemVerdict::Deny,
            Stance::SendBack => ItemVerdict::SendBack,
            Stance::Question => ItemVerdict::Question,
            _ => ItemVerdict::Unclear,
        };
        if !piece.points() {
            // A verdict that names no contract beside verdicts that do: fine where it repeats the one before it.
            let speaks_of_all = rules.items.all.is_match(&piece.text);
            clash |= last != Some(verdict) || speaks_of_all;
            continue;
        }
        clash |= piece.unsure;
        for place in &piece.named {
            if let Some(slot) = verdicts.get_mut(*place) {
                *slot = match *slot {
                    Some(before) if before != verdict => Some(ItemVerdict::Unclear),
                    _ => Some(verdict),
                };
            }
        }
        if piece.rest {
            others = Some(verdict);
        }
        if piece.only && verdict == ItemVerdict::Approve {
            others = others.or(Some(ItemVerdict::Deny));
        }
        last = Some(verdict);
    }
    clash |= spoken.iter().any(|(sentence, _)| names_another(sentence, asked));
    asked
        .iter()
        .zip(verdicts)
        .map(|(number, verdict)| {
            let verdict = if clash { None } else { verdict.or(others) };
            (number.clone(), verdict.unwrap_or(ItemVerdict::Unclear))
        })
        .collect()
}

/// Lines written directly below a quoted line that names exactly one asked contract, with that contract, in order.
fn below_quotes(mail: &OpenedMail, asked: &[String]) -> Vec<(usize, String)> {
    let mut out = Vec::new();
    let mut current = None;
    for line in mail.full_text.lines() {
        let line = fold::fold(line.trim());
        if line.is_empty() {
            continue;
        }
        if line.starts_with(['>', '|']) {
            let mut named = asked.iter().enumerate().filter(|(_, number)| line.contains(number.as_str()));
            current = match (named.next(), named.next()) {
                (Some((place, _)), None) => Some(place),
                _ => None,
            };
        } else if let Some(place) = current.take() {
            out.push((place, line));
        }
    }
    out.reverse();
    out
}

fn next_below(below: &mut Vec<(usize, String)>, sentence: &str) -> Option<usize> {
    let at = below.iter().rposition(|(_, line)| line.starts_with(sentence) || sentence.starts_with(line.as_str()))?;
    let (place, _) = below.get(at).cloned()?;
    below.truncate(at);
    Some(place)
}
