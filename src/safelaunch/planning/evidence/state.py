"""An engine's state as octets, for the database, and back (`gates.md` 5, T10).

Arrays are kept as NumPy writes them, compressed, without pickles: what is read back is numbers or is refused.
"""

import io
import json
import zipfile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from safelaunch.domain.endpoints import ENDPOINTS
from safelaunch.domain.lights import CELLS
from safelaunch.planning.evidence.counts import BadEvidence
from safelaunch.planning.evidence.engine import Engine, EngineRules
from safelaunch.planning.evidence.strata import Layout


def dump(engine: Engine) -> bytes:
    """This function will write an engine's state; the layout and the rules are kept elsewhere, once."""
    arrays: dict[str, NDArray[Any]] = {
        "left_out": engine.left_out,
        "activations": engine.activations,
    }
    notes = {"activation_day": engine.activation_day, "activation_digests": engine.activation_digests}
    for place, state in enumerate(engine.endpoints):
        arrays[f"{place}_sums"] = state.sums
        arrays[f"{place}_control"] = state.control
        arrays[f"{place}_rates"] = state.filter.rates
        arrays[f"{place}_region"] = state.filter.at_risk
        for week, sums in state.restarts:
            arrays[f"{place}_restart_{week}"] = sums
        for level in CELLS:
            arrays[f"{place}_{level}"] = state.at_risk[level]
        notes[f"{place}"] = {
            "next_day": state.next_day,
            "weeks": [week for week, _ in state.restarts],
            "dropped": state.filter.dropped,
            "digests": state.digests,
        }
    arrays["notes"] = np.frombuffer(json.dumps(notes).encode(), np.uint8)
    written = io.BytesIO()
    np.savez_compressed(written, **arrays)  # type: ignore[arg-type]  # numpy types the names as one keyword
    return written.getvalue()


def load(octets: bytes, *, layout: Layout, rules: EngineRules) -> Engine:
    """This function will read an engine's state back.

    Raises:
        BadEvidence: the octets are not a state of this layout.
    """
    try:
        with np.load(io.BytesIO(octets), allow_pickle=False) as arrays:
            return _engine({name: arrays[name] for name in arrays.files}, layout=layout, rules=rules)
    except (ValueError, KeyError, OSError, EOFError, TypeError, zipfile.BadZipFile) as error:
        raise BadEvidence(
            f"The stored evidence cannot be read ({type(error).__name__}); replay the campaign."
        ) from error


def _engine(arrays: dict[str, NDArray[Any]], *, layout: Layout, rules: EngineRules) -> Engine:
    notes = json.loads(arrays["notes"].tobytes())
    history = np.zeros((1, len(ENDPOINTS), len(layout.combinations.regions)))
    engine = Engine(layout, history=history, rules=rules, left_out=_flags(arrays["left_out"]))
    if engine.left_out.shape != (len(layout.combinations),):
        raise ValueError(engine.left_out.shape)
    engine.activations = _floats(arrays["activations"], like=engine.activations)
    engine.activation_day = int(notes["activation_day"])
    engine.activation_digests = list(notes["activation_digests"])
    for place, state in enumerate(engine.endpoints):
        note = notes[f"{place}"]
        state.sums = _floats(arrays[f"{place}_sums"], like=state.sums)
        state.control = _floats(arrays[f"{place}_control"], like=state.control)
        state.filter.rates = _checked(arrays[f"{place}_rates"], np.float64)
        state.filter.at_risk = _whole(arrays[f"{place}_region"], like=state.filter.at_risk)
        state.restarts = [
            (week, _floats(arrays[f"{place}_restart_{week}"], like=state.sums)) for week in note["weeks"]
        ]
        for level in CELLS:
            state.at_risk[level] = _whole(arrays[f"{place}_{level}"], like=state.at_risk[level])
        state.filter.dropped = [(day, region) for day, region in note["dropped"]]
        state.next_day, state.digests = int(note["next_day"]), list(note["digests"])
    return engine


def _flags(array: NDArray[Any]) -> NDArray[np.bool_]:
    return _checked(array, np.bool_)


def _floats(array: NDArray[Any], *, like: NDArray[Any]) -> NDArray[np.float64]:
    return _checked(array, np.float64, shape=like.shape)


def _whole(array: NDArray[Any], *, like: NDArray[Any]) -> NDArray[np.int64]:
    return _checked(array, np.int64, shape=like.shape)


def _checked(array: NDArray[Any], kind: Any, *, shape: tuple[int, ...] | None = None) -> NDArray[Any]:
    if array.dtype != kind or (shape is not None and array.shape != shape):
        raise ValueError(array.dtype, array.shape)
    return array
