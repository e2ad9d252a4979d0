"""Bytes to frozen values and back: no Django, no database, no network."""
