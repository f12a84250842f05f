//! What holds after any sequence of inputs, whoever sends what in whatever order. Own seeds, no shrinking: a failing run
//! prints its seed and its inputs.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use ringi::domain::ids::{ItemNo, Reference};
use ringi::domain::input::Input;
use ringi::domain::outcome::Outcome;
use ringi::domain::request::{Request, Standing};

use crate::chance::Chance;
use crate::inputs;
use crate::small_world::SmallWorld;
use crate::witness::Witness;

const RUNS: u64 = 150;
const STEPS: usize = 60;

/// One input with the world before and after it.
struct Step<'a> {
    before: &'a SmallWorld,
    after: &'a SmallWorld,
    input: &'a Input,
    about: Option<&'a Reference>,
    outcome: &'a Outcome,
    witness: &'a Witness,
}

/// Runs many sequences, and looks at every step of each. Returns how many grants there were: a run without any shows nothing.
fn always(holds: impl Fn(&Step<'_>) -> Result<(), String>) {
    let mut grants = 0;
    for seed in 0..RUNS {
        let (mut world, mut chance) = (SmallWorld::new(seed), Chance::new(seed));
        let mut witness = Witness::default();
        let mut past = Vec::new();
        for _ in 0..STEPS {
            let Some((input, about)) = inputs::any(&mut world, &mut chance) else { continue };
            world.now += TimeDelta::minutes(i64::try_from(chance.below(600)).unwrap());
            let before = world.clone();
            let outcome = world.step(&input, about.as_ref());
            let opened = outcome.request.as_ref().filter(|_| outcome.opened);
            witness.hears(&before, &input, opened);
            past.push(format!("{input:?}"));
            let step = Step {
                before: &before,
                after: &world,
                input: &input,
                about: about.as_ref(),
                outcome: &outcome,
                witness: &witness,
            };
            if let Err(why) = holds(&step) {
                panic!("seed {seed}, step {}: {why}\n{}", past.len(), past.join("\n"));
            }
        }
        grants += world.grants.len();
    }
    assert!(grants > 100, "only {grants} grants: the sequences lead nowhere");
}

fn items(world: &SmallWorld) -> impl Iterator<Item = (&Request, &ringi::domain::request::Item)> {
    world.requests.values().flat_map(|request| request.items.iter().map(move |item| (request, item)))
}

fn was(world: &SmallWorld, reference: &Reference, no: ItemNo) -> Option<Standing> {
    Some(world.requests.get(reference)?.item(no)?.standing.clone())
}

#[test]
fn t1_no_access_without_a_counted_vote_or_a_consent_that_a_reviewer_clears() {
    always(|step| {
        for (request, item) in items(step.after) {
            let before = step.before.requests.get(&request.reference);
            let newly = matches!(item.standing, Standing::Approved(_))
                && !matches!(was(step.before, &request.reference, item.no), Some(Standing::Approved(_)));
            if !newly {
                continue;
            }
            let Some(before) = before else { return Err("approved as it was opened".to_owned()) };
            let item = before.item(item.no).unwrap();
            if let Some(why) = step.witness.objects(step.before, step.input, before, item) {
                return Err(format!("item {} of {} is approved, though: {why}", item.no, request.reference));
            }
        }
        Ok(())
    });
}

#[test]
fn t1_a_grant_is_given_for_an_item_approved_in_the_same_moment_and_no_access_twice() {
    always(|step| {
        for grant in &step.outcome.grants {
            let request = step.outcome.request.as_ref().ok_or("a grant without a request")?;
            let item = request.item(grant.item).ok_or("a grant without an item")?;
            let now = matches!(&item.standing, Standing::Approved(by) if *by == grant.granted_by);
            let fits = grant.reference == request.reference
                && Some(&grant.account) == request.requester.email.as_ref()
                && grant.contract_number == item.contract_number
                && grant.access_level == request.access_level;
            if !now || !fits {
                return Err(format!("the grant {grant:?} is not what item {item:?} was approved for"));
            }
        }
        if step.after.accesses().len() == step.after.grants.len() {
            Ok(())
        } else {
            Err("an access was given twice".to_owned())
        }
    });
}

#[test]
fn c4_what_is_settled_stays_as_it_is() {
    always(|step| {
        for (request, item) in items(step.before) {
            let after = was(step.after, &request.reference, item.no);
            if item.standing.status().is_terminal() && after.as_ref() != Some(&item.standing) {
                return Err(format!(
                    "item {} of {} was {:?} and is {after:?}",
                    item.no, request.reference, item.standing
                ));
            }
        }
        Ok(())
    });
}

#[test]
fn no_item_is_lost_and_each_stands_at_one_place() {
    always(|step| {
        for (reference, request) in &step.before.requests {
            let after = step.after.requests.get(reference).ok_or("a request is gone")?;
            let names = |request: &Request| -> Vec<(ItemNo, Option<String>)> {
                request.items.iter().map(|item| (item.no, item.contract_number.clone())).collect()
            };
            if names(request) != names(after) {
                return Err(format!("the items of {reference} were {:?} and are {:?}", names(request), names(after)));
            }
        }
        for (_, item) in items(step.after) {
            let place = &item.standing;
            let again =
                Standing::from_parts(place.status(), place.reason(), place.awaiting(), place.decided_by().cloned());
            if again.as_ref() != Some(place) {
                return Err(format!("{place:?} is not one status with one reason"));
            }
        }
        let (Input::Mail(mail), true) = (step.input, step.outcome.opened) else { return Ok(()) };
        let asked: BTreeSet<&String> = mail.request.iter().flat_map(|reading| &reading.contract_numbers).collect();
        let request = step.outcome.request.as_ref().ok_or("opened without a request")?;
        let got: Vec<&String> = request.items.iter().filter_map(|item| item.contract_number.as_ref()).collect();
        let same = got.len() == asked.len() && got.into_iter().collect::<BTreeSet<_>>() == asked;
        if same { Ok(()) } else { Err("the items are not the numbers of the mail".to_owned()) }
    });
}

#[test]
fn t9_the_same_input_once_more_changes_nothing_further() {
    always(|step| {
        match step.input {
            // The ledger knows a mail that was recorded before; here it would open a second request.
            Input::Mail(_) if step.outcome.opened => return Ok(()),
            Input::Mail(_)
            | Input::Review(_)
            | Input::Timer(_)
            | Input::Delivery(_)
            | Input::Register(_)
            | Input::Operator(_) => {}
        }
        let mut again = step.after.clone();
        let outcome = again.step(step.input, step.about);
        let told = |world: &SmallWorld| -> Vec<_> {
            items(world).map(|(_, item)| (item.standing.clone(), item.votes.len(), item.clearings.len())).collect()
        };
        if told(&again) != told(step.after) || !outcome.grants.is_empty() {
            return Err(format!("said again, it changes {:?} into {:?}", told(step.after), told(&again)));
        }
        Ok(())
    });
}

#[test]
fn t4_a_token_moves_nothing_but_what_its_own_person_was_asked() {
    always(|step| {
        let Input::Mail(mail) = step.input else { return Ok(()) };
        let may = Witness::may_move(step.before, mail);
        for (request, item) in items(step.before) {
            let after = step.after.requests[&request.reference].item(item.no).unwrap();
            if after.standing == item.standing && after.votes == item.votes {
                continue;
            }
            let allowed = may.as_ref().is_some_and(|(of, items)| *of == request.reference && items.contains(&item.no));
            if !allowed {
                return Err(format!(
                    "item {} of {} was moved by a mail of {:?}",
                    item.no, request.reference, mail.from
                ));
            }
            if after.votes[item.votes.len()..].iter().any(|vote| Some(&vote.person) != mail.from.as_ref()) {
                return Err("a vote in somebody else's name".to_owned());
            }
        }
        Ok(())
    });
}
