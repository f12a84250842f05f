//! The pure core: what requests, contracts and approvals are, and how an input changes them.
//!
//! Nothing here does I/O, asks a clock or draws randomness: time and entropy arrive as arguments.

pub mod address;
pub mod administrator;
pub mod approval;
pub mod calendar;
pub mod company;
pub mod contract;
pub mod decide;
pub mod entropy;
pub mod event;
pub mod grant;
pub mod heard;
pub mod ids;
pub mod input;
pub mod letter;
pub mod outbox;
pub mod outcome;
pub mod policy;
pub mod quorum;
pub mod quote;
pub mod register;
pub mod request;
pub mod snapshot;
pub mod task;
pub mod timer;
pub mod trust;
pub mod words;
