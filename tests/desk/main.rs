//! The desk as a whole: mails in, letters out, through the daemon's own path.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails loudly")]

#[path = "../support/dns.rs"]
mod dns;
#[path = "../support/letter.rs"]
mod letter;
#[path = "../support/mails.rs"]
mod mails;
#[path = "../support/warnings.rs"]
mod warnings;
#[path = "../support/world.rs"]
mod world;

mod attack_answers;
mod attack_flood;
mod attack_letters;
mod buttons;
mod clocks;
mod delivery;
mod dkim;
mod html_quotes;
mod ledger;
mod missing;
mod mixed;
mod operator;
mod person;
mod register;
mod review;
mod send_back;
mod several;
mod telling;
mod third_party;
mod trust;
mod votes;
