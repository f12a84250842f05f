//! Why something that was asked for was not done: by whose hand it can be mended decides the exit code.

use crate::fault::Fault;
use crate::store::StoreError;

/// What ends a command early.
#[derive(Debug)]
pub enum Failure {
    /// The person at the keyboard can mend it: exit code 2.
    Faults(Vec<Fault>),
    /// Something went wrong: exit code 1.
    Failed(String),
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Faults(vec![fault])
    }
}

impl From<Vec<Fault>> for Failure {
    fn from(faults: Vec<Fault>) -> Self {
        Self::Faults(faults)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Failed(error.to_string())
    }
}
