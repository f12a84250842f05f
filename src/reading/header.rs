//! Header fields: encoded words, addresses, Message-IDs.
