"""Neighbours: CSP networks. Calls are at-least-once and idempotent, and never made inside a transaction."""
