"""What a demonstration's Suppliers are entitled to by the simulator's own truth, and how that compares with what they hold.

    N60, N61   whoever asked for the firmware, for each report of a network
    N62        the same, for each transfer that a hub told of
    N39        both Suppliers of the home, for each display that told of its activation
    8F72, 8F1C the Supplier that the meter knows, for each image that it verified, or could not
    N18        whoever asked, for each Device that its image did not reach and is not sent again

The last one is no fact of a network: when the DCC gives up is its own rule, so it is compared with where journeys ended.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from safelaunch.domain.smi import UserRole
from safelaunch.interfaces.cli.firmware_receivers import Alert
from safelaunch.services.firmware_demonstrations import Plan
from safelaunch.wire.duis.responses.firmware_alerts import ActivationResult, TransferResult

COMPARED = ("N60", "N61", "N62", "N39", "8F72", "8F1C", "N18")
"""The codes that are compared."""

_TRANSFER = {
    "SUCCESS": TransferResult.SUCCESS,
    "IMAGE_DISCARDED": TransferResult.DISCARDED,
    "HARDWARE_VERSION_MISMATCH": TransferResult.HARDWARE_MISMATCH,
    "TRANSFER_FAILURE": TransferResult.FAILURE,
}
_ACTIVATION = {"SUCCESS": ActivationResult.SUCCESS, "FAILURE": ActivationResult.FAILURE}


@dataclass(frozen=True, slots=True)
class Comparison:
    """How many alerts each User ID holds and is entitled to, by code, and what differs."""

    held: Mapping[tuple[str, str], int]
    entitled: Mapping[tuple[str, str], int]
    missing: list[Alert]
    surplus: list[Alert]

    @property
    def is_equal(self) -> bool:
        """This function will say whether each receiver holds exactly what it is entitled to."""
        return not self.missing and not self.surplus


def entitled(
    plan: Plan, *, told: Iterable[tuple[str, str, str]], given_up: Collection[tuple[str, str]]
) -> Counter[Alert]:
    """This function will count the alerts that Users are entitled to.

    Args:
        plan: who asked for what.
        told: what was truly said, by code, Device and outcome.
        given_up: User ID and Device where an image did not get there and is not sent again.
    """
    asked = {str(device.device_id): (update, device) for update in plan.updates for device in update.devices}
    alerts = [Alert(user_id, "N18", device_id, "") for user_id, device_id in given_up]
    for code, device_id, outcome in told:
        update, device = asked[device_id]
        user_id = str(update.user_id)
        if code in {"8F89", "8F8A"}:
            alerts.append(Alert(user_id, "N62", device_id, _TRANSFER[outcome].value))
        elif code == "8F8B":
            homes = {(device.import_party_id, UserRole.IS), (device.gas_party_id, UserRole.GS)}
            users = {
                str(plan.users[party_id, role])
                for party_id, role in homes
                if party_id is not None and (party_id, role) in plan.users
            }
            alerts += [Alert(user, "N39", device_id, _ACTIVATION[outcome].value) for user in sorted(users)]
        else:
            alerts.append(Alert(user_id, code, device_id, ""))
    return Counter(alerts)


def compare(held: Counter[Alert], /, *, entitled_to: Counter[Alert]) -> Comparison:
    """This function will compare what receivers hold with what they are entitled to, alert by alert."""
    mine = Counter({alert: count for alert, count in held.items() if alert.code in COMPARED})
    return Comparison(
        held=_by_code(mine),
        entitled=_by_code(entitled_to),
        missing=sorted((entitled_to - mine).elements()),
        surplus=sorted((mine - entitled_to).elements()),
    )


def _by_code(alerts: Counter[Alert]) -> dict[tuple[str, str], int]:
    counts: Counter[tuple[str, str]] = Counter()
    for alert, count in alerts.items():
        counts[alert.user_id, alert.code] += count
    return dict(counts)
