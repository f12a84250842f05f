//! The one place where decisions are taken: pure, total functions from a snapshot and an input to an outcome.
