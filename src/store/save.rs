//! A request into its rows.
