"""The terms of this installation: its key, its schema, and what it forgives, read once for each process."""

from functools import cache
from pathlib import Path

from django.conf import settings

from safelaunch.domain.suspended_requests import Mode
from safelaunch.gateways import xml_keys
from safelaunch.services.requests.received import Terms
from safelaunch.wire.duis import schema


@cache
def terms() -> Terms:
    """This function will give the terms on which this installation takes requests.

    Raises:
        NotFound, Unreadable: the key, its certificate or the schema is not what it should be.
    """
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
