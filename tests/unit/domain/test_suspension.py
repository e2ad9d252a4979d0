"""What an answer does to a Device: every row of `domain.md` 9.2, by number; and the episode around it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from safelaunch.domain.alerts import AlertCode
from safelaunch.domain.refusals import Conflict
from safelaunch.domain.smi import DeviceType, SmiStatus, UserRole
from safelaunch.domain.suspension import (
    EPISODE,
    RECEIVERS,
    SUSPENDABLE,
    Answer,
    EpisodeEvent,
    EpisodeState,
    Kind,
    Known,
    Notice,
    NotSuspendable,
    Row,
    StatusEffect,
    close,
    is_in_use,
    judge,
    status_to_restore,
    suspend,
)

AT = datetime(2026, 11, 2, 10, tzinfo=UTC)
OLD, NEW = "00000001", "00000002"
ESME, GSME, GPF, PPMID, HCALCS = (DeviceType(one) for one in ("ESME", "GSME", "GPF", "PPMID", "HCALCS"))
SUSPENDED, COMMISSIONED = SmiStatus.SUSPENDED, SmiStatus.COMMISSIONED
KEEP, RESTORE, SUSPEND = StatusEffect
N28, N29, N52 = AlertCode.N28, AlertCode.N29, AlertCode.N52
METERS, WITH_PPMID = (ESME, GSME, HCALCS), (ESME, GSME, HCALCS, PPMID)

# row of 9.2, kind, targets, version, success, status, is active -> takes version, status effect, alert, notice
TABLE = [
    ("1 new version", 1, Kind.READ, WITH_PPMID, NEW, True, SUSPENDED, True, True, RESTORE, N29, None),
    ("2 same version", 2, Kind.READ, WITH_PPMID, OLD, True, SUSPENDED, False, False, KEEP, None, None),
    ("3 version not on the CPL", 3, Kind.READ, WITH_PPMID, NEW, True, SUSPENDED, False, True, KEEP, None,
     Notice.VERSION_MISMATCH),
    ("4 in service, listed", 4, Kind.READ, WITH_PPMID, NEW, True, COMMISSIONED, True, True, KEEP, None, None),
    ("4 in service, not listed", 4, Kind.READ, WITH_PPMID, NEW, True, COMMISSIONED, False, True, SUSPEND, N28, None),
    ("4 out of service, not listed", 4, Kind.READ, WITH_PPMID, NEW, True, SmiStatus.DECOMMISSIONED, False, True, KEEP,
     None, None),
    ("5 no version, suspended", 5, Kind.READ, WITH_PPMID, None, False, SUSPENDED, True, False, KEEP, None, None),
    ("5 no version, in service", 5, Kind.READ, WITH_PPMID, None, False, COMMISSIONED, True, False, KEEP, None, None),
    ("5 no version from the GPF", 5, Kind.READ, (GPF,), None, False, COMMISSIONED, True, False, KEEP, None, None),
    ("6 GPF differs, suspended", 6, Kind.READ, (GPF,), NEW, True, SUSPENDED, True, False, KEEP, N52, None),
    ("6 GPF differs, in service", 6, Kind.READ, (GPF,), NEW, True, COMMISSIONED, False, False, KEEP, N52, None),
    ("7 GPF agrees", 7, Kind.READ, (GPF,), OLD, True, SUSPENDED, True, False, KEEP, None, None),
    ("8 first answer", 8, Kind.ACTIVATION, METERS, NEW, True, SUSPENDED, True, True, RESTORE, N29, None),
    ("8 first answer, not listed", 3, Kind.ACTIVATION, METERS, NEW, True, SUSPENDED, False, True, KEEP, None,
     Notice.VERSION_MISMATCH),
    ("8 first answer, version known by now", 8, Kind.ACTIVATION, METERS, OLD, True, SUSPENDED, True, True, RESTORE,
     N29, None),
    ("9 first answer in service", 9, Kind.ACTIVATION, METERS, NEW, True, COMMISSIONED, True, True, KEEP, None, None),
    ("9 after an 11.2 has told", 9, Kind.ACTIVATION, METERS, OLD, True, COMMISSIONED, True, True, KEEP, None, None),
    ("10 retry", 10, Kind.ACTIVATION_RETRY, METERS, NEW, True, SUSPENDED, True, True, RESTORE, N29, None),
    ("10 retry with an error code", 10, Kind.ACTIVATION_RETRY, METERS, NEW, False, SUSPENDED, True, True, RESTORE, N29,
     None),
    ("10 retry, not listed", 3, Kind.ACTIVATION_RETRY, METERS, NEW, False, SUSPENDED, False, True, KEEP, None,
     Notice.VERSION_MISMATCH),
    ("10 first answer with an error code", 10, Kind.ACTIVATION, METERS, NEW, False, SUSPENDED, True, True, RESTORE,
     N29, None),
    ("11 retry in service", 11, Kind.ACTIVATION_RETRY, METERS, NEW, True, COMMISSIONED, True, True, KEEP, None, None),
    ("11 retry in service, error code", 11, Kind.ACTIVATION_RETRY, METERS, NEW, False, COMMISSIONED, True, True, KEEP,
     None, None),
    ("12 SMETS1 retry without version", 12, Kind.ACTIVATION_RETRY, METERS, None, True, SUSPENDED, True, False, KEEP,
     None, None),
    ("12 in service", 12, Kind.ACTIVATION_RETRY, METERS, None, False, COMMISSIONED, True, False, KEEP, None, None),
    ("13 not activated", 13, Kind.ACTIVATION, METERS, OLD, False, SUSPENDED, False, False, KEEP, None,
     Notice.ACTIVATION_FAILED),
    ("13 retry not activated", 13, Kind.ACTIVATION_RETRY, METERS, OLD, False, COMMISSIONED, True, False, KEEP, None,
     Notice.ACTIVATION_FAILED),
    ("14 8F66 as 8", 14, Kind.FUTURE_DATED_DONE, METERS, NEW, True, SUSPENDED, True, True, RESTORE, N29, None),
    ("14 8F66 as 9", 14, Kind.FUTURE_DATED_DONE, METERS, NEW, True, COMMISSIONED, True, True, KEEP, None, None),
    ("15 8F67", 15, Kind.FUTURE_DATED_FAILED, METERS, OLD, False, SUSPENDED, True, False, KEEP, None,
     Notice.ACTIVATION_FAILED),
    ("16 lost", 16, Kind.ACTIVATION_LOST, METERS, None, False, SUSPENDED, True, False, KEEP, None,
     Notice.COMMAND_FAILED),
    ("17 Type 2", 17, Kind.READ, (DeviceType.IHD, DeviceType.CAD), NEW, True, COMMISSIONED, False, False, KEEP, None,
     None),
]  # fmt: skip


@pytest.mark.parametrize("line", TABLE, ids=[line[0] for line in TABLE])
def test_an_answer_does_what_its_row_says(line):
    _, row, kind, targets, version, success, status, is_active, *expected = line
    for target in targets:
        verdict = judge(
            Answer(kind=kind, target=target, version=version, is_success=success),
            known=Known(status=status, version=OLD, is_active=is_active),
        )
        assert verdict.row == row, target
        assert [verdict.takes_version, verdict.status, verdict.alert, verdict.notice] == expected, target
        assert verdict.reason.endswith(".")


def test_the_table_names_every_row():
    assert {line[1] for line in TABLE} == set(Row)
    assert [row.value for row in Row] == list(range(1, 18))


@pytest.mark.parametrize("status", [SmiStatus.RECOVERY, SmiStatus.RECOVERED, SmiStatus.WITHDRAWN])
def test_what_has_left_service_is_never_suspended(status):
    verdict = judge(Answer(Kind.READ, ESME, NEW), known=Known(status, OLD, is_active=False))
    assert (verdict.takes_version, verdict.status, verdict.alert) == (True, KEEP, None)
    with pytest.raises(NotSuspendable, match="cannot be suspended"):
        suspend(status, at=AT)


def test_nothing_is_known_of_a_hub_or_of_a_ppmid_by_an_activation():
    for kind, target in ((Kind.READ, DeviceType.CHF), (Kind.ACTIVATION, PPMID), (Kind.ACTIVATION, GPF)):
        verdict = judge(Answer(kind, target, NEW), known=Known(SUSPENDED, OLD, is_active=True))
        assert (verdict.row, verdict.takes_version, verdict.status) == (None, False, KEEP)


def test_an_agreeing_read_in_service_changes_nothing():
    verdict = judge(Answer(Kind.READ, GSME, OLD), known=Known(COMMISSIONED, OLD, is_active=False))
    assert (verdict.row, verdict.takes_version, verdict.status, verdict.alert) == (None, False, KEEP, None)


def test_electricity_and_gas_tell_their_own_suppliers_and_networks():
    assert RECEIVERS[ESME] == RECEIVERS[HCALCS] == (UserRole.IS, UserRole.ED)
    assert RECEIVERS[GSME] == (UserRole.GS, UserRole.GT)
    for shared in (PPMID, DeviceType.CHF, GPF):
        assert RECEIVERS[shared] == (UserRole.IS, UserRole.GS)
    assert set(DeviceType) - set(RECEIVERS) == {DeviceType.IHD, DeviceType.CAD}


@pytest.mark.parametrize("status", SUSPENDABLE)
def test_an_episode_gives_back_the_status_it_took(status):
    episode, alert = suspend(status, at=AT)
    assert (episode.smi_status, episode.status_before, alert) == (SUSPENDED, status, N28)
    back, alert = close(episode, EpisodeEvent.RESTORE, at=AT + timedelta(days=1))
    assert (back.smi_status, back.ended_at, alert) == (status, AT + timedelta(days=1), N29)


def test_a_second_answer_raises_no_second_alert():
    episode, _ = suspend(COMMISSIONED, at=AT)
    back, _ = close(episode, EpisodeEvent.RESTORE, at=AT)
    for event in EpisodeEvent:
        assert close(back, event, at=AT + timedelta(hours=1)) == (back, None)


def test_a_device_that_leaves_service_is_not_announced_as_back():
    episode, _ = suspend(COMMISSIONED, at=AT)
    gone, alert = close(episode, EpisodeEvent.LEAVE_SERVICE, at=AT)
    assert (gone.state, gone.smi_status, alert) == (EpisodeState.ENDED, None, None)
    assert EPISODE.sources(EpisodeEvent.RESTORE) == ["SUSPENDED"]


def test_a_suspended_device_is_not_suspended_twice():
    with pytest.raises(Conflict):
        suspend(SUSPENDED, at=AT)


def test_a_device_that_arrived_suspended_goes_by_its_date():
    assert status_to_restore(SmiStatus.WHITELISTED, commissioned_on=date(2020, 1, 1)) is SmiStatus.WHITELISTED
    assert status_to_restore(None, commissioned_on=date(2020, 1, 1)) is COMMISSIONED
    assert status_to_restore(None, commissioned_on=None) is SmiStatus.INSTALLED_NOT_COMMISSIONED


@pytest.mark.parametrize(
    ("status", "remembered", "commissioned_on", "outcome"),
    [
        (COMMISSIONED, None, None, True),
        (SUSPENDED, COMMISSIONED, None, True),
        (SUSPENDED, None, date(2020, 1, 1), True),
        (SUSPENDED, None, None, False),
        (SUSPENDED, SmiStatus.WHITELISTED, date(2020, 1, 1), False),
        (SmiStatus.DECOMMISSIONED, None, date(2020, 1, 1), False),
    ],
)
def test_what_was_commissioned_when_it_was_suspended_is_in_use(status, remembered, commissioned_on, outcome):
    assert is_in_use(status, remembered=remembered, commissioned_on=commissioned_on) is outcome
