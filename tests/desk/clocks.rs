//! Reminders, escalation, expiry, and looking again: on the desk's calendar, and from the moment that SMTP took the letter.

use ringi::domain::task::TaskCause;

use crate::letter::Letter;
use crate::mails::{Mail, english_request, japanese_request};
use crate::world::World;

async fn asked() -> (World, Letter) {
    let mut world = World::new().await;
    world.works(english_request("90002001").bytes()).await;
    let asking = world.read_all().into_iter().find(|letter| letter.name == "approval_request").unwrap();
    (world, asking)
}

#[tokio::test]
async fn c3_a_silent_administrator_is_reminded_twice_then_the_reviewers_hear_then_the_request_expires() {
    let (mut world, asking) = asked().await;
    // Asked on Tuesday at 10:00.
    world.at("2026-11-25T09:59");
    world.settle().await;
    world.no_letters();
    for day in ["2026-11-25T10:00", "2026-11-26T10:00"] {
        world.at(day);
        world.settle().await;
        assert_eq!(world.letter_to("ann@redwood.example").name, "approval_reminder", "{day}");
    }
    world.at("2026-11-27T10:00");
    world.settle().await;
    assert_eq!(world.tasks().await, [TaskCause::Silence]);
    let letters = world.read_all();
    assert!(letters.iter().all(|letter| letter.to == "ito@vendor.example"), "{letters:?}");
    assert!(letters.iter().any(|letter| letter.name == "escalation"));
    assert_eq!(world.standings().await, ["pending_administrator_review"], "status, votes and tokens stay");
    // 14 days after Tuesday, at the end of that business day.
    world.at("2026-12-08T17:59");
    world.settle().await;
    world.no_letters();
    world.at("2026-12-08T18:00");
    world.settle().await;
    assert_eq!(world.standings().await, ["expired / no_answer"]);
    assert_eq!(world.letter_to("ann@redwood.example").name, "status");
    // An answer after that is told the outcome.
    world.at("2026-12-09T09:00");
    world.works(Mail::reply(&asking, "Approved.").bytes()).await;
    assert_eq!(world.standings().await, ["expired / no_answer"]);
    assert_eq!(world.letter_to("ann@redwood.example").name, "late_answer");
}

#[tokio::test]
async fn c4_an_answer_that_arrived_in_time_is_heard_before_the_clock_that_would_end_its_request() {
    let (mut world, asking) = asked().await;
    world.at("2026-12-08T17:00");
    world.receive(Mail::reply(&asking, "Approved.").bytes());
    // The daemon was down over the end of the term.
    world.at("2026-12-10T09:00");
    world.settle().await;
    assert_eq!(world.standings().await, ["approved"]);
    world.read_all();
}

#[tokio::test]
async fn c3_an_approval_that_is_given_stops_its_clocks() {
    let (mut world, asking) = asked().await;
    world.works(Mail::reply(&asking, "Approved.").bytes()).await;
    world.read_all();
    world.at("2026-12-20T10:00");
    world.settle().await;
    world.no_letters();
    assert_eq!(world.standings().await, ["approved"]);
}

#[tokio::test]
async fn a_contract_that_is_too_new_is_looked_at_again_when_its_window_ends() {
    let mut world = World::new().await;
    world.works(japanese_request("90005001").bytes()).await;
    assert_eq!(world.standings().await, ["pending_further_action / contract_too_new"]);
    let letter = world.letter_to("ando@hibari.example");
    assert!(letter.text.contains("11月26日"), "it says when: {}", letter.text);
    world.at("2026-11-26T09:00");
    world.settle().await;
    assert_eq!(world.standings().await, ["pending_administrator_review"]);
    let names: Vec<String> = world.read_all().into_iter().map(|letter| letter.name).collect();
    assert!(names.contains(&"approval_request".to_owned()), "{names:?}");
}

#[tokio::test]
async fn tasks_are_told_by_one_letter_an_hour() {
    let mut world = World::new().await;
    for n in 0..3 {
        let mail =
            Mail::from("Eve <eve@operator.example>").subject(&format!("Question {n}")).body("Are you open on Friday?");
        world.works(mail.bytes()).await;
    }
    let notices = |letters: Vec<Letter>| letters.into_iter().filter(|letter| letter.name == "task_notice").count();
    assert_eq!(notices(world.read_all()), 1);
    world.at("2026-11-24T11:00");
    world.settle().await;
    assert_eq!(notices(world.read_all()), 1, "the other two, together");
    assert_eq!(world.tasks().await.len(), 3);
}
