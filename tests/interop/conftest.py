"""Smart DCC's tools, where `make interop` installed them; elsewhere these tests are skipped."""

import os
from pathlib import Path

import pytest

from tests.interop.smart_dcc import PLACE, Tools


@pytest.fixture(scope="session")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Tools:
    if not os.environ.get(PLACE):
        pytest.skip("Smart DCC's tools were not asked for; make interop installs and runs them")
    overlay: Path = tmp_path_factory.mktemp("overlay")
    return Tools.prepare(overlay)
