//! Attacks by way of our own letters: what they would tell, and what they would show.

use crate::mails::{Verified, english_request};
use crate::world::World;

fn stranger(number: &str, n: u32) -> Vec<u8> {
    String::from_utf8(english_request(number).verified(Verified::No).bytes())
        .unwrap()
        .replace("Ann Lake <ann@redwood.example>", "m@attacker.example")
        .replace("header.from=redwood.example", "header.from=attacker.example")
        .replace("Message-ID: <", &format!("Message-ID: <{n}."))
        .into_bytes()
}

#[tokio::test]
async fn whoever_guesses_numbers_learns_nothing_more_by_silence() {
    let mut world = World::new().await;
    for n in 0..11 {
        world.works(stranger(&format!("9100000{n:02}"), n)).await;
    }
    world.read_all();
    // The limit is passed. An ended contract and an unknown one must now fare alike.
    world.works(stranger("91999999", 20)).await;
    let unknown: Vec<_> =
        world.read_all().into_iter().filter(|l| l.to == "m@attacker.example").map(|l| l.name).collect();
    world.works(stranger("90003001", 21)).await;
    let ended: Vec<_> = world.read_all().into_iter().filter(|l| l.to == "m@attacker.example").map(|l| l.name).collect();
    assert_eq!(unknown, ended);
}

#[tokio::test]
async fn a1_an_address_that_shows_as_another_is_no_address() {
    let mut world = World::new().await;
    for (n, trick) in ["sam\u{202e}@operator.example", "sam\u{200b}@operator.example", "sam\u{ad}@operator.example"]
        .iter()
        .enumerate()
    {
        let mail = String::from_utf8(english_request("90002001").bytes())
            .unwrap()
            .replace("sam@operator.example", trick)
            .replace("Message-ID: <", &format!("Message-ID: <{n}."));
        world.works(mail).await;
        let letters = world.read_all();
        for letter in &letters {
            assert!(!letter.text.contains(trick), "{trick:?} in {}: {}", letter.name, letter.text);
        }
    }
}
