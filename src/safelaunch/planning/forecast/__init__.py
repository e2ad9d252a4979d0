"""When a running campaign will be done, and how good such forecasts are (`design.md` 7).

nights      the nights to come, drawn from the nights that were
practice    campaigns with a hidden nature, on which forecasts are tried and scored
"""
