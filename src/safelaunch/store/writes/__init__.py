"""Writes: one function for each statement; every one requires the transaction of a service."""
