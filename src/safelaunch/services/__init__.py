"""Use cases. Each gathers, decides, records and announces; only this floor opens a transaction."""
