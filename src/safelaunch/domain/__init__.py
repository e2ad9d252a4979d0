"""The rules of the smart metering world: pure functions and values, standard library only.

No clock, no input or output, no database. Time is always passed in. Anything that decides lives here.
"""
