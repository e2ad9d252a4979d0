"""What a change to the CPL does, in numbers and in one sentence."""

import pytest

from safelaunch.domain.cpl import (
    Consequences,
    ConsequencesMoved,
    DeviceEffect,
    EntryAct,
    EntryChange,
    Touched,
    act_of,
    effect_of,
    merge,
    require_unmoved,
)
from safelaunch.domain.smi import CplStatus

ACTIVE, GONE = CplStatus.ACTIVE, CplStatus.WITHDRAWN
SUSPEND, RESTORE = DeviceEffect
CHANGE = EntryChange("ESME A/B 01", EntryAct.REMOVE, "ACTIVE", "WITHDRAWN")


def of(*touched: Touched) -> Consequences:
    return Consequences(changes=(CHANGE,), touched=touched)


@pytest.mark.parametrize(
    ("before", "after", "act", "effect"),
    [
        (None, ACTIVE, EntryAct.ADD, RESTORE),
        (None, GONE, EntryAct.ADD, SUSPEND),
        (ACTIVE, ACTIVE, EntryAct.CHANGE, None),
        (ACTIVE, GONE, EntryAct.REMOVE, SUSPEND),
        (ACTIVE, CplStatus.EXPIRED, EntryAct.REMOVE, SUSPEND),
        (ACTIVE, CplStatus.CANCELLED, EntryAct.REMOVE, SUSPEND),
        (GONE, ACTIVE, EntryAct.REINSTATE, RESTORE),
        (GONE, CplStatus.EXPIRED, EntryAct.CHANGE, None),
    ],
)
def test_only_entering_and_leaving_active_touches_devices(before, after, act, effect):
    assert act_of(before, after) is act
    assert effect_of(before, after) is effect


def test_the_sentence_counts_devices_once_and_suppliers_by_name():
    shared = Touched("CHF X", SUSPEND, ("Amber", "Blue"), 40_000)
    alone = Touched("CHF X", SUSPEND, ("Amber",), 1_302)
    assert of(shared, alone).sentence() == "This suspends 41,302 Devices of 2 Suppliers."
    back = Touched("CHF Y", RESTORE, ("Blue",), 1)
    assert of(alone, back).sentence() == (
        "This suspends 1,302 Devices of 1 Supplier and restores 1 Device of 1 Supplier."
    )
    assert of().sentence() == "This suspends and restores no Device."


def test_a_device_of_two_suppliers_counts_for_both():
    totals = of(
        Touched("X", SUSPEND, ("Amber", "Blue"), 5), Touched("Y", RESTORE, ("Blue",), 2)
    ).by_supplier()
    assert [(one.supplier, one.suspended, one.restored) for one in totals] == [
        ("Blue", 5, 2),
        ("Amber", 5, 0),
    ]


def test_a_device_of_nobody_is_counted_and_concerns_no_supplier():
    assert of(Touched("X", SUSPEND, (), 7)).sentence() == "This suspends 7 Devices of 0 Suppliers."


def test_consequences_that_moved_by_one_device_are_refused():
    seen = of(Touched("X", SUSPEND, ("Amber",), 5))
    require_unmoved(proposed_digest=seen.digest(), now=of(Touched("X", SUSPEND, ("Amber",), 5)))
    for now in (
        of(Touched("X", SUSPEND, ("Amber",), 6)),
        of(Touched("X", SUSPEND, ("Blue",), 5)),
        of(Touched("X", RESTORE, ("Amber",), 5)),
        Consequences(changes=(), touched=seen.touched),
    ):
        with pytest.raises(ConsequencesMoved, match=r"have changed since this was proposed.*Now: This"):
            require_unmoved(proposed_digest=seen.digest(), now=now)


def test_the_digest_does_not_depend_on_the_order_of_counting():
    one, two = Touched("X", SUSPEND, ("Amber",), 5), Touched("Y", SUSPEND, ("Amber",), 6)
    assert of(one, two).digest() == of(two, one).digest()
    assert merge([two, one]) == merge(
        [one, Touched("Y", SUSPEND, ("Amber",), 4), Touched("Y", SUSPEND, ("Amber",), 2)]
    )
