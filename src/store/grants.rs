//! Grants: what an account may use.
