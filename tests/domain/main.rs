//! The domain alone: what `decide` does to any sequence of inputs, and the pages of `docs/` that are made from it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]

mod chance;
mod inputs;
mod process_page;
mod properties;
mod reordering;
mod rules;
mod small_world;
mod witness;
