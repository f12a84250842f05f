//! Who is who in a request: requester, approver, sender.
