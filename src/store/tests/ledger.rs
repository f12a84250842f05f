//! The ledger: what is recorded once, where the cursor stops, what is a duplicate, what is backlog.

use super::*;

async fn record(bench: &Bench, batch: Batch) -> Recorded {
    bench.store.record(bench.mailbox, VALIDITY, &batch, Backlog::Human, after(60)).await.unwrap()
}

fn batch(uids: &[u32], up_to: u32) -> Batch {
    let mails = uids.iter().map(|uid| incoming(*uid, &format!("d{uid}"))).collect();
    Batch { mails, up_to, ..Batch::default() }
}

#[tokio::test]
async fn the_cursor_moves_over_recorded_and_absent_uids_and_gaps_and_stops_before_any_other() {
    let bench = Bench::new().await;
    let seen = record(&bench, Batch { absent: vec![1..=3], withheld: vec![5], ..batch(&[4, 6, 8], 9) }).await;
    assert_eq!((seen.new.len(), seen.cursor), (3, 6), "7 is accounted for by nothing");
    let seen = record(&bench, batch(&[7], 8)).await;
    assert_eq!((seen.new.len(), seen.cursor), (1, 8), "8 was recorded before");
    let seen =
        record(&bench, Batch { absent: vec![9..=4_000_000_000], ..batch(&[4_000_000_001], 4_000_000_001) }).await;
    assert_eq!(seen.cursor, 4_000_000_001);
}

#[tokio::test]
async fn a_uid_is_recorded_once() {
    let bench = Bench::new().await;
    record(&bench, batch(&[1, 2], 2)).await;
    let again = record(&bench, batch(&[1, 2], 2)).await;
    assert_eq!(again, Recorded { cursor: 2, ..Recorded::default() });
    assert_eq!(bench.store.waiting_inputs(bench.desk).await.unwrap(), 2);
}

#[tokio::test]
async fn c4_a_gap_stays_until_its_uid_is_recorded_or_proved_absent() {
    let bench = Bench::new().await;
    record(&bench, Batch { withheld: vec![1, 2, 3], ..batch(&[], 3) }).await;
    bench.store.gaps_tried(bench.mailbox, VALIDITY, &[1, 2]).await.unwrap();
    bench.store.gaps_told(bench.mailbox, VALIDITY, &[1], after(3700)).await.unwrap();
    let gaps = bench.store.gaps(bench.mailbox, VALIDITY).await.unwrap();
    assert_eq!(gaps[0], Gap { uid: 1, since: after(60), tries: 1, told_at: Some(after(3700)) });
    assert_eq!((gaps[2].tries, gaps[2].told_at), (0, None));
    record(&bench, Batch { absent: vec![2..=2], ..batch(&[1], 3) }).await;
    let left: Vec<u32> = bench.store.gaps(bench.mailbox, VALIDITY).await.unwrap().iter().map(|gap| gap.uid).collect();
    assert_eq!(left, [3]);
    record(&bench, Batch { withheld: vec![1], ..batch(&[], 3) }).await;
    assert_eq!(bench.store.gaps(bench.mailbox, VALIDITY).await.unwrap().len(), 1, "what is recorded is no gap");
}

#[tokio::test]
async fn a_mail_delivered_twice_is_worked_once_over_all_mailboxes_of_the_desk() {
    let bench = Bench::new().await;
    record(&bench, batch(&[1], 1)).await;
    let other = bench.store.open_mailbox(bench.desk, "second", 3, nine()).await.unwrap();
    let copy = Batch { mails: vec![incoming(1, "d1")], up_to: 1, ..Batch::default() };
    let seen = bench.store.record(other.id, 3, &copy, Backlog::Human, after(60)).await.unwrap();
    assert_eq!((seen.new.len(), seen.duplicates, seen.cursor), (0, 1, 1));
    let rows = bench.store.mails(&MailFilter::default(), 10).await.unwrap();
    assert_eq!(rows[0].taken_as.as_deref(), Some("duplicate"));
    assert_eq!((rows[0].duplicate_of, rows[0].folder), (Some(rows[1].id), Some(Folder::Done)));
    let shown = bench.store.mail(rows[0].id).await.unwrap().unwrap();
    assert_eq!(shown.raw, b"Subject: x\r\n\r\nbody", "a duplicate shows the first copy's bytes");
    let elsewhere = bench.store.desk("sales").await.unwrap();
    let theirs = bench.store.open_mailbox(elsewhere, "INBOX", 3, nine()).await.unwrap();
    let seen = bench.store.record(theirs.id, 3, &copy, Backlog::Human, after(60)).await.unwrap();
    assert_eq!(seen.new.len(), 1, "another desk has its own mail");
}

#[tokio::test]
async fn the_same_message_id_with_another_body_is_a_new_mail() {
    let bench = Bench::new().await;
    record(&bench, batch(&[1], 1)).await;
    let mut other = incoming(2, "another digest");
    other.message_id = incoming(1, "").message_id;
    let seen = record(&bench, Batch { mails: vec![other], up_to: 2, ..Batch::default() }).await;
    assert_eq!((seen.new.len(), seen.duplicates), (1, 0));
}

#[tokio::test]
async fn what_was_received_before_the_first_start_is_left_alone() {
    let bench = Bench::new().await;
    let old = |uid, seconds| Incoming { received_at: Some(after(seconds)), ..incoming(uid, &format!("d{uid}")) };
    // INTERNALDATE has whole seconds: the second of the opening itself is not old.
    let whole_second = Incoming { received_at: Some("2026-11-20T09:00:00Z".parse().unwrap()), ..incoming(2, "d2") };
    let seen = record(&bench, Batch { mails: vec![old(1, -60), whole_second], up_to: 2, ..Batch::default() }).await;
    assert_eq!((seen.new.len(), seen.backlog, seen.cursor), (1, 1, 2));
    let rows = bench.store.mails(&MailFilter { taken_as: Some("backlog".into()), ..MailFilter::default() }, 10).await;
    let rows = rows.unwrap();
    assert_eq!((rows.len(), rows[0].folder), (1, None), "it is not moved");
    let ignored = Batch { mails: vec![old(3, -60)], up_to: 3, ..Batch::default() };
    bench.store.record(bench.mailbox, VALIDITY, &ignored, Backlog::Ignore, after(60)).await.unwrap();
    let row = &bench.store.mails(&MailFilter::default(), 1).await.unwrap()[0];
    assert!(row.headers_only);
    assert_eq!(bench.store.mail(row.id).await.unwrap().unwrap().raw, b"Subject: x\r\n\r\n");
    let worked = Batch { mails: vec![old(4, -60)], up_to: 4, ..Batch::default() };
    let seen = bench.store.record(bench.mailbox, VALIDITY, &worked, Backlog::Process, after(60)).await.unwrap();
    assert_eq!(seen.new.len(), 1);
}

#[tokio::test]
async fn a_changed_uidvalidity_starts_the_cursor_again_and_is_no_first_start() {
    let bench = Bench::new().await;
    let old = Incoming { received_at: Some(after(-60)), ..incoming(1, "old") };
    record(&bench, Batch { mails: vec![old, incoming(2, "d2")], up_to: 2, ..Batch::default() }).await;
    let state = bench.store.open_mailbox(bench.desk, "INBOX", 8, after(100)).await.unwrap();
    assert_eq!((state.id, state.uid_validity, state.cursor), (bench.mailbox, 8, 0));
    assert!(state.validity_changed);
    assert_eq!(state.first_opened_at, nine());
    let stale = bench.store.record(bench.mailbox, VALIDITY, &batch(&[3], 3), Backlog::Human, after(101)).await;
    assert!(matches!(stale, Err(StoreError::Stale { .. })));

    let old = Incoming { received_at: Some(after(-60)), ..incoming(11, "old") };
    let again = Batch { mails: vec![old, incoming(12, "d2")], absent: vec![1..=10], up_to: 12, ..Batch::default() };
    let seen = bench.store.record(bench.mailbox, 8, &again, Backlog::Human, after(101)).await.unwrap();
    assert_eq!((seen.new.len(), seen.duplicates, seen.backlog, seen.cursor), (0, 1, 1, 12));
    assert_eq!(bench.store.moves_due(bench.mailbox, 8, 10).await.unwrap(), [], "backlog stays where it lies");

    // The first copy is worked: the mail under its new number goes where that one was to go.
    let input = bench.store.next_input(bench.desk).await.unwrap().unwrap();
    let outcome = Outcome {
        disposition: Some(Disposition {
            taken_as: "inquiry".into(),
            folder: Folder::Human,
            detail: "x".into(),
            from: None,
            subject: String::new(),
        }),
        ..Outcome::default()
    };
    bench.decide(input.id, &outcome, after(102)).await.unwrap();
    let due = bench.store.moves_due(bench.mailbox, 8, 10).await.unwrap();
    assert_eq!(due.iter().map(|due| (due.uid, due.folder)).collect::<Vec<_>>(), [(12, Folder::Human)]);
}

#[tokio::test]
async fn a_move_is_due_until_it_is_done_with() {
    let bench = Bench::new().await;
    let (input, mail) = bench.receive(1).await;
    bench.decide(input, &opening(&request("RG-7K3M9Q", mail), 1), after(2)).await.unwrap();
    let due = bench.store.moves_due(bench.mailbox, VALIDITY, 10).await.unwrap();
    assert_eq!(due, [MoveDue { mail, uid: 1, folder: Folder::Done, message_id: Some("m1@haruka.example".into()) }]);
    bench.store.moved(mail, "moved", after(3)).await.unwrap();
    assert_eq!(bench.store.moves_due(bench.mailbox, VALIDITY, 10).await.unwrap(), []);
    let row = bench.store.mail(mail).await.unwrap().unwrap().row;
    assert_eq!(row.move_result.as_deref(), Some("moved"));
    assert_eq!(row.reference, Some(reference("RG-7K3M9Q")));
}
