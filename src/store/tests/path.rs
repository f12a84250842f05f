//! Real decisions through the store: what one writes is what the next one reads.

use super::decisions::contract;
use super::*;
use crate::domain::calendar::Calendar;
use crate::domain::contract::Quorum;
use crate::domain::decide::decide;
use crate::domain::heard::{AnswerReading, PersonReading, RequestReading};
use crate::domain::input::{Carried, Input, MailInput};
use crate::domain::policy::{Alignment, Breakers, Desk, Policy, Signature};
use crate::domain::snapshot::Snapshot;
use crate::domain::trust::{Authentication, Carrier};
use crate::domain::words::{Class, Status, Verdict};

fn desk() -> Desk {
    Desk {
        name: "support".into(),
        signature: Signature { japanese: "窓口".into(), english: "Desk".into() },
        address: address("desk@desk.example"),
        addresses: vec![address("desk@desk.example")],
        reviewers: vec![address("reviewer@desk.example")],
        reviewer_names: vec!["reviewer".to_owned()],
        language: Language::Japanese,
        plus_addressing: true,
        calendar: Calendar::plain(chrono_tz::Asia::Tokyo),
        policy: Policy {
            alignment: Alignment::NotRequired,
            agreement: Quorum::Any,
            remind_after: vec![1, 2],
            escalate_after: 3,
            expire_after: 14,
            review_within: TimeDelta::hours(2),
            review_warning_after: TimeDelta::minutes(90),
            too_new_for: TimeDelta::zero(),
            direct_support_levels: Vec::new(),
            unverified_sender_limit: 5,
            administrator_daily_limit: 10,
            unmatched_daily_limit: 10,
            unverified_hourly_limit: 100,
            breakers: Breakers { address_daily: 20, request_daily: 6, hourly: 500 },
            legal_forms: vec!["株式会社".into(), "K.K.".into()],
        },
    }
}

fn mail(id: MailId, from: &str) -> MailInput {
    MailInput {
        mail: id,
        received_at: nine(),
        from: Some(address(from)),
        from_name: None,
        message_id: None,
        subject: "登録依頼".into(),
        language: Language::Japanese,
        class: Class::Request,
        class_cause: None,
        unanswerable: false,
        headers_only: false,
        authentication: Authentication::NotAligned { cause: "none".into() },
        request: None,
        asks_again: false,
        answer: None,
        visible_text: String::new(),
        carried: Vec::new(),
        returned: None,
    }
}

fn asks_for(number: &str) -> RequestReading {
    let person = |email: &str, company: &str| PersonReading {
        email: Some(email.into()),
        name: Some("人".into()),
        company: Some(company.into()),
    };
    RequestReading {
        kind: Kind::ThirdParty,
        access_level: AccessLevel::Full,
        contract_numbers: vec![number.into()],
        bill_to_ids: Vec::new(),
        serial_numbers: Vec::new(),
        requester: person("op@ops.example", "運用"),
        approver: person("boss@haruka.example", "はるか"),
        reason: Some("保守".into()),
        missing: Vec::new(),
        several_people: false,
    }
}

/// One step as the engine makes it: read, decide, write, commit.
async fn step(bench: &Bench, input: InputId, cause: &Input, about: Option<&Reference>, now: Moment) -> Outcome {
    let desk = desk();
    let mut deciding = bench.store.begin(bench.desk).await.unwrap();
    let (mut request, mut unsent) = (None, Default::default());
    if let Some(reference) = about {
        request = deciding.request(reference).await.unwrap();
        unsent = deciding.unsent(reference).await.unwrap();
    }
    let contracts = deciding.contracts(&["92168801".to_owned()]).await.unwrap();
    let sender = address("kei@haruka.example");
    let snapshot = Snapshot {
        desk: &desk,
        now,
        request,
        unsent,
        hinted: None,
        continued: false,
        grants: deciding.grants(&address("op@ops.example")).await.unwrap(),
        accounts_kept: false,
        accounts: Vec::new(),
        open_elsewhere: Vec::new(),
        load: deciding.load(&sender, false, &contracts, now).await.unwrap(),
        contracts,
        last_task_notice: deciding.last_task_notice().await.unwrap(),
        untold_tasks: deciding.untold_tasks().await.unwrap(),
        undelivered_known: deciding.undelivered_known().await.unwrap(),
        named: None,
    };
    let seed = u64::try_from(input.0).unwrap();
    let outcome = decide(&snapshot, cause, &mut Seeded::new(seed));
    deciding.write(input, &outcome, &words(&outcome), now).await.unwrap();
    deciding.commit().await.unwrap();
    outcome
}

#[tokio::test]
async fn a_mail_becomes_an_approval_and_the_reply_to_its_letter_a_grant() {
    let bench = Bench::new().await;
    let mut known = contract("92168801", "admin@haruka.example");
    known.administrators.push(crate::domain::contract::Administrator::new(address("second@haruka.example")));
    bench.import(&[known], &[]).await;

    let (input, id) = bench.receive(1).await;
    let asked = MailInput { request: Some(asks_for("92168801")), ..mail(id, "kei@haruka.example") };
    let opened = step(&bench, input, &Input::Mail(Box::new(asked)), None, after(10)).await;
    let request = opened.request.as_ref().unwrap();
    assert_eq!(bench.store.request(&request.reference).await.unwrap().as_ref(), Some(request));

    // One of the two letters leaves and is accepted; the clocks of its approval start (rule C1).
    let first = bench.store.claim(bench.desk, "me", after(11), 1).await.unwrap();
    let accepted =
        LetterResult { letter: first[0].id, result: SendResult::Accepted, reply: "250".into(), at: after(12) };
    bench.store.settle(&[accepted]).await.unwrap();
    let next = bench.store.next_input(bench.desk).await.unwrap().unwrap();
    let Cause::Delivery(delivery) = next.cause else { panic!("{:?}", next.cause) };
    step(&bench, next.id, &Input::Delivery(delivery), Some(&request.reference), after(12)).await;
    assert!(bench.store.next_due(bench.desk).await.unwrap().is_some());

    // Its person approves, by the token that only the letter had.
    let Key::Asks(secrets) = &opened.letters[0].key else { panic!("the first letter asks") };
    let (input, id) = bench.receive(2).await;
    let mut deciding = bench.store.begin(bench.desk).await.unwrap();
    let owner = deciding.tokens(&secrets.hashes()).await.unwrap()[&secrets.message_id.hash()].clone();
    drop(deciding);
    let carried = Carried {
        carrier: Carrier::InReplyTo,
        reference: owner.reference.clone(),
        whose: owner.whose,
        letter: owner.letter,
    };
    let answer = AnswerReading {
        verdict: Verdict::Approve,
        items: Default::default(),
        delegate_to: None,
        comment: None,
        speaks_of_deciding: true,
        evidence: Vec::new(),
    };
    let reply = MailInput {
        class: Class::Answer,
        answer: Some(answer),
        carried: vec![carried],
        ..mail(id, opened.letters[0].to.as_str())
    };
    let settled = step(&bench, input, &Input::Mail(Box::new(reply)), Some(&owner.reference), after(20)).await;
    assert_eq!(settled.withdraw.len(), 1, "the other administrator is not asked any more");

    let read = bench.store.request(&owner.reference).await.unwrap().unwrap();
    assert_eq!(read.items[0].standing.status(), Status::Approved);
    assert_eq!(Some(read), settled.request);
    let mut deciding = bench.store.begin(bench.desk).await.unwrap();
    assert_eq!(deciding.grants(&address("op@ops.example")).await.unwrap(), settled.grants);
    drop(deciding);
    assert_eq!(bench.store.next_due(bench.desk).await.unwrap(), None, "nobody is reminded");
    let filter = LetterFilter { state: Some(LetterState::Withdrawn), ..LetterFilter::default() };
    assert_eq!(bench.store.letters(&filter, 9).await.unwrap()[0].recipient, address("second@haruka.example"));
    assert!(bench.store.verify_chain(bench.desk).await.unwrap().unwrap().events > 5);
}
