//! What a letter may tell, and to whom (DESIGN section 3).

use crate::mails::{Verified, english_request, japanese_request};
use crate::world::World;

#[tokio::test]
async fn to_a_stranger_an_unknown_an_ended_and_another_company_s_contract_are_one_identical_letter() {
    let mut texts = Vec::new();
    for (contract, verified) in [("90009999", Verified::No), ("90003001", Verified::No), ("90001001", Verified::Yes)] {
        let mut world = World::new().await;
        world.works(english_request(contract).verified(verified).bytes()).await;
        let letter = world.letter_to("ann@redwood.example");
        assert_eq!(letter.name, "cannot_confirm");
        let request = world.request().await;
        let reference = request.reference.as_str();
        texts.push((
            letter.subject.replace(reference, "RG"),
            letter.text.replace(contract, "N").replace(reference, "RG"),
        ));
        world.read_all();
    }
    assert_eq!(texts[0], texts[1]);
    assert_eq!(texts[0], texts[2]);
}

#[tokio::test]
async fn a_verified_sender_of_the_holder_hears_the_true_reason() {
    let mut world = World::new().await;
    world.works(japanese_request("90003001").bytes()).await;
    assert_eq!(world.standings().await, ["denied / contract_inactive"]);
    assert_eq!(world.letter_to("ando@hibari.example").name, "status");
}

#[tokio::test]
async fn the_true_reason_stands_in_the_timeline_however_little_the_letter_says() {
    let mut world = World::new().await;
    world.works(english_request("90009999").verified(Verified::No).bytes()).await;
    assert_eq!(world.standings().await, ["denied / contract_not_found"]);
    let request = world.request().await;
    let timeline = world.timeline(&request.reference).await;
    assert!(timeline.iter().any(|sentence| sentence.contains("contract_not_found")), "{timeline:?}");
    world.read_all();
}

#[tokio::test]
async fn an_unverified_sender_s_text_is_repeated_on_one_short_line_without_links() {
    let mut world = World::new().await;
    let mail = english_request("90002001").verified(Verified::No);
    let text = String::from_utf8(mail.bytes()).unwrap();
    let reason = format!("see https://evil.example/login {}", "x".repeat(300));
    world.works(text.replace("they run our network", &reason)).await;
    let asking = world.read_all().into_iter().find(|letter| letter.name == "approval_request").unwrap();
    assert!(!asking.text.contains("https://evil"), "{}", asking.text);
    assert!(!asking.text.contains(&"x".repeat(100)));
}

#[tokio::test]
async fn a_grant_that_exists_is_not_given_twice() {
    let mut world = World::new().await;
    world.works(english_request("90002001").bytes()).await;
    let asking = world.read_all().into_iter().find(|letter| letter.name == "approval_request").unwrap();
    world.works(crate::mails::Mail::reply(&asking, "Approved.").bytes()).await;
    world.read_all();
    world.works(english_request("90002001").again().bytes()).await;
    let requests = world.requests().await;
    assert_eq!(crate::world::standing(&requests[1].items[0]), "denied / already_registered");
    world.read_all();
}

#[tokio::test]
async fn over_ten_unmatched_numbers_of_one_domain_in_a_day_get_a_task_and_no_letter() {
    let mut world = World::new().await;
    for n in 0..6 {
        let numbers = format!("9100{n}001, 9100{n}002");
        world.works(english_request(&numbers).verified(Verified::No).bytes()).await;
    }
    let told = world.read_all().into_iter().filter(|letter| letter.name == "cannot_confirm").count();
    assert_eq!(told, 5, "the eleventh and twelfth number get none");
    assert!(world.tasks().await.contains(&ringi::domain::task::TaskCause::OverLimit));
}
