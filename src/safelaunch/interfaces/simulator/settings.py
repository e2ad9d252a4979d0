"""What the simulator is told when it starts."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path


class Clock(StrEnum):
    """How time passes: by itself, or when `POST /simulator/advance` says so."""

    WALL = "wall"
    STEPPED = "stepped"


@dataclass(frozen=True, slots=True)
class SimulatorSettings:
    """Where the simulator listens and keeps its journals, whom it reports to, and which world it plays.

    `scenario` is a name or a path of a file; `seed` is the world's, `estate_hubs` and `estate_seed` describe the
    estate; these must stay the same for as long as `data_dir` is used. `start_at` (aware) is the beginning of day 0
    when `data_dir` is new; one that has begun keeps its own. `keys_dir` holds `dcc.pub.pem`; the networks' own keys
    are made there when absent.
    """

    host: str
    port: int
    data_dir: Path
    keys_dir: Path
    dcc_url: str
    estate_hubs: int
    estate_seed: int
    scenario: str
    seed: int
    clock: Clock
    start_at: datetime
