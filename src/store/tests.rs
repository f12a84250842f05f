//! Tests of the store against a real database file.
