//! Roles out of candidates: what the mail says of each person, in one place or in several.

use super::{Finder, Part, Request};
use crate::domain::company;
use crate::domain::heard::PersonReading;
use crate::reading::OpenedMail;
use crate::reading::class::same_domain;
use crate::reading::clauses::sentences;
use crate::reading::fields::{self, Owner};
use crate::reading::fold::{self, Folded, fold, one_line};
use crate::reading::mentions;
use crate::reading::numbers::Sort;
use crate::reading::people;
use crate::reading::writer;

impl Finder<'_> {
    pub(super) fn settle(mut self, mail: &OpenedMail, parts: &[Part]) -> Request {
        let whole = parts.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join("\n");
        let raw = Folded::new(&whole);
        let kinds = &self.rules.meaning.kinds;
        let text = format!("{}\n{}", fold(&mail.subject), raw.text);
        self.out.asks = kinds.request.is_match(&raw.text);
        self.out.speaks_of_registering = kinds.subject_matter.is_match(&text);
        let only_bill_to = kinds.bill_to.is_match(&text) && !self.rules.meaning.numbers.contract_words.is_match(&text);
        for (sort, value) in std::mem::take(&mut self.numbers) {
            match sort {
                Sort::Contract => self.out.contract_numbers.push(value),
                Sort::BillTo => self.out.bill_to_ids.push(value),
                Sort::Serial => self.out.serial_numbers.push(value),
                Sort::Unnamed if only_bill_to => self.out.bill_to_ids.push(value),
                Sort::Unnamed if self.out.speaks_of_registering => self.out.contract_numbers.push(value),
                Sort::Unnamed => {}
            }
        }
        let place = |value: &String| raw.text.find(value.as_str()).unwrap_or(usize::MAX);
        self.out.contract_numbers.sort_by_key(place);

        let approver = self.merge(Owner::Approver, mail, &raw);
        let requester = self.merge(Owner::Requester, mail, &raw);
        self.out.requester_named = self.candidates.iter().any(|c| c.owner == Owner::Requester);
        self.out.requester = requester;
        self.out.approver = Some(approver).filter(|person| *person != PersonReading::default());
        self.reason(parts);
        let sender = self.writers.first().cloned().unwrap_or_default();
        self.out.sender = PersonReading { email: sender.email, name: sender.name, company: sender.company };
        self.compare_companies(mail);
        self.company_of_the_holder();
        self.out
    }

    /// Puts together what the mail says of one role.
    fn merge(&mut self, owner: Owner, mail: &OpenedMail, raw: &Folded) -> PersonReading {
        let mut person = PersonReading::default();
        let mut emails: Vec<String> = Vec::new();
        let mut evidence: Vec<(&'static str, &'static str, String)> = Vec::new();
        for candidate in self.candidates.iter().filter(|candidate| candidate.owner == owner) {
            let writer = self.writers.get(candidate.writer).cloned().unwrap_or_default();
            let named = &candidate.named;
            let mut addresses = named.emails.clone();
            if named.myself && addresses.is_empty() {
                addresses.extend(writer.email.clone());
            }
            let labelled = candidate.rule == "fields.label";
            // Running text only adds to labels: a second address there is mentioned, not meant.
            if !labelled && !emails.is_empty() && !addresses.is_empty() && !addresses.iter().any(|a| emails.contains(a))
            {
                let listed = candidate.rule == "people.beside_address"
                    && evidence.iter().any(|(_, _, words)| *words == candidate.words);
                if !listed {
                    continue;
                }
            }
            for address in addresses {
                if !emails.iter().any(|known| known.eq_ignore_ascii_case(&address)) {
                    emails.push(address);
                }
            }
            let own = named.own_company || (named.myself && named.company.is_none());
            let company = named.company.clone().or_else(|| writer.company.clone().filter(|_| own));
            let name = named.name.clone().or_else(|| writer.name.clone().filter(|_| named.myself));
            if person.name.is_none() && name.is_some() {
                evidence.push(("name", candidate.rule, candidate.words.clone()));
                person.name = name;
            }
            if person.company.is_none() && company.is_some() {
                evidence.push(("company", candidate.rule, candidate.words.clone()));
                person.company = company;
            }
            if !emails.is_empty() && person.email.is_none() {
                evidence.push(("email", candidate.rule, candidate.words.clone()));
                person.email = emails.first().cloned();
            }
        }
        self.out.several_people |= emails.len() > 1;
        self.complete(&mut person, mail, raw);
        let role = if owner == Owner::Approver { "approver" } else { "requester" };
        for (field, rule, words) in evidence {
            self.note(&format!("{role}.{field}"), rule, &words);
        }
        person
    }

    /// Fills what other places of the mail say of a person already known: the full name, the company behind a short form.
    fn complete(&self, person: &mut PersonReading, mail: &OpenedMail, raw: &Folded) {
        if *person == PersonReading::default() {
            return;
        }
        let writer = self.writers.iter().find(|writer| {
            let same = |a: &Option<String>, b: &Option<String>| matches!((a, b), (Some(a), Some(b)) if a.eq_ignore_ascii_case(b));
            same(&writer.email, &person.email)
        });
        if person.name.is_none()
            && let Some(writer) = writer
        {
            person.name = writer.name.clone();
        }
        let boxes = mail
            .to
            .iter()
            .chain(&mail.cc)
            .chain(&mail.from)
            .chain(mail.forwarded.iter().filter_map(|f| f.from.as_ref()));
        let mut fuller: Vec<String> = boxes
            .filter(|mailbox| person.email.as_deref().is_some_and(|email| email.eq_ignore_ascii_case(&mailbox.address)))
            .filter_map(|mailbox| self.lexicon.person(mailbox.name.as_deref()?).name)
            .collect();
        fuller.extend(writer.and_then(|writer| writer.name.clone()));
        if let Some(name) = &person.name {
            person.name = Some(writer::fullest(name, fuller.iter()));
        }
        if person.company.is_none() {
            // A colleague: somebody of the writer's own mail domain, where the writer says for whom he writes.
            let free = |email: &str| {
                email.rsplit_once('@').is_some_and(|(_, domain)| self.rules.companies.is_free_mail(domain))
            };
            person.company = self.writers.iter().find_map(|writer| {
                let (email, own) = (person.email.as_deref()?, writer.email.as_deref()?);
                (same_domain(email, own) && !free(email)).then(|| writer.company.clone()).flatten()
            });
        }
        self.complete_from_mentions(person);
        if let Some(company) = &person.company {
            person.company = Some(self.unabbreviated(company, raw));
        }
        for value in [&mut person.name, &mut person.company].into_iter().flatten() {
            if let Some(written) = fold::as_written(raw, value) {
                *value = written;
            }
        }
    }

    /// What the text says of the person elsewhere: the full name, and the one company that the address can belong to.
    fn complete_from_mentions(&self, person: &mut PersonReading) {
        if let Some(name) = person.name.clone() {
            let names: Vec<String> = self.persons.iter().filter_map(|named| named.name.clone()).collect();
            person.name = Some(writer::fullest(&name, names.iter()));
        } else if let Some(email) = &person.email {
            let fitting = self.persons.iter().filter_map(|named| named.name.clone());
            person.name =
                fitting.filter(|name| mentions::affinity(name, email) > 0).max_by_key(|name| name.chars().count());
        }
        if person.company.is_none()
            && let Some(name) = &person.name
        {
            let same = |other: &Option<String>| {
                other.as_ref().is_some_and(|other| name.starts_with(other.as_str()) || other.starts_with(name.as_str()))
            };
            person.company =
                self.persons.iter().filter(|named| same(&named.name)).find_map(|named| named.company.clone());
        }
        let Some(email) = person.email.clone().filter(|_| person.company.is_none()) else { return };
        let own: Vec<String> = self.writers.iter().filter_map(|writer| writer.company.clone()).collect();
        let known = self.candidates.iter().filter_map(|candidate| candidate.named.company.clone());
        let all: Vec<String> = self.companies.iter().cloned().chain(known).chain(own.iter().cloned()).collect();
        if let Some(spelt) =
            all.iter().filter(|company| mentions::spells(company, &email)).max_by_key(|c| c.chars().count())
        {
            person.company = Some(spelt.clone());
            return;
        }
        // One company besides the writers' own, and somebody from elsewhere: it is his.
        let elsewhere = self.writers.iter().filter_map(|w| w.email.as_deref()).all(|own| !same_domain(own, &email));
        let forms = &self.rules.companies.legal_forms;
        let mut foreign: Vec<&String> = Vec::new();
        for company_named in &self.companies {
            let folded = company::folded(company_named, forms);
            let is_own = own.iter().any(|own| {
                let own = company::folded(own, forms);
                own.contains(&folded) || folded.contains(&own)
            });
            if !is_own && !foreign.iter().any(|known| company::folded(known, forms) == folded) {
                foreign.push(company_named);
            }
        }
        if let ([only], true, false) = (foreign.as_slice(), elsewhere, own.is_empty()) {
            person.company = Some((*only).clone());
        }
    }

    /// "AB" where the mail says "（以下、AB様）".
    fn unabbreviated(&self, company: &str, raw: &Folded) -> String {
        let short = people::without_honorific(self.lexicon.people, company);
        self.lexicon
            .people
            .abbreviation
            .captures_all(&raw.text)
            .find(|found| found.name("short").is_some_and(|m| m.as_str() == short))
            .and_then(|found| found.name("full").map(|m| people::without_honorific(self.lexicon.people, m.as_str())))
            .unwrap_or_else(|| company.to_owned())
    }

    fn reason(&mut self, parts: &[Part]) {
        if self.out.reason.is_some() {
            return;
        }
        for part in parts {
            for sentence in sentences(&fields::labelled(&self.rules.meaning.fields, &part.text).prose.join("\n")) {
                let found = self.rules.meaning.kinds.reason.captures(&sentence);
                let Some(reason) = found.as_ref().and_then(|found| found.name("reason")) else { continue };
                if self.rules.meaning.kinds.not_reason.is_match(&sentence) {
                    continue;
                }
                let reason = one_line(reason.as_str());
                self.note("reason", "kinds.reason", &reason);
                self.out.reason = Some(reason);
                return;
            }
        }
    }

    /// A labelled company of the contract holder is the approver's, where the approver is given without one.
    fn company_of_the_holder(&mut self) {
        let holder = self.candidates.iter().find(|c| c.owner == Owner::Writer).and_then(|c| c.named.company.clone());
        // Who writes about another company's user writes for the holder, and so does an approver without an address.
        let writer = self.out.sender.company.clone().filter(|_| self.out.of_another_company);
        if let Some(approver) = &mut self.out.approver
            && approver.company.is_none()
        {
            let near = approver.email.is_none();
            approver.company = holder.or_else(|| writer.filter(|_| near));
        }
    }

    fn compare_companies(&mut self, mail: &OpenedMail) {
        let sender = mail.from.as_ref().map(|from| from.address.clone()).unwrap_or_default();
        let email = self.out.requester.email.clone();
        self.out.requester_is_sender = email.as_deref().is_some_and(|email| email.eq_ignore_ascii_case(&sender));
        let forms = &self.rules.companies.legal_forms;
        let differ = match (&self.out.requester.company, &self.out.sender.company) {
            (Some(a), Some(b)) => {
                let (a, b) = (company::folded(a, forms), company::folded(b, forms));
                Some(!a.contains(&b) && !b.contains(&a))
            }
            _ => None,
        };
        let free = |address: &str| {
            address.rsplit_once('@').is_some_and(|(_, domain)| self.rules.companies.is_free_mail(domain))
        };
        let elsewhere =
            email.as_deref().is_some_and(|email| !same_domain(email, &sender) && !free(email) && !free(&sender));
        let colleague = email.as_deref().is_some_and(|email| same_domain(email, &sender) && !free(email));
        self.out.of_another_company =
            !self.out.requester_is_sender && !colleague && (elsewhere && differ != Some(false) || differ == Some(true));
    }
}
