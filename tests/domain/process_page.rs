//! `docs/process.md`: the table of checks and answers of a `third_party` request, made by running `decide` over each case.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use chrono::TimeDelta;
use ringi::domain::heard::RequestReading;
use ringi::domain::ids::Reference;
use ringi::domain::input::{Act, Delivery, DeliveryResult, Input};
use ringi::domain::letter::Letter;
use ringi::domain::outcome::Outcome;
use ringi::domain::timer::Timer;
use ringi::domain::words::{AccessLevel, Verdict};

use crate::inputs::{aligned, answer, asks_for, not_aligned, request, review};
use crate::small_world::{
    APPROVER, DESK, DESK_NO_DOMAIN, ENDED, NO_ADMINISTRATOR, ONE_ADMINISTRATOR, Posted, SECOND, SmallWorld, TOO_NEW,
    UNKNOWN, contract,
};

const SENDER: &str = "other@haruka.example";
const USER: &str = "user@operator.example";
const BEGIN: &str = "<!-- table: made by RINGI_WRITE_DOCS=1 cargo test --test domain -->\n";
const END: &str = "<!-- end of table -->\n";

/// What comes after the request, in the words of the table.
#[derive(Clone, Copy)]
enum Then {
    Answers(&'static str, Verdict),
    Unverified(&'static str, Verdict),
    Reviewer(Act),
    Override,
    WindowEnds,
    Escalation,
    Expiry,
    Rejected,
}

impl Then {
    fn words(self) -> String {
        let who = |address| if address == APPROVER { "approver" } else { "administrator" };
        match self {
            Self::Answers(address, verdict) => format!("{}: {verdict}", who(address)),
            Self::Unverified(address, verdict) => format!("{}, not verified: {verdict}", who(address)),
            Self::Reviewer(act) => format!("reviewer: {act}"),
            Self::Override => "reviewer: approve with --override".to_owned(),
            Self::WindowEnds => "the window ends".to_owned(),
            Self::Escalation => "silence for 3 business days".to_owned(),
            Self::Expiry => "silence for 14 days".to_owned(),
            Self::Rejected => "the letter is rejected".to_owned(),
        }
    }

    fn input(self, world: &SmallWorld, of: &Reference) -> Input {
        let newest =
            |to: &str| -> &Posted { world.posted.iter().rev().find(|letter| letter.to.as_str() == to).unwrap() };
        let reference = of.clone();
        let last = world.posted.last();
        match self {
            Self::Answers(from, verdict) => answer(world, newest(from), from, aligned(), verdict),
            Self::Unverified(from, verdict) => answer(world, newest(from), from, not_aligned(), verdict),
            Self::Reviewer(act) => Input::Review(review(world, of, act)),
            Self::Override => {
                let mut act = review(world, of, Act::Approve);
                act.overrides = true;
                Input::Review(act)
            }
            Self::WindowEnds => Input::Timer(Timer::Recheck { reference, item: world.requests[of].items[0].no }),
            Self::Escalation => Input::Timer(Timer::Escalate { reference, approval: last.unwrap().approval }),
            Self::Expiry => Input::Timer(Timer::Expire { reference, approval: last.unwrap().approval }),
            Self::Rejected => Input::Delivery(Delivery {
                reference: Some(reference),
                letter: last.unwrap().letter,
                result: DeliveryResult::Rejected { reply: "550 5.1.1".to_owned() },
                at: world.now,
            }),
        }
    }
}

/// A check: its name in the table, the request that meets it, and what may follow.
struct Case {
    check: &'static str,
    from: &'static str,
    reading: RequestReading,
    chains: Vec<Vec<Then>>,
}

fn case(check: &'static str, number: &str, chains: &[&[Then]]) -> Case {
    let chains = chains.iter().map(|chain| chain.to_vec()).collect();
    Case { check, from: SENDER, reading: asks_for(&[number], USER, APPROVER), chains }
}

fn cases() -> Vec<Case> {
    use Then::{Answers, Escalation, Expiry, Override, Rejected, Reviewer, Unverified, WindowEnds};
    use Verdict::{Approve, Delegate, Deny, Mixed, Question, SendBack, Unclear};
    let mut missing = case("something is missing", ONE_ADMINISTRATOR, &[]);
    missing.reading.reason = None;
    let mut several = case("several users or approvers", ONE_ADMINISTRATOR, &[&[Reviewer(Act::Approve)]]);
    several.reading.several_people = true;
    let mut level = case("download, with direct support", "direct", &[]);
    level.reading.access_level = AccessLevel::Download;
    let mut stranger = case("the approver is of another domain", DESK, &[]);
    stranger.reading = asks_for(&[DESK], USER, "approver@elsewhere.example");
    let mut own = case("the approver is the requester", DESK, &[]);
    own.reading = asks_for(&[DESK], APPROVER, APPROVER);
    let clears: &[&[Then]] = &[&[Reviewer(Act::Approve)], &[Reviewer(Act::Deny)]];
    let mut name = case("the approver's company name contradicts", DESK, clears);
    name.reading.approver.company = Some("別会社".to_owned());
    let mut writes = case("the desk administers; the approver wrote, verified", DESK, clears);
    writes.from = APPROVER;
    vec![
        missing,
        several,
        case("the number is unknown", UNKNOWN, &[]),
        case("the contract has ended", ENDED, &[]),
        case("the contract is too new", TOO_NEW, &[&[WindowEnds]]),
        case("the access exists already", "granted", &[]),
        level,
        stranger,
        own,
        case("no domain is registered for the holder", DESK_NO_DOMAIN, clears),
        name,
        case(
            "administrators decide",
            ONE_ADMINISTRATOR,
            &[
                &[Answers(SECOND, Approve)],
                &[Answers(SECOND, Deny)],
                &[Answers(SECOND, Unclear)],
                &[Answers(SECOND, Unclear), Answers(SECOND, Unclear)],
                &[Answers(SECOND, SendBack)],
                &[Answers(SECOND, Mixed)],
                &[Answers(SECOND, Delegate)],
                &[Answers(SECOND, Question)],
                &[Unverified(SECOND, Approve)],
                &[Unverified(SECOND, Approve), Unverified(SECOND, Approve)],
                &[Unverified(SECOND, Approve), Answers(SECOND, Approve)],
                &[Rejected],
                &[Escalation],
                &[Escalation, Override],
                &[Expiry],
                &[Reviewer(Act::Cancel)],
            ],
        ),
        case("nobody can be asked", NO_ADMINISTRATOR, &[&[Reviewer(Act::Approve)], &[Override]]),
        case(
            "the desk administers",
            DESK,
            &[
                &[Answers(APPROVER, Deny)],
                &[Answers(APPROVER, Approve)],
                &[Answers(APPROVER, Approve), Reviewer(Act::Approve)],
                &[Answers(APPROVER, Approve), Reviewer(Act::Deny)],
                &[Expiry],
            ],
        ),
        writes,
    ]
}

fn world() -> SmallWorld {
    let mut world = SmallWorld::new(3);
    let direct =
        ringi::domain::contract::Contract { service_level: Some("direct".to_owned()), ..contract("direct", &[SECOND]) };
    world.contracts.insert("direct".to_owned(), direct);
    world.contracts.insert("granted".to_owned(), contract("granted", &[SECOND]));
    let mail = request(&world, SENDER, aligned(), asks_for(&["granted"], USER, APPROVER));
    world.step(&mail, None);
    let letter = world.posted.pop().unwrap();
    let approved = answer(&world, &letter, SECOND, aligned(), Verdict::Approve);
    world.step(&approved, Some(&letter.reference));
    assert_eq!(world.grants.len(), 1);
    world.posted.clear();
    world
}

fn letters(outcome: &Outcome, case: &Case) -> String {
    let to = |letter: &Letter| match letter.to.as_str() {
        to if to == case.from => "sender",
        USER => "requester",
        APPROVER => "approver",
        SECOND | "first@haruka.example" => "administrator",
        _ => "reviewers",
    };
    let named: Vec<String> =
        outcome.letters.iter().map(|letter| format!("`{}` to {}", letter.body.name(), to(letter))).collect();
    if named.is_empty() { "none".to_owned() } else { named.join(", ") }
}

fn row(case: &Case, then: &str, world: &SmallWorld, of: &Reference, outcome: &Outcome) -> String {
    let item = &world.requests[of].items[0].standing;
    let reason = item.reason().map_or_else(|| "null".to_owned(), |reason| reason.to_string());
    let awaiting = item.awaiting().map(|clearance| format!(", awaits {clearance}")).unwrap_or_default();
    let letters = letters(outcome, case);
    let tasks: Vec<String> = outcome.tasks.iter().map(|task| task.cause.to_string()).collect();
    let tasks = if tasks.is_empty() { String::new() } else { format!("`{}`", tasks.join("`, `")) };
    format!("| {} | {then} | `{}` / `{reason}`{awaiting} | {letters} | {tasks} |\n", case.check, item.status())
}

fn table() -> String {
    let mut table = String::from(
        "\n| check of a `third_party` item | then | status / reason | letters | tasks |\n|---|---|---|---|---|\n",
    );
    for case in cases() {
        let mut opened = world();
        let mail = request(&opened, case.from, aligned(), case.reading.clone());
        let outcome = opened.step(&mail, None);
        let of = outcome.request.as_ref().unwrap().reference.clone();
        table.push_str(&row(&case, "", &opened, &of, &outcome));
        for chain in &case.chains {
            let mut world = opened.clone();
            let mut last = Outcome::default();
            let mut words = String::new();
            for then in chain {
                if matches!(then, Then::WindowEnds) {
                    world.now += TimeDelta::days(3);
                }
                let input = then.input(&world, &of);
                last = world.step(&input, Some(&of));
                let before = if words.is_empty() { "" } else { ", then " };
                write!(words, "{before}{}", then.words()).unwrap();
            }
            table.push_str(&row(&case, &words, &world, &of, &last));
        }
    }
    table.push('\n');
    table
}

#[test]
fn the_table_of_the_process_is_what_decide_does() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/process.md");
    let kept = fs::read_to_string(&path).unwrap();
    let (above, rest) = kept.split_once(BEGIN).expect("docs/process.md has lost the mark above its table");
    let (old, below) = rest.split_once(END).expect("docs/process.md has lost the mark below its table");
    let made = table();
    if std::env::var_os("RINGI_WRITE_DOCS").is_some() {
        fs::write(&path, format!("{above}{BEGIN}{made}{END}{below}")).unwrap();
        return;
    }
    for (old, made) in old.lines().zip(made.lines()) {
        assert_eq!(
            old, made,
            "docs/process.md is outdated: RINGI_WRITE_DOCS=1 cargo test --test domain writes it anew"
        );
    }
    assert_eq!(old.lines().count(), made.lines().count(), "docs/process.md is outdated: its table has other rows");
}
