//! Several mailboxes for one desk, several desks in one daemon: what is shared, and what is kept apart.

use ringi::domain::task::TaskCause;
use ringi::store::{MailFilter, RequestFilter};

use crate::letter::Letter;
use crate::mails::{Mail, english_request, japanese_request};
use crate::world::World;

const SECOND: &str = r#"path = "letters"

[[desk]]
name = "billing"
address = "billing@vendor.example"
own_domains = ["vendor.example"]
signature = { ja = "請求窓口", en = "Billing Desk" }
reviewers = [{ name = "mori", address = "mori@vendor.example" }]
language = "en"
backlog = "process"
hours = { zone = "Europe/Berlin" }
trust = { authserv_id = "mx.vendor.example" }

[[desk.mailbox]]
name = "inbox"
kind = "maildir"
path = "billing"

[[desk.mailbox]]
name = "partners"
kind = "maildir"
path = "billing-partners"

[desk.sending]
kind = "maildir"
path = "billing-letters"
"#;

async fn two_desks() -> World {
    let more = "path = \"mailbox\"\n\n[[desk.mailbox]]\nname = \"partners\"\nkind = \"maildir\"\npath = \"partners\"\n";
    World::builder().with("path = \"letters\"\n", SECOND).with("path = \"mailbox\"\n", more).build().await
}

fn asking(letters: &[Letter]) -> Letter {
    letters.iter().find(|letter| letter.name == "approval_request").unwrap().clone()
}

#[tokio::test]
async fn a_mail_in_both_mailboxes_of_a_desk_is_worked_once_and_one_to_both_desks_by_each() {
    let mut world = two_desks().await;
    let mail = japanese_request("90001001").bytes();
    world.receive(&mail);
    world.receive_into("partners", &mail);
    world.settle().await;
    assert_eq!(world.requests().await.len(), 1);
    let taken: Vec<_> = world.store().mails(&MailFilter::default(), 9).await.unwrap();
    let taken: Vec<_> = taken.iter().map(|mail| (mail.mailbox_name.as_str(), mail.taken_as.as_deref())).collect();
    assert_eq!(taken, [("partners", Some("duplicate")), ("inbox", Some("request"))]);
    let first = world.read_all();
    assert!(first.iter().all(|letter| letter.from == "desk@vendor.example"), "{first:?}");

    world.receive_into("billing-partners", &mail);
    world.settle().await;
    assert_eq!(world.requests().await.len(), 2, "the other desk works it for itself");
    world.no_letters();
    let second = world.letters_in("billing-letters");
    assert!(!second.is_empty() && second.iter().all(|letter| letter.from == "billing@vendor.example"));
    for name in ["support", "billing"] {
        let desk = world.store().desk(name).await.unwrap();
        let filter = RequestFilter { desk: Some(desk), ..RequestFilter::default() };
        assert_eq!(world.store().requests(&filter, 9).await.unwrap().len(), 1, "{name}");
        assert!(world.store().verify_chain(desk).await.unwrap().is_ok(), "{name}: a chain of its own");
    }
}

#[tokio::test]
async fn t1_a_token_of_one_desk_opens_nothing_in_a_mail_to_another() {
    let mut world = two_desks().await;
    world.works(japanese_request("90001001").bytes()).await;
    let ask = asking(&world.read_all());
    world.receive_into("billing", Mail::reply(&ask, "承認します。").bytes());
    world.settle().await;
    assert_eq!(world.standings().await, ["pending_administrator_review"]);
    let billing = world.store().desk("billing").await.unwrap();
    let tasks = world.store().tasks(Some(billing), true, 9).await.unwrap();
    assert!(tasks.iter().all(|task| task.reference.is_none()), "{tasks:?}");
    // To the right desk it counts.
    world.works(Mail::reply(&ask, "承認します。").bytes()).await;
    assert_eq!(world.standings().await, ["approved"]);
    world.read_all();
}

#[tokio::test]
async fn tasks_and_breakers_of_one_desk_are_none_of_another() {
    let mut world = two_desks().await;
    world.receive_into(
        "billing",
        Mail::from("kei@hibari.example").subject("Hello").body("Where is the manual?").bytes(),
    );
    world.settle().await;
    let support = world.store().desk("support").await.unwrap();
    let billing = world.store().desk("billing").await.unwrap();
    assert!(world.store().tasks(Some(support), true, 9).await.unwrap().is_empty());
    let tasks = world.store().tasks(Some(billing), true, 9).await.unwrap();
    assert_eq!(tasks.iter().map(|task| task.cause).collect::<Vec<_>>(), [TaskCause::NotWorked]);
    let told: Vec<String> = world.letters_in("billing-letters").into_iter().map(|letter| letter.to).collect();
    assert!(told.contains(&"mori@vendor.example".to_owned()) && !told.contains(&"ito@vendor.example".to_owned()));
}

#[tokio::test]
async fn a_desk_whose_mailbox_is_down_stops_no_other() {
    let mut world = two_desks().await;
    std::fs::remove_dir_all(world.dir().join("billing")).ok();
    std::fs::write(world.dir().join("billing"), "no Maildir").unwrap();
    world.expect_warning("mailbox=\"inbox\"");
    world.receive(english_request("90002001").bytes());
    let failed = world.app.until_idle().await;
    assert!(failed.is_err(), "the fault is told at the end");
    world.collect();
    assert_eq!(asking(&world.read_all()).to, "ann@redwood.example");
}
