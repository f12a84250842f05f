//! A desk in memory: contracts, requests, grants and letters, fed back into `decide` input by input. No store, no mail.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use ringi::domain::address::EmailAddress;
use ringi::domain::calendar::Calendar;
use ringi::domain::contract::{AdministeredBy, Administrator, Contract};
use ringi::domain::decide::decide;
use ringi::domain::entropy::Seeded;
use ringi::domain::grant::Grant;
use ringi::domain::ids::{ApprovalNo, ItemNo, LetterNo, Reference};
use ringi::domain::input::{DeliveryResult, Input};
use ringi::domain::letter::{Body, Key, Letter};
use ringi::domain::outcome::Outcome;
use ringi::domain::policy::{Alignment, Breakers, Desk, Policy, Signature};
use ringi::domain::request::Request;
use ringi::domain::snapshot::{Load, Snapshot};
use ringi::domain::words::Language;

/// The numbers of the contracts, each with what is special about it.
pub const TWO_ADMINISTRATORS: &str = "1001";
pub const ONE_ADMINISTRATOR: &str = "1002";
pub const DESK: &str = "1003";
pub const DESK_NO_DOMAIN: &str = "1004";
pub const NO_ADMINISTRATOR: &str = "1005";
pub const TOO_NEW: &str = "1006";
pub const ENDED: &str = "1007";
pub const UNKNOWN: &str = "9999";

pub const FIRST: &str = "first@haruka.example";
pub const SECOND: &str = "second@haruka.example";
pub const APPROVER: &str = "approver@haruka.example";
pub const REVIEWER: &str = "ito";

pub fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

pub fn at(text: &str) -> DateTime<Utc> {
    text.parse::<DateTime<chrono::FixedOffset>>().unwrap().to_utc()
}

/// A contract of the holder `haruka.example` with these administrators; none means that the desk administers it.
pub fn contract(number: &str, administrators: &[&str]) -> Contract {
    Contract {
        number: number.to_owned(),
        holder: "株式会社はるか".to_owned(),
        aliases: Vec::new(),
        domains: vec!["haruka.example".to_owned()],
        addresses: Vec::new(),
        bill_to_id: None,
        service_level: None,
        issued_at: None,
        starts_on: None,
        ends_on: None,
        serial_numbers: Vec::new(),
        administered_by: if administrators.is_empty() { AdministeredBy::Desk } else { AdministeredBy::Administrators },
        administrators: administrators.iter().map(|email| Administrator::new(address(email))).collect(),
        quorum: None,
    }
}

fn contracts(now: DateTime<Utc>) -> BTreeMap<String, Contract> {
    let yesterday = now - TimeDelta::days(1);
    [
        contract(TWO_ADMINISTRATORS, &[FIRST, SECOND]),
        contract(ONE_ADMINISTRATOR, &[SECOND]),
        contract(DESK, &[]),
        Contract { domains: Vec::new(), ..contract(DESK_NO_DOMAIN, &[]) },
        Contract { administered_by: AdministeredBy::Administrators, ..contract(NO_ADMINISTRATOR, &[]) },
        Contract { issued_at: Some(yesterday), ..contract(TOO_NEW, &[FIRST]) },
        Contract { ends_on: Some(yesterday.date_naive()), ..contract(ENDED, &[FIRST]) },
    ]
    .map(|contract| (contract.number.clone(), contract))
    .into()
}

pub fn desk() -> Desk {
    Desk {
        name: "support".to_owned(),
        signature: Signature { japanese: "サポート窓口".to_owned(), english: "Support desk".to_owned() },
        address: address("desk@vendor.example"),
        addresses: vec![address("desk@vendor.example")],
        reviewers: vec![address("reviewers@vendor.example")],
        reviewer_names: vec![REVIEWER.to_owned()],
        language: Language::English,
        plus_addressing: true,
        calendar: Calendar::plain(chrono_tz::Asia::Tokyo),
        policy: Policy {
            agreement: ringi::domain::contract::Quorum::Any,
            unverified_hourly_limit: 0,
            alignment: Alignment::Required,
            remind_after: vec![1, 2],
            escalate_after: 3,
            expire_after: 14,
            review_within: TimeDelta::hours(2),
            review_warning_after: TimeDelta::minutes(90),
            too_new_for: TimeDelta::hours(48),
            direct_support_levels: vec!["direct".to_owned()],
            unverified_sender_limit: 5,
            administrator_daily_limit: 10,
            unmatched_daily_limit: 10,
            legal_forms: vec!["株式会社".to_owned()],
            breakers: Breakers { address_daily: 20, request_daily: 6, hourly: 500 },
        },
    }
}

/// A letter that asks, as it left.
#[derive(Debug, Clone)]
pub struct Posted {
    pub reference: Reference,
    pub letter: LetterNo,
    pub approval: ApprovalNo,
    pub to: EmailAddress,
    /// The items as the letter itself names them.
    pub items: BTreeSet<ItemNo>,
    /// Those of them about which it asks for consent.
    pub consent: BTreeSet<ItemNo>,
}

#[derive(Clone)]
pub struct SmallWorld {
    pub desk: Desk,
    pub now: DateTime<Utc>,
    pub contracts: BTreeMap<String, Contract>,
    pub requests: BTreeMap<Reference, Request>,
    pub grants: Vec<Grant>,
    pub posted: Vec<Posted>,
    pub unsent: BTreeSet<(Reference, LetterNo)>,
    /// The approval that a mail without token may mean.
    pub hinted: Option<ApprovalNo>,
    entropy: Seeded,
}

impl SmallWorld {
    /// A Wednesday morning on which nothing has come in yet.
    pub fn new(seed: u64) -> Self {
        let now = at("2026-11-18T10:00:00+09:00");
        Self {
            desk: desk(),
            now,
            contracts: contracts(now),
            requests: BTreeMap::new(),
            grants: Vec::new(),
            posted: Vec::new(),
            unsent: BTreeSet::new(),
            hinted: None,
            entropy: Seeded::new(seed ^ 0x5EED),
        }
    }

    /// Decides one input about that request, and keeps what it brings.
    pub fn step(&mut self, input: &Input, about: Option<&Reference>) -> Outcome {
        let request = about.and_then(|reference| self.requests.get(reference)).cloned();
        let unsent = self.unsent.iter().filter(|(of, _)| Some(of) == about).map(|(_, letter)| *letter).collect();
        let snapshot = Snapshot {
            accounts_kept: false,
            accounts: Vec::new(),
            desk: &self.desk,
            now: self.now,
            unsent,
            hinted: self.hinted.filter(|_| request.is_some()),
            request,
            continued: false,
            contracts: self.contracts.clone(),
            grants: self.grants.clone(),
            open_elsewhere: Vec::new(),
            load: Load::default(),
            last_task_notice: None,
            untold_tasks: Vec::new(),
            undelivered_known: false,
            named: None,
        };
        let outcome = decide(&snapshot, input, &mut self.entropy);
        self.keep(input, &outcome);
        outcome
    }

    fn keep(&mut self, input: &Input, outcome: &Outcome) {
        if let Some(request) = &outcome.request {
            let known = self.requests.insert(request.reference.clone(), request.clone());
            assert_eq!(known.is_none(), outcome.opened, "a request is opened once");
        }
        for letter in &outcome.letters {
            if let (Some(reference), Key::Asks(_)) = (&letter.reference, &letter.key) {
                self.post(letter, reference, outcome.request.as_ref().unwrap());
            }
        }
        for letter in &outcome.withdraw {
            let request = outcome.request.as_ref().unwrap();
            self.unsent.remove(&(request.reference.clone(), *letter));
        }
        if let Input::Delivery(delivery) = input {
            match delivery.result {
                DeliveryResult::Accepted | DeliveryResult::Rejected { .. } => {
                    let reference = delivery.reference.clone();
                    self.unsent.retain(|(of, letter)| Some(of) != reference.as_ref() || *letter != delivery.letter);
                }
            }
        }
        self.grants.extend(outcome.grants.iter().cloned());
    }

    fn post(&mut self, letter: &Letter, reference: &Reference, request: &Request) {
        let (Body::ApprovalRequest(asks)
        | Body::ApprovalReminder(asks)
        | Body::ApprovalAgain(asks)
        | Body::ApprovalConfirmation(asks)) = &letter.body
        else {
            panic!("{} bears tokens and asks nothing", letter.body.name());
        };
        let approval = request.approvals.iter().find(|approval| approval.ask(letter.no).is_some());
        self.posted.push(Posted {
            reference: reference.clone(),
            letter: letter.no,
            approval: approval.expect("a letter that asks belongs to an approval").no,
            to: letter.to.clone(),
            items: asks.items.iter().map(|item| item.no).collect(),
            consent: asks.items.iter().filter(|item| item.consent).map(|item| item.no).collect(),
        });
        self.unsent.insert((reference.clone(), letter.no));
    }

    /// Who has which access, whatever it was given for.
    pub fn accesses(&self) -> BTreeSet<(String, String)> {
        let name = |grant: &Grant| (grant.account.key(), grant.contract_number.clone().unwrap_or_default());
        self.grants.iter().map(name).collect()
    }
}
