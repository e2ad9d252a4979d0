"""REST under `/api/v1`: the same use cases, refusals and scoping as every other door, as JSON (`design.md` 8.3)."""
