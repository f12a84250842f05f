//! What an answer to an approval letter says (rules R1 and R2): a wrong decision is the worst fault there is.
//!
//! Each sentence is judged by itself (`clauses`); here they are put together, and any two that do not agree make
//! the whole unclear.

use std::collections::BTreeMap;

use super::clauses::{Judged, Stance, judge, sentences};
use super::items::{self, Piece};
use super::{AnswerReading, Evidence, OpenedMail, fold, people};
use crate::domain::address::EmailAddress;
use crate::domain::words::{ItemVerdict, Verdict};
use crate::rules::Rules;

/// Reads the newly written text as an answer about `asked`, the contracts that the letter named, in its order.
///
/// Where the mail holds the text twice and the two decide differently, nobody knows which of them its writer saw.
pub fn read(rules: &Rules, mail: &OpenedMail, asked: &[String]) -> AnswerReading {
    let mut reading = of_visible(rules, mail, asked);
    let decides = |reading: &AnswerReading| match reading.verdict {
        Verdict::Approve | Verdict::Deny | Verdict::SendBack | Verdict::Mixed | Verdict::Delegate => true,
        Verdict::Question | Verdict::Unclear => false,
    };
    for text in &mail.other_visible_texts {
        if !decides(&reading) {
            break;
        }
        let other = OpenedMail { visible_text: text.clone(), ..mail.clone() };
        let other = of_visible(rules, &other, asked);
        if decides(&other) && (other.verdict, &other.items) != (reading.verdict, &reading.items) {
            reading.verdict = Verdict::Unclear;
            reading.items.clear();
            reading.delegate_to = None;
            reading.evidence.extend(other.evidence);
        }
    }
    reading
}

fn of_visible(rules: &Rules, mail: &OpenedMail, asked: &[String]) -> AnswerReading {
    let verdicts = &rules.meaning.verdicts;
    let own = mail.from.as_ref().map(|from| from.address.as_str()).unwrap_or_default();
    let mut spoken: Vec<(String, Judged)> = Vec::new();
    let mut pieces: Vec<Piece> = Vec::new();
    for sentence in sentences(&mail.visible_text) {
        if introduces_the_writer(rules, &sentence) {
            continue;
        }
        let mut whole = judge(verdicts, &sentence);
        if items::names_another(&sentence, asked) && matches!(whole.stance, Stance::Approve | Stance::Deny) {
            // A number that nobody asked about: perhaps a slip of the pen, perhaps another matter.
            whole.stance = Stance::Unsure;
            whole.rule = "verdicts.another_number";
        }
        pieces.extend(items::pieces(verdicts, &sentence, asked));
        spoken.push((sentence, whole));
    }
    if spoken.iter().all(|(_, judged)| judged.stance == Stance::Empty)
        && let Some(own) = subject_verdict(rules, &mail.subject)
    {
        spoken.push(own);
    }
    let mut evidence: Vec<Evidence> = spoken
        .iter()
        .filter(|(_, judged)| !matches!(judged.stance, Stance::Neutral | Stance::Empty))
        .map(|(_, judged)| Evidence {
            field: "verdict".to_owned(),
            rule: judged.rule.to_owned(),
            text: judged.words.clone(),
        })
        .collect();

    let by_item = (asked.len() > 1).then(|| items::by_item(verdicts, mail, &pieces, &spoken, asked)).flatten();
    let (verdict, items) = match by_item {
        Some(by_item) => settled(by_item),
        None => (combined(&spoken), BTreeMap::new()),
    };
    let delegate_to = match verdict {
        Verdict::Delegate => {
            let address = delegate(rules, mail, own);
            if let Some(address) = &address {
                evidence.push(Evidence {
                    field: "delegate_to".to_owned(),
                    rule: "verdicts.delegate".to_owned(),
                    text: address.clone(),
                });
            }
            address
        }
        _ => None,
    };
    let speaks_of_deciding = spoken.iter().any(|(_, judged)| {
        matches!(
            judged.stance,
            Stance::Approve | Stance::Deny | Stance::SendBack | Stance::Delegate | Stance::Condition
        )
    });
    AnswerReading { verdict, items, delegate_to, comment: comment(&spoken, verdict), speaks_of_deciding, evidence }
}

/// A verdict written into the subject above an empty mail: "承認します Re: [RG-…] …". Only a part that is a whole verdict
/// counts, since the rest of the subject is the letter's own.
fn subject_verdict(rules: &Rules, subject: &str) -> Option<(String, Judged)> {
    let folded = fold::fold(subject);
    let parts = rules.meaning.verdicts.subject_marks.replace(&folded, "\n");
    let mut found: Vec<(String, Judged)> = parts
        .lines()
        .map(|part| part.trim().to_owned())
        .filter(|part| !part.is_empty())
        .map(|part| {
            let judged = judge(&rules.meaning.verdicts, &part);
            (part, judged)
        })
        .filter(|(part, judged)| {
            let whole = part.chars().count() <= judged.words.chars().count() + 6;
            whole && matches!(judged.stance, Stance::Approve | Stance::Deny)
        })
        .collect();
    let only = found.pop()?;
    found.is_empty().then_some(only)
}

/// One verdict over all sentences, where all that say something say the same.
fn combined(spoken: &[(String, Judged)]) -> Verdict {
    let has = |stance: Stance| spoken.iter().any(|(_, judged)| judged.stance == stance);
    // "…の件でございますが、" before a yes leads up to it; a "but" after it takes from it.
    let decided_at = spoken.iter().position(|(_, judged)| judged.stance == Stance::Approve).unwrap_or(spoken.len());
    let turned = spoken
        .iter()
        .skip(decided_at)
        .any(|(_, judged)| matches!(judged.stance, Stance::Neutral | Stance::Weak) && judged.contrast);
    let decided = has(Stance::Approve) || has(Stance::Deny) || has(Stance::SendBack);
    match () {
        () if has(Stance::Delegate) && !decided && !has(Stance::Condition) => Verdict::Delegate,
        () if has(Stance::Question) && !decided && !has(Stance::Delegate) => Verdict::Question,
        () if has(Stance::Unsure) || has(Stance::Condition) || has(Stance::Question) || has(Stance::Delegate) => {
            Verdict::Unclear
        }
        () if has(Stance::Against) && (!has(Stance::Deny) || has(Stance::Approve)) => Verdict::Unclear,
        () if has(Stance::SendBack) && !has(Stance::Approve) => {
            if denied_outright(spoken) {
                Verdict::Unclear
            } else {
                Verdict::SendBack
            }
        }
        () if (has(Stance::Approve) || has(Stance::Weak)) && has(Stance::Deny) => Verdict::Unclear,
        () if has(Stance::Approve) && (turned || has(Stance::SendBack)) => Verdict::Unclear,
        () if has(Stance::Approve) => Verdict::Approve,
        () if has(Stance::Deny) && has(Stance::Lean) => Verdict::Unclear,
        () if has(Stance::Deny) => Verdict::Deny,
        () if has(Stance::HarmlessQuestion) => Verdict::Question,
        () => Verdict::Unclear,
    }
}

/// "却下" beside a wish for a corrected request: only the person knows which of the two it is.
fn denied_outright(spoken: &[(String, Judged)]) -> bool {
    let outright = ["却下", "否認", "den", "reject", "declin", "refus"];
    spoken.iter().any(|(_, judged)| {
        let words = judged.words.to_lowercase();
        judged.stance == Stance::Deny && outright.iter().any(|word| words.contains(word))
    })
}

/// The same verdict for every item is the answer's own; different ones make it mixed.
fn settled(by_item: BTreeMap<String, ItemVerdict>) -> (Verdict, BTreeMap<String, ItemVerdict>) {
    let mut verdicts = by_item.values().copied();
    let first = verdicts.next().unwrap_or(ItemVerdict::Unclear);
    if verdicts.all(|verdict| verdict == first) {
        let whole = match first {
            ItemVerdict::Approve => Verdict::Approve,
            ItemVerdict::Deny => Verdict::Deny,
            ItemVerdict::SendBack => Verdict::SendBack,
            ItemVerdict::Question => Verdict::Question,
            ItemVerdict::Unclear => Verdict::Unclear,
        };
        return (whole, BTreeMap::new());
    }
    (Verdict::Mixed, by_item)
}

/// The one address in the text that is not the writer's; else the only person in Cc.
fn delegate(rules: &Rules, mail: &OpenedMail, own: &str) -> Option<String> {
    let stranger = |address: &String| {
        EmailAddress::parse(address).is_some_and(|a| EmailAddress::parse(own).is_none_or(|own| own != a))
    };
    let desk = |address: &String| mail.to.iter().any(|to| to.address.eq_ignore_ascii_case(address));
    let folded = fold::fold(&mail.visible_text);
    let mut named: Vec<String> = people::addresses(&rules.meaning.people, &folded)
        .map(str::to_owned)
        .filter(|address| stranger(address) && !desk(address))
        .collect();
    named.dedup_by(|a, b| a.eq_ignore_ascii_case(b));
    if named.is_empty() {
        named = mail.cc.iter().map(|cc| cc.address.clone()).filter(stranger).collect();
    }
    match named.as_slice() {
        [only] => Some(only.clone()),
        _ => None,
    }
}

/// "株式会社あおばの森です。": who writes, and no part of the answer.
fn introduces_the_writer(rules: &Rules, sentence: &str) -> bool {
    let short = sentence.chars().count() <= 40;
    short
        && people::introduction(&rules.meaning.people, sentence).is_some()
        && judge(&rules.meaning.verdicts, sentence).stance == Stance::Neutral
}

/// The reason or condition as written: the sentences that decide nothing, and those that tie a string to a yes.
fn comment(spoken: &[(String, Judged)], verdict: Verdict) -> Option<String> {
    let wanted = |stance: Stance| match stance {
        Stance::Neutral | Stance::Weak | Stance::Lean | Stance::Against | Stance::Condition => true,
        Stance::SendBack => verdict == Verdict::SendBack,
        Stance::Delegate => verdict == Verdict::Delegate,
        Stance::Question | Stance::HarmlessQuestion => verdict == Verdict::Question,
        Stance::Unsure => verdict == Verdict::Unclear,
        Stance::Approve | Stance::Deny | Stance::Empty => false,
    };
    let kept: Vec<&str> =
        spoken.iter().filter(|(_, judged)| wanted(judged.stance)).map(|(sentence, _)| sentence.as_str()).collect();
    if !kept.is_empty() {
        let japanese = kept.iter().any(|s| s.chars().any(|c| ('ぁ'..='ヿ').contains(&c)));
        return Some(kept.join(if japanese { "" } else { " " }));
    }
    // The reason in the deciding sentence itself: "契約がないため、却下します。"
    spoken.iter().filter(|(_, j)| matches!(j.stance, Stance::Approve | Stance::Deny)).find_map(|(sentence, _)| {
        ["ので、", "ため、", "から、", "ことから、"].iter().find_map(|joint| {
            let (reason, _) = sentence.split_once(joint)?;
            Some(format!("{reason}{}", joint.trim_end_matches('、')))
        })
    })
}
