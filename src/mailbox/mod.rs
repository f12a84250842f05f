//! Mailboxes that mail is taken from: IMAP and Maildir.
