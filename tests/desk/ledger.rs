//! Never lose, never double: what was delivered twice is worked once, and nothing that arrives is dropped.

use ringi::store::MailFilter;

use crate::mails::{Mail, english_request};
use crate::world::World;

#[tokio::test]
async fn a_mail_that_is_delivered_twice_opens_one_request() {
    let mut world = World::new().await;
    let mail = english_request("90002001").bytes();
    world.works(&mail).await;
    world.read_all();
    // The second copy took another way: its trace differs.
    let copy = String::from_utf8(mail)
        .unwrap()
        .replace("Received: from", "Received: from relay.example by mail.example\r\nReceived: from");
    world.works(copy).await;
    world.no_letters();
    assert_eq!(world.requests().await.len(), 1);
    assert_eq!(world.taken_as().await, "duplicate");
}

#[tokio::test]
async fn the_same_message_id_with_another_body_is_a_new_mail() {
    let mut world = World::new().await;
    let mail = String::from_utf8(english_request("90002001").bytes()).unwrap();
    world.works(&mail).await;
    world.works(mail.replace("sam@operator.example", "kim@operator.example")).await;
    assert_eq!(world.requests().await.len(), 2);
    world.read_all();
}

#[tokio::test]
async fn every_mail_has_a_row_with_what_it_was_taken_for_and_why() {
    let mut world = World::new().await;
    world.works(english_request("90002001").bytes()).await;
    world.works(Mail::from("Eve <eve@operator.example>").subject("Hello").body("Is anybody there?").bytes()).await;
    world.works(b"\x00\xff\xfe not a mail at all".as_slice()).await;
    world.works(b"".as_slice()).await;
    world.read_all();
    let mails = world.store().mails(&MailFilter::default(), 100).await.unwrap();
    assert_eq!(mails.len(), 4);
    for mail in mails {
        assert!(mail.taken_as.is_some() && mail.detail.is_some() && mail.worked_at.is_some(), "{mail:?}");
    }
    let tasks = world.store().tasks(None, true, 100).await.unwrap();
    assert!(tasks.iter().any(|task| task.detail.ends_with("There is no mail header.")), "{tasks:?}");
    assert!(tasks.iter().all(|task| !task.detail.contains("..")), "{tasks:?}");
}

#[tokio::test]
async fn a_mail_and_the_task_about_it_name_sender_and_subject_so_that_a_person_can_choose() {
    let mut world = World::new().await;
    let subject = "貸出機の\t返却について".to_owned() + &"、".repeat(300);
    world.works(Mail::from("Eve <eve@operator.example>").subject(&subject).body("Is anybody there?").bytes()).await;
    world.works(b"Subject: Whose is this?\r\n\r\nNobody says.".as_slice()).await;
    world.read_all();
    let mut mails = world.store().mails(&MailFilter::default(), 100).await.unwrap();
    mails.reverse();
    let tasks = world.store().tasks(None, true, 100).await.unwrap();
    assert_eq!((mails.len(), tasks.len()), (2, 2));
    for (mail, task) in mails.iter().zip(&tasks) {
        assert_eq!((&task.mail, &task.from, &task.subject), (&Some(mail.id), &mail.from, &mail.subject));
    }
    assert_eq!(mails[0].from.as_ref().unwrap().as_str(), "eve@operator.example");
    let shown = mails[0].subject.as_deref().unwrap();
    assert!(shown.starts_with("貸出機の 返却について、") && shown.ends_with('…'), "{shown}");
    assert_eq!(shown.chars().count(), 200);
    assert_eq!((mails[1].from.is_none(), mails[1].subject.as_deref()), (true, Some("Whose is this?")));
}

#[tokio::test]
async fn worked_mails_are_moved_to_the_folder_that_says_whether_a_person_is_needed() {
    let mut world = World::new().await;
    world.works(english_request("90002001").bytes()).await;
    world.works(Mail::from("Eve <eve@operator.example>").subject("Hello").body("Is anybody there?").bytes()).await;
    world.read_all();
    let mut mails = world.store().mails(&MailFilter::default(), 100).await.unwrap();
    mails.reverse();
    let folders: Vec<&str> = mails.iter().map(|mail| mail.folder.unwrap().as_str()).collect();
    assert_eq!(folders, ["done", "human"]);
    assert!(mails.iter().all(|mail| mail.move_result.as_deref() == Some("moved")), "{mails:?}");
}

#[tokio::test]
async fn the_audit_chain_holds_over_a_whole_day() {
    let mut world = World::new().await;
    world.works(english_request("90002001").bytes()).await;
    let asking = world.read_all().into_iter().find(|letter| letter.name == "approval_request").unwrap();
    world.works(Mail::reply(&asking, "Approved.").bytes()).await;
    world.read_all();
    let desk = world.store().desk("support").await.unwrap();
    let verified = world.store().verify_chain(desk).await.unwrap().unwrap();
    assert!(verified.events > 8, "{verified:?}");
}

#[tokio::test]
async fn a_mail_that_was_there_before_the_first_start_is_listed_and_left_to_people() {
    let mut world = World::builder().with("backlog = \"process\"\n", "").build().await;
    world.receive(english_request("90002001").bytes());
    world.days_pass(1);
    world.settle().await;
    world.no_letters();
    assert_eq!(world.taken_as().await, "backlog");
    world.works(english_request("90002001").again().bytes()).await;
    assert_eq!(world.requests().await.len(), 1, "what comes after that is worked");
    world.read_all();
}
