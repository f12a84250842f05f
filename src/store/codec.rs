//! Between Rust values and column values.
