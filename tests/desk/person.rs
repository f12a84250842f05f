//! What only a person can settle: told, listed, closed.

use ringi::domain::task::TaskCause;
use ringi::store::{Closing, TaskId};

use crate::mails::{Mail, english_request};
use crate::world::World;

#[tokio::test]
async fn a_question_gets_a_neutral_receipt_and_a_task() {
    let mut world = World::new().await;
    let mail = Mail::from("Eve <eve@operator.example>").subject("Opening hours").body("Are you open on Friday?");
    world.works(mail.bytes()).await;
    let receipt = world.letter_to("eve@operator.example");
    assert_eq!(receipt.name, "receipt");
    assert_eq!(world.tasks().await, [TaskCause::NotWorked]);
    assert_eq!(world.letter_to("ito@vendor.example").name, "task_notice");
}

#[tokio::test]
async fn a_company_name_that_contradicts_the_domain_goes_to_a_person() {
    let mut world = World::new().await;
    let text = String::from_utf8(english_request("90002001").bytes()).unwrap();
    world.works(text.replace("Approver's company: Redwood Foods Ltd.", "Approver's company: Oakwood Steel Inc.")).await;
    assert_eq!(world.standings().await, ["pending_vendor_review (awaiting entitlement)"]);
    assert_eq!(world.tasks().await, [TaskCause::Entitlement]);
    world.read_all();
}

#[tokio::test]
async fn a_task_is_closed_once_and_the_closing_stands_in_the_chain() {
    let mut world = World::new().await;
    world.works(Mail::from("Eve <eve@operator.example>").subject("Hello").body("Is anybody there?").bytes()).await;
    world.read_all();
    let now = world.now();
    let close = |by: &'static str| world.store().close_task(TaskId(1), by, Some("answered by phone"), now);
    assert_eq!(close("ito").await.unwrap(), Closing::Closed);
    assert_eq!(close("sato").await.unwrap(), Closing::AlreadyClosed);
    assert_eq!(world.store().close_task(TaskId(99), "ito", None, now).await.unwrap(), Closing::NoSuchTask);
    assert!(world.tasks().await.is_empty());
    let desk = world.store().desk("support").await.unwrap();
    world.store().verify_chain(desk).await.unwrap().unwrap();
}
