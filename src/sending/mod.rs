//! Where letters leave: SMTP and Maildir.
