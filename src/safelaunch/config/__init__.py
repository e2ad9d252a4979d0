"""Settings from the environment, and the entry points that put the house together."""
