//! Letters in words: templates, and the mail that is made of them.
