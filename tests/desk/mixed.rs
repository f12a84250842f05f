//! One answer, several verdicts: each item has its own (rules R1, R2, V1).

use ringi::domain::task::TaskCause;

use crate::letter::Letter;
use crate::mails::{Mail, japanese_request};
use crate::world::World;

/// Ando is asked about two contracts in one letter.
async fn asked() -> (World, Letter) {
    let third = "90001003,株式会社ひばり工業,Hibari Industries K.K.,hibari.example,,,standard,2024-04-01,2024-04-01,2036-03-31,,administrators,安藤 直子 <ando@hibari.example>";
    // Ando asks and is asked: more letters than one person usually gets about one request.
    let calm = "language = \"en\"\npolicy = { letters = { per_request_recipient_and_day = 0 } }\n";
    let mut world = World::builder().with("language = \"en\"\n", calm).contract(third).build().await;
    world.works(japanese_request("90001001、90001003").bytes()).await;
    let asking = world.read_all().into_iter().find(|letter| letter.name == "approval_request").unwrap();
    (world, asking)
}

#[tokio::test]
async fn v1_each_item_of_a_mixed_answer_gets_its_own_verdict() {
    let (mut world, asking) = asked().await;
    world.works(Mail::reply(&asking, "90001001は承認します。90001003は却下します。").bytes()).await;
    assert_eq!(world.standings().await, ["approved", "denied / declined"]);
    assert!(world.tasks().await.is_empty());
    let letters = world.read_all();
    let names: Vec<(&str, &str)> = letters.iter().map(|l| (l.name.as_str(), l.to.as_str())).collect();
    assert!(names.contains(&("approved", "mori@operator.example")), "{names:?}");
    let to_requester = letters.iter().find(|letter| letter.to == "mori@operator.example").unwrap();
    assert!(!to_requester.text.contains("90001003"), "H1: the requester hears of what is approved alone");
    let recorded: Vec<&Letter> = letters.iter().filter(|letter| letter.name == "decision_recorded").collect();
    assert_eq!(recorded.len(), 1);
    assert!(recorded[0].text.contains("90001001: 承認") && recorded[0].text.contains("90001003: 却下"));
}

#[tokio::test]
async fn r2_what_a_mixed_answer_leaves_unclear_is_asked_again_alone_and_once() {
    let (mut world, asking) = asked().await;
    world
        .works(
            Mail::reply(&asking, "90001001は承認します。90001003はおそらく問題ないと思いますが、確認します。").bytes(),
        )
        .await;
    assert_eq!(world.standings().await, ["approved", "pending_administrator_review"]);
    let letters = world.read_all();
    let again = letters.iter().find(|letter| letter.name == "approval_again").unwrap();
    assert!(again.text.contains("90001003") && !again.text.contains("90001001  "), "{}", again.text);
    let recorded = letters.iter().find(|letter| letter.name == "decision_recorded").unwrap();
    assert!(recorded.text.contains("90001001: 承認") && recorded.text.contains("90001003: 未回答"));
    world.works(Mail::reply(again, "まだ検討中です。").bytes()).await;
    assert_eq!(world.tasks().await, [TaskCause::UnclearAnswer]);
    world.works(Mail::reply(again, "承認します。").bytes()).await;
    assert_eq!(world.standings().await, ["approved", "approved"]);
    world.read_all();
}

#[tokio::test]
async fn v1_what_an_answer_does_not_name_stays_asked_and_the_same_letter_still_decides_it() {
    let (mut world, asking) = asked().await;
    world.works(Mail::reply(&asking, "90001001は承認します。").bytes()).await;
    assert_eq!(world.standings().await, ["approved", "pending_administrator_review"]);
    world.read_all();
    // The token still holds for the other one, and for that alone.
    world.works(Mail::reply(&asking, "却下します。").bytes()).await;
    assert_eq!(world.standings().await, ["approved", "denied / declined"]);
    world.read_all();
}
