//! An outcome into its rows.
