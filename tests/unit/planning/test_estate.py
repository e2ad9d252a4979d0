"""The GB-like estate: its reference records, its shares and the one home that outside tools know."""

import numpy as np
import pytest

from safelaunch.domain import lots
from safelaunch.domain.identifiers import Eui64, read_firmware_version, read_mpxn
from safelaunch.domain.refusals import Invalid
from safelaunch.domain.smi import CplStatus, DeviceType, Network, PartyKind, Region, SmiStatus, UserRole
from safelaunch.planning.estate import REACH_CLASSES, STATUSES, Block, Estate, describe

HUBS = 200_000


@pytest.fixture(scope="module")
def estate() -> Estate:
    return describe(hubs=HUBS, seed=20)


@pytest.fixture(scope="module")
def block(estate: Estate) -> Block:
    return estate.block(0, HUBS)


def test_numbers_of_parties_models_and_regions_are_their_places(estate: Estate) -> None:
    for records in (estate.parties, estate.models, estate.regions):
        assert [record.number for record in records] == list(range(len(records)))


def test_there_are_twenty_four_suppliers_and_six_network_operators(estate: Estate) -> None:
    kinds = [party.kind for party in estate.parties]
    assert kinds.count(PartyKind.SUPPLIER) == 24
    assert kinds.count(PartyKind.NETWORK_OPERATOR) == 6
    assert kinds.count(PartyKind.DCC) == kinds.count(PartyKind.OTHER) == 1
    assert len({party.name for party in estate.parties}) == len(estate.parties)


def test_some_parties_hold_two_user_ids_and_some_hold_both_roles_on_one(estate: Estate) -> None:
    shapes = set()
    for party in estate.parties:
        if party.kind is PartyKind.SUPPLIER:
            users = [user for user in estate.users if user.party == party.number]
            shapes.add((len({user.user_id for user in users}), "".join(sorted(user.role for user in users))))
    assert shapes == {(2, "GSIS"), (1, "GSIS"), (1, "GS"), (1, "IS")}


def test_no_user_id_belongs_to_two_parties(estate: Estate) -> None:
    owners: dict[Eui64, set[int]] = {}
    for user in estate.users:
        owners.setdefault(user.user_id, set()).add(user.party)
    assert all(len(parties) == 1 for parties in owners.values())


@pytest.mark.parametrize(
    ("user_id", "party", "roles"),
    [
        ("90-B3-D5-1F-30-01-00-00", 0, {UserRole.IS, UserRole.GS}),
        ("90-B3-D5-1F-30-03-00-00", 1, {UserRole.IS, UserRole.GS}),
        ("90-B3-D5-1F-30-02-00-00", 24, {UserRole.ED, UserRole.GT}),
        ("00-DB-12-34-56-78-00-04", 31, {UserRole.OU}),
    ],
)
def test_the_test_estate_users_are_there(
    estate: Estate, user_id: str, party: int, roles: set[UserRole]
) -> None:
    found = [user for user in estate.users if user.user_id == Eui64.parse(user_id)]
    assert {user.role for user in found} == roles
    assert {user.party for user in found} == {party}


def test_every_duis_version_still_in_use_has_a_user(estate: Estate) -> None:
    assert {user.duis_version for user in estate.users} == {"5.0", "5.1", "5.2", "5.3", "5.4"}


def test_the_dsp_is_the_one_of_the_test_estate(estate: Estate) -> None:
    assert str(estate.dsp_id) == "90-B3-D5-1F-30-00-00-02"


def test_models_count_as_published(estate: Estate) -> None:
    count = {kind: len(estate.reference.numbers_of(kind)) for kind in DeviceType}
    assert (count[DeviceType.ESME], count[DeviceType.GSME], count[DeviceType.PPMID]) == (42, 27, 13)
    hubs = {
        (model.manufacturer, model.model) for model in estate.models if model.device_type is DeviceType.CHF
    }
    assert len(hubs) == 8


def test_models_fit_the_fields_of_the_inventory(estate: Estate) -> None:
    keys = set()
    for model in estate.models:
        assert read_firmware_version(model.firmware_version) == model.firmware_version
        assert 1 <= len(model.manufacturer) <= 30
        assert 1 <= len(model.model) <= 30
        assert 1 <= len(model.smets_chts_version) <= 20
        assert len(model.image_hash) == 32
        assert model.firmware_version not in model.predecessors
        keys.add(
            (
                model.device_type,
                model.manufacturer,
                model.model,
                model.hardware_version,
                model.firmware_version,
            )
        )
    assert len(keys) == len({model.image_hash for model in estate.models}) == len(estate.models)


def test_every_hub_model_has_a_target_that_is_on_the_cpl_and_runs_nowhere(
    estate: Estate, block: Block
) -> None:
    running = set(np.unique(block.model).tolist())
    targets = {target for target in estate.target_of if target >= 0}
    assert len(targets) == 8
    assert not targets & running
    assert {number for number, target in enumerate(estate.target_of) if target >= 0} == running
    for target in targets:
        assert estate.models[target].cpl_status is CplStatus.ACTIVE
        assert estate.models[target].predecessors
        assert estate.models[target].gbcs_version == "4.2"
        assert estate.models[target].smets_chts_version == "CHTS V1.5"


def test_each_hub_model_runs_one_or_two_versions(estate: Estate, block: Block) -> None:
    running = [estate.models[number] for number in np.unique(block.model).tolist()]
    versions = [sum(other.model == model.model for other in running) for model in running]
    assert set(versions) == {1, 2}
    assert {(model.gbcs_version, model.smets_chts_version) for model in running} == {("3.2", "CHTS V1.4")}


def test_hub_models_keep_to_their_regions(estate: Estate, block: Block) -> None:
    places: dict[str, set[Region]] = {}
    for number, model in enumerate(estate.models):
        for region in np.unique(block.region[block.model == number]).tolist():
            places.setdefault(model.model, set()).add(estate.regions[region].region)
    only_north = [model for model, found in places.items() if found == {Region.NORTH}]
    only_4g = [model for model, found in places.items() if all(region.endswith("4G") for region in found)]
    assert len(only_north) == 2
    assert len(only_4g) == 1
    assert len(places) == 8


def test_networks_have_their_published_shares(estate: Estate, block: Block) -> None:
    counts = np.bincount(block.region, minlength=6) / HUBS
    shares = dict.fromkeys(Network, 0.0)
    for region in estate.regions:
        assert counts[region.number] == pytest.approx(region.share, abs=0.004)
        shares[region.network] += counts[region.number]
    assert [shares[network] for network in Network] == pytest.approx([0.30, 0.37, 0.33], abs=0.005)


def test_premises_have_their_published_shares(block: Block) -> None:
    has_gas = block.gas_party >= 0
    assert (~has_gas).mean() == pytest.approx(0.18, abs=0.004)
    assert (block.gas_party != block.import_party)[has_gas].mean() == pytest.approx(0.20, abs=0.005)
    assert (block.ppmid_model < 0).mean() == pytest.approx(0.22, abs=0.004)
    assert (block.hcalcs_model >= 0).mean() == pytest.approx(0.03, abs=0.002)
    assert block.prepay.mean() == pytest.approx(0.24, abs=0.004)
    assert set(np.unique(block.reach).tolist()) == set(range(len(REACH_CLASSES)))


def test_all_meter_and_display_models_run_somewhere(block: Block) -> None:
    for models, count in ((block.esme_model, 42), (block.gsme_model, 27), (block.ppmid_model, 13)):
        assert len(np.unique(models[models >= 0])) == count


def test_suppliers_are_of_very_different_sizes(estate: Estate, block: Block) -> None:
    sizes = np.bincount(block.import_party, minlength=24)[:24]
    assert sizes[0] > 0.25 * HUBS
    assert sizes[sizes > 0].min() > 50
    assert sizes[sizes > 0].min() < 0.002 * HUBS
    gas_only = {user.party for user in estate.users if user.role is UserRole.GS} - {
        user.party for user in estate.users if user.role is UserRole.IS
    }
    assert gas_only
    assert not np.isin(block.import_party, list(gas_only)).any()


def test_each_supplier_buys_its_own_mix_of_meters(block: Block) -> None:
    mixes = [
        np.bincount(block.esme_model[block.import_party == party], minlength=120)
        / (block.import_party == party).sum()
        for party in (0, 1, 2)
    ]
    assert np.abs(mixes[0] - mixes[1]).sum() > 0.3
    assert np.abs(mixes[1] - mixes[2]).sum() > 0.3


def test_most_hubs_are_eligible_and_some_are_not(estate: Estate, block: Block) -> None:
    on_pathway = np.array(
        [
            target >= 0 and model.firmware_version in estate.models[target].predecessors
            for model, target in zip(estate.models, estate.target_of, strict=True)
        ]
    )
    commissioned = block.status == STATUSES.index(SmiStatus.COMMISSIONED)
    assert 0.81 < (on_pathway[block.model] & commissioned).mean() < 0.92
    assert (~on_pathway[block.model] & commissioned).mean() > 0.01


def test_hubs_whose_version_left_the_cpl_are_suspended(estate: Estate, block: Block) -> None:
    removed = np.array([model.cpl_status is not CplStatus.ACTIVE for model in estate.models])[block.model]
    suspended = block.status == STATUSES.index(SmiStatus.SUSPENDED)
    assert suspended.sum() > 100
    assert not (suspended & ~removed).any()
    assert not (removed & (block.status == STATUSES.index(SmiStatus.COMMISSIONED))).any()


def test_only_hubs_that_were_commissioned_have_a_day(block: Block) -> None:
    never = np.isin(
        block.status,
        [STATUSES.index(SmiStatus.INSTALLED_NOT_COMMISSIONED), STATUSES.index(SmiStatus.PENDING)],
    )
    assert (np.isnat(block.commissioned_day) == never).all()
    days = block.commissioned_day[~never]
    assert days.min() >= np.datetime64("2018-01-01")
    assert days.max() <= np.datetime64("2025-12-31")


def test_4g_hubs_are_recent(estate: Estate, block: Block) -> None:
    is_4g = np.array([region.region.endswith("4G") for region in estate.regions])[block.region]
    assert np.nanmin(block.commissioned_day[is_4g]) >= np.datetime64("2025-01-01")


def test_device_ids_never_meet_and_some_exceed_a_signed_number(block: Block) -> None:
    ids = np.concatenate(
        [
            block.device_id,
            block.gpf_device_id,
            block.esme_id,
            *(ids[ids > 0] for ids in (block.gsme_id, block.ppmid_id, block.hcalcs_id)),
        ]
    )
    assert len(np.unique(ids)) == len(ids)
    assert (ids >= np.uint64(1 << 63)).any()
    assert (ids < np.uint64(1 << 63)).any()


def test_absent_devices_have_neither_model_nor_identifier(block: Block) -> None:
    for model, ids in (
        (block.gsme_model, block.gsme_id),
        (block.ppmid_model, block.ppmid_id),
        (block.hcalcs_model, block.hcalcs_id),
    ):
        assert ((model < 0) == (ids == 0)).all()
    assert ((block.gas_party < 0) == (block.mprn == 0)).all()
    assert ((block.gas_party < 0) == (block.gsme_model < 0)).all()
    assert ((block.gas_party < 0) == (block.gas_network_party < 0)).all()


def test_mpans_carry_their_check_digit_and_a_distributor_of_the_region(estate: Estate, block: Block) -> None:
    primes = (3, 5, 7, 13, 17, 19, 23, 29, 31, 37, 41, 43)
    areas = {
        Network.NORTH: {15, 16, 17, 18, 23},
        Network.CENTRAL: {10, 11, 13, 14, 21},
        Network.SOUTH: {12, 19, 20, 22},
    }
    for at in range(0, HUBS, 997):
        mpan = read_mpxn(str(block.mpan[at]))
        assert len(mpan) == 13
        assert sum(int(digit) * prime for digit, prime in zip(mpan, primes, strict=False)) % 11 % 10 == int(
            mpan[12]
        )
        assert int(mpan[:2]) in areas[estate.regions[block.region[at]].network]
        assert estate.reference.electricity_network[int(mpan[:2])] == block.network_party[at]


def test_mpans_and_mprns_are_unique(block: Block) -> None:
    assert len(np.unique(block.mpan)) == HUBS
    mprns = block.mprn[block.mprn > 0]
    assert len(np.unique(mprns)) == len(mprns)
    assert mprns.max() < 10**10


def test_the_last_hub_is_the_home_of_the_test_estate(estate: Estate) -> None:
    home = estate.block(HUBS - 1, HUBS)
    ids = [home.esme_id, home.gsme_id, home.device_id, home.gpf_device_id, home.ppmid_id, home.hcalcs_id]
    assert [str(Eui64(int(one[0]))) for one in ids] == [
        f"00-DB-12-34-56-78-90-A{digit}" for digit in range(6)
    ]
    assert (home.import_party[0], home.gas_party[0]) == (0, 1)
    assert STATUSES[home.status[0]] is SmiStatus.COMMISSIONED
    assert home.lot[0] == lots.lot_of(Eui64.parse("00-DB-12-34-56-78-90-A2"))
    assert estate.parties[home.network_party[0]].name == "Thames and Channel Networks"
    target = estate.models[estate.target_of[home.model[0]]]
    assert estate.models[home.model[0]].firmware_version in target.predecessors


def test_an_estate_of_one_hub_is_that_home_alone() -> None:
    estate = describe(hubs=1, seed=0)
    assert str(Eui64(int(estate.block(0, 1).device_id[0]))) == "00-DB-12-34-56-78-90-A2"
    assert len(estate.block(1, 1)) == 0


@pytest.mark.parametrize(("hubs", "seed"), [(0, 1), (-5, 1), (2**30 + 1, 1), (10, -1), (10, 2**64)])
def test_impossible_estates_are_refused(hubs: int, seed: int) -> None:
    with pytest.raises(Invalid, match=r"estate of|seed"):
        describe(hubs=hubs, seed=seed)


@pytest.mark.parametrize(("start", "stop"), [(-1, 3), (5, 4), (0, HUBS + 1)])
def test_blocks_outside_the_estate_are_refused(estate: Estate, start: int, stop: int) -> None:
    with pytest.raises(Invalid, match="bounds"):
        estate.block(start, stop)


def test_an_outline_is_what_a_block_says(estate: Estate) -> None:
    block, outline = estate.block(HUBS - 700, HUBS), estate.outline(HUBS - 700, HUBS)
    for name in (
        "lot",
        "region",
        "model",
        "status",
        "esme_model",
        "gsme_model",
        "ppmid_model",
        "prepay",
        "reach",
    ):
        assert np.array_equal(getattr(block, name), getattr(outline, name)), name
    assert len(outline) == 700
