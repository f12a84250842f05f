//! What an operator does to letters and mails, and what the desk is told of by itself.

use ringi::domain::ids::MailId;
use ringi::domain::input::{OperatorAct, Order};
use ringi::domain::outbox::{LetterState, OutboxAct};
use ringi::domain::task::TaskCause;
use ringi::store::{InputState, LetterFilter, LetterId, LetterRow};

use crate::mails::{Mail, english_request, japanese_request};
use crate::world::{Builder, World};

fn outbox(letter: LetterId, act: OutboxAct) -> OperatorAct {
    OperatorAct::Outbox { letter, act, comment: Some("by phone".to_owned()), by: "mori".to_owned() }
}

const fn again(mail: i64) -> OperatorAct {
    OperatorAct::Reprocess { mail: MailId(mail), by: String::new() }
}

async fn letters(world: &World, state: LetterState) -> Vec<LetterRow> {
    let filter = LetterFilter { state: Some(state), ..LetterFilter::default() };
    let mut letters = world.store().letters(&filter, 100).await.unwrap();
    letters.reverse();
    letters
}

/// A desk that sends one letter an hour: the receipt leaves, the letter that asks is held.
fn narrow() -> Builder {
    World::builder().with("[[desk.mailbox]]", "[desk.policy]\nletters = { per_hour = 1 }\n\n[[desk.mailbox]]")
}

async fn held() -> (World, LetterRow) {
    let mut world = narrow().build().await;
    world.expect_warning("letters_held");
    world.works(english_request("90002001").bytes()).await;
    let held = letters(&world, LetterState::Held).await;
    assert_eq!(held.len(), 1, "{held:?}");
    (world, held[0].clone())
}

#[tokio::test]
async fn a_held_letter_is_told_of_once_by_a_letter_that_no_breaker_holds_and_leaves_when_it_is_retried() {
    let (mut world, letter) = held().await;
    assert_eq!(world.tasks().await, [TaskCause::LettersHeld]);
    let told = world.letter_to("ito@vendor.example");
    assert_eq!(told.name, "task_notice");
    assert!(told.text.contains("over 1 letters an hour"), "{}", told.text);
    world.read_all();
    // More letters are held, and nobody is told again.
    world.works(english_request("90001001").bytes()).await;
    assert!(letters(&world, LetterState::Held).await.len() > 1);
    world.no_letters();
    let all = letters(&world, LetterState::Held).await;
    for one in &all {
        let reply = world.order(outbox(one.id, OutboxAct::Retry)).await;
        assert!(reply.done, "{reply:?}");
    }
    assert!(world.read_all().iter().any(|sent| sent.to == letter.recipient.as_str()));
    assert!(world.tasks().await.is_empty(), "nothing is held any more");
    let timeline = world.timeline(letter.reference.as_ref().unwrap()).await;
    assert!(timeline.contains(&"To be sent now, by mori: by phone".to_owned()), "{timeline:?}");
    // Released, and tripped again: told again.
    world.expect_warning("letters_held");
    world.works(Mail::from("kei@redwood.example").body("Contract number: 90002001").bytes()).await;
    assert_eq!(world.letter_to("ito@vendor.example").name, "task_notice");
    world.read_all();
}

#[tokio::test]
async fn a_dropped_letter_that_asks_leaves_a_task_and_never_leaves_itself() {
    let (mut world, _) = held().await;
    world.works(japanese_request("90001001").bytes()).await;
    world.read_all();
    let all = letters(&world, LetterState::Held).await;
    let letter = all.iter().find(|letter| letter.asks).unwrap().clone();
    assert!(world.order(outbox(letter.id, OutboxAct::Drop)).await.done);
    assert_eq!(world.tasks().await, [TaskCause::LettersHeld, TaskCause::LetterDropped]);
    for other in letters(&world, LetterState::Held).await {
        assert!(world.order(outbox(other.id, OutboxAct::Drop)).await.done);
    }
    assert_eq!(world.tasks().await, [TaskCause::LetterDropped], "the others told only");
    for act in [OutboxAct::Retry, OutboxAct::Hold, OutboxAct::Drop] {
        let refused = world.order(outbox(letter.id, act)).await;
        assert!(!refused.done && refused.lines[0].contains("was dropped and never leaves"), "{refused:?}");
    }
    let timeline = world.timeline(letter.reference.as_ref().unwrap()).await;
    assert!(timeline.contains(&"Never to be sent, by mori: by phone".to_owned()), "{timeline:?}");
    assert!(world.read_all().iter().all(|sent| sent.to != letter.recipient.as_str()));
}

#[tokio::test]
async fn what_has_left_or_is_not_there_is_refused_with_what_to_do() {
    let mut world = World::new().await;
    world.works(english_request("90002001").bytes()).await;
    world.read_all();
    let sent = letters(&world, LetterState::Accepted).await;
    for act in [OutboxAct::Retry, OutboxAct::Hold, OutboxAct::Drop] {
        let refused = world.order(outbox(sent[0].id, act)).await;
        assert!(!refused.done && refused.lines[0].contains("cannot be called back"), "{refused:?}");
    }
    let refused = world.order(outbox(LetterId(999), OutboxAct::Hold)).await;
    assert_eq!(refused.lines, ["There is no letter 999 of this desk. `ringi outbox list` shows those that are there."]);
}

#[tokio::test]
async fn a_mail_whose_request_is_open_is_not_worked_again_and_one_that_is_settled_is() {
    let mut world = World::new().await;
    world.works(japanese_request("90001001").bytes()).await;
    let letters = world.read_all();
    let refused = world.order(again(1)).await;
    let reference = world.request().await.reference;
    assert!(!refused.done && refused.lines[0].contains(&format!("opened {reference}, which still has open items")));
    let ask = letters.iter().find(|letter| letter.name == "approval_request").unwrap();
    world.works(Mail::reply(ask, "否認します。").bytes()).await;
    assert_eq!(world.standings().await, ["denied / declined"]);
    world.read_all();
    assert!(world.order(again(1)).await.done);
    assert_eq!(world.requests().await.len(), 2, "read again, as a new request");
    world.read_all();
    assert!(!world.order(again(99)).await.done);
}

#[tokio::test]
async fn a_second_copy_speaks_for_the_first() {
    let mut world = World::new().await;
    let mail = japanese_request("90001001").bytes();
    world.works(&mail).await;
    world.works(&mail).await;
    assert_eq!(world.taken_as().await, "duplicate");
    let refused = world.order(again(2)).await;
    assert!(refused.lines[0].contains("which still has open items"), "{refused:?}");
    world.read_all();
}

#[tokio::test]
async fn what_the_counter_parked_is_tried_once_more_after_a_quarter_of_an_hour_without_a_crash() {
    let mut world = World::new().await;
    let desk = world.store().desk("support").await.unwrap();
    // An input that ended the program three times, as the third start finds it.
    let input = world.store().add_order(desk, &Order::Operator(again(99)), world.now()).await.unwrap();
    for _ in 0..3 {
        world.store().begin_attempt(input).await.unwrap();
    }
    world.expect_warning("input_parked");
    world.settle().await;
    let state = async |world: &World| world.store().input_state(input).await.unwrap().unwrap();
    assert!(matches!(state(&world).await, InputState::Parked(_)));
    assert_eq!(world.letter_to("ito@vendor.example").name, "task_notice");
    world.at("2026-11-24T10:14");
    world.settle().await;
    assert!(matches!(state(&world).await, InputState::Parked(_)), "not yet");
    world.at("2026-11-24T10:16");
    world.settle().await;
    assert!(matches!(state(&world).await, InputState::Done(Some(_))));
    assert!(world.store().verify_chain(desk).await.unwrap().is_ok());
}
