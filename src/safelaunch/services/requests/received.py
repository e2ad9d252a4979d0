"""What a handler is given: a request that was admitted, and what is known of whoever asks and of the Device."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.srv import Srv
from safelaunch.domain.suspended_requests import Mode
from safelaunch.services import certificates
from safelaunch.services.device_certificates import Repository
from safelaunch.store.reads.parties import UserFacts
from safelaunch.store.reads.service_requests import TargetFacts
from safelaunch.wire.duis.envelope import Request
from safelaunch.wire.duis.extension.answers import CampaignCode, CampaignContent
from safelaunch.wire.duis.identifiers import RequestId
from safelaunch.wire.duis.opening import Trust
from safelaunch.wire.duis.responses import Answer
from safelaunch.wire.duis.schema import Schema
from safelaunch.wire.duis.signing import Signer


@dataclass(frozen=True, slots=True)
class Protection:
    """What commands are made with for Devices.

    Attributes:
        broker: the Access Control Broker's pair for key agreement, which makes MACs.
        repository: of Device certificates.
        cos_party: the CoS Party's signing pair; None where nobody plays its part.
    """

    broker: Signer
    repository: Repository
    cos_party: Signer | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms on which requests are taken.

    Attributes:
        signer: the DSP's key and certificate; its EUI-64 is the target of Non-Device requests.
        schema: the official schema; None where none is configured.
        enforces_validity: whether a certificate outside its period is refused.
        tolerates_reformatting: whether white space added between elements after signing is forgiven.
        are_counters_times: whether the counters of Request IDs are held to be milliseconds since 1970.
        compares_image_version: whether the header of a firmware image has to state the version of its request.
        mode: whether MP105 is in force, by which 11.2 reaches Suspended Devices.
        protection: of commands that are delivered in person or signed by the CoS Party; None where none are made.
    """

    signer: Signer
    schema: Schema | None = None
    enforces_validity: bool = True
    tolerates_reformatting: bool = False
    are_counters_times: bool = True
    compares_image_version: bool = True
    mode: Mode = Mode.MP105
    protection: Protection | None = None

    @property
    def dsp_id(self) -> Eui64:
        """This function will give the EUI-64 that Non-Device requests are addressed to."""
        return self.signer.eui

    @property
    def trust(self) -> Trust:
        """This function will give what signatures are checked against."""
        return Trust(
            find_certificate=certificates.find_certificate,
            schema=self.schema,
            enforces_validity=self.enforces_validity,
            tolerates_reformatting=self.tolerates_reformatting,
        )


@dataclass(frozen=True, slots=True)
class CampaignAnswer:
    """What a handler answers to a message about a hub campaign; `reason` is for refusals, in words."""

    code: CampaignCode
    content: CampaignContent | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ServiceRequest:
    """An admitted request, as a handler sees it; `target` is None for what the DCC answers itself.

    `dsp_id` is the DSP, which is also the Access Control Broker of GBCS messages (`domain.md` 2.2).
    `enforces_validity`, `compares_image_version` and `protection` are those of the terms on which it was taken.
    """

    service_request_id: int
    envelope: Request
    srv: Srv
    user: UserFacts
    target: TargetFacts | None
    dsp_id: Eui64
    enforces_validity: bool = True
    compares_image_version: bool = True
    protection: Protection | None = None

    @property
    def request_id(self) -> RequestId:
        """This function will give the Request ID."""
        return self.envelope.request_id

    @property
    def command_variant(self) -> int:
        """This function will give the Command Variant."""
        return self.envelope.command_variant


class Teller(Protocol):
    """Who tells something of a Device, and by which request; a `ServiceRequest` is one."""

    @property
    def service_request_id(self) -> int:
        """This function will give the number of the request."""

    @property
    def request_id(self) -> RequestId:
        """This function will give its Request ID."""

    @property
    def srv(self) -> Srv:
        """This function will give what it asks."""

    @property
    def user(self) -> UserFacts:
        """This function will give who asks."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that was acknowledged earlier, as what became of it is kept under."""

    service_request_id: int
    request_id: RequestId
    srv: Srv
    user: UserFacts


@dataclass(frozen=True, slots=True)
class CampaignMessage:
    """An admitted message about a hub campaign, as a handler sees it."""

    service_request_id: int
    envelope: Request
    user: UserFacts
    dsp_id: Eui64


Handler: TypeAlias = Callable[..., Answer]
"""`(*, request: ServiceRequest, body: <its dataclass>, at: datetime) -> Answer`, inside the transaction of `process`."""

CampaignHandler: TypeAlias = Callable[..., CampaignAnswer]
"""`(*, request: CampaignMessage, body: <its dataclass>, at: datetime) -> CampaignAnswer`, likewise."""
