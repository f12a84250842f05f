//! Newly written text against quotes, signatures and disclaimers.
