//! Decisions: a request comes back as it was written, a failing write leaves nothing, and what a decision reads is right.

use std::collections::BTreeSet;

use super::*;
use crate::domain::approval::Say;
use crate::domain::contract::{AdministeredBy, Administrator, Contract};
use crate::domain::event::{Event, EventKind};
use crate::domain::grant::Grant;
use crate::domain::input::Whose;
use crate::domain::request::{Clearing, ReviewedDigest};
use crate::domain::snapshot::OpenItem;
use crate::domain::task::{NewTask, TaskCause};
use crate::domain::timer::{Timer, TimerChange};
use crate::domain::words::Clearance;

pub(super) fn contract(number: &str, administrator: &str) -> Contract {
    Contract {
        number: number.into(),
        holder: "株式会社はるか".into(),
        aliases: vec!["Haruka K.K.".into(), "Haruka".into()],
        domains: vec!["haruka.example".into()],
        addresses: vec![address("Speaker@Partner.example")],
        bill_to_id: Some("B-1".into()),
        service_level: None,
        issued_at: Some(nine()),
        starts_on: None,
        ends_on: "2027-03-31".parse().ok(),
        serial_numbers: vec!["S-1".into()],
        administered_by: AdministeredBy::Administrators,
        administrators: vec![Administrator {
            email: address(administrator),
            name: Some("管理者".into()),
            language: None,
            substitutes: Vec::new(),
        }],
        quorum: None,
    }
}

fn every_standing() -> Vec<Standing> {
    let person = || Decider::Person(address("Admin@Haruka.example"));
    let reviewer = || Decider::Reviewer("ito".into());
    let mut all = vec![
        Standing::Approved(person()),
        Standing::AdministratorReview,
        Standing::Cancelled(reviewer()),
        Standing::Expired,
    ];
    all.extend(
        [Wait::Reading, Wait::SeveralPeople, Wait::Identity, Wait::Entitlement, Wait::NoAdministrator, Wait::Final]
            .map(Standing::VendorReview),
    );
    all.extend(
        [
            Need::MissingInformation,
            Need::ContractTooNew,
            Need::WrongAccessLevel,
            Need::PublicDomain,
            Need::CompanyMismatch,
            Need::ConsentRequired,
            Need::SentBack,
        ]
        .map(Standing::FurtherAction),
    );
    all.extend(
        [
            Denial::ContractNotFound,
            Denial::ContractInactive,
            Denial::AlreadyRegistered,
            Denial::ProfileIncomplete,
            Denial::ApproverNotEntitled,
            Denial::Declined,
        ]
        .map(|denial| Standing::Denied(denial, Decider::Policy)),
    );
    all
}

#[tokio::test]
async fn a_rich_request_comes_back_as_it_was_written() {
    let bench = Bench::new().await;
    let (input, mail) = bench.receive(1).await;
    let mut written = request("RG-7K3M9Q", mail);
    written.items = every_standing().into_iter().zip(1..).map(|(standing, no)| item(no, standing)).collect();
    written.items.push(Item {
        contract_number: None,
        serial_number: Some("S-9".into()),
        ..item(90, Standing::AdministratorReview)
    });
    written.approvals = vec![
        approval(&written, 1, 1, "Admin+tag@Haruka.example"),
        Approval {
            state: ApprovalState::Unreachable,
            asked_at: Some(after(5)),
            asked_again: true,
            confirmation_sent: true,
            stranger_told: true,
            ..approval(&written, 2, 2, "second@haruka.example")
        },
    ];
    written.last_letter = LetterNo(2);
    let mut outcome = opening(&written, 1);
    outcome.letters.push(asking(&written, 2, "second@haruka.example", 2));
    bench.decide(input, &outcome, after(2)).await.unwrap();
    let read = bench.store.request(&written.reference).await.unwrap().unwrap();
    assert_eq!(
        format!("{read:?}"),
        format!("{written:?}"),
        "Debug shows addresses as given, where equality folds them"
    );

    let (input, answer) = bench.receive(2).await;
    let vote = |digest: &str, says, at| Vote {
        person: address("admin@haruka.example"),
        says,
        digest: ShownDigest(digest.into()),
        at: after(at),
        mail: answer,
        comment: (says == Say::SendBack).then(|| "会社名".to_owned()),
    };
    let mut changed = read.clone();
    changed.items[1].votes = vec![vote("one", Say::Approve, 3), vote("two", Say::SendBack, 1)];
    changed.items[1].standing = Standing::Denied(Denial::Declined, Decider::Reviewer("伊藤".into()));
    changed.items[0].revision = 2;
    changed.items[0].clearings = vec![Clearing {
        clearance: Clearance::Entitlement,
        reviewer: "伊藤".into(),
        at: after(3),
        digest: ReviewedDigest("three".into()),
        overrides: true,
        comment: Some("電話で確認".into()),
    }];
    changed.approvals[0].asks.push(Ask { letter: LetterNo(3), purpose: Purpose::Reminder, shown: Vec::new() });
    changed.last_letter = LetterNo(3);
    changed.escalated = true;
    changed.reason = None;
    let outcome = Outcome { request: Some(changed.clone()), ..Outcome::default() };
    bench.decide(input, &outcome, after(4)).await.unwrap();
    let read = bench.store.request(&written.reference).await.unwrap().unwrap();
    assert_eq!(format!("{read:?}"), format!("{changed:?}"));

    // V2: a change of what was shown voids votes.
    let (input, _) = bench.receive(3).await;
    changed.items[1].votes.remove(0);
    bench.decide(input, &Outcome { request: Some(changed.clone()), ..Outcome::default() }, after(6)).await.unwrap();
    assert_eq!(bench.store.request(&written.reference).await.unwrap().unwrap(), changed);
}

#[tokio::test]
async fn one_outcome_is_written_whole() {
    let bench = Bench::new().await;
    let (input, mail) = bench.receive(1).await;
    let mut new = request("RG-7K3M9Q", mail);
    new.items.push(item(2, Standing::Approved(Decider::Person(address("admin@haruka.example")))));
    let timer = Timer::Remind { reference: new.reference.clone(), approval: ApprovalNo(1), nth: 0 };
    let grant = Grant {
        account: address("Op@Ops.example"),
        contract_number: Some("92168802".into()),
        bill_to_id: None,
        access_level: AccessLevel::Full,
        granted_at: after(2),
        granted_by: Decider::Policy,
        reference: new.reference.clone(),
        item: ItemNo(2),
    };
    let outcome = Outcome {
        events: vec![Event::new(EventKind::Opened, "Opened.").mail(mail).person(&new.sender)],
        tasks: vec![NewTask::new(TaskCause::OverLimit, "Too many.").mail(mail)],
        timers: vec![TimerChange::Set { timer: timer.clone(), due: after(500) }],
        grants: vec![grant.clone(), grant.clone()],
        ..opening(&new, 1)
    };
    let written = bench.decide(input, &outcome, after(2)).await.unwrap();

    let letter = bench.store.letter(written.letters[0]).await.unwrap().unwrap();
    assert_eq!((letter.state, letter.asks, letter.no), (LetterState::Waiting, true, LetterNo(1)));
    let task = bench.store.task(written.tasks[0]).await.unwrap().unwrap();
    assert_eq!(
        (task.cause, task.mail, task.reference),
        (TaskCause::OverLimit, Some(mail), Some(new.reference.clone()))
    );
    assert_eq!(bench.store.next_due(bench.desk).await.unwrap(), Some(after(2)), "the notice of the task, at once");
    let row = bench.store.mail(mail).await.unwrap().unwrap().row;
    assert_eq!(
        (row.taken_as.as_deref(), row.folder, row.worked_at),
        (Some("request"), Some(Folder::Done), Some(after(2)))
    );
    assert_eq!(bench.store.waiting_inputs(bench.desk).await.unwrap(), 0);
    let timeline = bench.store.timeline(&new.reference).await.unwrap();
    assert_eq!(timeline.iter().map(|entry| entry.kind).collect::<Vec<_>>(), [EventKind::Opened, EventKind::TaskOpened]);
    assert_eq!(timeline[1].task, Some(written.tasks[0]));

    let mut deciding = bench.store.begin(bench.desk).await.unwrap();
    assert_eq!(deciding.grants(&address("op+x@ops.example")).await.unwrap(), [grant], "at most one active of each");
    assert_eq!(deciding.untold_tasks().await.unwrap()[0].id, written.tasks[0].0);
    assert_eq!(deciding.unsent(&new.reference).await.unwrap(), BTreeSet::from([LetterNo(1)]));
    let message_id = &words(&outcome)[0].message_id;
    let known = deciding.letter_by_message_id(message_id).await.unwrap().unwrap();
    assert_eq!((known.letter, known.recipient), (LetterNo(1), address("admin@haruka.example")));
}

#[tokio::test]
async fn a_failing_write_leaves_nothing_even_if_it_is_committed() {
    let bench = Bench::new().await;
    let (input, mail) = bench.receive(1).await;
    let new = request("RG-7K3M9Q", mail);
    // Everything before the withdrawal succeeds; a letter that does not exist cannot be withdrawn.
    let outcome = Outcome { withdraw: vec![LetterNo(9)], ..opening(&new, 1) };
    let mut deciding = bench.store.begin(bench.desk).await.unwrap();
    assert!(deciding.write(input, &outcome, &words(&outcome), after(2)).await.is_err());
    assert!(deciding.commit().await.is_err());
    assert_eq!(bench.store.request(&new.reference).await.unwrap(), None);
    assert_eq!(bench.store.waiting_inputs(bench.desk).await.unwrap(), 1);
    assert_eq!(bench.store.letters(&LetterFilter::default(), 10).await.unwrap(), []);
    let mut dropped = bench.store.begin(bench.desk).await.unwrap();
    dropped.write(input, &opening(&new, 1), &words(&outcome), after(2)).await.unwrap();
    drop(dropped);
    assert_eq!(bench.store.waiting_inputs(bench.desk).await.unwrap(), 1);
    bench.decide(input, &opening(&new, 1), after(3)).await.unwrap();
}

#[tokio::test]
async fn a_reference_that_is_taken_is_refused_and_another_one_goes_through() {
    let bench = Bench::new().await;
    let (input, mail) = bench.receive(1).await;
    bench.decide(input, &opening(&request("RG-7K3M9Q", mail), 1), after(2)).await.unwrap();
    let (input, mail) = bench.receive(2).await;
    let clash = bench.decide(input, &opening(&request("RG-7K3M9Q", mail), 2), after(3)).await;
    assert!(matches!(clash, Err(StoreError::ReferenceTaken(taken)) if taken == reference("RG-7K3M9Q")));
    bench.decide(input, &opening(&request("RG-7K3M9R", mail), 2), after(3)).await.unwrap();
}

#[tokio::test]
async fn an_input_is_worked_once() {
    let bench = Bench::new().await;
    let (input, _) = bench.receive(1).await;
    bench.decide(input, &Outcome::default(), after(2)).await.unwrap();
    let again = bench.decide(input, &Outcome::default(), after(3)).await;
    assert!(matches!(again, Err(StoreError::Stale { .. })));
}

#[tokio::test]
async fn t8_tokens_are_kept_as_hashes_and_name_their_approval_within_the_desk_alone() {
    let bench = Bench::new().await;
    let (input, mail) = bench.receive(1).await;
    let new = request("RG-7K3M9Q", mail);
    let outcome = opening(&new, 1);
    bench.decide(input, &outcome, after(2)).await.unwrap();
    let Key::Asks(secrets) = &outcome.letters[0].key else { panic!("it asks") };
    let whose = Whose::Approval(ApprovalNo(1));
    let owner = TokenOwner { reference: new.reference.clone(), whose, letter: LetterNo(1) };
    let mut deciding = bench.store.begin(bench.desk).await.unwrap();
    let owners = deciding.tokens(&secrets.hashes()).await.unwrap();
    assert_eq!(owners.into_values().collect::<Vec<_>>(), [owner.clone(), owner.clone(), owner]);
    drop(deciding);
    let other = bench.store.desk("sales").await.unwrap();
    let mut deciding = bench.store.begin(other).await.unwrap();
    assert!(deciding.tokens(&secrets.hashes()).await.unwrap().is_empty());
    assert_eq!(deciding.request(&new.reference).await.unwrap(), None);
    drop(deciding);
    let file = std::fs::read(bench.path()).unwrap();
    let wal = std::fs::read(bench.path().with_extension("db-wal")).unwrap();
    for secret in [&secrets.reply_address, &secrets.message_id, &secrets.reference_line] {
        let secret = secret.expose().as_bytes();
        assert!(!file.windows(secret.len()).chain(wal.windows(secret.len())).any(|window| window == secret));
    }
}

#[tokio::test]
async fn a_withdrawn_letter_never_leaves_and_its_tokens_open_nothing() {
    let bench = Bench::new().await;
    let (input, mail) = bench.receive(1).await;
    let mut open = request("RG-7K3M9Q", mail);
    let outcome = opening(&open, 1);
    let letter = bench.decide(input, &outcome, after(2)).await.unwrap().letters[0];
    let (input, _) = bench.receive(2).await;
    open.items[0].standing = Standing::Denied(Denial::Declined, Decider::Policy);
    open.approvals[0].asks.clear();
    let settle = Outcome { request: Some(open), withdraw: vec![LetterNo(1)], ..Outcome::default() };
    bench.decide(input, &settle, after(3)).await.unwrap();
    assert_eq!(bench.store.letter(letter).await.unwrap().unwrap().state, LetterState::Withdrawn);
    assert!(bench.store.claim(bench.desk, "me", after(9), 10).await.unwrap().is_empty());
    let Key::Asks(secrets) = &outcome.letters[0].key else { panic!("it asks") };
    let mut deciding = bench.store.begin(bench.desk).await.unwrap();
    assert!(deciding.tokens(&secrets.hashes()).await.unwrap().is_empty());
}

#[tokio::test]
async fn t3_a_reference_hints_at_an_approval_only_where_it_is_one_and_its_person_administers_the_contract_now() {
    let bench = Bench::new().await;
    for (uid, name) in [(1, "RG-7K3M9Q"), (2, "RG-7K3M9R")] {
        let (input, mail) = bench.receive(uid).await;
        bench.decide(input, &opening(&request(name, mail), uid.into()), after(3)).await.unwrap();
    }
    let (one, two) = (reference("RG-7K3M9Q"), reference("RG-7K3M9R"));
    let person = address("admin@haruka.example");
    let hint = async |references: &[Reference], person: &EmailAddress| {
        let mut deciding = bench.store.begin(bench.desk).await.unwrap();
        deciding.hinted(references, person, after(0).date_naive()).await.unwrap()
    };
    assert_eq!(hint(std::slice::from_ref(&one), &person).await, None, "the register does not know the contract");
    bench.import(&[contract("92168801", "Admin@haruka.example")], &[]).await;
    assert_eq!(hint(&[one.clone(), one.clone()], &person).await, Some((one.clone(), ApprovalNo(1))));
    assert_eq!(hint(&[one.clone(), two.clone()], &person).await, None, "two are open");
    assert_eq!(hint(std::slice::from_ref(&one), &address("other@haruka.example")).await, None);
    bench.import(&[contract("92168801", "successor@haruka.example")], &[]).await;
    assert_eq!(hint(&[one], &person).await, None, "no longer an administrator");
}

#[tokio::test]
async fn a3_load_counts_unanswered_approvals_unmatched_numbers_and_letters_of_the_last_day() {
    let bench = Bench::new().await;
    let (input, mail) = bench.receive(1).await;
    let mut open = request("RG-7K3M9Q", mail);
    open.items.push(item(2, Standing::Denied(Denial::ContractNotFound, Decider::Policy)));
    bench.decide(input, &opening(&open, 1), after(2)).await.unwrap();
    bench.import(&[contract("92168801", "admin@haruka.example")], &[]).await;
    let load = async |sender: &str, verified, now| {
        let mut deciding = bench.store.begin(bench.desk).await.unwrap();
        let contracts = deciding.contracts(&["92168801".into(), "0".into()]).await.unwrap();
        let load = deciding.load(&address(sender), verified, &contracts, now).await.unwrap();
        (load.unanswered_of_sender, load.unmatched_today, load.asked_today["admin@haruka.example"])
    };
    assert_eq!(load("kei.mori@haruka.example", false, after(60)).await, (1, 1, 1));
    assert_eq!(load("somebody@haruka.example", false, after(60)).await, (0, 1, 1), "the domain's numbers count");
    assert_eq!(load("somebody@ops.example", true, after(60)).await, (0, 0, 0), "verified senders count apart");
    assert_eq!(load("kei.mori@haruka.example", false, after(2 + 86_400)).await, (1, 0, 0), "a day later");
    // Answered: the approval does not count any more.
    let (input, answer) = bench.receive(2).await;
    let digest = open.approvals[0].asks[0].shown[0].digest.clone();
    open.items[0].votes = vec![Vote {
        person: address("admin@haruka.example"),
        says: Say::Approve,
        digest,
        at: after(3),
        mail: answer,
        comment: None,
    }];
    bench.decide(input, &Outcome { request: Some(open), ..Outcome::default() }, after(3)).await.unwrap();
    assert_eq!(load("kei.mori@haruka.example", false, after(60)).await.0, 0);
}

#[tokio::test]
async fn open_items_of_other_requests_for_the_same_account_are_found() {
    let bench = Bench::new().await;
    let (input, mail) = bench.receive(1).await;
    let open = request("RG-7K3M9Q", mail);
    bench.decide(input, &opening(&open, 1), after(2)).await.unwrap();
    let mut deciding = bench.store.begin(bench.desk).await.unwrap();
    let numbers = ["92168801".to_owned()];
    let found = deciding.open_elsewhere(&address("OP@ops.example"), &numbers, None).await.unwrap();
    let expected = OpenItem {
        reference: open.reference.clone(),
        contract_number: "92168801".into(),
        access_level: AccessLevel::Full,
    };
    assert_eq!(found, [expected]);
    let own = deciding.open_elsewhere(&address("op@ops.example"), &numbers, Some(&open.reference)).await.unwrap();
    assert_eq!(own, []);
    assert_eq!(deciding.open_elsewhere(&address("x@ops.example"), &numbers, None).await.unwrap(), []);
}

#[tokio::test]
async fn reviewers_are_told_of_tasks_at_most_once_an_hour_and_of_urgent_ones_at_once() {
    let bench = Bench::new().await;
    let task = NewTask::new(TaskCause::NotWorked, "x");
    let (input, _) = bench.receive(1).await;
    let first =
        bench.decide(input, &Outcome { tasks: vec![task.clone()], ..Outcome::default() }, after(10)).await.unwrap();
    assert_eq!(bench.store.fire_due(bench.desk, after(10), 5, false).await.unwrap(), 1);
    let notice = bench.store.next_input(bench.desk).await.unwrap().unwrap();
    let told = Outcome { told_tasks: vec![first.tasks[0].0], ..Outcome::default() };
    bench.decide(notice.id, &told, after(11)).await.unwrap();
    let mut deciding = bench.store.begin(bench.desk).await.unwrap();
    assert_eq!(deciding.last_task_notice().await.unwrap(), Some(after(11)));
    assert_eq!(deciding.untold_tasks().await.unwrap(), []);
    drop(deciding);

    let (input, _) = bench.receive(2).await;
    bench.decide(input, &Outcome { tasks: vec![task.clone()], ..Outcome::default() }, after(20)).await.unwrap();
    assert_eq!(bench.store.next_due(bench.desk).await.unwrap(), Some(after(11 + 3600)));
    let (input, _) = bench.receive(3).await;
    bench
        .decide(input, &Outcome { tasks: vec![task.clone().urgent()], ..Outcome::default() }, after(30))
        .await
        .unwrap();
    assert_eq!(bench.store.next_due(bench.desk).await.unwrap(), Some(after(30)));
    let (input, _) = bench.receive(4).await;
    bench.decide(input, &Outcome { tasks: vec![task], ..Outcome::default() }, after(40)).await.unwrap();
    assert_eq!(bench.store.next_due(bench.desk).await.unwrap(), Some(after(30)), "never put off");
}
