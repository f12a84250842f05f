//! An import that changes a contract or takes away an administrator voids what rests on it (rules V2, V5).

use ringi::domain::task::TaskCause;

use crate::mails::{Mail, japanese_request};
use crate::world::World;

const HEADER: &str = "contract_number,holder,aliases,domains,addresses,bill_to_id,service_level,issued_at,starts_on,ends_on,serial_numbers,administered_by,administrators";

fn contract(holder: &str, ends_on: &str, administrators: &str) -> String {
    format!(
        "{HEADER}\n90001002,{holder},Hibari Industries K.K.,hibari.example,,,standard,2024-04-01,2024-04-01,{ends_on},,administrators,{administrators}\n"
    )
}

const BOTH: &str = "安藤 直子 <ando@hibari.example>;Lee Park <lee@partner.example>";

#[tokio::test]
async fn v5_an_administrator_who_is_taken_away_is_not_waited_for_and_a_new_one_is_asked() {
    let mut world = World::new().await;
    world.works(japanese_request("90001002").bytes()).await;
    let letters = world.read_all();
    let to_lee = letters.iter().find(|letter| letter.to == "lee@partner.example").unwrap().clone();
    world
        .import(&contract(
            "株式会社ひばり工業",
            "2036-03-31",
            "安藤 直子 <ando@hibari.example>;New One <new@partner.example>",
        ))
        .await;
    world.settle().await;
    let asked: Vec<(String, String)> = world.read_all().into_iter().map(|letter| (letter.name, letter.to)).collect();
    assert_eq!(asked, [("approval_request".to_owned(), "new@partner.example".to_owned())], "nobody is asked twice");
    world.works(Mail::reply(&to_lee, "Approved.").bytes()).await;
    assert_eq!(world.standings().await, ["pending_administrator_review"]);
    assert_eq!(world.tasks().await, [TaskCause::NoLongerEligible]);
    world.read_all();
}

#[tokio::test]
async fn v5_the_last_administrator_taken_away_leaves_the_item_to_a_reviewer() {
    let mut world = World::new().await;
    world.works(japanese_request("90001002").bytes()).await;
    world.read_all();
    // V5: the requester does not count.
    world.import(&contract("株式会社ひばり工業", "2036-03-31", "mori@operator.example")).await;
    world.settle().await;
    assert_eq!(world.standings().await, ["pending_vendor_review / no_administrator (awaiting no_administrator)"]);
    assert_eq!(world.tasks().await, [TaskCause::NoAdministrator]);
    world.read_all();
}

#[tokio::test]
async fn v2_a_contract_that_an_import_changes_voids_tokens_and_is_asked_anew() {
    let mut world = World::new().await;
    world.works(japanese_request("90001002").bytes()).await;
    let letters = world.read_all();
    let old = letters.iter().find(|letter| letter.to == "lee@partner.example").unwrap().clone();
    world.import(&contract("株式会社ひばり工業ホールディングス;", "2036-03-31", BOTH).replace(";,", ",")).await;
    world.settle().await;
    let anew = world.read_all();
    // The company that the mail gives is none of the holder's names any more.
    assert_eq!(world.standings().await, ["pending_vendor_review (awaiting entitlement)"], "{anew:?}");
    world.works(Mail::reply(&old, "Approved.").bytes()).await;
    assert_eq!(world.standings().await, ["pending_vendor_review (awaiting entitlement)"]);
    world.read_all();
}

#[tokio::test]
async fn v2_a_longer_term_is_shown_anew_and_the_answer_to_the_old_letter_does_not_count() {
    let mut world = World::new().await;
    world.works(japanese_request("90001002").bytes()).await;
    let letters = world.read_all();
    let old = letters.iter().find(|letter| letter.to == "lee@partner.example").unwrap().clone();
    world.import(&contract("株式会社ひばり工業", "2040-03-31", BOTH)).await;
    world.settle().await;
    let anew = world.read_all();
    let new = anew.iter().find(|letter| letter.to == "lee@partner.example").unwrap();
    assert!(new.name == "approval_request" && new.text.contains("2040"), "{}", new.text);
    world.works(Mail::reply(&old, "Approved.").bytes()).await;
    assert_eq!(world.standings().await, ["pending_administrator_review"]);
    world.works(Mail::reply(new, "Approved.").bytes()).await;
    assert_eq!(world.standings().await, ["approved"]);
    world.read_all();
}

#[tokio::test]
async fn a_contract_that_the_register_loses_is_asked_about_no_more() {
    let mut world = World::new().await;
    world.works(japanese_request("90001002").bytes()).await;
    world.read_all();
    world.import(&format!("{HEADER}\n90009999,株式会社ひばり工業,,hibari.example,,,,,,,,desk,\n")).await;
    world.settle().await;
    assert_eq!(world.standings().await, ["denied / contract_not_found"]);
    world.read_all();
}

#[tokio::test]
async fn where_accounts_are_kept_one_without_company_or_address_is_denied_and_told_why() {
    let mut world = World::new().await;
    world.import("email,name,company,address,language\nmori@operator.example,森 一郎,オペレータ株式会社,,ja\n").await;
    world.works(japanese_request("90001001").bytes()).await;
    assert_eq!(world.standings().await, ["denied / profile_incomplete"]);
    let told = world.letter_to("ando@hibari.example");
    assert!(told.text.contains("プロフィール"), "{}", told.text);
    world
        .import(
            "email,name,company,address,language\nmori@operator.example,森 一郎,オペレータ株式会社,東京都港区1-1,ja\n",
        )
        .await;
    world.works(japanese_request("90001001").again().bytes()).await;
    let standings: Vec<String> =
        world.requests().await.iter().flat_map(|request| request.items.iter().map(crate::world::standing)).collect();
    assert_eq!(standings, ["denied / profile_incomplete", "pending_administrator_review"]);
    world.read_all();
}
