//! Who is who and what is asked, over the whole mail: candidates with their evidence first, roles afterwards.

mod settle;

use super::clauses::sentences;
use super::fields::{self, Attribute, Entry, Meaning, Owner};
use super::fold::{fold, one_line};
use super::mentions;
use super::numbers::{self, Sort};
use super::people::{self, Lexicon, Named};
use super::writer::{self, Writer};
use super::{DeskSide, Evidence, OpenedMail};
use crate::domain::address::covers;
use crate::domain::heard::PersonReading;
use crate::rules::Rules;

/// What a mail asks for, before its kind is decided.
#[derive(Debug, Default)]
pub(super) struct Request {
    pub contract_numbers: Vec<String>,
    pub bill_to_ids: Vec<String>,
    pub serial_numbers: Vec<String>,
    pub requester: PersonReading,
    pub approver: Option<PersonReading>,
    pub reason: Option<String>,
    /// Several distinct users or approvers: nobody can say which is meant.
    pub several_people: bool,
    /// A number or a person stands behind a label.
    pub labelled_keys: bool,
    /// It asks for a registration in words.
    pub asks: bool,
    /// It speaks of contracts, accounts or the like at all.
    pub speaks_of_registering: bool,
    /// A user is named, as somebody or as the sender.
    pub requester_named: bool,
    pub requester_is_sender: bool,
    /// The user is of another company than the sender.
    pub of_another_company: bool,
    /// Who wrote the mail.
    pub sender: PersonReading,
    pub evidence: Vec<Evidence>,
}

/// A text of the mail and who wrote it.
struct Part {
    text: String,
    writer: usize,
}

/// Somebody named in the mail.
struct Candidate {
    owner: Owner,
    named: Named,
    writer: usize,
    rule: &'static str,
    words: String,
}

/// Collects what a mail gives.
struct Finder<'a> {
    rules: &'a Rules,
    desk: &'a DeskSide,
    lexicon: Lexicon<'a>,
    writers: Vec<Writer>,
    numbers: Vec<(Sort, String)>,
    /// Companies that the text names, in its order.
    companies: Vec<String>,
    /// Persons that the text names, in its order.
    persons: Vec<Named>,
    candidates: Vec<Candidate>,
    out: Request,
}

/// Reads everything that a request can hold.
pub(super) fn find(rules: &Rules, mail: &OpenedMail, desk: &DeskSide) -> Request {
    let lexicon = Lexicon { people: &rules.meaning.people, companies: &rules.companies };
    let outer = Writer::of(&lexicon, mail.from.as_ref(), &mail.visible_text, &mail.signature);
    let mut writers = vec![outer];
    let mut parts = vec![Part { text: mail.visible_text.clone(), writer: 0 }];
    if let Some(form) = &mail.returned_form {
        parts.push(Part { text: form.clone(), writer: 0 });
    }
    if let Some(inner) = &mail.forwarded {
        writers.push(Writer::of(&lexicon, inner.from.as_ref(), &inner.text, writer::tail(&inner.text).as_str()));
        parts.push(Part { text: inner.text.clone(), writer: 1 });
    }
    let mut finder = Finder {
        rules,
        desk,
        lexicon,
        writers,
        numbers: Vec::new(),
        companies: Vec::new(),
        persons: Vec::new(),
        candidates: Vec::new(),
        out: Request::default(),
    };
    for part in &parts {
        finder.part(part);
    }
    finder.tables(mail);
    finder.subject(mail);
    finder.settle(mail, &parts)
}

impl Finder<'_> {
    fn note(&mut self, field: &str, rule: &str, text: &str) {
        self.out.evidence.push(Evidence { field: field.to_owned(), rule: rule.to_owned(), text: one_line(text) });
    }

    fn is_desk(&self, address: &str) -> bool {
        let domain = address.rsplit_once('@').map(|(_, domain)| domain).unwrap_or_default();
        self.desk.addresses.iter().any(|own| own.eq_ignore_ascii_case(address))
            || self.desk.domains.iter().any(|own| covers(own, domain))
    }

    fn part(&mut self, part: &Part) {
        let labelled = fields::labelled(&self.rules.meaning.fields, &part.text);
        for entry in &labelled.entries {
            self.entry(entry, part.writer, "fields.label");
        }
        let prose = labelled.prose.join("\n");
        let folded = fold(&prose);
        for found in numbers::find(&self.rules.meaning.numbers, &folded, None) {
            self.number(found.sort, found.value, "numbers.prose");
        }
        for sentence in sentences(&prose) {
            self.sentence(&sentence, part.writer);
        }
    }

    fn number(&mut self, sort: Sort, value: String, rule: &'static str) {
        if !self.numbers.iter().any(|(_, known)| *known == value) {
            let field = match sort {
                Sort::Contract | Sort::Unnamed => "contract_numbers",
                Sort::BillTo => "bill_to_ids",
                Sort::Serial => "serial_numbers",
            };
            self.note(field, rule, &value);
            self.numbers.push((sort, value));
        }
    }

    fn entry(&mut self, entry: &Entry, writer: usize, rule: &'static str) {
        let folded = fold(&entry.value);
        let labelled = rule == "fields.label";
        let sort = match entry.meaning {
            Meaning::Contracts => Some(Sort::Contract),
            Meaning::BillToIds => Some(Sort::BillTo),
            Meaning::Serials => Some(Sort::Serial),
            Meaning::Reason | Meaning::Ignored | Meaning::Person(..) => None,
        };
        if let Some(sort) = sort {
            for found in numbers::find(&self.rules.meaning.numbers, &folded, Some(sort)) {
                self.out.labelled_keys |= labelled;
                self.number(if found.sort == Sort::Unnamed { sort } else { found.sort }, found.value, rule);
            }
            for sentence in sentences(&entry.value) {
                self.sentence(&sentence, writer);
            }
            return;
        }
        let values = &self.rules.meaning.fields.values;
        if folded.trim().is_empty() || values.absent.is_match(&folded) {
            return;
        }
        match entry.meaning {
            Meaning::Reason if self.out.reason.is_none() => {
                let reason = one_line(&entry.value);
                self.note("reason", rule, &reason);
                self.out.reason = Some(reason);
            }
            Meaning::Person(owner, attribute) => self.person(owner, attribute, entry, writer, rule),
            _ => {}
        }
    }

    fn person(&mut self, owner: Owner, attribute: Attribute, entry: &Entry, writer: usize, rule: &'static str) {
        let mut named = self.lexicon.person(&entry.value);
        let plain = people::without_honorific(self.lexicon.people, &one_line(&entry.value));
        match attribute {
            Attribute::Email => {}
            Attribute::Name if named.name.is_none() && named.emails.is_empty() && !named.myself => {
                named.name = Some(plain).filter(|name| !name.is_empty());
                named.company = None;
            }
            Attribute::Company if named.emails.is_empty() && !named.own_company => {
                named.company = Some(plain.trim_end_matches("御中").trim().to_owned());
                named.name = None;
            }
            Attribute::Name | Attribute::Company | Attribute::Whole => {}
        }
        // "同上" and what names nobody say nothing.
        if self.rules.meaning.fields.values.same.is_match(&fold(&entry.value)) {
            named.name = None;
            named.company = None;
        }
        named.emails.retain(|address| !self.is_desk(address));
        let empty = named.emails.is_empty() && named.name.is_none() && named.company.is_none();
        if empty && !named.myself && !named.own_company {
            return;
        }
        self.out.labelled_keys |= rule == "fields.label" && matches!(owner, Owner::Requester | Owner::Approver);
        self.candidates.push(Candidate {
            owner,
            named,
            writer,
            rule,
            words: format!("{}: {}", entry.label, entry.value),
        });
    }

    fn sentence(&mut self, sentence: &str, writer: usize) {
        let people = &self.rules.meaning.people;
        for entry in fields::in_sentence(&self.rules.meaning.fields, sentence) {
            match entry.meaning {
                Meaning::Person(..) | Meaning::Reason => self.entry(&entry, writer, "fields.sentence"),
                _ => {}
            }
        }
        if people.sender_approves.is_match(sentence) {
            self.itself(Owner::Approver, writer, "people.sender_approves", sentence);
        }
        if people.own_account.is_match(sentence) {
            self.itself(Owner::Requester, writer, "people.own_account", sentence);
        }
        if people.requester_is_writer.is_match(sentence) {
            self.itself(Owner::Requester, writer, "people.requester_is_writer", sentence);
        }
        self.companies.extend(mentions::companies(&self.lexicon, sentence));
        self.persons.extend(mentions::honoured(&self.lexicon, sentence));
        let spoken: Vec<String> = self.persons.iter().filter_map(|person| person.name.clone()).collect();
        let found: Vec<(usize, usize)> = people.address.find_all(sentence).map(|m| (m.start(), m.end())).collect();
        let mut from = 0;
        for (place, (start, end)) in found.iter().copied().enumerate() {
            let before = sentence.get(from..start).unwrap_or_default().to_owned();
            let address = sentence.get(start..end).unwrap_or_default().trim_end_matches('.').to_owned();
            let next = found.get(place + 1).map_or(sentence.len(), |(start, _)| *start);
            let after = sentence.get(end..next).unwrap_or_default().to_owned();
            let piece = sentence.get(from..next).unwrap_or_default().to_owned();
            let at = start - from;
            from = end;
            let known = |c: &Candidate| c.named.emails.iter().any(|known| known.eq_ignore_ascii_case(&address));
            if self.is_desk(&address) || self.candidates.iter().any(known) {
                continue;
            }
            let Some(owner) = self.owner_of(&before, &after, &address, writer) else { continue };
            let mut named = mentions::around(&self.lexicon, &piece, at, at + address.len(), &spoken);
            self.same_company(&mut named);
            named.emails = vec![address];
            self.persons.push(named.clone());
            self.candidates.push(Candidate {
                owner,
                named,
                writer,
                rule: "people.beside_address",
                words: sentence.to_owned(),
            });
        }
        self.persons.extend(
            mentions::latin_names(people, sentence)
                .into_iter()
                .map(|name| Named { name: Some(name), ..Named::default() }),
        );
        if let Some(found) = people.titled.captures(sentence) {
            let part = |group: &str| found.name(group).map(|m| m.as_str().trim().to_owned());
            let own = part("company").is_some_and(|company| people.own_company.is_match(&company));
            let named = Named {
                name: part("name").map(|name| people::without_honorific(people, &name)),
                company: part("company").filter(|_| !own),
                own_company: own,
                ..Named::default()
            };
            self.candidates.push(Candidate {
                owner: Owner::Requester,
                named,
                writer,
                rule: "people.titled",
                words: sentence.to_owned(),
            });
        }
    }

    /// "同社" is the company named last that is not the writer's own.
    fn same_company(&self, named: &mut Named) {
        if named.same_company && named.company.is_none() {
            let own = self.writers.iter().filter_map(|writer| writer.company.as_deref());
            let own: Vec<&str> = own.collect();
            named.company =
                self.companies.iter().rev().find(|company| !own.iter().any(|o| o.contains(company.as_str()))).cloned();
        }
    }

    fn itself(&mut self, owner: Owner, writer: usize, rule: &'static str, words: &str) {
        let named = Named { myself: true, ..Named::default() };
        self.candidates.push(Candidate { owner, named, writer, rule, words: words.to_owned() });
    }

    /// Whose an address in running text is, by the word nearest before it.
    fn owner_of(&self, before: &str, after: &str, address: &str, writer: usize) -> Option<Owner> {
        let people = &self.rules.meaning.people;
        let approver = people.approver_cues.find_all(before).last().map(|m| m.end());
        let requester = people.requester_cues.find_all(before).last().map(|m| m.end());
        let own = self
            .writers
            .get(writer)
            .and_then(|w| w.email.as_deref())
            .is_some_and(|own| own.eq_ignore_ascii_case(address));
        if approver.is_none() && people.approver_after.is_match(after) {
            return Some(Owner::Approver);
        }
        match (approver, requester) {
            (Some(approver), requester) if requester.is_none_or(|at| at <= approver) => Some(Owner::Approver),
            (_, Some(_)) => Some(Owner::Requester),
            (_, None) => (!own).then_some(Owner::Requester),
        }
    }

    /// Rows of attached tables: the header says what each column is.
    fn tables(&mut self, mail: &OpenedMail) {
        for attachment in &mail.attachments {
            let mut columns: Vec<Option<Meaning>> = Vec::new();
            for row in &attachment.rows {
                let meanings: Vec<Option<Meaning>> = row
                    .iter()
                    .map(|cell| fields::meaning(&self.rules.meaning.fields, &fold(cell)).map(|(meaning, _)| meaning))
                    .collect();
                let header = meanings.iter().any(Option::is_some)
                    && !row
                        .iter()
                        .any(|cell| cell.chars().filter(char::is_ascii_digit).count() >= 6 || cell.contains('@'));
                if header {
                    columns = meanings;
                    continue;
                }
                // "終了済み・登録不要" in any cell speaks of the whole row.
                let gone = row.iter().any(|cell| self.rules.meaning.numbers.withdrawn.is_match(&fold(cell)));
                if gone && !columns.is_empty() {
                    continue;
                }
                for (place, cell) in row.iter().enumerate() {
                    let meaning = columns.get(place).copied().flatten();
                    let meaning = meaning.or(if columns.is_empty() { Some(Meaning::Contracts) } else { None });
                    if let Some(meaning) = meaning {
                        let entry = Entry { meaning, label: "table".to_owned(), value: cell.clone() };
                        self.entry(&entry, 0, "fields.label");
                    }
                }
            }
        }
    }

    /// Numbers of the subject count only where the text has none.
    fn subject(&mut self, mail: &OpenedMail) {
        if self.numbers.is_empty() {
            for found in numbers::find(&self.rules.meaning.numbers, &fold(&mail.subject), None) {
                if found.sort != Sort::Unnamed {
                    self.number(found.sort, found.value, "numbers.subject");
                }
            }
        }
    }
}
