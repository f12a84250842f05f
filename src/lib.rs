//! Ringi works a support mailbox: it reads registration requests, asks the right people for approval by mail,
//! understands their replies and tells everybody where the request stands.
//!
//! Dependencies point one way: `cli` → `app` → `engine`, edges → `store`, `letters`, `reading` → `domain`.

pub mod domain;
pub mod fault;
pub mod mailbox;
pub mod reading;
pub mod rules;
pub mod sending;
