"""The `safelaunch` command: settings first, then the command line put together from the doors."""

import os
import sys

from safelaunch.config import environment
from safelaunch.domain.refusals import Problem
from safelaunch.interfaces.cli.main import Entry, run

_CLI = "safelaunch.interfaces.cli"
_CONFIG = "safelaunch.config"

COMMANDS = {
    "demo": Entry(f"{_CLI}.demo", "demo", "Run a whole campaign on a generated estate, to the end."),
    "up": Entry(f"{_CLI}.up", "up", "Start web, worker and simulated CSPs together."),
    "web": Entry(f"{_CONFIG}.processes", "web", "Serve the portal and the CSPs' door."),
    "worker": Entry(f"{_CONFIG}.processes", "worker", "Run jobs."),
    "csp-simulator": Entry(f"{_CONFIG}.processes", "csp_simulator", "Run the three simulated CSP networks."),
    "migrate": Entry(f"{_CONFIG}.processes", "migrate", "Bring the database to this release."),
    "doctor": Entry(f"{_CONFIG}.doctor", "doctor", "Show settings and check that everything answers."),
    "smi": Entry(f"{_CLI}.smi", "smi", "Generate, import, export the inventory."),
    "cpl": Entry(f"{_CLI}.cpl", "cpl", "Import, remove, list Central Products List entries."),
    "campaign": Entry(f"{_CLI}.campaign", "campaign", "Create, publish, watch, stop and resume campaigns."),
    "wish": Entry(f"{_CLI}.wish", "wish", "Choose pilot homes and nights for a Supplier's hubs."),
    "deferral": Entry(f"{_CLI}.deferral", "deferral", "Hold hubs back from a campaign, and decide on it."),
    "calendar": Entry(
        f"{_CLI}.calendar", "calendar", "What is planned for homes, and the nights of their hubs."
    ),
    "devices": Entry(
        f"{_CLI}.devices", "devices", "Firmware on its way to meters, displays and load controllers."
    ),
    "duis": Entry(f"{_CLI}.duis", "duis", "Sign, verify, send, receive and explain DUIS messages."),
    "rehearse": Entry(f"{_CLI}.rehearse", "rehearse", "Play campaigns on the national twin."),
    "forecast": Entry(f"{_CLI}.forecast", "forecast", "Forecast the finish of a running campaign."),
    "calibrate": Entry(f"{_CLI}.forecast", "calibrate", "Score forecasts over simulated campaigns."),
    "landscape": Entry(
        f"{_CLI}.landscape", "landscape", "Compare ways to arrange releases and hub firmware."
    ),
    "user": Entry(f"{_CLI}.user", "user", "People and their one-time sign-in links."),
    "certificate": Entry(
        f"{_CLI}.certificate", "certificate", "SMKI certificates: import, issue, list, revoke."
    ),
    "delivery": Entry(
        f"{_CLI}.delivery", "delivery", "Where Users receive messages, and what waits for them."
    ),
    "audit": Entry(f"{_CLI}.audit", "audit", "Check the record."),
    "bench": Entry(f"{_CLI}.bench", "bench", "Measure, as ratios to floors of the same run."),
}
"""Every command, in the order of `safelaunch --help`."""


def main() -> None:
    """This function will put the house together, run the command and end the process with its exit code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "safelaunch.config.settings")
    environment.settle(sys.argv[1:])
    import django

    try:
        django.setup()
    except Problem as problem:
        # A setting that cannot be read: there is no house yet, only a sentence.
        sys.stderr.write(f"{problem}\n")
        sys.exit(2)
    sys.exit(run(sys.argv[1:], table=COMMANDS))


if __name__ == "__main__":
    main()
