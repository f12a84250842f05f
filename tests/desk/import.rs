//! The register changes while requests are open.

use crate::mails::english_request;
use crate::world::World;

const HEADER: &str = "contract_number,holder,aliases,domains,addresses,bill_to_id,service_level,issued_at,starts_on,ends_on,serial_numbers,administered_by,administrators";

#[tokio::test]
async fn v2_an_import_that_takes_away_what_an_open_item_rests_on_stands_in_the_timeline() {
    let mut world = World::new().await;
    world.works(english_request("90002001").bytes()).await;
    let before = world.request().await;
    world.read_all();
    let successor = "90002001,Redwood Foods Ltd.,,redwood.example,,,standard,2024-04-01,2024-04-01,2036-03-31,,administrators,Bob Hill <bob@redwood.example>";
    let of = async |world: &World, words: &str| {
        let told = world.timeline(&before.reference).await;
        told.iter().filter(|line| line.contains(words)).count()
    };
    world.import(&format!("{HEADER}\n{successor}\n")).await;
    world.settle().await;
    world.read_all();
    assert_eq!(of(&world, "changed who administers the contract").await, 1);
    world.import(&format!("{HEADER}\n{successor}\n")).await;
    world.settle().await;
    assert_eq!(of(&world, "The register").await, 1, "the same again changes nothing");
    world.import(&format!("{HEADER}\n1,x,,,,,,,,,,desk,\n")).await;
    world.settle().await;
    world.read_all();
    assert_eq!(of(&world, "no longer has the contract").await, 1);
}
