//! HTML to text that reads as the sender saw it.
