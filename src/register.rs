//! The register as a file: contracts, bill-to IDs and their administrators out of CSV.
