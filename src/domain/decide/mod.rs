//! The one place where decisions are taken: pure, total functions from a snapshot and an input to an outcome.
//!
//! Same snapshot, same input, same entropy: same outcome, with a reason for everything in its timeline.

mod answer;
mod ask;
mod check;
mod clock;
mod delivery;
mod draft;
mod granted;
mod late;
mod mail;
mod open;
mod operator;
mod register;
mod resume;
mod review;
mod tell;
mod vote;

use super::entropy::Entropy;
use super::input::Input;
use super::outcome::Outcome;
use super::snapshot::Snapshot;
use draft::Draft;

/// Decides what one input brings.
pub fn decide(snapshot: &Snapshot<'_>, input: &Input, entropy: &mut dyn Entropy) -> Outcome {
    let mut draft = Draft::new(snapshot, input, entropy);
    match input {
        Input::Mail(mail) => mail::decide(&mut draft, mail),
        Input::Timer(timer) => clock::decide(&mut draft, timer),
        Input::Delivery(delivery) => delivery::decide(&mut draft, delivery),
        Input::Review(act) => review::decide(&mut draft, act),
        Input::Operator(act) => operator::decide(&mut draft, act),
        Input::Register(changed) => register::decide(&mut draft, changed),
    }
    draft.finish()
}
