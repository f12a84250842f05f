//! Tests of the store against a real database file, and what they share.

mod chain;
mod decisions;
mod inputs;
mod ledger;
mod outbox;
mod path;
mod plans;
mod register;
mod surroundings;

use chrono::{DateTime, TimeDelta, Utc};

use super::*;
use crate::domain::address::EmailAddress;
use crate::domain::approval::{Approval, ApprovalState, Ask, Purpose, Shown, Vote};
use crate::domain::contract::{BillTo, Contract};
use crate::domain::entropy::{Secrets, Seeded, Token};
use crate::domain::ids::{ApprovalNo, ItemNo, LetterNo, MailId, Reference};
use crate::domain::letter::{Again, ApprovalRequest, Body, Key, Letter, Receipt, Rendered};
use crate::domain::outcome::{Disposition, Folder, Outcome};
use crate::domain::register::Register;
use crate::domain::request::{Decider, Denial, Item, Need, Person, Request, ShownDigest, Standing, Wait};
use crate::domain::words::{AccessLevel, Kind, Language};

/// A database in a folder of its own, with one desk and one mailbox that was opened at nine.
pub(super) struct Bench {
    pub folder: tempfile::TempDir,
    pub store: Store,
    pub desk: DeskId,
    pub mailbox: MailboxId,
}

pub(super) const VALIDITY: u32 = 7;

impl Bench {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("ringi.db"), Create::Yes)
            .await
            .unwrap()
            .with_salts(Box::new(Seeded::new(1)));
        let desk = store.desk("support").await.unwrap();
        let mailbox = store.open_mailbox(desk, "INBOX", VALIDITY, nine()).await.unwrap().id;
        Self { folder, store, desk, mailbox }
    }

    /// Takes contracts and bill-to IDs over, at nine.
    pub async fn import(&self, contracts: &[Contract], bill_tos: &[BillTo]) -> ImportReport {
        self.import_as(contracts, bill_tos, ImportMode::default()).await
    }

    pub async fn import_as(&self, contracts: &[Contract], bill_tos: &[BillTo], mode: ImportMode) -> ImportReport {
        let (contracts, bill_tos) = (contracts.to_vec(), bill_tos.to_vec());
        let register = Register { contracts, bill_tos, ..Register::default() };
        self.store.import_register(register, mode, nine()).await.unwrap()
    }

    pub fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("ringi.db")
    }

    /// Records one mail and gives its input.
    pub async fn receive(&self, uid: u32) -> (InputId, MailId) {
        let batch = Batch { mails: vec![incoming(uid, &format!("d{uid}"))], up_to: uid, ..Batch::default() };
        let recorded =
            self.store.record(self.mailbox, VALIDITY, &batch, Backlog::Human, after(uid.into())).await.unwrap();
        let input = self.store.next_input(self.desk).await.unwrap().unwrap();
        (input.id, recorded.new[0])
    }

    /// Writes an outcome for the next input, with made-up words for its letters.
    pub async fn decide(&self, input: InputId, outcome: &Outcome, now: Moment) -> Result<Written> {
        let mut deciding = self.store.begin(self.desk).await?;
        let written = deciding.write(input, outcome, &words(outcome), now).await?;
        deciding.commit().await?;
        Ok(written)
    }
}

pub(super) fn nine() -> DateTime<Utc> {
    "2026-11-20T09:00:00.500Z".parse().unwrap()
}

pub(super) fn after(seconds: i64) -> DateTime<Utc> {
    nine() + TimeDelta::seconds(seconds)
}

pub(super) fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

pub(super) fn reference(text: &str) -> Reference {
    Reference::parse(text).unwrap()
}

pub(super) fn incoming(uid: u32, digest: &str) -> Incoming {
    Incoming {
        uid,
        received_at: Some(after(uid.into())),
        size: 40,
        headers_only: false,
        raw: b"Subject: x\r\n\r\nbody".to_vec(),
        message_id: Some(format!("m{uid}@haruka.example")),
        digest: digest.to_owned(),
        from: None,
        subject: "x".to_owned(),
    }
}

/// Words for each letter of an outcome: the Message-ID is made of its request, number and recipient.
pub(super) fn words(outcome: &Outcome) -> Vec<Rendered> {
    outcome
        .letters
        .iter()
        .map(|letter| Rendered {
            message_id: match &letter.key {
                Key::Asks(secrets) | Key::AsksSender(secrets) => {
                    format!("{}@desk.example", secrets.message_id.expose())
                }
                Key::Tells(token) => format!("{}@desk.example", token.expose()),
            },
            subject: "件名".to_owned(),
            shown_text: "…".to_owned(),
            bytes: b"Subject: x\r\n\r\nwhat leaves".to_vec(),
        })
        .collect()
}

pub(super) fn item(no: u32, standing: Standing) -> Item {
    Item {
        no: ItemNo(no),
        contract_number: Some(format!("9216880{no}")),
        bill_to_id: None,
        serial_number: None,
        standing,
        votes: Vec::new(),
        clearings: Vec::new(),
        revision: 0,
        since: nine(),
    }
}

/// A request with one item under review and one administrator who was asked by letter 1.
pub(super) fn request(name: &str, mail: MailId) -> Request {
    let mut request = Request {
        reference: reference(name),
        kind: Kind::ThirdParty,
        access_level: AccessLevel::Full,
        received_at: nine(),
        language: Language::Japanese,
        sender: address("Kei.Mori+x@Haruka.example"),
        sender_name: Some("森 圭".into()),
        sender_verified: false,
        mail,
        message_id: Some("m1@haruka.example".into()),
        subject: "登録依頼 🖋".into(),
        requester: Person { email: Some(address("op@ops.example")), name: None, company: Some("㈱運用".into()) },
        approver: Person { email: Some(address("boss@haruka.example")), name: Some("長".into()), company: None },
        reason: Some("保守を委託しているため".into()),
        items: vec![item(1, Standing::AdministratorReview)],
        approvals: Vec::new(),
        last_letter: LetterNo(1),
        escalated: false,
        confirmation_sent: false,
    };
    request.approvals.push(approval(&request, 1, 1, "admin@haruka.example"));
    request
}

pub(super) fn approval(request: &Request, no: u32, letter: u32, person: &str) -> Approval {
    let shown = request.items.iter().map(|item| Shown { item: item.no, digest: request.shown_digest(item) }).collect();
    Approval {
        no: ApprovalNo(no),
        person: address(person),
        name: Some("管理者".into()),
        language: Language::English,
        state: ApprovalState::Open,
        asks: vec![Ask { letter: LetterNo(letter), purpose: Purpose::First, shown }],
        asked_at: None,
        asked_again: false,
        confirmation_sent: false,
        stranger_told: false,
    }
}

/// The letter that asks an approval's person, with tokens from a seed.
pub(super) fn asking(request: &Request, letter: u32, to: &str, seed: u64) -> Letter {
    let body = Body::ApprovalRequest(Box::new(ApprovalRequest {
        purpose: Purpose::First,
        kind: request.kind,
        access_level: request.access_level,
        sender_email: request.sender.to_string(),
        sender_name: None,
        sender_verified: request.sender_verified,
        requester_email: "op@ops.example".into(),
        requester_name: None,
        requester_company: None,
        approver_email: None,
        approver_name: None,
        approver_company: None,
        reason: None,
        items: Vec::new(),
        sender_words: None,
        again: Again::Unclear,
        your_words: None,
        answer_by: None,
    }));
    Letter { key: Key::Asks(Secrets::draw(&mut Seeded::new(seed))), body, ..telling(Some(request), letter, to, seed) }
}

/// A letter that asks nothing.
pub(super) fn telling(request: Option<&Request>, letter: u32, to: &str, seed: u64) -> Letter {
    Letter {
        reference: request.map(|request| request.reference.clone()),
        no: LetterNo(letter),
        to: address(to),
        to_name: None,
        language: Language::Japanese,
        thread: None,
        key: Key::Tells(Token::draw(&mut Seeded::new(seed))),
        body: Body::Receipt(Receipt { about: "x".into() }),
        not_before: None,
        unverified: false,
    }
}

/// The outcome that opens a request and asks its administrator.
pub(super) fn opening(request: &Request, seed: u64) -> Outcome {
    Outcome {
        request: Some(request.clone()),
        opened: true,
        letters: vec![asking(request, 1, "admin@haruka.example", seed)],
        disposition: Some(Disposition {
            taken_as: "request".into(),
            folder: Folder::Done,
            detail: format!("Opened {}.", request.reference),
            from: Some(request.sender.clone()),
            subject: request.subject.clone(),
        }),
        ..Outcome::default()
    }
}
