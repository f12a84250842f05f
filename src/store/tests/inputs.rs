//! Inputs and clocks: in order, counted, parked with a task; due clocks become inputs.

use super::*;
use crate::domain::input::{Delivery, DeliveryResult};
use crate::domain::task::{NewTask, TaskCause};
use crate::domain::timer::{Timer, TimerChange};

#[tokio::test]
async fn inputs_wait_in_order_and_an_attempt_is_kept_before_the_work() {
    let bench = Bench::new().await;
    let (first, mail) = bench.receive(1).await;
    let delivery = Delivery {
        reference: None,
        letter: LetterNo(0),
        result: DeliveryResult::Rejected { reply: "550 \0 no".into() },
        at: nine(),
    };
    let second = bench.store.add_delivery(bench.desk, &delivery, after(3)).await.unwrap();
    assert_eq!(bench.store.begin_attempt(first).await.unwrap(), 1);
    assert_eq!(bench.store.begin_attempt(first).await.unwrap(), 2);
    bench.store.forgive_attempt(first).await.unwrap();
    let next = bench.store.next_input(bench.desk).await.unwrap().unwrap();
    assert_eq!((next.id, next.cause, next.attempts), (first, Cause::Mail(mail), 1));
    bench.decide(first, &Outcome::default(), after(4)).await.unwrap();
    let next = bench.store.next_input(bench.desk).await.unwrap().unwrap();
    assert_eq!((next.id, next.cause), (second, Cause::Delivery(delivery)));
    assert!(matches!(bench.store.begin_attempt(first).await, Err(StoreError::Stale { .. })));
    bench.store.begin_attempts(&[first, second]).await.unwrap();
    let waiting = bench.store.next_inputs(bench.desk, 9).await.unwrap();
    assert_eq!(waiting.iter().map(|input| (input.id, input.attempts)).collect::<Vec<_>>(), [(second, 1)]);
}

#[tokio::test]
async fn a_parked_mail_is_told_to_the_reviewers_and_the_queue_goes_on() {
    let bench = Bench::new().await;
    let (input, mail) = bench.receive(1).await;
    bench.store.begin_attempt(input).await.unwrap();
    let task = NewTask::new(TaskCause::ParkedMail, "Worked three times without an end.");
    let id = bench.store.park(input, "It could not be worked.", &task, after(5)).await.unwrap();
    assert_eq!(bench.store.next_input(bench.desk).await.unwrap(), None);
    assert_eq!(bench.store.task(id).await.unwrap().unwrap().mail, Some(mail));
    assert_eq!(bench.store.next_due(bench.desk).await.unwrap(), Some(after(5)), "the notice");
    let row = bench.store.mail(mail).await.unwrap().unwrap().row;
    assert_eq!((row.taken_as.as_deref(), row.folder), (Some("parked"), Some(Folder::Parked)));
    assert!(bench.store.verify_chain(bench.desk).await.unwrap().is_ok());
    assert!(bench.store.unpark(input).await.unwrap());
    assert!(!bench.store.unpark(input).await.unwrap());
    assert_eq!(bench.store.next_input(bench.desk).await.unwrap().unwrap().attempts, 0);
    assert_eq!(bench.store.mail(mail).await.unwrap().unwrap().row.folder, None);
}

#[tokio::test]
async fn an_input_that_cannot_be_read_is_a_cause_to_park_it() {
    let bench = Bench::new().await;
    sqlx::query("INSERT INTO input (desk_id, kind, payload, created_at) VALUES ($1, 'timer', '{}', 0)")
        .bind(bench.desk.0)
        .execute(bench.store.writer().unwrap())
        .await
        .unwrap();
    let next = bench.store.next_input(bench.desk).await.unwrap().unwrap();
    assert!(matches!(next.cause, Cause::Broken(_)));
}

#[tokio::test]
async fn clocks_are_set_moved_cleared_and_fired_in_the_order_of_their_time() {
    let bench = Bench::new().await;
    let (input, mail) = bench.receive(1).await;
    let new = request("RG-7K3M9Q", mail);
    let (reference, approval) = (new.reference.clone(), ApprovalNo(1));
    let remind = |nth| Timer::Remind { reference: reference.clone(), approval, nth };
    let recheck = Timer::Recheck { reference: reference.clone(), item: ItemNo(1) };
    let set = |timer: &Timer, seconds| TimerChange::Set { timer: timer.clone(), due: after(seconds) };
    let timers = vec![set(&remind(1), 300), set(&remind(0), 200), set(&recheck, 100), set(&remind(1), 250)];
    bench.decide(input, &Outcome { timers, ..opening(&new, 1) }, after(2)).await.unwrap();
    assert_eq!(bench.store.next_due(bench.desk).await.unwrap(), Some(after(100)));
    assert_eq!(bench.store.fire_due(bench.desk, after(99), 10, false).await.unwrap(), 0);
    assert_eq!(bench.store.fire_due(bench.desk, after(250), 2, false).await.unwrap(), 2);
    let next = bench.store.next_input(bench.desk).await.unwrap().unwrap();
    assert_eq!(next.cause, Cause::Timer(recheck));
    let clear = Outcome {
        timers: vec![TimerChange::ClearApproval { reference: reference.clone(), approval }],
        ..Outcome::default()
    };
    bench.decide(next.id, &clear, after(251)).await.unwrap();
    assert_eq!(bench.store.next_due(bench.desk).await.unwrap(), None, "the second reminder is cleared");
    let next = bench.store.next_input(bench.desk).await.unwrap().unwrap();
    assert_eq!(next.cause, Cause::Timer(remind(0)), "what has fired is an input, and stays one");
}

#[tokio::test]
async fn a_task_is_closed_once_with_its_entry_in_the_timeline() {
    let bench = Bench::new().await;
    let (input, mail) = bench.receive(1).await;
    let new = request("RG-7K3M9Q", mail);
    let outcome = Outcome { tasks: vec![NewTask::new(TaskCause::OverLimit, "x")], ..opening(&new, 1) };
    let id = bench.decide(input, &outcome, after(2)).await.unwrap().tasks[0];
    assert_eq!(bench.store.tasks(Some(bench.desk), true, 10).await.unwrap().len(), 1);
    assert_eq!(bench.store.close_task(id, "ito", Some("済み"), after(3)).await.unwrap(), Closing::Closed);
    assert_eq!(bench.store.close_task(id, "abe", None, after(4)).await.unwrap(), Closing::AlreadyClosed);
    assert_eq!(bench.store.close_task(TaskId(99), "abe", None, after(4)).await.unwrap(), Closing::NoSuchTask);
    assert_eq!(bench.store.tasks(None, true, 10).await.unwrap(), []);
    let closed = bench.store.task(id).await.unwrap().unwrap().closed.unwrap();
    assert_eq!(closed, Closed { at: after(3), by: "ito".into(), comment: Some("済み".into()) });
    let timeline = bench.store.timeline(&new.reference).await.unwrap();
    assert!(timeline.last().unwrap().detail.as_deref().unwrap().contains("済み"));
}
