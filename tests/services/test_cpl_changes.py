"""Changing the CPL: seen before, made by two people, suspending and restoring exactly what it said."""

import pytest
from django.db import connection

from safelaunch.domain.cpl import ConsequencesMoved, DeviceEffect
from safelaunch.domain.people import SamePerson
from safelaunch.domain.refusals import Forbidden
from safelaunch.domain.smi import SmiStatus
from safelaunch.domain.suspension import SUSPENDABLE
from safelaunch.services import cpl, cpl_changes
from safelaunch.store.models import (
    AlertChunk,
    CommunicationsHub,
    CplEntry,
    CplProposal,
    Device,
    PortfolioCount,
    RecordEntry,
    Suspension,
    SuspensionEpisode,
)
from safelaunch.store.reads.suspensions import list_suspension_history
from tests.estate_factory import load_estate
from tests.services.suspension_scene import (
    AT,
    ESME,
    GSME,
    HCALCS,
    HUB,
    KINDS,
    LATER,
    LATEST,
    NEW,
    OLD,
    PPMID,
    RECEIVERS,
    build,
    make,
    model,
    person,
    reinstatement,
    removal,
    state_of,
    told_about,
)

pytestmark = pytest.mark.usefixtures("database")

EVERY = {"CHF": HUB, **{kind: device_id for device_id, kind in KINDS.items()}}


def counted_portfolio():
    """The roll-up, and the same counted from the hubs."""
    kept = {
        (
            one.device_model_id,
            one.region_id,
            one.import_party_id,
            one.gas_party_id,
            one.smi_status,
            one.is_in_use,
        ): one.hub_count
        for one in PortfolioCount.objects.filter(hub_count__gt=0)
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT device_model_id, region_id, coalesce(import_party_id, 0), coalesce(gas_party_id, 0), smi_status, "
            "is_in_use, count(*) FROM communications_hub GROUP BY 1, 2, 3, 4, 5, 6"
        )
        counted = {row[:6]: row[6] for row in cursor.fetchall()}
    return kept, counted


def test_a_preview_names_devices_and_suppliers_and_changes_nothing():
    build()
    seen = cpl.preview(removal("PPMID"))
    assert seen.consequences.sentence() == "This suspends 1 Device of 2 Suppliers."
    assert [(one.supplier, one.suspended) for one in seen.consequences.by_supplier()] == [
        ("Alder", 1),
        ("Birch", 1),
    ]
    assert cpl.preview(removal("GSME")).consequences.sentence() == "This suspends 1 Device of 1 Supplier."
    assert not Suspension.objects.exists()
    assert CplEntry.objects.filter(status="ACTIVE").count() == 15


@pytest.mark.parametrize("kind", EVERY)
def test_a_removal_suspends_the_devices_and_tells_each_receiver_once(kind):
    build()
    make(removal(kind))
    assert state_of(EVERY[kind]) == ("SUSPENDED", "COMMISSIONED", OLD)
    assert told_about(EVERY[kind], "N28") == sorted(RECEIVERS[EVERY[kind]])
    for other in set(EVERY.values()) - {EVERY[kind]}:
        assert state_of(other) == ("COMMISSIONED", None, OLD)
        assert told_about(other, "N28") == []
    kept, counted = counted_portfolio()
    assert kept == counted
    [episode] = list_suspension_history(device_id=EVERY[kind])
    assert (episode.state, episode.suspended_at, episode.cause) == ("SUSPENDED", LATER, "CPL_REMOVED")


@pytest.mark.parametrize("kind", EVERY)
def test_a_reinstatement_restores_them_and_tells_each_receiver_once(kind):
    build()
    make(removal(kind))
    assert cpl.preview(reinstatement(kind)).consequences.restored == 1
    make(reinstatement(kind), at=LATEST)
    assert state_of(EVERY[kind]) == ("COMMISSIONED", None, OLD)
    for code in ("N28", "N29"):
        assert told_about(EVERY[kind], code) == sorted(RECEIVERS[EVERY[kind]])
    kept, counted = counted_portfolio()
    assert kept == counted
    [episode] = list_suspension_history(device_id=EVERY[kind])
    assert (episode.state, episode.suspended_at, episode.ended_at) == ("RESTORED", LATER, LATEST)
    assert (episode.status_before, episode.ended_because) == ("COMMISSIONED", "CPL_REINSTATED")


@pytest.mark.parametrize("status", SmiStatus)
def test_each_device_gets_back_what_it_held(status):
    build(status=status)
    make(removal("ESME"))
    make(removal("CHF"))
    expected = "SUSPENDED" if status in {*SUSPENDABLE, SmiStatus.SUSPENDED} else status
    assert state_of(ESME)[0] == state_of(HUB)[0] == expected
    make(reinstatement("ESME"), at=LATEST)
    make(reinstatement("CHF"), at=LATEST)
    # One that arrived Suspended has a date of commissioning.
    back = "COMMISSIONED" if status is SmiStatus.SUSPENDED else status
    assert state_of(ESME)[:2] == state_of(HUB)[:2] == (back, None)
    if status is SmiStatus.SUSPENDED:
        assert told_about(ESME, "N29") == sorted(RECEIVERS[ESME])
        assert told_about(HUB, "N29") == sorted(RECEIVERS[HUB])


def test_two_episodes_are_told_of_twice_and_kept_apart():
    build()
    for _ in range(2):
        make(removal("GSME"))
        make(reinstatement("GSME"), at=LATEST)
    assert told_about(GSME, "N29") == sorted([*RECEIVERS[GSME], *RECEIVERS[GSME]])
    assert SuspensionEpisode.objects.filter(device_id=GSME).count() == 2


def test_one_file_may_remove_and_reinstate_many_entries_at_once():
    build()
    make(removal("ESME"))
    rows = [
        *removal("HCALCS").rows,
        *removal("PPMID").rows,
        *reinstatement("ESME").rows,
        *removal("CHF", NEW).rows,
    ]
    change = cpl.Change(source="list.csv", rows=tuple(rows))
    assert cpl.preview(change).consequences.sentence() == (
        "This suspends 2 Devices of 2 Suppliers and restores 1 Device of 1 Supplier."
    )
    make(change, at=LATEST)
    assert [state_of(one)[0] for one in (ESME, HCALCS, PPMID, HUB)] == [
        "COMMISSIONED", "SUSPENDED", "SUSPENDED", "COMMISSIONED",
    ]  # fmt: skip


def test_four_eyes_are_needed_and_a_role():
    build()
    change = removal("ESME")
    with pytest.raises(Forbidden, match="may not propose"):
        cpl_changes.propose(change, because="x", actor=cpl_changes.Actor(name="Nobody"), at=AT)
    proposal = cpl_changes.propose(change, because="x", actor=person("Arthur"), at=AT)
    number = proposal.cpl_proposal_id
    with pytest.raises(SamePerson):
        cpl_changes.approve(cpl_proposal_id=number, actor=person("Arthur"), at=AT)
    with pytest.raises(Forbidden, match="approver may"):
        cpl_changes.approve(cpl_proposal_id=number, actor=person("Olivia"), at=AT)
    assert state_of(ESME)[0] == "COMMISSIONED"
    applied = cpl_changes.approve(cpl_proposal_id=number, actor=person("Anna"), at=LATER)
    assert (applied.state, applied.decided_by, applied.decided_at) == ("APPLIED", "Anna", LATER)
    with pytest.raises(cpl_changes.AlreadyDecided, match="applied by Anna"):
        cpl_changes.approve(cpl_proposal_id=number, actor=person("Anna"), at=LATER)
    acts = list(RecordEntry.objects.order_by("record_entry_id").values_list("act", "actor"))
    assert acts[-2:] == [("PROPOSE_CPL", "Arthur"), ("APPROVE_CPL", "Anna")]
    assert RecordEntry.objects.get(act="APPROVE_CPL").detail["suspended"] == 1


def test_consequences_that_moved_stop_the_approval_and_change_nothing():
    build()
    proposal = cpl_changes.propose(removal("ESME"), because="x", actor=person("Olivia"), at=AT)
    Device.objects.filter(device_id=ESME).update(smi_status="DECOMMISSIONED")
    with pytest.raises(ConsequencesMoved, match="Now: This suspends and restores no Device"):
        cpl_changes.approve(cpl_proposal_id=proposal.cpl_proposal_id, actor=person("Anna"), at=LATER)
    assert CplProposal.objects.get().state == "PROPOSED"
    assert CplEntry.objects.get(device_model=model("ESME")).status == "ACTIVE"
    assert not AlertChunk.objects.exists()


def test_a_change_that_another_made_first_stops_the_approval():
    build()
    proposal = cpl_changes.propose(removal("ESME"), because="x", actor=person("Olivia"), at=AT)
    make(removal("ESME"))
    with pytest.raises(ConsequencesMoved):
        cpl_changes.approve(cpl_proposal_id=proposal.cpl_proposal_id, actor=person("Anna"), at=LATER)


def test_a_declined_proposal_stays_declined():
    build()
    proposal = cpl_changes.propose(removal("ESME"), because="x", actor=person("Olivia"), at=AT)
    number = proposal.cpl_proposal_id
    assert cpl_changes.decline(cpl_proposal_id=number, actor=person("Olivia"), at=LATER).state == "DECLINED"
    with pytest.raises(cpl_changes.AlreadyDecided, match="declined by Olivia"):
        cpl_changes.approve(cpl_proposal_id=number, actor=person("Anna"), at=LATER)
    with pytest.raises(cpl_changes.NoSuchProposal):
        cpl_changes.decline(cpl_proposal_id=99, actor=person("Olivia"), at=LATER)


def test_a_file_that_says_nothing_new_is_no_proposal():
    build()
    make(removal("ESME"))
    with pytest.raises(cpl_changes.NothingToChange):
        cpl_changes.propose(
            cpl.Change("a.csv", removal("ESME", NEW).rows[:0]), because="x", actor=person("Olivia"), at=AT
        )


def test_one_person_changes_the_cpl_only_while_there_is_no_device():
    build()
    with pytest.raises(cpl_changes.NeedsTwoPeople, match="takes two people"):
        cpl_changes.import_at_once(removal("ESME"), actor=person("Olivia"), at=AT)
    assert state_of(ESME)[0] == "COMMISSIONED"
    Device.objects.all().delete()
    CommunicationsHub.objects.all().delete()
    assert cpl_changes.import_at_once(removal("ESME"), actor=person("Olivia"), at=AT).changed == 1


def test_in_an_estate_the_preview_the_deed_and_the_return_agree():
    load_estate()
    build_people()
    # Meters of the estate share their hub's status; here they are what their own Device Model makes them.
    Device.objects.filter(smi_status="SUSPENDED").update(smi_status="COMMISSIONED")
    for kind in ("CHF", "ESME", "GSME", "PPMID"):
        before = dict(Device.objects.values_list("device_id", "smi_status"))
        hubs_before = dict(CommunicationsHub.objects.values_list("device_id", "smi_status"))
        entries = [
            one
            for one in cpl.list_entries(wanted=cpl.Wanted(device_type=cpl.DeviceType(kind)))
            if one.status == "ACTIVE"
        ]
        most = max(entries, key=lambda one: cpl.preview(cpl.removal_of(name_of(one))).consequences.suspended)
        change = cpl.removal_of(name_of(most))
        foreseen = cpl.preview(change).consequences
        assert foreseen.suspended > 10
        make(change)
        after = dict(Device.objects.values_list("device_id", "smi_status"))
        hubs_after = dict(CommunicationsHub.objects.values_list("device_id", "smi_status"))
        turned = [one for one in after if after[one] != before[one]]
        turned += [one for one in hubs_after if hubs_after[one] != hubs_before[one]]
        assert len(turned) == foreseen.suspended == Suspension.objects.latest("suspension_id").device_count
        kept, counted = counted_portfolio()
        assert kept == counted
        told = AlertChunk.objects.filter(suspension_id=Suspension.objects.latest("suspension_id").pk)
        assert sum(chunk.device_count for chunk in told) == sum(len(set(chunk.device_ids)) for chunk in told)
        assert {one for chunk in told for one in chunk.device_ids} == set(turned)
        restored = cpl.Change(
            "back.csv",
            tuple(type(row).from_json({**row.as_json(), "status": "ACTIVE"}, line=1) for row in change.rows),
        )
        seen = cpl.preview(restored).consequences
        assert seen.touched == tuple(
            type(one)(one.entry, DeviceEffect.RESTORE, one.suppliers, one.device_count)
            for one in foreseen.touched
        )
        make(restored, at=LATEST)
        assert dict(Device.objects.values_list("device_id", "smi_status")) == before
        assert dict(CommunicationsHub.objects.values_list("device_id", "smi_status")) == hubs_before
        kept, counted = counted_portfolio()
        assert kept == counted


def name_of(entry):
    return cpl.ModelName(
        device_type=cpl.DeviceType(entry.device_type),
        manufacturer=entry.manufacturer,
        model=entry.model,
        firmware_version=entry.firmware_version,
        hardware_version=entry.hardware_version,
    )


def build_people():
    from safelaunch.domain.people import Role
    from safelaunch.services import people as people_services

    for name, role in (("Olivia", Role.OPERATOR), ("Arthur", Role.APPROVER)):
        people_services.create_person(name=name, role=role, at=AT)
