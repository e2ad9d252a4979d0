"""`safelaunch doctor`: every setting, and whether everything answers."""

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial

import click
import httpx
from django.conf import settings
from django.db import Error

from safelaunch.config.environment import VARIABLES
from safelaunch.domain.refusals import Problem
from safelaunch.domain.smi import Network
from safelaunch.gateways import keys
from safelaunch.gateways.csp import HttpCspGateway
from safelaunch.interfaces.cli.terminal import as_json, out, print_json, print_table
from safelaunch.services import deliveries, installation
from safelaunch.store.reads import clock

_UNHEALTHY = 3
_LOW_SPACE_GIB = 1
_SECRET = ("KEY", "URL")


@click.command()
@as_json
def doctor(*, as_json: bool) -> int:
    """Show every setting and check that the database, the clock, the disk and the networks answer."""
    settings_ = [(one.name, _shown(one.name, one.default), one.meaning) for one in VARIABLES]
    checks = list(_checks())
    healthy = all(well for _, well, _ in checks)
    if as_json:
        print_json(
            {
                "healthy": healthy,
                "checks": [{"name": name, "well": well, "finding": text} for name, well, text in checks],
                "settings": [
                    {"name": name, "value": value, "meaning": text} for name, value, text in settings_
                ],
            }
        )
    else:
        print_table(
            title="Settings (environment variables)", columns=("variable", "value", "meaning"), rows=settings_
        )
        out.print()
        print_table(title="Checks", columns=("check", "well", "finding"), rows=checks)
    return 0 if healthy else _UNHEALTHY


def _shown(name: str, default: str) -> str:
    value = os.environ.get(name)
    if value is None:
        return f"unset ({default})"
    # Addresses and keys may hold passwords: only that they are set is shown.
    return "set" if (name.endswith(_SECRET) and "@" in value) or name.endswith("KEY") else value


def _checks() -> Iterator[tuple[str, bool, str]]:
    yield _tried("database", _database)
    yield _tried("clock", lambda: f"{settings.CLOCK}: {clock.now():%d %B %Y %H:%M:%S} UTC")
    free = (
        shutil.disk_usage(settings.DATA if settings.DATA.exists() else settings.DATA.parents[0]).free / 2**30
    )
    yield "disk", free >= _LOW_SPACE_GIB, f"{free:,.1f} GiB free for {settings.DATA}"
    yield _tried("deliveries", _deliveries)
    if settings.CSP_URL:
        for network in Network:
            yield _tried(f"CSP {network.value.title()}", partial(_network, network))
    else:
        yield "CSP networks", True, "none configured; SAFELAUNCH_CSP_URL is unset"


def _tried(name: str, check: Callable[[], str]) -> tuple[str, bool, str]:
    try:
        return name, True, check()
    except (Problem, Error, httpx.HTTPError) as problem:
        return name, False, str(problem).strip()


def _database() -> str:
    installation.ensure_database()
    return installation.describe_database()


def _deliveries() -> str:
    receivers = deliveries.list_receivers()
    addressed = sum(one.address is not None for one in receivers)
    queued, parked = (sum(getattr(one, what) for one in receivers) for what in ("queued", "parked"))
    found = f"{addressed} of {len(receivers)} User IDs have an address; {queued:,} messages wait"
    return f"{found}, {parked:,} are parked (safelaunch delivery list --parked)" if parked else found


def _network(network: Network) -> str:
    url = f"{settings.CSP_URL.rstrip('/')}/{network.value.lower()}"
    key = keys.load_or_create_private(settings.DATA / "keys" / keys.DCC)
    with HttpCspGateway(base_urls={network: url}, key=key, timeout=3.0) as gateway:
        health = gateway.health(network=network, at=datetime.now(UTC))
    return f"{health.status}, {health.waiting:,} events waiting"
