//! Mails that nobody wrote for us to act on: automatic replies, bounces, reports, lists, calendars.
