//! Labels and their values: on one line, on two, in tables, in blocks, and in sentences such as "the approver is …".

use super::fold::{self, Folded};
use crate::rules::fields::FieldRules;
use crate::rules::source::Pattern;

/// Whose a labelled value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    Requester,
    Approver,
    /// Whoever wrote the text in which the label stands.
    Writer,
    /// The label does not say; the ones before it do.
    Unsaid,
}

/// What of a person a labelled value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attribute {
    Email,
    Name,
    Company,
    /// Any of them, in any order.
    Whole,
}

/// What a label means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    Contracts,
    BillToIds,
    Serials,
    Reason,
    Ignored,
    Person(Owner, Attribute),
}

/// A label with its value.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub meaning: Meaning,
    /// As written, for the evidence.
    pub label: String,
    /// As written, without the label; lines joined by `\n`.
    pub value: String,
}

/// Labelled values, and the lines that have no label.
#[derive(Debug, Default)]
pub(super) struct Labelled {
    pub entries: Vec<Entry>,
    pub prose: Vec<String>,
}

/// Words of a label that no rule knows, at most: with a mark such as a colon, and without one.
const UNKNOWN_WITH_MARK: usize = 6;
const UNKNOWN_WITHOUT_MARK: usize = 1;
/// Longer texts before a mark are sentences.
const LONGEST_LABEL: usize = 60;

/// Reads a label, and how many of its characters no rule knows. `None` where nothing in it means anything.
pub(super) fn meaning(rules: &FieldRules, label: &str) -> Option<(Meaning, usize)> {
    let mut left = without_brackets(label).replace('_', " ");
    let text = left.trim().to_owned();
    if text.is_empty() {
        return None;
    }
    if take(&rules.things.reason, &mut left) {
        return Some((Meaning::Reason, unknown(rules, left)));
    }
    if take(&rules.ignored, &mut left) {
        return Some((Meaning::Ignored, unknown(rules, left)));
    }
    let approver = take(&rules.roles.approver, &mut left);
    let company = take(&rules.attributes.company, &mut left);
    let email = take(&rules.attributes.email, &mut left);
    let name = take(&rules.attributes.name, &mut left);
    // "アカウント" says both whose and what, so roles look at the whole label again.
    let requester = rules.roles.requester.is_match(&text);
    let writer = rules.roles.writer.is_match(&text);
    let same = rules.roles.same.is_match(&text);
    for pattern in [&rules.roles.requester, &rules.roles.writer, &rules.roles.same] {
        take(pattern, &mut left);
    }
    let owner = match () {
        () if approver => Owner::Approver,
        () if same => Owner::Unsaid,
        () if requester => Owner::Requester,
        () if writer => Owner::Writer,
        () => Owner::Unsaid,
    };
    // "メール・会社名" asks for both; in "契約先会社ご担当者のメール" only the last word says what the value is.
    let listed = text.contains(['・', '/', '、', ',', '&']) || text.contains(" and ") || text.contains("および");
    let attribute = match (email, name, company) {
        (false, false, false) => None,
        _ if listed && [email, name, company].into_iter().filter(|said| *said).count() > 1 => Some(Attribute::Whole),
        (true, _, _) => Some(Attribute::Email),
        (false, true, _) => Some(Attribute::Name),
        (false, false, true) => Some(Attribute::Company),
    };
    let things = [
        (&rules.things.bill_to_ids, Meaning::BillToIds),
        (&rules.things.serial_numbers, Meaning::Serials),
        (&rules.things.contract_numbers, Meaning::Contracts),
    ];
    let thing = things.into_iter().find(|(pattern, _)| pattern.is_match(&text));
    for pattern in [&rules.things.bill_to_ids, &rules.things.serial_numbers, &rules.things.contract_numbers] {
        take(pattern, &mut left);
    }
    let meaning = match (thing, attribute, owner) {
        // "請求先ID" holds "ID", which alone is an account's.
        (Some((_, meaning @ (Meaning::BillToIds | Meaning::Serials))), _, Owner::Unsaid) => meaning,
        (Some((_, meaning)), None, Owner::Unsaid | Owner::Requester) => meaning,
        (_, Some(attribute), owner) => Meaning::Person(owner, attribute),
        (_, None, Owner::Unsaid) => return None,
        (_, None, owner) => Meaning::Person(owner, Attribute::Whole),
    };
    Some((meaning, unknown(rules, left)))
}

fn take(pattern: &Pattern, text: &mut String) -> bool {
    let found = pattern.is_match(text);
    if found {
        *text = pattern.replace(text, " ");
    }
    found
}

fn unknown(rules: &FieldRules, left: String) -> usize {
    rules.filler.replace(&left, "").chars().filter(|c| c.is_alphanumeric()).count()
}

/// Text without what stands in round brackets: "理由（例：…）".
fn without_brackets(text: &str) -> String {
    let mut depth = 0usize;
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '(' | '（' => depth += 1,
            ')' | '）' => depth = depth.saturating_sub(1),
            _ if depth == 0 => out.push(c),
            _ => {}
        }
    }
    if out.trim().is_empty() { text.replace(['(', ')', '（', '）'], "") } else { out }
}

/// A line that begins with a label.
struct Head {
    meaning: Meaning,
    label: String,
    value: String,
    /// A colon or the like stands between them.
    marked: bool,
}

/// Tries a line for a label at its beginning.
fn head(rules: &FieldRules, line: &Folded) -> Option<Head> {
    let text = line.text.as_str();
    let start = rules.bullets.find(text).map(|found| found.end()).unwrap_or(0);
    let body = text.get(start..)?;
    let mut candidates = Vec::new();
    for found in rules.separators.find_all(body).take(4) {
        let mark = found.as_str().trim();
        candidates.push((found.start(), found.end(), !mark.is_empty()));
    }
    candidates.push((body.len(), body.len(), false));
    let mut bracketed = None;
    for (end, value, marked) in candidates {
        let label = body.get(..end).unwrap_or_default();
        let fit = label.chars().count() <= LONGEST_LABEL
            && !label.contains(['@', '。', '?', '？'])
            && !has_long_number(label);
        if !fit {
            break;
        }
        let Some((meaning, unknown)) = meaning(rules, label) else { continue };
        let limit = if marked { UNKNOWN_WITH_MARK } else { UNKNOWN_WITHOUT_MARK };
        let open = label.matches(['(', '（']).count() > label.matches([')', '）']).count();
        if unknown > limit || open {
            continue;
        }
        bracketed = Some(Head {
            meaning,
            label: fold::one_line(line.written(start, start + end)),
            value: line.written(start + value, text.len()).trim().to_owned(),
            marked,
        });
        break;
    }
    bracketed
}

fn has_long_number(label: &str) -> bool {
    label.split(|c: char| !c.is_ascii_digit()).any(|run| run.len() >= 4)
}

/// Finds labels and their values in lines of a text.
pub(super) fn labelled(rules: &FieldRules, text: &str) -> Labelled {
    // An ideographic blank parts a label from its value; an ordinary one does not.
    let lines: Vec<Folded> =
        text.lines().map(|line| Folded::new(&line.replace('\u{3000}', "\u{3000}\u{3000}"))).collect();
    let heads: Vec<Option<Head>> = lines.iter().map(|line| head(rules, line)).collect();
    let mut out = Labelled::default();
    let mut owner = Owner::Requester;
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let Some(head) = heads.get(at).and_then(Option::as_ref) else {
            if !is_question(&line.text) {
                out.prose.push(line.raw.clone());
            }
            at += 1;
            continue;
        };
        at += 1;
        let mut value = head.value.clone();
        let mut taken = 0;
        if value.is_empty() {
            // The value stands below, perhaps after one blank line; a label there makes this one a heading.
            let blank = usize::from(lines.get(at).is_some_and(|next| next.text.trim().is_empty()));
            let mut below = Vec::new();
            while let Some(next) = lines.get(at + blank + below.len()) {
                let labelled = heads.get(at + blank + below.len()).is_some_and(Option::is_some);
                let ended = below.last().is_some_and(|line: &String| ends_a_statement(line));
                let heading = rules.headings.is_match(next.text.trim());
                if next.text.trim().is_empty() || labelled || heading || ended || below.len() >= 8 {
                    break;
                }
                below.push(next.raw.trim().to_owned());
            }
            if !below.is_empty() && (head.marked || below.len() <= 4) {
                taken = blank + below.len();
                value = below.join("\n");
            }
        } else {
            while let Some(next) = lines.get(at + taken) {
                let labelled = heads.get(at + taken).is_some_and(Option::is_some);
                let indented = next.raw.starts_with([' ', '\u{3000}', '\t']) && !next.text.trim().is_empty();
                let heading = rules.headings.is_match(next.text.trim());
                if labelled || heading || !(indented || is_bare_value(&next.text)) {
                    break;
                }
                value.push('\n');
                value.push_str(next.raw.trim());
                taken += 1;
            }
        }
        if let Meaning::Person(said @ (Owner::Requester | Owner::Approver), _) = head.meaning {
            owner = said;
        }
        let meaning = match head.meaning {
            Meaning::Person(Owner::Unsaid, attribute) => Meaning::Person(owner, attribute),
            meaning => meaning,
        };
        at += taken;
        out.entries.push(Entry { meaning, label: head.label.clone(), value });
    }
    out
}

/// A line that ends as sentences and reasons do: what stands below is no part of the value.
fn ends_a_statement(line: &str) -> bool {
    let line = line.trim();
    ["。", "ため", "ので", "から", "ます", "です"].iter().any(|end| line.ends_with(end))
        || line.ends_with('.') && line.split_whitespace().count() >= 5
}

/// A line that is nothing but numbers or an address continues the value above it.
fn is_bare_value(text: &str) -> bool {
    let text = text.trim().trim_start_matches(['・', '-', '*', '●']).trim();
    let numbers = !text.is_empty() && text.chars().all(|c| c.is_ascii_digit() || " ,、;~〜-".contains(c));
    let address = text.contains('@') && text.split_whitespace().count() == 1;
    numbers || address
}

/// A printed question of a form: "Q1. …？".
fn is_question(text: &str) -> bool {
    let text = text.trim();
    let numbered = text.strip_prefix(['Q', 'q']).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    numbered && text.ends_with(['?', '？'])
}

/// Labels inside sentences: "承認者は私です", "the approver is …". Gives the entry for each clause that is one.
pub(super) fn in_sentence(rules: &FieldRules, sentence: &str) -> Vec<Entry> {
    let mut out: Vec<Entry> = Vec::new();
    let parts: Vec<&str> = sentence.split('、').flat_map(|part| part.split(", and ")).collect();
    for (place, part) in parts.iter().enumerate() {
        let Some((label, value)) = subject(part) else { continue };
        let Some((meaning, unknown)) = meaning(rules, label) else { continue };
        if unknown > UNKNOWN_WITHOUT_MARK
            || meaning == Meaning::Ignored
            || has_long_number(label)
            || label.contains('@')
        {
            continue;
        }
        let mut value = value.trim().to_owned();
        if value.is_empty() || meaning == Meaning::Reason {
            for next in parts.iter().skip(place + 1) {
                if !value.is_empty() {
                    value.push('、');
                }
                value.push_str(next);
            }
        }
        let meaning = match meaning {
            Meaning::Person(Owner::Unsaid, attribute) => Meaning::Person(Owner::Requester, attribute),
            meaning => meaning,
        };
        let value = without_ending(&value);
        if !value.is_empty() {
            out.push(Entry { meaning, label: label.trim().to_owned(), value });
        }
    }
    out
}

/// Subject and predicate of a short statement.
fn subject(part: &str) -> Option<(&str, &str)> {
    let japanese = part.find(['は', 'が']).map(|at| (at, 'は'.len_utf8()));
    let english = [" is ", " are ", " will be ", " would be "]
        .iter()
        .filter_map(|verb| part.find(verb).map(|at| (at, verb.len())))
        .min();
    let (at, length) = japanese.or(english)?;
    let (label, value) = (part.get(..at)?, part.get(at + length..)?);
    (label.chars().count() <= 30).then_some((label, value))
}

/// A Japanese predicate without its copula.
fn without_ending(value: &str) -> String {
    let mut value = value.trim().trim_end_matches(['。', '.', '!', '！']).trim();
    for ending in [
        "になりますが",
        "となりますが",
        "になります",
        "となります",
        "でございます",
        "でお願いいたします",
        "でお願いします",
        "です",
        "である",
        "だ",
    ] {
        if let Some(rest) = value.strip_suffix(ending) {
            value = rest.trim();
            break;
        }
    }
    value.to_owned()
}
