//! What becomes of letters that do not arrive (rule C2), and of mails that nobody wrote for us to act on.

use ringi::domain::task::TaskCause;

use crate::letter::Letter;
use crate::mails::{Mail, japanese_request};
use crate::world::World;

pub fn report(letter: &Letter, message_id: &str, action: &str) -> Vec<u8> {
    Mail::from("MAILER-DAEMON@partner.example")
        .subject("Undelivered Mail Returned to Sender")
        .header("Return-Path: <>")
        .header("MIME-Version: 1.0")
        .header("Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"")
        .body(&format!(
            "--b\r\nContent-Type: text/plain\r\n\r\nIt did not arrive.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n\
             Reporting-MTA: dns; mail.partner.example\r\n\r\nFinal-Recipient: rfc822; {}\r\nAction: {action}\r\nStatus: 5.1.1\r\n\r\n\
             --b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{message_id}>\r\n\r\n--b--\r\n",
            letter.to
        ))
        .bytes()
}

async fn asked() -> (World, Letter, Letter) {
    let mut world = World::new().await;
    world.works(japanese_request("90001002").bytes()).await;
    let letters = world.read_all();
    let asking = |to: &str| letters.iter().find(|l| l.name == "approval_request" && l.to == to).unwrap().clone();
    let (lee, ando) = (asking("lee@partner.example"), asking("ando@hibari.example"));
    (world, lee, ando)
}

#[tokio::test]
async fn c2_who_cannot_be_reached_is_not_waited_for_and_with_the_last_one_the_item_goes_to_the_desk() {
    let (mut world, lee, ando) = asked().await;
    world.works(report(&lee, &lee.message_id, "failed")).await;
    assert_eq!(world.standings().await, ["pending_administrator_review"], "the other one can still answer");
    world.no_letters();
    world.works(report(&ando, &ando.message_id, "failed")).await;
    assert_eq!(world.standings().await, ["pending_vendor_review / no_administrator (awaiting no_administrator)"]);
    assert_eq!(world.tasks().await, [TaskCause::NoAdministrator]);
    world.read_all();
}

#[tokio::test]
async fn c2_a_delay_is_no_failure() {
    let (mut world, lee, _) = asked().await;
    world.works(report(&lee, &lee.message_id, "delayed")).await;
    assert!(world.tasks().await.is_empty());
    assert_eq!(world.standings().await, ["pending_administrator_review"]);
}

#[tokio::test]
async fn c2_a_bounce_that_names_no_letter_of_ours_makes_nobody_unreachable() {
    let (mut world, lee, _) = asked().await;
    world.works(report(&lee, "made-up@attacker.example", "failed")).await;
    assert_eq!(world.tasks().await, [TaskCause::UndeliveredLetter]);
    let letters = world.read_all();
    assert!(letters.iter().all(|letter| letter.name == "task_notice"));
    world.works(Mail::reply(&lee, "Approved").bytes()).await;
    assert_eq!(world.standings().await, ["approved"]);
    world.read_all();
}

#[tokio::test]
async fn noise_opens_nothing_and_gets_no_answer() {
    let mut world = World::new().await;
    let list = Mail::from("news@lists.example").header("List-Id: <news.lists.example>").header("Precedence: list");
    world.works(list.body("Contract number: 90001001").bytes()).await;
    assert_eq!(world.taken_as().await, "list");
    let own = Mail::from("Support Desk <desk@vendor.example>").body("Contract number: 90001001");
    world.works(own.bytes()).await;
    assert_eq!(world.taken_as().await, "own");
    assert!(world.requests().await.is_empty() && world.tasks().await.is_empty());
}
