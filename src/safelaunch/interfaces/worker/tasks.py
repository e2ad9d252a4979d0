"""One task for each job. A task reads the clock, calls one service and ends.

Arguments are keywords, and unknown ones are ignored, so that an older worker can run what a newer web process deferred.
"""

from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Any

from django.conf import settings
from django.db import Error, close_old_connections
from procrastinate import App, RetryStrategy

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Unreachable
from safelaunch.domain.smi import Network
from safelaunch.gateways import gbcs_keys, keys, xml_keys
from safelaunch.gateways.csp import CspGateway, HttpCspGateway
from safelaunch.gateways.delivery import Delivery, HttpDelivery
from safelaunch.gateways.smki import HttpDeviceCertificates
from safelaunch.interfaces.worker.errors import TRIES_OF
from safelaunch.services import (
    alerts,
    deliveries,
    device_commands,
    device_messages,
    firmware_distribution,
    follow_up,
    han_logs,
    handovers,
    read_backs,
    requests,
    retention,
    tenancy,
    timetable,
    tranches,
    wake_ups,
)
from safelaunch.services.device_certificates import Repository
from safelaunch.services.device_commands import Link
from safelaunch.services.jobs import Job
from safelaunch.services.requests import arrivals
from safelaunch.services.requests.received import Protection, Terms
from safelaunch.store.reads import clock
from safelaunch.wire.duis.signing import Signer

TIMEOUT_SECONDS = 10.0
LOOK_CRON = "*/5 * * * *"
SWEEP_CRON = "* * * * *"
FORGET_CRON = "20 * * * *"


@cache
def gateway() -> CspGateway:
    """This function will open the way to the CSPs, once for each process.

    Raises:
        Unreachable: SAFELAUNCH_CSP_URL is not set.
    """
    if not settings.CSP_URL:
        raise Unreachable(
            "SAFELAUNCH_CSP_URL is not set, so no network can be instructed; set it and start again."
        )
    base = settings.CSP_URL.rstrip("/")
    return HttpCspGateway(
        base_urls={network: f"{base}/{network.value.lower()}" for network in Network},
        key=keys.load_or_create_private(settings.DATA / "keys" / "dcc.pem"),
        timeout=TIMEOUT_SECONDS,
    )


@cache
def delivery() -> Delivery:
    """This function will open the way to Users, once for each process."""
    return HttpDelivery(timeout=TIMEOUT_SECONDS)


@cache
def signer() -> Signer:
    """This function will give the DSP's key and certificate, read once for each process."""
    return xml_keys.load_or_create_dsp(settings.DATA / "keys", eui=settings.DSP_ID)


@cache
def repository() -> HttpDeviceCertificates:
    """This function will open the way to Device certificates, once for each process."""
    return HttpDeviceCertificates(url=settings.SMKI_URL, timeout=TIMEOUT_SECONDS)


@cache
def broker() -> Signer:
    """This function will give the Access Control Broker's key and certificate, read once for each process."""
    return gbcs_keys.load_or_create_broker(settings.DATA / "keys", eui=settings.DSP_ID)


@cache
def cos_party() -> Signer:
    """This function will give the CoS Party's key and certificate, read once for each process."""
    return gbcs_keys.load_or_create_cos_party(settings.DATA / "keys", eui=settings.COS_ID)


def link() -> Link:
    """This function will give the way to Devices.

    Raises:
        Unreachable: SAFELAUNCH_CSP_URL is not set.
    """
    # Authorities are read each time, because one may be put there while this process runs.
    authorities = tuple(gbcs_keys.device_authorities(settings.DATA / "keys"))
    return Link(gateway=gateway(), repository=Repository(repository(), authorities), broker=broker())


def look(**_: Any) -> None:
    """This function will look at what is due."""
    timetable.look(at=clock.now())


def compile_pilot(*, campaign_id: int, **_: Any) -> None:
    """This function will propose a Default Pilot List."""
    tranches.compile_pilot(campaign_id=campaign_id, at=clock.now())


def plan_tonight(*, campaign_id: int, night: str, **_: Any) -> None:
    """This function will plan a campaign's night."""
    tranches.plan_tonight(campaign_id=campaign_id, night=date.fromisoformat(night), at=clock.now())


def dispatch(*, campaign_id: int, chunk_ids: list[int], **_: Any) -> None:
    """This function will hand chunks to their network."""
    tranches.dispatch(campaign_id=campaign_id, chunk_ids=chunk_ids, gateway=gateway(), at=clock.now())


def review(*, campaign_id: int, **_: Any) -> None:
    """This function will make a campaign's daily review."""
    timetable.review(campaign_id=campaign_id, at=clock.now())


def recall(*, campaign_id: int, epoch: int, **_: Any) -> None:
    """This function will recall what a stop overtook."""
    tranches.recall(campaign_id=campaign_id, epoch=epoch, gateway=gateway(), at=clock.now())


def read_back(*, campaign_id: int, network: str, read_id: str, device_ids: list[str], **_: Any) -> None:
    """This function will ask hubs for the version they run."""
    follow_up.read_back(
        campaign_id=campaign_id,
        network=network,
        read_id=read_id,
        device_ids=device_ids,
        gateway=gateway(),
        at=clock.now(),
    )


def terms() -> Terms:
    """This function will give the terms on which a request that was accepted is done."""
    authorities = tuple(gbcs_keys.device_authorities(settings.DATA / "keys"))
    return Terms(
        signer=signer(),
        enforces_validity="dates" not in settings.DUIS_FORGIVES,
        compares_image_version="versions" not in settings.DUIS_FORGIVES,
        protection=Protection(broker(), Repository(repository(), authorities), cos_party()),
    )


def process_service_request(*, service_request_id: int, **_: Any) -> None:
    """This function will see to an accepted request whose process died, and do nothing when none did."""
    requests.recover(service_request_id=service_request_id, terms=terms(), at=clock.now())


def deliver(*, user_id: str, **_: Any) -> None:
    """This function will send what waits for a User; receivers live in real time, whatever a stepped clock shows."""
    deliveries.deliver(
        user_id=Eui64.parse(user_id), delivery=delivery(), signer=signer(), at=clock.wall_now()
    )


def send_device_commands(*, network: str, **_: Any) -> None:
    """This function will send a network's commands to Devices, and give up those that nobody answered."""
    device_commands.send(network=Network(network), link=link(), at=clock.now())


def take_in_device_messages(*, network: str, **_: Any) -> None:
    """This function will judge what Devices of a network said."""
    device_messages.take_in(network=Network(network), link=link(), at=clock.now())


def distribute_firmware(*, network: str, **_: Any) -> None:
    """This function will have a network bring images to Devices."""
    firmware_distribution.distribute(network=Network(network), gateway=gateway(), at=clock.now())


def mind_firmware(**_: Any) -> None:
    """This function will see to firmware whose clocks have run out or whose hub is ready."""
    firmware_distribution.mind(at=clock.now())


def read_back_devices(**_: Any) -> None:
    """This function will read Devices back whose answers were lost."""
    read_backs.read_back(dsp_id=settings.DSP_ID, at=clock.now())


def take_registrations(**_: Any) -> None:
    """This function will have registrations take effect whose instant has come."""
    handovers.take_effect(at=clock.now())


def install_hub(*, network: str, installation: dict[str, Any], **_: Any) -> None:
    """This function will tell a network of a hub that was installed in a home."""
    arrivals.tell_network(
        network=Network(network), installation=installation, gateway=gateway(), at=clock.now()
    )


def look_at_displays(**_: Any) -> None:
    """This function will look whether displays can learn of a Change of Tenancy by now."""
    tenancy.look(at=clock.now())


def look_at_han_logs(**_: Any) -> None:
    """This function will tell Users of changes of hubs' logs of which nothing was heard in time."""
    han_logs.look(dsp_id=settings.DSP_ID, at=clock.now())


def tell_users(**_: Any) -> None:
    """This function will make alerts into messages for Users with an address."""
    alerts.tell_users(dsp_id=settings.DSP_ID)


def wake(*, job: str, its_key: str, its_arguments: dict[str, Any], **_: Any) -> None:
    """This function will defer a job whose time has come."""
    wake_ups.wake(job=job, its_key=its_key, its_arguments=its_arguments)


def sweep(**_: Any) -> None:
    """This function will have everybody served for whom something is left lying."""
    wake_ups.sweep(at=clock.wall_now())


def forget(**_: Any) -> None:
    """This function will delete what has been kept long enough."""
    retention.forget(keep=settings.KEEP_MESSAGES, at=clock.now())


TASKS: dict[Job, Callable[..., None]] = {
    Job.LOOK: look,
    Job.COMPILE_PILOT: compile_pilot,
    Job.PLAN_TONIGHT: plan_tonight,
    Job.DISPATCH: dispatch,
    Job.REVIEW: review,
    Job.RECALL: recall,
    Job.READ_BACK: read_back,
    Job.DELIVER: deliver,
    Job.PROCESS_SERVICE_REQUEST: process_service_request,
    Job.SEND_DEVICE_COMMANDS: send_device_commands,
    Job.TAKE_IN_DEVICE_MESSAGES: take_in_device_messages,
    Job.DISTRIBUTE_FIRMWARE: distribute_firmware,
    Job.MIND_FIRMWARE: mind_firmware,
    Job.READ_BACK_DEVICES: read_back_devices,
    Job.TAKE_REGISTRATIONS: take_registrations,
    Job.INSTALL_HUB: install_hub,
    Job.LOOK_AT_DISPLAYS: look_at_displays,
    Job.LOOK_AT_HAN_LOGS: look_at_han_logs,
    Job.TELL_USERS: tell_users,
    Job.WAKE: wake,
    Job.SWEEP: sweep,
    Job.FORGET: forget,
}
"""The task of every job; a house test proves that none is missing."""


def register(app: App) -> None:
    """This function will add the tasks to the queue's application, and the timetable.

    On a stepped clock only the sweep is periodic: it serves receivers, who live in real time.
    """
    retry = RetryStrategy(
        max_attempts=TRIES_OF[Unreachable], wait=1, linear_wait=1, retry_exceptions={Unreachable, Error}
    )
    for job, task in TASKS.items():
        app.task(name=job.value, retry=retry)(_tidied(task))
    app.periodic(cron=SWEEP_CRON)(app.tasks[Job.SWEEP.value])
    if settings.CLOCK == "wall":
        app.periodic(cron=LOOK_CRON)(app.tasks[Job.LOOK.value])
        app.periodic(cron=FORGET_CRON)(app.tasks[Job.FORGET.value])


def _tidied(task: Callable[..., None]) -> Callable[..., None]:
    def run(*_: Any, **arguments: Any) -> None:
        # A periodic task is given its timestamp by position; the clock says the same and is the only one read.
        close_old_connections()
        task(**arguments)

    run.__name__ = task.__name__
    return run
