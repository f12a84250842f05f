//! Ringi works a support mailbox: it reads registration requests, asks the right people for approval by mail,
//! understands their replies and tells everybody where the request stands.
//!
//! Dependencies point one way: `cli` → `app` → `engine`, edges → `store`, `letters`, `reading` → `domain`.

pub mod app;
pub mod cli;
pub mod config;
pub mod dkim;
pub mod domain;
pub mod engine;
pub mod failure;
pub mod fault;
pub mod letters;
pub mod mailbox;
pub mod outbox;
pub mod reading;
pub mod register;
pub mod rules;
pub mod secret;
pub mod sending;
pub mod store;
pub mod timers;
pub mod tls;
