//! Delivery reports (RFC 3464) and what they tell of a letter.
