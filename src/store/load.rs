//! A request from its rows.
