"""The terms of this installation: its key, its schema, and what it forgives, read once for each process."""

from dataclasses import replace
from functools import cache
from pathlib import Path

from django.conf import settings

from safelaunch.domain.suspended_requests import Mode
from safelaunch.gateways import gbcs_keys, xml_keys
from safelaunch.gateways.smki import HttpDeviceCertificates
from safelaunch.services.device_certificates import Repository
from safelaunch.services.requests.received import Protection, Terms
from safelaunch.wire.duis import schema
from safelaunch.wire.duis.signing import Signer

REPOSITORY_SECONDS = 2.0
"""How long the SMKI's repository is waited for; the User waits for 3 s in all (`domain.md` 13.1)."""


def terms() -> Terms:
    """This function will give the terms on which this installation takes requests.

    Raises:
        NotFound, Unreadable: the key, its certificate or the schema is not what it should be.
    """
    # Authorities are read each time, because one may be put there while this process runs.
    authorities = tuple(gbcs_keys.device_authorities(settings.DATA / "keys"))
    protection = Protection(_broker(), Repository(_repository(), authorities), _cos_party())
    return replace(standing_terms(), protection=protection)


@cache
def _broker() -> Signer:
    return gbcs_keys.load_or_create_broker(settings.DATA / "keys", eui=settings.DSP_ID)


@cache
def _cos_party() -> Signer:
    return gbcs_keys.load_or_create_cos_party(settings.DATA / "keys", eui=settings.COS_ID)


@cache
def _repository() -> HttpDeviceCertificates:
    return HttpDeviceCertificates(url=settings.SMKI_URL, timeout=REPOSITORY_SECONDS)


@cache
def standing_terms() -> Terms:
    """This function will give what of the terms stays as it is while this process runs (see `terms` for errors)."""
    forgives = settings.DUIS_FORGIVES
    return Terms(
        signer=xml_keys.load_or_create_dsp(settings.DATA / "keys", eui=settings.DSP_ID),
        schema=schema.load(Path(settings.DUIS_SCHEMAS) if settings.DUIS_SCHEMAS else None),
        enforces_validity="dates" not in forgives,
        tolerates_reformatting="layout" in forgives,
        # A demonstration's clock shows another day than the clocks that Users count by.
        are_counters_times="counters" not in forgives and settings.CLOCK == "wall",
        compares_image_version="versions" not in forgives,
        mode=Mode.MP105 if settings.MP105 else Mode.BEFORE_MP105,
    )
