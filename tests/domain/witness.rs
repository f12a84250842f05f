//! A witness of its own: from inputs and letters alone, without `decide`, it says what an input may bring about.

use std::collections::BTreeSet;

use ringi::domain::contract::AdministeredBy;
use ringi::domain::ids::{ItemNo, Reference};
use ringi::domain::input::{Act, Input, MailInput};
use ringi::domain::request::{Item, Request, Standing, Wait};
use ringi::domain::words::{Class, Verdict};

use crate::small_world::{Posted, SmallWorld};

/// Whose consent has been heard, item by item.
#[derive(Default)]
pub struct Witness {
    consents: BTreeSet<(Reference, ItemNo)>,
}

/// The letter whose token decides about a mail.
fn letter<'a>(world: &'a SmallWorld, mail: &MailInput) -> Option<&'a Posted> {
    let first = mail.carried.first()?;
    world.posted.iter().find(|posted| posted.reference == first.reference && posted.letter == first.letter)
}

/// Whether the mail is the addressed person's own, verified and of that verdict.
fn counts(mail: &MailInput, posted: &Posted, verdict: Verdict) -> bool {
    mail.from.as_ref() == Some(&posted.to)
        && mail.authentication.is_aligned()
        && mail.class == Class::Answer
        && mail.answer.as_ref().is_some_and(|answer| answer.verdict == verdict)
}

impl Witness {
    /// What is said about consent in an input, before it is decided; `opened` is the request that it then opened.
    pub fn hears(&mut self, before: &SmallWorld, input: &Input, opened: Option<&Request>) {
        let Input::Mail(mail) = input else { return };
        if let Some(request) = opened {
            let by_writing = mail.authentication.is_aligned() && mail.from == request.approver.email;
            if by_writing && mail.from.is_some() {
                self.consents.extend(request.items.iter().map(|item| (request.reference.clone(), item.no)));
            }
        }
        if let Some(posted) = letter(before, mail)
            && counts(mail, posted, Verdict::Approve)
            && before.requests[&posted.reference].approver.email.as_ref() == Some(&posted.to)
        {
            self.consents.extend(posted.consent.iter().map(|no| (posted.reference.clone(), *no)));
        }
    }

    /// Why the input may not approve the item; `None` where it may.
    pub fn objects(&self, before: &SmallWorld, input: &Input, request: &Request, item: &Item) -> Option<&'static str> {
        match input {
            Input::Mail(mail) => {
                let Some(posted) = letter(before, mail) else { return Some("no token") };
                let contract = item.contract_number.as_ref().and_then(|number| before.contracts.get(number));
                let administers = contract.is_some_and(|contract| {
                    contract.administered_by != AdministeredBy::Desk
                        && contract.administrators.iter().any(|known| known.email == posted.to)
                });
                [
                    (posted.reference == request.reference, "a token of another request"),
                    (counts(mail, posted, Verdict::Approve), "not a verified approval of the person asked"),
                    (posted.items.contains(&item.no), "the letter did not show the item"),
                    (!posted.consent.contains(&item.no), "the letter asked for consent alone"),
                    (administers, "the person does not administer the contract"),
                    (request.requester.email.as_ref() != Some(&posted.to), "the requester decides"),
                ]
                .into_iter()
                .find_map(|(holds, why)| (!holds).then_some(why))
            }
            Input::Review(act) => {
                let stands_in = act.overrides
                    && (item.standing == Standing::VendorReview(Wait::NoAdministrator)
                        || item.standing == Standing::AdministratorReview && request.escalated);
                [
                    (act.reference == request.reference, "an act on another request"),
                    (act.act == Act::Approve, "no approval"),
                    (act.items.is_empty() || act.items.contains(&item.no), "the act does not name the item"),
                    (before.desk.reviewer_names.contains(&act.reviewer), "no reviewer"),
                    (
                        item.standing == Standing::VendorReview(Wait::Final) || stands_in,
                        "the item does not wait for the last word",
                    ),
                    (self.consents.contains(&(request.reference.clone(), item.no)), "no consent of the approver"),
                ]
                .into_iter()
                .find_map(|(holds, why)| (!holds).then_some(why))
            }
            Input::Timer(_) | Input::Delivery(_) | Input::Register(_) | Input::Operator(_) => {
                Some("nobody said so at all")
            }
        }
    }

    /// Whether the mail's token may move items at all: and if so, which ones, of which request.
    pub fn may_move(before: &SmallWorld, mail: &MailInput) -> Option<(Reference, BTreeSet<ItemNo>)> {
        let posted = letter(before, mail)?;
        let own = mail.from.as_ref() == Some(&posted.to) && mail.authentication.is_aligned();
        own.then(|| (posted.reference.clone(), posted.items.clone()))
    }
}
