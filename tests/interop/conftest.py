"""Smart DCC's tools, where `make interop` installed them; elsewhere these tests are skipped."""

import os

import pytest

from tests.interop.smart_dcc import PLACE, Tools


def _require_asked() -> None:
    if not os.environ.get(PLACE):
        pytest.skip("Smart DCC's tools were not asked for; make interop installs and runs them")


@pytest.fixture(scope="session")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Tools:
    """The tools, with the official schema where it lies beside the project."""
    _require_asked()
    return Tools.prepare(tmp_path_factory.mktemp("overlay"))


@pytest.fixture(scope="session")
def tools_of_2022(tmp_path_factory: pytest.TempPathFactory) -> Tools:
    """The tools with the schema that they bring: DUIS 5.1."""
    _require_asked()
    return Tools.prepare(tmp_path_factory.mktemp("overlay"), keeps_its_schema=True)
