"""Which Service Requests reach a Suspended Device: every line of `domain.md` 9.1, by name."""

import pytest

from safelaunch.domain.smi import SmiStatus
from safelaunch.domain.suspended_requests import (
    TABLE,
    AdmissionRule,
    Asked,
    Generation,
    InvalidDeviceStatus,
    Mode,
    admit,
    generation_of,
    require,
)

R = AdmissionRule
S1, S2 = Generation.SMETS1, Generation.SMETS2
NOW, BEFORE = Mode.MP105, Mode.BEFORE_MP105

LINES = [
    # row of 9.1, SRV, Command Variant, mode, rule, SMETS1, SMETS2
    ("any Critical SR: 11.3 as a Pre-Command", "11.3", 4, NOW, R.CRITICAL, True, True),
    ("any Critical SR: 11.3 signed", "11.3", 5, NOW, R.CRITICAL, True, True),
    ("any Critical SR: 1.1.1", "1.1.1", 5, NOW, R.CRITICAL, True, True),
    ("any Critical SR: 1.2.1 for local delivery", "1.2.1", 6, NOW, R.CRITICAL, True, True),
    ("any Critical SR: 1.6 both ways", "1.6", 7, NOW, R.CRITICAL, True, True),
    ("any Critical SR: 8.1.1", "8.1.1", 5, NOW, R.CRITICAL, True, True),
    ("any Critical SR before MP105", "11.3", 5, BEFORE, R.CRITICAL, True, True),
    ("11.1", "11.1", 8, NOW, R.UPDATE_FIRMWARE, True, True),
    ("11.1 before MP105", "11.1", 8, BEFORE, R.UPDATE_FIRMWARE, True, True),
    ("6.23", "6.23", 1, NOW, R.CHANGE_OF_SUPPLIER, True, True),
    ("6.23 before MP105", "6.23", 1, BEFORE, R.CHANGE_OF_SUPPLIER, True, True),
    ("2.2 with CV 2", "2.2", 2, NOW, None, True, False),
    ("2.2 with CV 2 before MP105", "2.2", 2, BEFORE, None, True, False),
    ("2.2 with CV 1", "2.2", 1, NOW, R.TOP_UP, False, False),
    ("2.2 with CV 3", "2.2", 3, NOW, R.TOP_UP, False, False),
    ("11.2 after MP105", "11.2", 1, NOW, R.READ_FIRMWARE, True, True),
    ("11.2 after MP105 for local delivery", "11.2", 2, NOW, R.READ_FIRMWARE, True, True),
    ("11.2 before MP105", "11.2", 1, BEFORE, R.READ_FIRMWARE_BEFORE, False, False),
    ("11.4", "11.4", 8, NOW, R.UPDATE_PPMID_FIRMWARE, True, True),
    ("Non-Device: 8.2", "8.2", 8, NOW, R.ANSWERED_BY_DCC, True, True),
    ("Non-Device: 8.3", "8.3", 8, NOW, R.ANSWERED_BY_DCC, True, True),
    ("Non-Device: 8.4", "8.4", 8, NOW, R.ANSWERED_BY_DCC, True, True),
    ("Non-Device: 12.2", "12.2", 8, NOW, R.ANSWERED_BY_DCC, True, True),
    ("any other: 3.2", "3.2", 1, NOW, R.NON_CRITICAL, False, False),
    ("any other: 8.9", "8.9", 1, NOW, R.NON_CRITICAL, False, False),
    ("any other: 4.1.1", "4.1.1", 3, NOW, R.NON_CRITICAL, False, False),
    ("any other before MP105", "4.1.1", 1, BEFORE, R.NON_CRITICAL, False, False),
]


@pytest.mark.parametrize(
    "line",
    LINES,
    ids=[line[0] for line in LINES],
)
def test_a_suspended_device_is_asked_only_what_the_table_allows(line):
    _, srv, variant, mode, rule, smets1, smets2 = line
    answers = [
        admit(Asked(srv, variant, generation), smi_status=SmiStatus.SUSPENDED, mode=mode)
        for generation in (S1, S2)
    ]
    assert [answer.is_allowed for answer in answers] == [smets1, smets2]
    if rule is not None:
        assert {answer.rule for answer in answers} == {rule}


def test_every_line_of_the_table_decides_something():
    decided = {
        admit(Asked(srv, variant, generation), smi_status=SmiStatus.SUSPENDED, mode=mode).rule
        for _, srv, variant, mode, *_ in LINES
        for generation in (S1, S2)
    }
    assert decided == {row.rule for row in TABLE} == set(AdmissionRule) - {R.NOT_SUSPENDED}


@pytest.mark.parametrize("status", [status for status in SmiStatus if status is not SmiStatus.SUSPENDED])
def test_the_rule_says_nothing_of_devices_that_are_not_suspended(status):
    answer = admit(Asked("3.2", 1, S2), smi_status=status)
    assert (answer.is_allowed, answer.rule) == (True, R.NOT_SUSPENDED)


def test_the_sentence_of_a_refusal_says_what_would_make_it_possible():
    with pytest.raises(
        InvalidDeviceStatus, match=r"4\.1\.1 was refused because the Device is Suspended.*restores it"
    ):
        require(Asked("4.1.1", 1, S2), smi_status=SmiStatus.SUSPENDED)
    require(Asked("11.2", 1, S2), smi_status=SmiStatus.SUSPENDED)
    with pytest.raises(InvalidDeviceStatus, match="Before MP105"):
        require(Asked("11.2", 1, S2), smi_status=SmiStatus.SUSPENDED, mode=BEFORE)


@pytest.mark.parametrize(
    ("version", "generation"),
    [
        ("SMETS V1.58", S1),
        ("SMETS1 V1.2", S1),
        ("SMETS1", S1),
        ("SMETS 1.2", S1),
        ("SMETS V2.0", S2),
        ("SMETS V5.1", S2),
        ("SMETS V10.1", S2),
        ("SMETS2 V1.0", S2),
        ("CHTS V1.4", S2),
        ("PPMIDTS V1.2", S2),
        ("", S2),
        (None, S2),
    ],
)
def test_the_specification_on_the_cpl_says_which_generation_a_device_is(version, generation):
    assert generation_of(version) is generation
