//! Votes: how many must agree, whose word counts, and what a second word does (rules V1, V4, V5, V6).

use ringi::domain::task::TaskCause;

use crate::letter::Letter;
use crate::mails::{Mail, japanese_request};
use crate::world::World;

const THREE: &str = "90006001,株式会社ひばり工業,Hibari Industries K.K.,hibari.example,,,standard,2024-04-01,2024-04-01,2036-03-31,,administrators,安藤 直子 <ando@hibari.example>;Lee Park <lee@partner.example>;Kim Roe <kim@partner.example>";
const WAITS: &[&str] = &["pending_administrator_review"];

/// A desk where so many must agree, which has asked the three administrators of a contract.
async fn asked(agreement: &str) -> (World, Vec<Letter>) {
    let config = format!("language = \"en\"\npolicy = {{ agreement = \"{agreement}\" }}\n");
    let mut world = World::builder().with("language = \"en\"\n", &config).contract(THREE).build().await;
    world.works(japanese_request("90006001").bytes()).await;
    let letters = world.read_all();
    (world, letters.into_iter().filter(|letter| letter.name == "approval_request").collect())
}

fn to<'a>(letters: &'a [Letter], person: &str) -> &'a Letter {
    letters.iter().find(|letter| letter.to.starts_with(person)).unwrap()
}

async fn says(world: &mut World, letters: &[Letter], person: &str, words: &str) {
    world.works(Mail::reply(to(letters, person), words).bytes()).await;
}

#[tokio::test]
async fn v4_where_all_must_agree_the_sender_hears_only_when_the_last_one_has() {
    let (mut world, letters) = asked("all").await;
    says(&mut world, &letters, "lee", "Approved.").await;
    assert_eq!(world.standings().await, WAITS);
    let recorded = world.letter_to("lee@partner.example");
    assert_eq!(recorded.name, "decision_recorded");
    assert!(recorded.text.contains("3件中1件"), "{}", recorded.text);
    world.no_letters();
    says(&mut world, &letters, "kim", "Approved.").await;
    assert!(world.letter_to("kim@partner.example").text.contains("3件中2件"));
    world.no_letters();
    says(&mut world, &letters, "ando", "承認します。").await;
    assert_eq!(world.standings().await, ["approved"]);
    let names: Vec<String> = world.read_all().into_iter().map(|letter| letter.name).collect();
    assert_eq!(names, ["approved", "approved", "decision_recorded"]);
}

#[tokio::test]
async fn v4_where_all_must_agree_the_first_denial_settles() {
    let (mut world, letters) = asked("all").await;
    says(&mut world, &letters, "lee", "Approved.").await;
    says(&mut world, &letters, "kim", "Denied.").await;
    assert_eq!(world.standings().await, ["denied / declined"]);
    world.read_all();
    // V6: who has not answered yet hears the outcome when the answer comes.
    says(&mut world, &letters, "ando", "承認します。").await;
    assert_eq!(world.standings().await, ["denied / declined"]);
    assert_eq!(world.letter_to("ando@hibari.example").name, "late_answer");
}

#[tokio::test]
async fn v4_where_two_must_agree_one_denial_does_not_settle_and_two_do() {
    let (mut world, letters) = asked("2").await;
    says(&mut world, &letters, "lee", "Denied.").await;
    assert_eq!(world.standings().await, WAITS);
    world.read_all();
    says(&mut world, &letters, "kim", "Approved.").await;
    assert_eq!(world.standings().await, WAITS);
    world.read_all();
    says(&mut world, &letters, "ando", "却下します。").await;
    assert_eq!(world.standings().await, ["denied / declined"]);
    assert!(world.read_all().iter().any(|letter| letter.name == "status"));
}

#[tokio::test]
async fn v4_where_two_must_agree_two_approvals_settle_whoever_gives_them() {
    let (mut world, letters) = asked("2").await;
    says(&mut world, &letters, "lee", "Approved.").await;
    // The same person twice is one person.
    says(&mut world, &letters, "lee", "Approved. I said so already.").await;
    assert_eq!(world.standings().await, WAITS);
    world.read_all();
    says(&mut world, &letters, "ando", "承認します。").await;
    assert_eq!(world.standings().await, ["approved"]);
    world.read_all();
    // V6: an approval taken back after the grant is a person's to revoke.
    says(&mut world, &letters, "lee", "Denied. I take it back.").await;
    assert_eq!(world.standings().await, ["approved"]);
    assert!(world.tasks().await.contains(&TaskCause::Revoke));
    world.read_all();
}

#[tokio::test]
async fn v4_an_approval_taken_back_before_enough_agree_counts_no_more_and_is_asked_anew() {
    let (mut world, letters) = asked("2").await;
    says(&mut world, &letters, "lee", "Approved.").await;
    world.read_all();
    says(&mut world, &letters, "lee", "Denied. I was too quick.").await;
    assert_eq!(world.standings().await, WAITS, "a spent token decides nothing");
    let again = world.letter_to("lee@partner.example");
    assert_eq!(again.name, "approval_again");
    assert!(again.text.contains("I was too quick"));
    // Had the first word counted, this would have been the second approval.
    says(&mut world, &letters, "ando", "承認します。").await;
    assert_eq!(world.standings().await, WAITS);
    assert!(world.letter_to("ando@hibari.example").text.contains("2件中1件"));
    world.works(Mail::reply(&again, "Denied.").bytes()).await;
    says(&mut world, &letters, "kim", "Denied.").await;
    assert_eq!(world.standings().await, ["denied / declined"]);
    world.read_all();
}

#[tokio::test]
async fn v5_more_people_needed_than_administer_the_contract_is_for_a_person() {
    let (mut world, letters) = asked("4").await;
    assert!(letters.is_empty());
    assert_eq!(world.standings().await, ["pending_vendor_review / no_administrator (awaiting no_administrator)"]);
    assert_eq!(world.tasks().await, [TaskCause::NoAdministrator]);
    world.read_all();
}

#[tokio::test]
async fn v5_where_all_must_agree_one_who_cannot_be_reached_is_for_a_person() {
    let (mut world, letters) = asked("all").await;
    let lee = to(&letters, "lee");
    world.works(crate::delivery::report(lee, &lee.message_id, "failed")).await;
    assert_eq!(world.standings().await, ["pending_vendor_review / no_administrator (awaiting no_administrator)"]);
    assert_eq!(world.tasks().await, [TaskCause::NoAdministrator]);
    world.read_all();
}

#[tokio::test]
async fn v5_a_vote_of_somebody_who_is_no_administrator_any_more_counts_no_more() {
    let (mut world, letters) = asked("2").await;
    says(&mut world, &letters, "lee", "Approved.").await;
    world.read_all();
    world.import(&register(&THREE.replace("Lee Park <lee@partner.example>;", ""))).await;
    says(&mut world, &letters, "kim", "Approved.").await;
    assert_eq!(world.standings().await, WAITS);
    let recorded = world.letter_to("kim@partner.example");
    assert!(recorded.text.contains("2件中1件"), "{}", recorded.text);
    says(&mut world, &letters, "ando", "承認します。").await;
    assert_eq!(world.standings().await, ["approved"]);
    world.read_all();
}

fn register(rows: &str) -> String {
    format!(
        "contract_number,holder,aliases,domains,addresses,bill_to_id,service_level,issued_at,starts_on,ends_on,serial_numbers,administered_by,administrators\n{rows}\n"
    )
}

#[tokio::test]
async fn v5_at_the_moment_of_approval_a_contract_that_has_ended_or_is_gone_gives_nothing() {
    let other = "90009999,Elsewhere Ltd.,,elsewhere.example,,,standard,2024-04-01,2024-04-01,2036-03-31,,administrators,Ann Lake <ann@redwood.example>";
    let ended = THREE.replace("2036-03-31", "2026-11-23");
    for (rows, expected) in [(ended.as_str(), "denied / contract_inactive"), (other, "denied / contract_not_found")] {
        let (mut world, letters) = asked("any").await;
        world.import(&register(rows)).await;
        says(&mut world, &letters, "lee", "Approved.").await;
        assert_eq!(world.standings().await, [expected]);
        let request = world.request().await;
        assert_eq!(request.items[0].standing.decided_by().unwrap().to_string(), "policy");
        let told: Vec<String> = world.read_all().into_iter().map(|letter| letter.to).collect();
        assert!(told.contains(&"ando@hibari.example".to_owned()), "the sender is told");
        assert!(!told.contains(&"mori@operator.example".to_owned()), "H1: the requester is not");
    }
}

#[tokio::test]
async fn t8_of_two_requests_that_wait_for_one_person_an_answer_decides_the_one_whose_token_it_bears() {
    let mut world = World::new().await;
    world.works(japanese_request("90001001").bytes()).await;
    let first = world.read_all().into_iter().find(|letter| letter.name == "approval_request").unwrap();
    world.works(japanese_request("90001002").bytes()).await;
    world.read_all();
    world.works(Mail::reply(&first, "承認します。").bytes()).await;
    let standings: Vec<String> =
        world.requests().await.iter().map(|request| crate::world::standing(&request.items[0])).collect();
    assert_eq!(standings, ["approved", "pending_administrator_review"]);
    world.read_all();
    // A bare reference names one as well.
    let reference = world.requests().await[1].reference.clone();
    let bare = Mail::from("ando@hibari.example").subject(&format!("Re: [{reference}]")).body("承認します。");
    world.works(bare.bytes()).await;
    let confirmation = world.letter_to("ando@hibari.example");
    assert!(confirmation.name == "approval_confirmation" && confirmation.text.contains("90001002"));
}

#[tokio::test]
async fn t8_a_mail_that_quotes_two_letters_decides_by_the_letter_that_it_replies_to() {
    let mut world = World::new().await;
    world.works(japanese_request("90001001").bytes()).await;
    let first = world.read_all().into_iter().find(|letter| letter.name == "approval_request").unwrap();
    world.works(japanese_request("90001002").bytes()).await;
    let letters = world.read_all();
    let second = letters.iter().find(|l| l.name == "approval_request" && l.to.starts_with("ando")).unwrap();
    let both = Letter { text: format!("{}\r\n{}", first.text, second.text), ..second.clone() };
    world.works(Mail::reply(&both, "承認します。").bytes()).await;
    let standings: Vec<String> =
        world.requests().await.iter().map(|request| crate::world::standing(&request.items[0])).collect();
    assert_eq!(standings, ["pending_administrator_review", "approved"]);
    world.read_all();
    // Reply address of one and In-Reply-To of the other: nobody can say which is meant.
    let text = String::from_utf8(Mail::reply(&first, "承認します。").bytes()).unwrap();
    let torn =
        text.replace(&format!("In-Reply-To: <{}>", first.message_id), &format!("In-Reply-To: <{}>", second.message_id));
    world.works(torn).await;
    assert_eq!(crate::world::standing(&world.requests().await[0].items[0]), "pending_administrator_review");
    assert_eq!(world.letter_to("ando@hibari.example").name, "approval_again");
}
