"""Reads: one function for each question, frozen values as answers."""
