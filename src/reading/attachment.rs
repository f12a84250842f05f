//! Attachments that carry particulars: CSV now, XLSX later.
