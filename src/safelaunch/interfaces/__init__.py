"""The doors, which do not know each other. A door parses, reads the clock, calls one service and renders."""
