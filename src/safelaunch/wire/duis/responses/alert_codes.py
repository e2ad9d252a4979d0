"""Codes of DCC Alerts: which body goes with which, and what they mean (`domain.md` 7.2).

The schema has codes and bodies and ties none to the other. `alert_codes.csv` does, and says how sure it is of each: S is
sourced, H, M and L are inferred with high, medium and low confidence. Where a code has no body there, any is taken.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from types import MappingProxyType


class DccAlertCode(StrEnum):
    """`DCCAlertCode`, in the order of the schema; there is no N32."""

    AD1 = "AD1"
    N1 = "N1"
    N2 = "N2"
    N3 = "N3"
    N4 = "N4"
    N5 = "N5"
    N6 = "N6"
    N7 = "N7"
    N8 = "N8"
    N9 = "N9"
    N10 = "N10"
    N11 = "N11"
    N12 = "N12"
    N13 = "N13"
    N14 = "N14"
    N15 = "N15"
    N16 = "N16"
    N17 = "N17"
    N18 = "N18"
    N19 = "N19"
    N20 = "N20"
    N21 = "N21"
    N22 = "N22"
    N23 = "N23"
    N24 = "N24"
    N25 = "N25"
    N26 = "N26"
    N27 = "N27"
    N28 = "N28"
    N29 = "N29"
    N30 = "N30"
    N31 = "N31"
    N33 = "N33"
    N34 = "N34"
    N35 = "N35"
    N36 = "N36"
    N37 = "N37"
    N38 = "N38"
    N39 = "N39"
    N40 = "N40"
    N41 = "N41"
    N42 = "N42"
    N43 = "N43"
    N44 = "N44"
    N45 = "N45"
    N46 = "N46"
    N47 = "N47"
    N48 = "N48"
    N49 = "N49"
    N50 = "N50"
    N51 = "N51"
    N52 = "N52"
    N53 = "N53"
    N54 = "N54"
    N55 = "N55"
    N56 = "N56"
    N57 = "N57"
    N58 = "N58"
    N59 = "N59"
    N60 = "N60"
    N61 = "N61"
    N62 = "N62"
    N63 = "N63"
    N64 = "N64"
    N65 = "N65"
    N999 = "N999"


@dataclass(frozen=True, slots=True)
class AlertFacts:
    """What is known of an alert code: its body element (empty for any), who receives it, what it means, how surely."""

    code: DccAlertCode
    body: str
    confidence: str
    receivers: str
    meaning: str


@cache
def alert_table() -> Mapping[DccAlertCode, AlertFacts]:
    """This function will give what is known of every code, in the order of the schema; the table is read once."""
    text = resources.files("safelaunch.wire.duis.responses").joinpath("alert_codes.csv").read_text("utf-8")
    facts = [
        AlertFacts(DccAlertCode(code), body, confidence, receivers, meaning)
        for code, body, confidence, receivers, meaning in list(csv.reader(text.splitlines()))[1:]
    ]
    return MappingProxyType({each.code: each for each in facts})
