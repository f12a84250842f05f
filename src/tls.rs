//! Encrypted connections: whom we trust, for IMAP and SMTP alike.
