//! What kind of mail it is, and what a plain mail says.

use super::roles::{self, Request};
use super::{DeskSide, Evidence, OpenedMail, Reading, answer, fold};
use crate::domain::heard::RequestReading;
use crate::domain::words::{AccessLevel, Class, Kind, Language, Part, Verdict};
use crate::rules::Rules;
use crate::rules::kinds::KindRules;

/// Points at which a mail that is nothing else asks for a registration.
const ENOUGH: i32 = 3;

/// Reads a mail as a plain mail.
pub fn read(rules: &Rules, mail: &OpenedMail, desk: &DeskSide) -> Reading {
    let language = mail.language.unwrap_or_else(|| language(&format!("{}{}", mail.visible_text, mail.subject)));
    let machine_form = mail.noise.as_ref().is_some_and(|noise| {
        // A ticket system says that it writes by itself, and what it writes is a filled form: only wording made it noise.
        noise.class == Class::AutoReply && noise.cause.starts_with("text: ") && filled_form(rules, mail, desk)
    });
    if let Some(noise) = mail.noise.as_ref().filter(|_| !machine_form) {
        let cause = Evidence { field: "class".into(), rule: "noise".into(), text: noise.cause.clone() };
        return Reading { language, class: noise.class, request: None, evidence: vec![cause] };
    }
    if let Some(why) = &mail.unreadable {
        let cause = Evidence { field: "class".into(), rule: "unreadable".into(), text: why.clone() };
        return Reading { language, class: Class::Unreadable, request: None, evidence: vec![cause] };
    }
    let found = roles::find(rules, mail, desk);
    let (class, because) = class(&rules.meaning.kinds, mail, &found);
    let class = match class {
        // Rule R4: with our mark on it, it is an answer unless it asks for something of its own.
        class if !mail.tokens.is_empty() && !asks_by_itself(rules, mail, class, &found) => Class::Answer,
        class => class,
    };
    let mut evidence = vec![because];
    if class != Class::Request {
        return Reading { language, class, request: None, evidence };
    }
    evidence.extend(found.evidence.iter().cloned());
    Reading { language, class, request: Some(request(rules, mail, found, &mut evidence)), evidence }
}

/// Whether the mail holds a form with a number and a person, each behind its label.
fn filled_form(rules: &Rules, mail: &OpenedMail, desk: &DeskSide) -> bool {
    let found = roles::find(rules, mail, desk);
    let numbers = [&found.contract_numbers, &found.bill_to_ids, &found.serial_numbers].iter().any(|n| !n.is_empty());
    mail.tokens.is_empty() && found.labelled_keys && numbers && found.requester.email.is_some()
}

/// Whether a mail with our mark is nevertheless a request: numbers or persons of its own, and no verdict beside them.
fn asks_by_itself(rules: &Rules, mail: &OpenedMail, class: Class, found: &Request) -> bool {
    let own_text = found.labelled_keys || found.requester.email.as_ref().is_some_and(|_| !found.requester_is_sender);
    match class {
        Class::Request => {
            let filled = found.labelled_keys;
            let verdict = answer::read(rules, mail, &[]).verdict;
            filled
                || (own_text && !found.contract_numbers.is_empty())
                || (verdict == Verdict::Unclear && found.asks && own_text)
        }
        Class::Cancel | Class::Reprocess | Class::StatusQuery => {
            answer::read(rules, mail, &[]).verdict == Verdict::Unclear
        }
        _ => false,
    }
}

/// The class, and the words that showed it.
fn class(rules: &KindRules, mail: &OpenedMail, found: &Request) -> (Class, Evidence) {
    let forwarded = mail.forwarded.as_ref().map(|inner| inner.text.as_str()).unwrap_or_default();
    let own = fold::fold(&mail.visible_text);
    let subject = fold::fold(&mail.subject);
    let text = fold::fold(&format!("{}\n{}\n{forwarded}", mail.subject, mail.visible_text));
    let evidence = |rule: &str, words: &str| Evidence {
        field: "class".to_owned(),
        rule: format!("kinds.{rule}"),
        text: fold::one_line(words),
    };
    let correction = rules.correction.is_match(&text) && found.labelled_keys;
    let asks = rules.request.find(&own).or_else(|| rules.request.find(&text));
    if !correction {
        let lists = [
            (Class::Cancel, "cancel", &rules.cancel),
            (Class::Reprocess, "reprocess", &rules.reprocess),
            (Class::StatusQuery, "status_query", &rules.status_query),
        ];
        for (class, rule, pattern) in lists {
            let words = pattern.find(&own).or_else(|| pattern.find(&subject).filter(|_| asks.is_none()));
            let Some(words) = words.map(|found| found.as_str().to_owned()) else { continue };
            // A filled form with a wish to register is a request, whatever a remark in it resembles. A withdrawal that
            // repeats the form is none.
            let outweighed =
                class != Class::Cancel && found.labelled_keys && (asks.is_some() || found.approver.is_some());
            if !outweighed {
                return (class, evidence(rule, &words));
            }
        }
    }
    let numbers =
        !(found.contract_numbers.is_empty() && found.bill_to_ids.is_empty() && found.serial_numbers.is_empty());
    let named = found.requester.email.is_some() || found.approver.is_some();
    let how = rules.inquiry.is_match(&own) || mail.forwarded.is_some() && rules.inquiry.is_match(&text);
    let points = [
        (asks.is_some() && found.speaks_of_registering, 2, "words that ask"),
        (numbers, 2, "a number"),
        (found.labelled_keys && named, 3, "a filled form"),
        (found.requester_named, 1, "a user"),
        (found.approver.is_some(), 1, "an approver"),
        (rules.subject_matter.is_match(&subject), 1, "the subject"),
        (found.speaks_of_registering, 1, "contracts or accounts"),
        (how, -2, "a question how it is done"),
    ];
    let sum: i32 = points.iter().filter(|(holds, ..)| *holds).map(|(_, weight, _)| weight).sum();
    let because = points.iter().filter(|(holds, ..)| *holds).map(|(.., what)| *what).collect::<Vec<_>>().join(", ");
    // Nothing is asked for where nobody asks and neither a number nor a user is named: "I approve this request." below the
    // subject of our letter is a word on a request, and none.
    let wants = asks.is_some() || numbers || found.labelled_keys || found.requester_named;
    if wants && sum >= ENOUGH {
        let because = asks.map(|words| words.as_str().to_owned()).filter(|_| !found.labelled_keys).unwrap_or(because);
        return (Class::Request, evidence("request", &because));
    }
    (Class::Inquiry, evidence("inquiry", if because.is_empty() { "nothing else fits" } else { &because }))
}

/// The request itself: kind, what is needed, what is missing.
fn request(rules: &Rules, mail: &OpenedMail, found: Request, evidence: &mut Vec<Evidence>) -> RequestReading {
    let (kind, because) = kind(&rules.meaning.kinds, mail, &found);
    evidence.push(Evidence { field: "kind".to_owned(), rule: format!("kinds.{because}"), text: kind.to_string() });
    let mut requester = found.requester.clone();
    let mut approver = found.approver.clone().unwrap_or_default();
    if kind != Kind::ThirdParty && requester.email.is_none() && !found.several_people {
        requester.email = mail.from.as_ref().map(|from| from.address.clone());
        if requester.name.is_none() {
            requester.name = found.sender.name.clone();
        }
    }
    let sender = mail.from.as_ref().map(|from| from.address.as_str()).unwrap_or_default();
    let own = requester.email.as_deref().is_some_and(|email| same_domain(email, sender));
    if kind != Kind::ThirdParty && requester.company.is_none() && own {
        requester.company = found.sender.company.clone();
    }
    if found.several_people {
        requester = Default::default();
        approver = Default::default();
    }
    let access_level = match kind {
        Kind::Ordering => AccessLevel::Ordering,
        Kind::Download => AccessLevel::Download,
        Kind::ThirdParty if download_only(&rules.meaning.kinds, mail) => AccessLevel::Download,
        Kind::ThirdParty | Kind::Contract | Kind::BillTo => AccessLevel::Full,
    };
    let mut reading = RequestReading {
        kind,
        access_level,
        contract_numbers: found.contract_numbers,
        bill_to_ids: found.bill_to_ids,
        serial_numbers: found.serial_numbers,
        requester,
        approver,
        reason: found.reason,
        missing: Vec::new(),
        several_people: found.several_people,
    };
    reading.missing = missing(&reading);
    reading
}

pub(super) fn same_domain(a: &str, b: &str) -> bool {
    let domain = |address: &str| address.rsplit_once('@').map(|(_, domain)| domain.to_lowercase());
    domain(a).is_some() && domain(a) == domain(b)
}

/// What the kind needs (DESIGN section 2) and the mail does not give.
fn missing(reading: &RequestReading) -> Vec<Part> {
    let numbers = !reading.contract_numbers.is_empty();
    let given = |part: Part| match part {
        Part::ContractNumbers => numbers || (reading.kind != Kind::ThirdParty && !reading.serial_numbers.is_empty()),
        Part::BillToIds => !reading.bill_to_ids.is_empty(),
        Part::RequesterEmail => reading.requester.email.is_some(),
        Part::RequesterCompany => reading.requester.company.is_some(),
        Part::ApproverEmail => reading.approver.email.is_some(),
        Part::ApproverName => reading.approver.name.is_some(),
        Part::ApproverCompany => reading.approver.company.is_some(),
        Part::Reason => reading.reason.is_some(),
    };
    let needed: &[Part] = match reading.kind {
        Kind::ThirdParty => &[
            Part::ContractNumbers,
            Part::RequesterEmail,
            Part::RequesterCompany,
            Part::ApproverEmail,
            Part::ApproverName,
            Part::ApproverCompany,
            Part::Reason,
        ],
        Kind::Contract | Kind::Download => &[Part::ContractNumbers, Part::RequesterEmail, Part::RequesterCompany],
        Kind::BillTo | Kind::Ordering => &[Part::BillToIds, Part::RequesterEmail, Part::RequesterCompany],
    };
    needed.iter().copied().filter(|part| !given(*part)).collect()
}

/// Subject and text without the questions: a form that asks "full support or downloads only?" is no wish for either.
fn without_questions(mail: &OpenedMail) -> String {
    let text = fold::fold(&format!("{}\n{}", mail.subject, mail.visible_text));
    text.lines().filter(|line| !line.trim_end().ends_with(['?', '？'])).collect::<Vec<_>>().join("\n")
}

fn download_only(rules: &KindRules, mail: &OpenedMail) -> bool {
    let text = without_questions(mail);
    rules.download.is_match(&text) && !rules.not_download.is_match(&text) && !rules.full.is_match(&text)
}

/// The kind, and the rule that showed it.
fn kind(rules: &KindRules, mail: &OpenedMail, found: &Request) -> (Kind, &'static str) {
    let text = without_questions(mail);
    let without_contract = found.contract_numbers.is_empty() && found.serial_numbers.is_empty();
    let bill_to = !found.bill_to_ids.is_empty() || rules.bill_to.is_match(&text);
    let ordering = rules.ordering.is_match(&text) && !rules.not_ordering.is_match(&text);
    if without_contract && (bill_to || ordering) && !rules.third_party.is_match(&text) {
        return if ordering && !rules.full.is_match(&text) {
            (Kind::Ordering, "ordering")
        } else {
            (Kind::BillTo, "bill_to")
        };
    }
    if rules.third_party.is_match(&text) {
        return (Kind::ThirdParty, "third_party");
    }
    if found.approver.is_some() {
        return (Kind::ThirdParty, "approver");
    }
    if found.of_another_company {
        return (Kind::ThirdParty, "another_company");
    }
    if download_only(rules, mail) { (Kind::Download, "download") } else { (Kind::Contract, "contract") }
}

/// The language of a text, where the opened mail does not say.
pub(super) fn language(text: &str) -> Language {
    let kana = text.chars().filter(|c| ('ぁ'..='ヿ').contains(c)).count();
    if kana > 3 { Language::Japanese } else { Language::English }
}
