"""The door for CSP networks: signed batches of events come in (`docs/csp-gateway.md`)."""
