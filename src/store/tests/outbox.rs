//! The outbox: no letter is claimed twice, letters to one person leave in order, each end causes its input.

use super::*;
use crate::domain::input::{Delivery, DeliveryResult};

async fn waiting_letters(bench: &Bench, uid: u32, letters: Vec<Letter>, request: Option<Request>) -> Vec<LetterId> {
    let (input, _) = bench.receive(uid).await;
    let outcome = Outcome { opened: request.is_some(), request, letters, ..Outcome::default() };
    bench.decide(input, &outcome, after(2)).await.unwrap().letters
}

fn accepted(letter: LetterId) -> LetterResult {
    LetterResult { letter, result: SendResult::Accepted, reply: "250 ok".into(), at: after(20) }
}

#[tokio::test]
async fn eight_senders_claim_each_letter_once() {
    let bench = Bench::new().await;
    let letters = (0..100).map(|n| telling(None, 0, "a@haruka.example", n)).collect();
    let ids = waiting_letters(&bench, 1, letters, None).await;
    let senders: Vec<_> = (0..8)
        .map(|n| {
            let (store, desk) = (bench.store.clone(), bench.desk);
            tokio::spawn(async move {
                let mut mine = Vec::new();
                loop {
                    let claimed = store.claim(desk, &format!("sender {n}"), after(9), 3).await.unwrap();
                    if claimed.is_empty() {
                        return mine;
                    }
                    mine.extend(claimed.into_iter().map(|letter| letter.id));
                }
            })
        })
        .collect();
    let mut claimed = Vec::new();
    for sender in senders {
        claimed.extend(sender.await.unwrap());
    }
    claimed.sort();
    assert_eq!(claimed, ids);
}

#[tokio::test]
async fn c1_letters_to_one_person_about_one_request_leave_in_order() {
    let bench = Bench::new().await;
    let new = Request { approvals: Vec::new(), ..request("RG-7K3M9Q", MailId(1)) };
    let to = |letter, person, seed| telling(Some(&new), letter, person, seed);
    let letters = vec![to(1, "a@haruka.example", 1), to(2, "A+x@haruka.example", 2), to(3, "b@haruka.example", 3)];
    let ids = waiting_letters(&bench, 1, letters, Some(new.clone())).await;
    let claim = async |now| -> Vec<LetterId> {
        let claimed = bench.store.claim(bench.desk, "me", now, 10).await.unwrap();
        claimed.into_iter().map(|letter| letter.id).collect()
    };
    assert_eq!(claim(after(9)).await, [ids[0], ids[2]]);
    assert_eq!(claim(after(9)).await, [], "the first is being sent");
    let deferred = SendResult::Deferred { next_try: after(60) };
    bench
        .store
        .settle(&[LetterResult { result: deferred, reply: "450 later".into(), ..accepted(ids[0]) }])
        .await
        .unwrap();
    assert_eq!(claim(after(10)).await, [], "the first waits, and the second behind it");
    assert_eq!(bench.store.next_letter_due(bench.desk).await.unwrap(), Some(after(2)));
    assert_eq!(claim(after(60)).await, [ids[0]]);
    bench.store.settle(&[accepted(ids[0])]).await.unwrap();
    let last = bench.store.claim(bench.desk, "me", after(61), 10).await.unwrap();
    assert_eq!((last[0].id, last[0].attempts), (ids[1], 1));
    assert_eq!(last[0].bytes, b"Subject: x\r\n\r\nwhat leaves");
}

#[tokio::test]
async fn a_claim_of_an_earlier_start_or_one_that_hangs_is_given_back() {
    let bench = Bench::new().await;
    let ids = waiting_letters(&bench, 1, vec![telling(None, 0, "a@haruka.example", 1)], None).await;
    bench.store.claim(bench.desk, "start 1", after(9), 10).await.unwrap();
    assert_eq!(bench.store.release_claims(bench.desk, "start 1", after(9)).await.unwrap(), 0);
    assert_eq!(bench.store.release_claims(bench.desk, "start 2", after(0)).await.unwrap(), 1);
    bench.store.claim(bench.desk, "start 2", after(10), 10).await.unwrap();
    assert_eq!(bench.store.release_claims(bench.desk, "start 2", after(11)).await.unwrap(), 1);
    let again = bench.store.claim(bench.desk, "start 2", after(12), 10).await.unwrap();
    assert_eq!((again[0].id, again[0].attempts), (ids[0], 3), "each attempt was counted before it was made");
}

#[tokio::test]
async fn c1_c2_each_end_of_a_letter_is_an_input_once() {
    let bench = Bench::new().await;
    let new = Request { approvals: Vec::new(), ..request("RG-7K3M9Q", MailId(1)) };
    let letters = vec![telling(Some(&new), 1, "a@haruka.example", 1), telling(Some(&new), 2, "b@haruka.example", 2)];
    let ids = waiting_letters(&bench, 1, letters, Some(new.clone())).await;
    bench.store.claim(bench.desk, "me", after(9), 10).await.unwrap();
    let rejected = LetterResult { result: SendResult::Rejected, reply: "550 no such user".into(), ..accepted(ids[1]) };
    bench.store.settle(&[accepted(ids[0]), rejected.clone()]).await.unwrap();
    bench.store.settle(&[accepted(ids[0]), rejected]).await.unwrap();
    assert_eq!(bench.store.waiting_inputs(bench.desk).await.unwrap(), 2);
    let first = bench.store.next_input(bench.desk).await.unwrap().unwrap();
    let expected = Delivery {
        reference: Some(new.reference.clone()),
        letter: LetterNo(1),
        result: DeliveryResult::Accepted,
        at: after(20),
    };
    assert_eq!(first.cause, Cause::Delivery(expected));
    let row = bench.store.letter(ids[1]).await.unwrap().unwrap();
    assert_eq!((row.state, row.last_reply.as_deref()), (LetterState::Rejected, Some("550 no such user")));
    let listed =
        bench.store.letters(&LetterFilter { state: Some(LetterState::Accepted), ..Default::default() }, 9).await;
    assert_eq!(listed.unwrap().len(), 1);
}

#[tokio::test]
async fn held_letters_stay_and_the_operator_is_told_once() {
    let bench = Bench::new().await;
    let letters = (0..3).map(|n| telling(None, 0, "a@haruka.example", n)).collect();
    let ids = waiting_letters(&bench, 1, letters, None).await;
    bench.store.claim(bench.desk, "me", after(9), 1).await.unwrap();
    assert_eq!(bench.store.letters_to(bench.desk, &address("A@haruka.example"), after(0)).await.unwrap(), 1);
    let told = bench.store.hold(bench.desk, &ids[..2], "20 letters a day", after(10)).await.unwrap();
    assert!(told.is_some());
    assert_eq!(bench.store.hold(bench.desk, &ids[2..], "20 letters a day", after(11)).await.unwrap(), None);
    let held = bench.store.letter(ids[0]).await.unwrap().unwrap();
    assert_eq!((held.state, held.attempts), (LetterState::Held, 0));
    assert_eq!(bench.store.letters_to(bench.desk, &address("a@haruka.example"), after(0)).await.unwrap(), 0);
    assert!(bench.store.claim(bench.desk, "me", after(12), 10).await.unwrap().is_empty());
    assert!(bench.store.release_held(ids[0], after(13)).await.unwrap());
    assert_eq!(bench.store.claim(bench.desk, "me", after(13), 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_breakers_count_what_was_accepted_or_is_being_sent_since_then() {
    let bench = Bench::new().await;
    let new = Request { approvals: Vec::new(), ..request("RG-7K3M9Q", MailId(1)) };
    let letters = vec![
        telling(Some(&new), 1, "a@haruka.example", 1),
        telling(None, 0, "a@haruka.example", 2),
        telling(Some(&new), 2, "b@haruka.example", 3),
    ];
    let ids = waiting_letters(&bench, 1, letters, Some(new.clone())).await;
    bench.store.claim(bench.desk, "me", after(9), 2).await.unwrap();
    bench.store.settle(&[accepted(ids[0])]).await.unwrap();
    let a = address("a@haruka.example");
    assert_eq!(bench.store.letters_since(bench.desk, after(9)).await.unwrap(), 2);
    assert_eq!(bench.store.letters_to(bench.desk, &a, after(9)).await.unwrap(), 2);
    assert_eq!(bench.store.letters_of(&new.reference, &a, after(9)).await.unwrap(), 1);
    assert_eq!(bench.store.letters_since(bench.desk, after(10)).await.unwrap(), 0);
}

#[tokio::test]
async fn t10_a_day_after_acceptance_the_bytes_are_forgotten() {
    let bench = Bench::new().await;
    let letters = vec![telling(None, 0, "a@haruka.example", 1), telling(None, 0, "b@haruka.example", 2)];
    let ids = waiting_letters(&bench, 1, letters, None).await;
    bench.store.claim(bench.desk, "me", after(9), 1).await.unwrap();
    bench.store.settle(&[accepted(ids[0])]).await.unwrap();
    assert_eq!(bench.store.clear_sent_bytes(after(20)).await.unwrap(), 0);
    assert_eq!(bench.store.clear_sent_bytes(after(21)).await.unwrap(), 1, "the one that still waits keeps its bytes");
    assert_eq!(bench.store.clear_sent_bytes(after(21)).await.unwrap(), 0);
    assert_eq!(bench.store.claim(bench.desk, "me", after(30), 9).await.unwrap().len(), 1);
}
