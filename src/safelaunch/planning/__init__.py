"""Numbers in bulk, with numpy: estates, simulated networks, intervals. No Django, no database."""
