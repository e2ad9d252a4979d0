"""How the Devices of a scenario behave, and how images fare behind its hubs: the tables `devices` and `han` of its file."""

from dataclasses import dataclass

from safelaunch.planning.strict_toml import Span, StrictTable


@dataclass(frozen=True, slots=True)
class DeviceManners:
    """How Devices behind hubs answer commands; a lost answer is lost after the Device has done as it was told."""

    answers_lost: float
    activation_answers_lost: float
    reads_failed: float
    answers_late: float
    late_minutes: Span
    answer_seconds: Span
    wake_minutes: Span
    activation_failed: float
    activation_seconds: Span


@dataclass(frozen=True, slots=True)
class HanManners:
    """How images fare behind hubs: shares of Devices for each sending, times by kind of Device, what messages suffer.

    Attributes:
        discarded: hubs that discard the image before they hand it on.
        transfer_failed: transfers on the HAN that fail.
        other_hardware: Devices whose hardware is not what the inventory says.
        damaged: images that a Device finds damaged.
        forgotten: verified images that a Device no longer holds when it is to activate them.
        displays_off: displays that are off when an image comes, for `off_days`.
        esme_hours, gsme_hours, display_hours: from the hub to the Device; gas meters fetch it piece by piece when they wake.
        duplicated: messages of Devices that are brought twice.
        reordered: messages of Devices that others overtake, by `reordered_minutes`.
    """

    discarded: float
    transfer_failed: float
    other_hardware: float
    damaged: float
    forgotten: float
    displays_off: float
    off_days: Span
    esme_hours: Span
    gsme_hours: Span
    display_hours: Span
    duplicated: float
    reordered: float
    reordered_minutes: Span


def read_devices(table: StrictTable) -> DeviceManners:
    """This function will read the table `devices` of a scenario file (see `planning/scenarios.py` for errors)."""
    manners = DeviceManners(
        answers_lost=table.share("answers_lost"),
        activation_answers_lost=table.share("activation_answers_lost"),
        reads_failed=table.share("reads_failed"),
        answers_late=table.share("answers_late"),
        late_minutes=table.span("late_minutes"),
        answer_seconds=table.span("answer_seconds"),
        wake_minutes=table.span("wake_minutes"),
        activation_failed=table.share("activation_failed"),
        activation_seconds=table.span("activation_seconds"),
    )
    table.close()
    return manners


def read_han(table: StrictTable) -> HanManners:
    """This function will read the table `han` of a scenario file (see `planning/scenarios.py` for errors)."""
    manners = HanManners(
        discarded=table.share("discarded"),
        transfer_failed=table.share("transfer_failed"),
        other_hardware=table.share("other_hardware"),
        damaged=table.share("damaged"),
        forgotten=table.share("forgotten"),
        displays_off=table.share("displays_off"),
        off_days=table.span("off_days"),
        esme_hours=table.span("esme_hours"),
        gsme_hours=table.span("gsme_hours"),
        display_hours=table.span("display_hours"),
        duplicated=table.share("duplicated"),
        reordered=table.share("reordered"),
        reordered_minutes=table.span("reordered_minutes"),
    )
    table.close()
    return manners
