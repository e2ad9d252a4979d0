"""Service Reference Variants: who may ask what of the DCC, in which form, and through which web service.

The rules:
- A Service Request names an SRV and a Command Variant, and its body is that SRV's one body element; a Signed
  Pre-Command (Command Variants 5 to 7) carries `SignedPreCommand` instead. The schema ties none of these together
  (`domain.md` 4.1), so the catalogue does.
- The Command Variant decides the web service: 4 is transformed, 1, 3, 5 and 7 are sent, 2, 6 and 8 are answered at once;
  9 is the DCC's own and never valid from a User (4.4).
- A critical SRV goes to and fro for the User's signature, so it has Command Variants 4 and up.
- An SRV is future dated by the Device, by the DSP, by both (6.23 alone) or not at all (4.6).

The catalogue is `srv.csv`, all 129 of them in the schema's order. Where its columns come from:
- `srv`, `body`: DUIS 5.4, `ServiceReferenceVariant` and the choice of `Request/Body`, which run in parallel.
- `command_variants`: the schema's comments, but for 7.12 to 7.15: there each comment stands two rows too early (it makes
  a reading critical and a setting not), which the DCC's request matrix and the counts of `domain.md` 4.6 both say.
- `future_dating`: `domain.md` 4.6; a body with `ExecutionDateTime` is future dated by the Device when critical, by the DSP
  when not, and 8.5 must be.
- `name`: `domain.md` 5.1 where it gives one, the words of the body element elsewhere.
- `roles`: `domain.md` 5.1; for the SRVs that it does not list, the facts of the DCC's request matrix, which adds up to the
  counts of 2.1; 7.16, 8.5 and 8.6 are open to no role.
- `service`: what Safelaunch does with it.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from types import MappingProxyType

from safelaunch.domain.refusals import Invalid
from safelaunch.domain.smi import UserRole

SIGNED_PRE_COMMAND = "SignedPreCommand"
"""The body element of Command Variants 5, 6 and 7, whatever the SRV."""

TRANSFORMED = 4
"""The Command Variant whose answer is a Pre-Command for the User to sign."""

SIGNED_VARIANTS = frozenset({5, 6, 7})
"""The Command Variants that carry a Signed Pre-Command."""

OVER_THE_WAN = frozenset({1, 3, 5, 7})
"""The Command Variants whose command goes to the Device over the SM WAN (`domain.md` 4.4)."""

LOCAL = frozenset({2, 3, 6, 7})
"""The Command Variants whose command comes back to the User, who delivers it in person; they are never future dated."""

ON_DEMAND = 8
"""The Command Variant of requests that the DCC answers itself."""


class WebService(StrEnum):
    """The web services of the interface, by the last part of their address (`domain.md` 13.1)."""

    NON_DEVICE = "serviceD"
    SEND_COMMAND = "serviceS"
    TRANSFORM = "serviceT"


class FutureDating(StrEnum):
    """Who holds a future dated request until its time comes (`domain.md` 4.6)."""

    NONE = "NONE"
    DEVICE = "DEVICE"
    DSP = "DSP"
    DSP_AND_DEVICE = "DSP_AND_DEVICE"


class Service(StrEnum):
    """What Safelaunch does with a legal request: acts on it, notes it for the calendar of conflicts, or says no."""

    SERVED = "SERVED"
    PASSED_ON = "PASSED_ON"
    UNSERVED = "UNSERVED"


_WEB_SERVICES = {
    1: WebService.SEND_COMMAND,
    2: WebService.NON_DEVICE,
    3: WebService.SEND_COMMAND,
    4: WebService.TRANSFORM,
    5: WebService.SEND_COMMAND,
    6: WebService.NON_DEVICE,
    7: WebService.SEND_COMMAND,
    8: WebService.NON_DEVICE,
}


class UnknownSrv(Invalid):
    """There is no such Service Reference Variant."""


class WrongCommandVariant(Invalid):
    """The Service Reference Variant does not exist in this Command Variant."""


@dataclass(frozen=True, slots=True)
class Srv:
    """A Service Reference Variant.

    Attributes:
        code: such as `11.1` or `8.14.2`.
        name: in words.
        command_variants: those in which a User may send it.
        future_dating: who holds it until its time comes, if anybody.
        roles: the User Roles that may send it; empty for three that no role may.
        body: the element that `Request/Body` holds, but for Signed Pre-Commands.
        service: what Safelaunch does with it.
    """

    code: str
    name: str
    command_variants: frozenset[int]
    future_dating: FutureDating
    roles: frozenset[UserRole]
    body: str
    service: Service

    @property
    def service_reference(self) -> str:
        """This function will give the Service Reference: the first two numbers, `8.14` of `8.14.2`."""
        return ".".join(self.code.split(".")[:2])

    @property
    def is_critical(self) -> bool:
        """This function will say whether the User signs its command, so that it is transformed first."""
        return TRANSFORMED in self.command_variants

    @property
    def is_non_device(self) -> bool:
        """This function will say whether the DCC answers it itself, without any Device."""
        return self.command_variants == {ON_DEMAND}

    @property
    def is_future_dated(self) -> bool:
        """This function will say whether it may be asked for a time to come."""
        return self.future_dating is not FutureDating.NONE


@cache
def catalogue() -> Mapping[str, Srv]:
    """This function will give all SRVs by their code, in the order of the schema; the table is read once."""
    text = resources.files("safelaunch.domain").joinpath("srv.csv").read_text("utf-8")
    return MappingProxyType({row["srv"]: _read(row) for row in csv.DictReader(text.splitlines())})


def find(code: str) -> Srv:
    """This function will give the SRV of a code such as `11.1`.

    Raises:
        UnknownSrv: there is none.
    """
    try:
        return catalogue()[code]
    except KeyError:
        raise UnknownSrv(
            f"{code[:20]!r} is not a Service Reference Variant of DUIS 5.4; 11.1, Update Firmware, is one."
        ) from None


def eligible_roles(code: str) -> frozenset[UserRole]:
    """This function will give the User Roles that may send an SRV (`domain.md` 5.1).

    Raises:
        UnknownSrv: there is no such SRV.
    """
    return find(code).roles


def command_variants(code: str) -> frozenset[int]:
    """This function will give the Command Variants in which a User may send an SRV (`domain.md` 4.4).

    Raises:
        UnknownSrv: there is no such SRV.
    """
    return find(code).command_variants


def web_service(code: str, *, command_variant: int) -> WebService:
    """This function will give the web service that takes an SRV in a Command Variant (`domain.md` 4.4, 13.1).

    Raises:
        UnknownSrv: there is no such SRV.
        WrongCommandVariant: it does not exist in that Command Variant.
    """
    _require_variant(find(code), command_variant=command_variant)
    return _WEB_SERVICES[command_variant]


def expected_body(code: str, *, command_variant: int) -> str:
    """This function will name the body element of an SRV in a Command Variant (`domain.md` 4.1, 4.5).

    Raises:
        UnknownSrv: there is no such SRV.
        WrongCommandVariant: it does not exist in that Command Variant.
    """
    srv = find(code)
    _require_variant(srv, command_variant=command_variant)
    return SIGNED_PRE_COMMAND if command_variant in SIGNED_VARIANTS else srv.body


def _require_variant(srv: Srv, *, command_variant: int) -> None:
    if command_variant not in srv.command_variants:
        allowed = ", ".join(str(variant) for variant in sorted(srv.command_variants))
        raise WrongCommandVariant(
            f"{srv.code} ({srv.name}) was asked in Command Variant {command_variant}; it exists in {allowed}."
        )


def _read(row: Mapping[str, str]) -> Srv:
    return Srv(
        code=row["srv"],
        name=row["name"],
        command_variants=frozenset(int(digit) for digit in row["command_variants"]),
        future_dating=FutureDating(row["future_dating"]),
        roles=frozenset(UserRole(role) for role in row["roles"].split()),
        body=row["body"],
        service=Service(row["service"]),
    )
