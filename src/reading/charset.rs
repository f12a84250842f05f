//! Bytes to text: the charsets of real mail, and the ladder of repairs.
