//! `ringi requests approve|deny|cancel`: a reviewer's word, given as an order to the desk's engine.

use super::{Context, Failure, arguments, output};
use crate::app::console;
use crate::domain::ids::{ItemNo, Reference};
use crate::domain::input::{Act, Order, ReviewAct, Seen};
use crate::fault::Fault;

/// What the reviewer says, of what.
#[derive(Debug, clap::Args)]
pub struct Decision {
    #[arg(value_name = "REF", value_parser = super::requests::reference)]
    reference: Reference,
    /// Only this item, as `requests show` numbers them; may be given several times. Without it: every item that waits for
    /// a reviewer.
    #[arg(long = "item", value_name = "N", value_parser = arguments::count)]
    items: Vec<u32>,
    /// The reviewer who says so, as the config names reviewers.
    #[arg(long = "as", value_name = "NAME")]
    name: String,
    /// Kept in the timeline; passed on to nobody.
    #[arg(long, value_name = "TEXT")]
    comment: Option<String>,
    /// Stands in for silent or missing administrators; needs --comment. Never for reading, identity, entitlement or the
    /// approver's consent.
    #[arg(long = "override", requires = "comment")]
    overrides: bool,
    /// The answer as one line of JSON.
    #[arg(long)]
    json: bool,
}

/// Which request is cancelled.
#[derive(Debug, clap::Args)]
pub struct Cancellation {
    #[arg(value_name = "REF", value_parser = super::requests::reference)]
    reference: Reference,
    /// Only this item; may be given several times. Without it: every item that is not settled.
    #[arg(long = "item", value_name = "N", value_parser = arguments::count)]
    items: Vec<u32>,
    /// Who cancels; the name of the system's user without it.
    #[arg(long = "as", value_name = "NAME")]
    name: Option<String>,
    /// Kept in the timeline; passed on to nobody.
    #[arg(long, value_name = "TEXT")]
    comment: Option<String>,
    /// The answer as one line of JSON.
    #[arg(long)]
    json: bool,
}

pub async fn decide(context: &Context, act: Act, given: Decision) -> Result<(), Failure> {
    let order = ReviewAct {
        reference: given.reference,
        act,
        items: given.items.into_iter().map(ItemNo).collect(),
        seen: Vec::new(),
        reviewer: given.name,
        comment: given.comment,
        overrides: given.overrides,
    };
    submit(context, order, given.json).await
}

pub async fn cancel(context: &Context, given: Cancellation) -> Result<(), Failure> {
    let order = ReviewAct {
        reference: given.reference,
        act: Act::Cancel,
        items: given.items.into_iter().map(ItemNo).collect(),
        seen: Vec::new(),
        reviewer: output::who(given.name),
        comment: given.comment,
        overrides: false,
    };
    submit(context, order, given.json).await
}

async fn submit(context: &Context, mut act: ReviewAct, json: bool) -> Result<(), Failure> {
    let (config, store) = context.writable_store().await?;
    act.seen = store.request(&act.reference).await?.as_ref().map(Seen::all).unwrap_or_default();
    let Some(desk) = store.desk_of_request(&act.reference).await? else {
        let what = format!("there is no request {}", act.reference);
        return Err(Fault::new(what, "`ringi requests list` shows those that are there.").into());
    };
    let desk = console::desk_of(&config, &store, desk).await?;
    let reply = console::submit(&config, &store, desk, &Order::Review(act)).await?;
    if json {
        output::print_json(&reply)?;
    }
    let refused = output::told(reply);
    if refused.is_empty() { Ok(()) } else { Err(Failure::Refused(refused)) }
}
