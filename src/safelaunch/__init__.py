"""Safelaunch: safe, evidence-gated firmware upgrades for Great Britain's smart metering estate.

The house has floors, and imports go downstairs only (`docs/adr/0001-floors-not-apps.md`):

    config      settings, embedded start-up, the `safelaunch` command
    interfaces  the doors: CLI, portal, API, CSP events, worker, simulated CSP network
    services    use cases; the only floor that opens a transaction
    store       PostgreSQL: models, named SQL, reads, writes    |  gateways  CSP networks
    wire        bytes to frozen values                          |  planning  numpy
    domain      the rules, standard library only
"""

__version__ = "0.1.0"
