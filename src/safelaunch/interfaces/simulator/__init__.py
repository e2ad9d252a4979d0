"""A door: three simulated CSP networks that speak the gateway protocol over HTTP (`docs/csp-gateway.md`)."""
