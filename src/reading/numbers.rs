//! Contract numbers, bill-to IDs and serial numbers against all the numbers that are none.
