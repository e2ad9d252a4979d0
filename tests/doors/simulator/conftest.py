from collections.abc import Iterator
from pathlib import Path

import pytest

from safelaunch.domain.smi import Network
from safelaunch.gateways import keys
from tests.doors.simulator.stand_in import Simulators, StandIn


@pytest.fixture
def dcc(tmp_path: Path) -> Iterator[StandIn]:
    for name in (keys.DCC, *map(keys.name_of, Network)):
        keys.load_or_create_private(tmp_path / "keys" / name)
    stand_in = StandIn(tmp_path / "keys")
    yield stand_in
    stand_in.close()


@pytest.fixture
def simulators(tmp_path: Path, dcc: StandIn) -> Iterator[Simulators]:
    started = Simulators(tmp_path, dcc.url)
    yield started
    if started.process is not None and started.process.poll() is None:
        started.stop()
