//! Single rules, held on the domain alone.

use ringi::domain::ids::ItemNo;
use ringi::domain::words::Verdict;

use crate::inputs::{aligned, answer, asks_for, not_aligned, request};
use crate::small_world::{APPROVER, ONE_ADMINISTRATOR, SECOND, SmallWorld, TWO_ADMINISTRATORS};

const SENDER: &str = "other@haruka.example";
const USER: &str = "user@operator.example";

#[test]
fn t5_a_request_is_verified_only_where_from_is_aligned() {
    for (authentication, verified) in [(aligned(), true), (not_aligned(), false)] {
        let mut world = SmallWorld::new(1);
        let mail = request(&world, SENDER, authentication, asks_for(&[ONE_ADMINISTRATOR], USER, APPROVER));
        let opened = world.step(&mail, None).request.unwrap();
        assert_eq!(opened.sender_verified, verified);
    }
}

#[test]
fn v1_an_answer_is_bound_to_the_items_of_its_letter_as_they_were_shown() {
    let mut world = SmallWorld::new(1);
    let reading = asks_for(&[ONE_ADMINISTRATOR, TWO_ADMINISTRATORS], USER, APPROVER);
    let mail = request(&world, SENDER, aligned(), reading);
    world.step(&mail, None);
    let letter = world.posted.iter().find(|letter| letter.to.as_str() == SECOND).unwrap().clone();
    // What the letter showed of the first item is changed before its answer comes.
    world.requests.get_mut(&letter.reference).unwrap().items[0].revision += 1;
    let approved = answer(&world, &letter, SECOND, aligned(), Verdict::Approve);
    let after = world.step(&approved, Some(&letter.reference)).request.unwrap();
    let votes: Vec<(ItemNo, usize)> = after.items.iter().map(|item| (item.no, item.votes.len())).collect();
    assert_eq!(votes, [(ItemNo(1), 0), (ItemNo(2), 1)]);
    let item = &after.items[1];
    assert_eq!(item.votes[0].digest, after.shown_digest(item));
    assert_eq!(world.accesses().len(), 1);
}

#[test]
fn h1_the_requester_hears_first_at_approved() {
    for (verdict, heard) in [(Verdict::Approve, vec!["approved"]), (Verdict::Deny, vec![])] {
        let mut world = SmallWorld::new(1);
        let mail = request(&world, SENDER, aligned(), asks_for(&[ONE_ADMINISTRATOR], USER, APPROVER));
        let mut letters = world.step(&mail, None).letters;
        let letter = world.posted[0].clone();
        let answered = answer(&world, &letter, SECOND, aligned(), verdict);
        letters.extend(world.step(&answered, Some(&letter.reference)).letters);
        let to_requester: Vec<&str> =
            letters.iter().filter(|letter| letter.to.as_str() == USER).map(|letter| letter.body.name()).collect();
        assert_eq!(to_requester, heard);
    }
}
