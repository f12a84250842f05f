//! Particulars of a request out of its text: candidates with evidence, roles assigned over the whole mail.
