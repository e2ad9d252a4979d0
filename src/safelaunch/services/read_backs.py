"""Reading Devices back whose answer to an 11.3 was lost (`domain/read_backs.py`).

A run takes what is due, within each Party's budget, and queues an 11.2 for each Device in the name of the Access Control
Broker, with the User as the party behind it (the vectors of CS08). It goes the way of every command; its answer is
evidence (`services/device_evidence.py`), and is passed on to nobody. Constant statements, whatever the number.
"""

from collections.abc import Iterable
from datetime import datetime, time, timedelta

from safelaunch.domain import calendar
from safelaunch.domain.device_commands import answer_due_at
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.people import Actor
from safelaunch.domain.read_backs import HOUSE_POLICY, ReadBackPolicy, next_read_at
from safelaunch.domain.refusals import NotFound
from safelaunch.domain.smi import DeviceType, Network
from safelaunch.services.jobs import Job
from safelaunch.services.requests import commanding
from safelaunch.services.requests.devices import QUESTIONS
from safelaunch.store import jobs, transactions
from safelaunch.store.reads import read_backs as reads
from safelaunch.store.reads.read_backs import PartyPolicy
from safelaunch.store.writes import device_commands as command_writes
from safelaunch.store.writes import read_backs as writes
from safelaunch.store.writes import record
from safelaunch.store.writes.device_commands import NewCommand
from safelaunch.store.writes.read_backs import DueReadBack, NotedReadBack
from safelaunch.wire.gbcs.catalogue import GbcsMessage, enclose
from safelaunch.wire.gbcs.message import GroupingHeader, MessageKind, Supplementary, build

RUN = 500
"""Devices read back by one job before it makes way for others."""

FIRMWARE_READ = "11.2"
HOUSE = "the house"
"""Whose policy holds for a Party that has stated none."""


class NoSuchParty(NotFound):
    """There is no Party of this name."""


def set_policy(*, party_name: str, policy: ReadBackPolicy, actor: Actor, at: datetime) -> None:
    """This function will set how a Party's lost answers are made good.

    Raises:
        NoSuchParty: nobody has this name.
    """
    with transactions.transaction():
        if not writes.put_policy(party_name=party_name, policy=policy):
            raise NoSuchParty(f"There is no Party {party_name!r}; the portfolio page names all.")
        record.append(
            act="SET_READ_BACKS",
            actor=actor.name,
            at=at,
            cause="Stated",
            detail={
                "party": party_name,
                "wait_minutes": policy.wait // timedelta(minutes=1),
                "attempts": policy.attempts,
                "daily_budget": policy.daily_budget,
            },
        )


def policies(*, viewer_party_id: int | None = None) -> list[PartyPolicy]:
    """This function will give the house's policy and those of Parties that have stated one, or what holds for a Party."""
    house = PartyPolicy(HOUSE, HOUSE_POLICY)
    stated = reads.list_policies(party_id=viewer_party_id)
    return [house, *stated] if viewer_party_id is None else stated or [house]


def read_back(*, dsp_id: Eui64, at: datetime) -> int:
    """This function will queue the read-backs that are due, a run of them, and give their number.

    Args:
        dsp_id: the Access Control Broker, who asks.
        at: when.
    """
    with transactions.transaction():
        due = writes.take_due_read_backs(at=at, day_start=_day_start(at), policy=HOUSE_POLICY, limit=RUN)
        asked = [one for one in due if one.is_in_budget and one.device_type is not None]
        numbers = command_writes.draw_command_numbers(count=len(asked))
        made = [
            (number, _command(one, number=number, dsp_id=dsp_id, at=at))
            for one, number in zip(asked, numbers, strict=True)
        ]
        command_writes.add_read_backs(
            commands=[
                (number, command, one.device_command_id)
                for (number, command), one in zip(made, asked, strict=True)
            ]
        )
        tomorrow = _day_start(at + timedelta(days=1))
        writes.note_read_backs(noted=[_noted(one, at=at, tomorrow=tomorrow) for one in due])
        for network in _networks(asked):
            commanding.send_soon(network)
        if len(due) == RUN:
            jobs.defer_once(Job.READ_BACK_DEVICES, key="read-backs")
    return len(asked)


def _day_start(at: datetime) -> datetime:
    return calendar.moment(calendar.london_date(at), time())


def _networks(asked: Iterable[DueReadBack]) -> list[Network]:
    return sorted({Network(one.network) for one in asked})


def _noted(due: DueReadBack, *, at: datetime, tomorrow: datetime) -> NotedReadBack:
    if due.device_type is None:
        # The Device has left the inventory: there is nothing to find out.
        return NotedReadBack(due.device_command_id, due.read_count, None)
    if not due.is_in_budget:
        return NotedReadBack(due.device_command_id, due.read_count, tomorrow)
    policy = ReadBackPolicy(wait=due.wait, attempts=due.attempts)
    made = due.read_count + 1
    return NotedReadBack(due.device_command_id, made, next_read_at(policy, made=made, since=at))


def _command(due: DueReadBack, *, number: int, dsp_id: Eui64, at: datetime) -> NewCommand:
    device_type = DeviceType(due.device_type or "")
    code, payload_of = QUESTIONS[device_type]
    header = GroupingHeader(
        kind=MessageKind.COMMAND,
        originator_counter=number,
        originator_id=dsp_id,
        target_id=due.device_id,
        message_code=code,
        supplementary=Supplementary(due.user_id, int(due.originator_counter)),
    )
    return NewCommand(
        service_request_id=due.service_request_id,
        user_id=due.user_id,
        srv=FIRMWARE_READ,
        device_id=due.device_id,
        hub_device_id=due.hub_device_id,
        network=Network(due.network),
        message_code=code,
        originator=dsp_id,
        originator_counter=number,
        gbcs=build(enclose(GbcsMessage(header, payload_of(number)))),
        send_at=at,
        expires_at=answer_due_at(device_type=device_type, sent_at=at),
    )
