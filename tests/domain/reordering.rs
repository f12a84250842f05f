//! Inputs that do not contradict each other give the same access in whatever order they come.

use ringi::domain::ids::Reference;
use ringi::domain::input::{Act, Delivery, DeliveryResult, Input};
use ringi::domain::words::Verdict;

use crate::chance::Chance;
use crate::inputs::{aligned, answer, asks_for, not_aligned, request, review};
use crate::small_world::{
    APPROVER, DESK, FIRST, NO_ADMINISTRATOR, ONE_ADMINISTRATOR, Posted, SmallWorld, TWO_ADMINISTRATORS,
};

/// Several requests; whoever can decide is asked, and every letter has left: one that has not may still be replaced.
fn asked(seed: u64) -> SmallWorld {
    let mut world = SmallWorld::new(seed);
    let mails = [
        (vec![TWO_ADMINISTRATORS, DESK], "user@operator.example"),
        (vec![ONE_ADMINISTRATOR, TWO_ADMINISTRATORS], "second-user@operator.example"),
        (vec![DESK, NO_ADMINISTRATOR], "third-user@operator.example"),
        // The same access as the first mail asks for.
        (vec![TWO_ADMINISTRATORS], "user@operator.example"),
    ];
    for (numbers, requester) in mails {
        let mail = request(&world, "other@haruka.example", aligned(), asks_for(&numbers, requester, APPROVER));
        world.step(&mail, None);
    }
    for letter in world.posted.clone() {
        let left = accepted(&world, &letter);
        world.step(&left, Some(&letter.reference));
    }
    world
}

fn accepted(world: &SmallWorld, letter: &Posted) -> Input {
    Input::Delivery(Delivery {
        reference: Some(letter.reference.clone()),
        letter: letter.letter,
        result: DeliveryResult::Accepted,
        at: world.now,
    })
}

#[test]
fn v4_approvals_in_any_order_among_noise_give_the_same_access() {
    let mut results = Vec::new();
    for seed in 0..60 {
        let mut chance = Chance::new(seed);
        // The letters are the same in every run: only the order of what comes back differs.
        let mut world = asked(7);
        let mut inputs: Vec<(Input, Reference)> = Vec::new();
        for letter in world.posted.clone() {
            let about = letter.reference.clone();
            let mut come = |input| inputs.push((input, about.clone()));
            come(answer(&world, &letter, letter.to.as_str(), aligned(), Verdict::Approve));
            // None of these says anything that counts.
            come(answer(&world, &letter, "stranger@elsewhere.example", aligned(), Verdict::Deny));
            come(answer(&world, &letter, letter.to.as_str(), not_aligned(), Verdict::Deny));
            come(answer(&world, &letter, letter.to.as_str(), aligned(), Verdict::Question));
            come(accepted(&world, &letter));
        }
        for (input, about) in chance.shuffled(&inputs) {
            world.step(&input, Some(&about));
        }
        let references: Vec<Reference> = world.requests.keys().cloned().collect();
        for reference in chance.shuffled(&references) {
            let approve = Input::Review(review(&world, &reference, Act::Approve));
            world.step(&approve, Some(&reference));
        }
        let standings: Vec<_> = world
            .requests
            .values()
            .flat_map(|request| request.items.iter().map(|item| item.standing.status()))
            .collect();
        results.push((world.accesses(), standings));
    }
    assert_eq!(results[0].0.len(), 5, "{:?}", results[0]);
    for result in &results {
        assert_eq!(result, &results[0]);
    }
}

#[test]
fn v4_of_two_contradicting_answers_the_first_one_settles() {
    for first in [Verdict::Approve, Verdict::Deny] {
        let second = if first == Verdict::Approve { Verdict::Deny } else { Verdict::Approve };
        let mut world = SmallWorld::new(1);
        let reading = asks_for(&[TWO_ADMINISTRATORS], "user@operator.example", APPROVER);
        let mail = request(&world, "other@haruka.example", aligned(), reading);
        world.step(&mail, None);
        let letters = world.posted.clone();
        assert_eq!(letters[0].to.as_str(), FIRST);
        for (letter, verdict) in letters.iter().zip([first, second]) {
            let input = answer(&world, letter, letter.to.as_str(), aligned(), verdict);
            world.step(&input, Some(&letter.reference));
        }
        assert_eq!(world.accesses().len(), usize::from(first == Verdict::Approve));
    }
}
