"""Whatever is answered, in whatever order: the status survives, and no episode is announced twice."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from safelaunch.domain.alerts import AlertCode
from safelaunch.domain.smi import DeviceType, SmiStatus
from safelaunch.domain.suspension import (
    SUSPENDABLE,
    Answer,
    EpisodeEvent,
    EpisodeState,
    Kind,
    Known,
    StatusEffect,
    close,
    judge,
    suspend,
)

AT = datetime(2026, 11, 2, 10, tzinfo=UTC)
VERSIONS = ["00000001", "00000002", "00000003"]

answers = st.builds(
    Answer,
    kind=st.sampled_from(Kind),
    target=st.sampled_from([DeviceType.ESME, DeviceType.GSME, DeviceType.HCALCS]),
    version=st.sampled_from([*VERSIONS, None]),
    is_success=st.booleans(),
)
removals = st.sampled_from(["remove", "reinstate"])
events = st.lists(st.one_of(answers, st.tuples(removals, st.sampled_from(VERSIONS))), max_size=30)


class Life:
    """A Device as the rules move it, and the alerts it gave rise to."""

    def __init__(self, status):
        self.status, self.version, self.listed = status, VERSIONS[0], set(VERSIONS)
        self.episode, self.alerts, self.at = None, [], AT

    def take(self, event):
        self.at += timedelta(hours=1)
        if isinstance(event, Answer):
            known = Known(self.status, self.version, is_active=event.version in self.listed)
            verdict = judge(event, known=known)
            if verdict.takes_version:
                self.version = event.version
            self.follow(verdict.status)
            assert (verdict.alert is None) == (verdict.status is StatusEffect.KEEP)
        else:
            act, version = event
            (self.listed.discard if act == "remove" else self.listed.add)(version)
            if version == self.version and act == "remove" and self.status in SUSPENDABLE:
                self.follow(StatusEffect.SUSPEND)
            if version == self.version and act == "reinstate" and self.status is SmiStatus.SUSPENDED:
                self.follow(StatusEffect.RESTORE)

    def follow(self, effect):
        if effect is StatusEffect.SUSPEND:
            self.episode, alert = suspend(self.status, at=self.at)
        elif effect is StatusEffect.RESTORE:
            self.episode, alert = close(self.episode, EpisodeEvent.RESTORE, at=self.at)
        else:
            return
        self.alerts += [alert]
        self.status = self.episode.smi_status


@given(status=st.sampled_from(SUSPENDABLE), happening=events)
def test_no_sequence_of_events_loses_the_status_held_before(status, happening):
    life = Life(status)
    for event in happening:
        life.take(event)
        assert life.status in {status, SmiStatus.SUSPENDED}


@given(status=st.sampled_from(SUSPENDABLE), happening=events)
def test_every_episode_is_opened_once_and_closed_at_most_once(status, happening):
    life = Life(status)
    for event in happening:
        life.take(event)
    expected = [AlertCode.N28, AlertCode.N29] * len(life.alerts)
    assert life.alerts == expected[: len(life.alerts)]
    if life.episode is not None:
        is_open = life.episode.state is EpisodeState.SUSPENDED
        assert (life.alerts[-1] is AlertCode.N28) == is_open == (life.status is SmiStatus.SUSPENDED)


@given(happening=events)
def test_a_device_on_listed_firmware_is_back_once_it_is_heard_of(happening):
    life = Life(SmiStatus.COMMISSIONED)
    for event in happening:
        life.take(event)
    # Two reads tell all: one of other firmware, one of what it runs.
    life.take(("reinstate", life.version))
    assert life.status is SmiStatus.COMMISSIONED
    life.take(Answer(Kind.READ, DeviceType.ESME, life.version))
    assert life.status is SmiStatus.COMMISSIONED


@given(happening=events, heard=answers)
def test_the_same_answer_again_changes_nothing(happening, heard):
    life = Life(SmiStatus.COMMISSIONED)
    for event in [*happening, heard]:
        life.take(event)
    before = (life.status, life.version, list(life.alerts))
    life.take(heard)
    assert (life.status, life.version, life.alerts) == before
