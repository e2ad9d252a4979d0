"""Commands to Devices and what Devices said: queued, moved, kept, judged; one statement for any number of them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from safelaunch.domain.device_commands import MACHINE, CommandEvent, CommandState, MessageEffect
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.smi import Network
from safelaunch.store import sql
from safelaunch.store.arrays import Bigints, Eui64s, Integers, Moments, Octets, Texts
from safelaunch.store.models import DeviceCommand
from safelaunch.store.reads.device_commands import CommandFacts
from safelaunch.store.transactions import transaction_required
from safelaunch.wire.smki_devices import KeyUse

Spoken = tuple[Eui64, Eui64, int, int]
"""How a message names a command: the Device, the command's originator, its counter and its message code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCommand:
    """A command to queue; `gbcs` has no MAC yet."""

    service_request_id: int
    user_id: Eui64
    srv: str
    device_id: Eui64
    hub_device_id: Eui64
    network: Network
    message_code: int
    originator: Eui64
    originator_counter: int
    gbcs: bytes
    send_at: datetime
    expires_at: datetime
    execute_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A message of a Device as a network brought it."""

    number: int
    device_id: Eui64
    command_name: str | None
    gbcs: bytes
    happened_at: datetime


@dataclass(frozen=True, slots=True)
class Judged:
    """What a message did, which command it settled or spoke of, and whether its Device was found to have made it."""

    number: int
    effect: MessageEffect
    device_command_id: int | None = None
    is_verified: bool | None = None


@dataclass(frozen=True, slots=True)
class _CommandRow:
    device_command_id: int
    service_request_id: int


@dataclass(frozen=True, slots=True)
class _RequestRow:
    service_request_id: int


@dataclass(frozen=True, slots=True)
class _MatchRow:
    device_command_id: int
    service_request_id: int
    device_id: Eui64
    originator: Eui64
    originator_counter: Decimal
    message_code: int
    state: str
    execute_at: datetime | None
    is_read_back: bool
    is_retry: bool
    is_overtaken: bool


@transaction_required
def draw_command_number() -> int:
    """This function will draw the number of a command that is about to be queued."""
    return int(sql.fetch_value("draw_command_number"))


@transaction_required
def add(*, command: NewCommand, number: int) -> None:
    """This function will queue a command under a number that was drawn for it.

    Raises:
        IntegrityError: the Device was sent this message code under this counter before.
    """
    DeviceCommand.objects.create(
        device_command_id=number,
        state=MACHINE.initial,
        **{name: getattr(command, name) for name in command.__slots__},
    )


@transaction_required
def draw_command_numbers(*, count: int) -> list[int]:
    """This function will draw the numbers of commands that are about to be queued, rising."""
    numbers: list[int] | None = sql.fetch_value("draw_command_numbers", count=count)
    return numbers or []


@transaction_required
def add_read_backs(*, commands: Iterable[tuple[int, NewCommand, int]]) -> None:
    """This function will queue commands of the DCC's own: number, command, and the one whose answer was lost."""
    DeviceCommand.objects.bulk_create(
        DeviceCommand(
            device_command_id=number,
            read_back_of_id=lost,
            state=MACHINE.initial,
            **{name: getattr(command, name) for name in command.__slots__},
        )
        for number, command, lost in commands
    )


@transaction_required
def move_commands(*, device_command_ids: Collection[int], event: CommandEvent, at: datetime) -> int:
    """This function will move commands to which an event applies, and give their number."""
    if not device_command_ids:
        return 0
    return sql.execute(
        "move_commands",
        device_command_ids=Bigints(device_command_ids),
        from_states=MACHINE.sources(event),
        to_state=MACHINE.target(event),
        at=at,
    )


@transaction_required
def lock_overdue_commands(*, network: Network, at: datetime, limit: int) -> dict[int, int]:
    """This function will lock commands whose time is up, and give the request of each."""
    rows = sql.fetch_all("lock_overdue_commands", _CommandRow, network=network, at=at, limit=limit)
    return {row.device_command_id: row.service_request_id for row in rows}


@transaction_required
def lock_commands(*, device_command_ids: Collection[int]) -> dict[int, int]:
    """This function will lock those of some commands that are open, and give the request of each."""
    rows = sql.fetch_all("lock_commands", _CommandRow, device_command_ids=Bigints(device_command_ids))
    return {row.device_command_id: row.service_request_id for row in rows}


@transaction_required
def lock_waiting_commands(*, device_id: Eui64) -> dict[int, int]:
    """This function will lock the commands that wait to be sent to a Device, and give the request of each."""
    rows = sql.fetch_all("lock_waiting_commands", _CommandRow, device_id=device_id)
    return {row.device_command_id: row.service_request_id for row in rows}


@transaction_required
def lock_matching_commands(*, spoken: Sequence[Spoken]) -> dict[Spoken, CommandFacts]:
    """This function will lock the commands that messages speak of, and say how each stands."""
    rows = sql.fetch_all(
        "lock_matching_commands",
        _MatchRow,
        device_ids=Eui64s(device_id for device_id, _, _, _ in spoken),
        originators=Eui64s(originator for _, originator, _, _ in spoken),
        # Counters reach 2^64 - 1, which no integer of the database holds.
        counters=Texts(str(counter) for _, _, counter, _ in spoken),
        message_codes=Integers(code for _, _, _, code in spoken),
    )
    return {
        (row.device_id, row.originator, int(row.originator_counter), row.message_code): CommandFacts(
            device_command_id=row.device_command_id,
            service_request_id=row.service_request_id,
            state=CommandState(row.state),
            execute_at=row.execute_at,
            is_read_back=row.is_read_back,
            is_retry=row.is_retry,
            is_overtaken=row.is_overtaken,
        )
        for row in rows
    }


@transaction_required
def cancel_promises(*, device_ids: Collection[Eui64], message_code: int, at: datetime) -> None:
    """This function will forget the future-dated commands of a message code that Devices have promised to carry out."""
    if device_ids:
        sql.execute("cancel_promises", device_ids=Eui64s(device_ids), message_code=message_code, at=at)


@transaction_required
def cancel_commands(*, user_id: Eui64, device_id: Eui64, srv: str, at: datetime) -> list[int]:
    """This function will take back a User's commands that wait for their time, and give their requests."""
    rows = sql.fetch_all("cancel_commands", _RequestRow, user_id=user_id, device_id=device_id, srv=srv, at=at)
    return [row.service_request_id for row in rows]


@transaction_required
def append_device_messages(*, network: Network, told: Sequence[Told], received_at: datetime) -> int:
    """This function will keep messages of Devices, and give the number of those that are new."""
    return sql.execute(
        "append_device_messages",
        network=network,
        received_at=received_at,
        numbers=Bigints(message.number for message in told),
        device_ids=Eui64s(message.device_id for message in told),
        command_names=Texts(message.command_name for message in told),
        gbcs=Octets(message.gbcs for message in told),
        times=Moments(message.happened_at for message in told),
    )


@transaction_required
def judge_messages(*, network: Network, judged: Sequence[Judged]) -> None:
    """This function will note what messages did."""
    sql.execute(
        "judge_messages",
        network=network,
        numbers=Bigints(one.number for one in judged),
        effects=Texts(one.effect for one in judged),
        device_command_ids=[one.device_command_id for one in judged],
        are_verified=[one.is_verified for one in judged],
    )


@transaction_required
def keep_device_certificates(*, ders: Mapping[tuple[Eui64, KeyUse], bytes], at: datetime) -> None:
    """This function will keep certificates of Devices whose issuer is trusted."""
    if ders:
        sql.execute(
            "keep_device_certificates",
            device_ids=Eui64s(device_id for device_id, _ in ders),
            uses=Texts(use for _, use in ders),
            ders=Octets(ders.values()),
            fetched_at=at,
        )
