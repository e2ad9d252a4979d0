"""What is said of a Device, and what its Supplier may do next: by type, status and what the CPL lets it become."""

from datetime import UTC, date, datetime
from itertools import product

import pytest

from safelaunch.domain.device_standing import (
    StandingFacts,
    explain_former_device,
    explain_standing,
    next_steps,
)
from safelaunch.domain.smi import CplStatus, DeviceType, SmiStatus


def facts(
    kind="ESME",
    status="COMMISSIONED",
    *,
    listed: str | None = "ACTIVE",
    versions=(),
    own=True,
    version="0A01",
):
    return StandingFacts(
        device_type=DeviceType(kind),
        smi_status=SmiStatus(status),
        firmware_version=version,
        cpl_status=CplStatus(listed) if listed else None,
        commissioned_on=date(2022, 1, 1),
        versions=versions,
        is_own=own,
    )


@pytest.mark.parametrize("kind", ["ESME", "GSME", "HCALCS"])
def test_what_activates_by_command_is_sent_firmware_by_11_1_and_activated_by_11_3(kind):
    [step] = next_steps(facts(kind, versions=["0A03", "0A02"]))
    assert step.startswith("Send it 0A03 with SR 11.1, then activate it with SR 11.3.")
    assert ("GBCS 4.1" in step) == (kind == "HCALCS")


def test_a_ppmid_is_sent_firmware_by_11_4_and_activates_it_of_itself():
    [step] = next_steps(facts("PPMID", versions=["0A03"]))
    assert "SR 11.4" in step
    assert "11.3" not in step
    assert "GBCS 4.1" in step


def test_a_suspended_device_is_sent_another_version_or_read():
    sent, read = next_steps(facts(status="SUSPENDED", listed="WITHDRAWN", versions=["0A03"]))
    assert sent.startswith("Send it 0A03")
    assert "SR 11.2" in read
    stuck, _ = next_steps(facts(status="SUSPENDED", listed="WITHDRAWN"))
    assert stuck == (
        "The CPL lists no version that 0A01 may become (MP231): ask its manufacturer for one, or exchange the Device."
    )
    assert "its firmware" in next_steps(facts(status="SUSPENDED", version=""))[0]


def test_whoever_is_not_responsible_is_told_who_may():
    assert next_steps(facts(own=False))[0].startswith("Its Responsible Supplier may")
    assert next_steps(facts("IHD", own=False)) == ("Nothing: no Service Request updates an IHD or a CAD.",)


@pytest.mark.parametrize(
    ("status", "headline"),
    [
        ("COMMISSIONED", "In service: commissioned since 1 January 2022."),
        ("PENDING", "Not in service yet: pending."),
        ("INSTALLED_NOT_COMMISSIONED", "Not in service yet: installed not commissioned."),
        ("DECOMMISSIONED", "Out of service: decommissioned."),
        ("WITHDRAWN", "Out of service: withdrawn."),
        ("RECOVERY", "Being recovered: recovery."),
        ("SUSPENDED", "Suspended."),
    ],
)
def test_every_status_has_its_headline(status, headline):
    assert explain_standing(facts(status=status)).headline == headline


def test_what_the_cpl_says_of_the_firmware_is_the_reason():
    said = {listed: explain_standing(facts(listed=listed)).reasons for listed in ("ACTIVE", "EXPIRED", None)}
    assert said["ACTIVE"] == ("Its firmware 0A01 is Active on the Central Products List.",)
    assert said["EXPIRED"] == ("The Central Products List has its firmware 0A01 as expired.",)
    assert said[None] == ("The Central Products List does not list its firmware 0A01.",)


def test_every_device_in_every_status_has_an_explanation_and_a_next_step():
    for kind, status, listed, own, versions in product(
        DeviceType, SmiStatus, (*CplStatus, None), (True, False), ((), ("0A03",))
    ):
        one = facts(kind, status, listed=listed, own=own, versions=versions)
        said = explain_standing(one)
        assert said.headline.endswith((".", "it."))
        assert said.reasons
        assert said.what_would_change_it
        steps = next_steps(one)
        assert steps
        assert all(step.endswith(".") for step in steps)


def test_a_former_supplier_is_told_since_when():
    said = explain_former_device(ended_at=datetime(2026, 11, 2, 10, tzinfo=UTC))
    assert (
        said.headline == "You have not been responsible for this home since Monday 2 November 2026 at 10:00."
    )
