//! Encrypted connections: whom we trust, for IMAP and SMTP alike.

/// How a connection is kept from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// Encrypted from the first byte.
    Tls,
    /// Encrypted after STARTTLS, which must succeed.
    StartTls,
    /// In the clear: towards this machine alone.
    Plain,
}

/// By what a server is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    System,
    CaFile(std::path::PathBuf),
    PinnedSha256([u8; 32]),
}
