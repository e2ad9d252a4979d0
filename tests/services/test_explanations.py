import pytest

from safelaunch.domain.identifiers import Eui64
from safelaunch.services.explanations import NoSuchHub, explain_hub
from safelaunch.store.models import Campaign, Party
from tests.doors.portal import scene

pytestmark = pytest.mark.usefixtures("database")


def test_an_activated_hub_says_when_and_why_it_was_in_the_pilot():
    built = scene.build(nights=8)
    explanation = explain_hub(device_id=scene.HUB, viewer_party_id=built.beacon, at=scene.AT)
    assert explanation.headline == f"Activated: it runs {scene.VERSION}."
    assert any("place 102: " in reason for reason in explanation.reasons)


def test_a_hub_not_yet_sent_says_where_its_lot_lies():
    scene.build(nights=8)
    explanation = explain_hub(device_id=scene.UNTOUCHED_HUB, viewer_party_id=None, at=scene.AT)
    assert any(
        "37 % of the way round; region Central has reached 21 %" in each for each in explanation.reasons
    )


@pytest.mark.parametrize("device_id", [scene.OTHER_HUB, Eui64(1)])
def test_another_suppliers_hub_and_no_hub_at_all_are_refused_alike(device_id):
    built = scene.build(nights=8)
    with pytest.raises(NoSuchHub) as refusal:
        explain_hub(device_id=device_id, viewer_party_id=built.beacon, at=scene.AT)
    assert str(refusal.value).replace(str(device_id), "ID") == (
        "There is no Communications Hub ID among the homes you may see. "
        "Check the Device ID, or ask the Supplier responsible for the home."
    )


def test_the_gas_supplier_of_a_hub_may_know_too():
    built = scene.build(nights=8)
    assert explain_hub(device_id=scene.HUB, viewer_party_id=built.tidewater, at=scene.AT).reasons


def test_the_reason_of_another_suppliers_stop_is_not_told():
    built = scene.build(nights=8)
    Campaign.objects.update(
        held_at=scene.AT,
        held_because="Secret trouble in Leeds",
        held_by="Larkspur",
        held_by_party=Party.objects.get(name="Larkspur Power"),
    )
    told = explain_hub(device_id=scene.UNTOUCHED_HUB, viewer_party_id=built.beacon, at=scene.AT)
    assert "held" in told.headline
    assert not any("Secret" in reason for reason in told.reasons)
    to_dcc = explain_hub(device_id=scene.UNTOUCHED_HUB, viewer_party_id=None, at=scene.AT)
    assert any("Secret trouble in Leeds" in reason for reason in to_dcc.reasons)


def test_without_any_campaign_a_hub_says_so():
    scene.build(nights=8)
    Campaign.objects.update(phase="DRAFT")
    explanation = explain_hub(device_id=scene.UNTOUCHED_HUB, viewer_party_id=None, at=scene.AT)
    assert explanation.headline == "No campaign concerns this hub."
