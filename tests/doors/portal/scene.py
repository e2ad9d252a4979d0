"""A small country in the middle of a campaign, written straight into the tables: what pages are tested and looked at with."""

from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta

from safelaunch.domain import lots
from safelaunch.domain.campaigns import CampaignRules
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.tenancy import Cause
from safelaunch.services import people, tenancy
from safelaunch.store import models as m
from safelaunch.store import transactions
from safelaunch.store.writes import clock
from safelaunch.store.writes.tenancy import Restricted

AT = datetime(2026, 12, 3, 21, 4, 9, tzinfo=UTC)
PUBLISHED = datetime(2026, 10, 20, 9, 30, tzinfo=UTC)
REFERENCE = "CH-2026-07"
VERSION = "0002012F"
HUB = Eui64.parse("00-DB-12-34-56-78-90-A2")
OTHER_HUB = Eui64.parse("00-DB-12-34-56-78-91-A2")
UNTOUCHED_HUB = Eui64.parse("00-DB-12-34-56-78-92-A2")
REGIONS = ("North", "Central", "South", "4G North", "4G Central", "4G South")
CODES = ("NORTH", "CENTRAL", "SOUTH", "NORTH_4G", "CENTRAL_4G", "SOUTH_4G")
SUPPLIERS = ("Beacon Energy", "Larkspur Power", "Tidewater Gas", "Zephyr Supply")
SHARES = (0.27, 0.31, 0.3, 0.05, 0.04, 0.03)


@dataclass(frozen=True)
class Scene:
    """Who and what there is."""

    campaign_id: int
    beacon: int
    larkspur: int
    tidewater: int


def build(*, hubs: int = 400_000, nights: int = 24, phase: str = "MASS_ROLL_OUT") -> Scene:
    """Fill the tables: four Suppliers, six regions, eight Device Models, one campaign with nights behind it."""
    with transactions.transaction():
        clock.set_stepped_clock(shows=AT)
    regions = [
        m.CspRegion.objects.create(
            code=code, name=name, network=code.removesuffix("_4G"), nightly_capacity=9_000
        )
        for code, name in zip(CODES, REGIONS, strict=True)
    ]
    parties = [m.Party.objects.create(name=name, kind="SUPPLIER") for name in SUPPLIERS]
    pairs = _pairs(parties)
    models = _models()
    _portfolio(hubs, regions=regions, pairs=pairs, models=models)
    campaign = _campaign(hubs, phase=phase)
    m.CampaignTarget.objects.bulk_create(
        m.CampaignTarget(
            campaign_id=campaign.campaign_id,
            from_model_id=old.device_model_id,
            to_model_id=new.device_model_id,
            is_open=True,
        )
        for old, new in models
    )
    m.CampaignRegion.objects.bulk_create(
        m.CampaignRegion(
            campaign_id=campaign.campaign_id,
            region_id=region.region_id,
            place=int(0.21 * lots.LOTS),
            eligible_count=round(hubs * share * 0.9),
        )
        for region, share in zip(regions, SHARES, strict=True)
    )
    m.SupplierNotice.objects.bulk_create(
        m.SupplierNotice(
            campaign_id=campaign.campaign_id,
            party_id=party.party_id,
            hub_count=round(hubs * 0.9 * share),
            sent_at=PUBLISHED,
        )
        for party, share in zip(parties[:3], (0.55, 0.3, 0.4), strict=True)
    )
    # Zephyr's hubs are of no model in the release.
    _nights(campaign, regions=regions, pairs=pairs[:4], nights=nights)
    _hubs(campaign, regions=regions, parties=parties, model=models[0][0], new=models[0][1])
    _gates(campaign, behind={"PILOT": (), "SAFE_LAUNCH": ("PILOT",)}.get(phase, ("PILOT", "SAFE_LAUNCH")))
    return Scene(campaign.campaign_id, parties[0].party_id, parties[1].party_id, parties[2].party_id)


def more(scene: Scene, *, campaigns: int, nights: int) -> None:
    """Add campaigns beside the first, and nights to the first."""
    for number in range(campaigns):
        m.Campaign.objects.create(
            **{
                **m.Campaign.objects.filter(campaign_id=scene.campaign_id).values().get(),
                "campaign_id": None,
                "reference": f"CH-2025-{number:02}",
            }
        )
    region = m.CspRegion.objects.first()
    for ahead in range(nights):
        m.Tranche.objects.create(
            campaign_id=scene.campaign_id,
            region=region,
            night=AT.date() + timedelta(days=ahead),
            phase="MASS_ROLL_OUT",
            planned_at=AT,
        )


def _gates(campaign: m.Campaign, *, behind: tuple[str, ...]) -> None:
    opened = {"PILOT": AT - timedelta(days=16), "SAFE_LAUNCH": AT - timedelta(days=9)}
    for phase in behind:
        for hours, name in ((-3, "Olive Proposer"), (0, "Ambrose Approver")):
            decider, _ = m.Person.objects.get_or_create(
                name=name, role="APPROVER", defaults={"created_at": PUBLISHED}
            )
            m.GateDecision.objects.create(
                campaign=campaign,
                phase=phase,
                verdict="PASS",
                decision="PROCEED",
                reasons=[],
                evidence={},
                evidence_digest="0" * 64,
                person=decider,
                note="All four criteria pass.",
                decided_at=opened[phase] + timedelta(hours=hours),
            )


def _pairs(parties: list[m.Party]) -> list[tuple[int, int, float]]:
    beacon, larkspur, tidewater, zephyr = (party.party_id for party in parties)
    return [
        (beacon, beacon, 0.4),
        (beacon, tidewater, 0.15),
        (larkspur, larkspur, 0.2),
        (larkspur, tidewater, 0.1),
        (zephyr, 0, 0.15),
    ]


def _models() -> list[tuple[m.DeviceModel, m.DeviceModel]]:
    found = []
    for maker, model, old in (
        ("Toshiba", "SKU1", "0002012C"),
        ("EDMI", "CH-30", "00010F04"),
        ("WNC", "Dual-B", "00020001"),
    ):
        pair = [
            m.DeviceModel.objects.create(
                device_type="CHF",
                manufacturer=maker,
                model=model,
                hardware_version="01.02",
                firmware_version=version,
            )
            for version in (old, VERSION)
        ]
        m.CplEntry.objects.create(
            device_model=pair[1],
            status="ACTIVE",
            smets_chts_version="V1.5",
            gbcs_version="4.1",
            predecessors=[old],
            added_at=PUBLISHED,
        )
        found.append((pair[0], pair[1]))
    return found


def _portfolio(hubs, *, regions, pairs, models) -> None:
    rows = []
    for (old, new), part in zip(models, (0.5, 0.3, 0.2), strict=True):
        for region, share in zip(regions, SHARES, strict=True):
            for importer, gas, of_pair in pairs:
                count = hubs * part * share * of_pair
                for model_id, status, of_model in (
                    (old.device_model_id, "COMMISSIONED", 0.71),
                    (new.device_model_id, "COMMISSIONED", 0.2),
                    (old.device_model_id, "INSTALLED_NOT_COMMISSIONED", 0.07),
                    (old.device_model_id, "SUSPENDED", 0.02),
                ):
                    rows.append(
                        m.PortfolioCount(
                            device_model_id=model_id,
                            region_id=region.region_id,
                            import_party_id=importer,
                            gas_party_id=gas,
                            smi_status=status,
                            is_in_use=status in {"COMMISSIONED", "SUSPENDED"},
                            hub_count=round(count * of_model),
                        )
                    )
    m.PortfolioCount.objects.bulk_create(rows)


def _campaign(hubs: int, *, phase: str) -> m.Campaign:
    return m.Campaign.objects.create(
        reference=REFERENCE,
        title="Network recovery after a power cut",
        firmware_version=VERSION,
        release_note="Mends the slow return of the Home Area Network after a power cut, and brings GBCS 4.1.",
        severity="HIGH",
        priority="MEDIUM",
        pilot_starts_on=date(2026, 11, 9),
        deploy_by=date(2027, 3, 31),
        activate_by=date(2027, 4, 30),
        rules=asdict(CampaignRules()),
        lot_offset=0,
        phase=phase,
        phase_since=AT - timedelta(days=9),
        created_at=PUBLISHED - timedelta(days=6),
        published_at=PUBLISHED,
        list_closes_at=PUBLISHED + timedelta(days=14),
        pilot_starts_at=datetime(2026, 11, 9, 18, 0, tzinfo=UTC),
        eligible_count=round(hubs * 0.9),
        pilot_size=412,
    )


def _nights(campaign, *, regions, pairs, nights: int) -> None:
    tallies, counts = [], {}
    for index in range(nights):
        night = date(2026, 11, 9) + timedelta(days=index)
        size = round(12 * 1.46**index) if index < 18 else round(12 * 1.46**18 * (1 + 0.1 * (index - 18)))
        phase = "PILOT" if index < 9 else "SAFE_LAUNCH" if index < 15 else "MASS_ROLL_OUT"
        for region, share in zip(regions, SHARES, strict=True):
            tranche = m.Tranche.objects.create(
                campaign=campaign, region=region, night=night, phase=phase, planned_at=AT
            )
            for state, count in _split(round(size * share), age=nights - 1 - index).items():
                if count:
                    tallies.append(
                        m.TrancheCount(tranche_id=tranche.tranche_id, state=state, hub_count=count)
                    )
                for importer, gas, of_pair in pairs:
                    key = (importer, gas, region.region_id, state)
                    counts[key] = counts.get(key, 0) + round(count * of_pair)
    m.TrancheCount.objects.bulk_create(tallies)
    m.SupplierCount.objects.bulk_create(
        m.SupplierCount(
            campaign_id=campaign.campaign_id,
            import_party_id=importer,
            gas_party_id=gas,
            region_id=region_id,
            state=state,
            hub_count=count,
        )
        for (importer, gas, region_id, state), count in counts.items()
        if count
    )


def _split(size: int, *, age: int) -> dict[str, int]:
    if age == 0:
        return {"PLANNED": round(size * 0.6), "INSTRUCTED": size - round(size * 0.6)}
    if age <= 2:
        flying = round(size * 0.3 / age)
        return {"INSTRUCTED": flying, "ACTIVATED": size - flying}
    failed, unknown, unreachable = round(size * 0.004), round(size * 0.009), round(size * 0.006)
    return {
        "ACTIVATED": size - failed - unknown - unreachable,
        "FAILED": failed,
        "UNKNOWN": unknown,
        "UNREACHABLE": unreachable,
    }


def _hubs(campaign, *, regions, parties, model, new) -> None:
    beacon, larkspur, tidewater, _ = parties
    for device_id, importer, gas, held_model in (
        (HUB, beacon, tidewater, new),
        (OTHER_HUB, larkspur, larkspur, model),
        (UNTOUCHED_HUB, beacon, beacon, model),
    ):
        m.CommunicationsHub.objects.create(
            device_id=device_id,
            gpf_device_id=Eui64(device_id.value + 1),
            lot=lots.LOTS * 37 // 100,
            device_model_id=held_model.device_model_id,
            commissioned_on=date(2023, 5, 9),
            region_id=regions[1].region_id,
            import_party_id=importer.party_id,
            gas_party_id=gas.party_id,
            smi_status="COMMISSIONED",
        )
    _meters(beacon, tidewater)
    tranche = m.Tranche.objects.get(campaign=campaign, night=date(2026, 11, 15), region=regions[1])
    sent_at = datetime(2026, 11, 15, 18, 2, 40, tzinfo=UTC)
    chunk = m.Chunk.objects.create(
        tranche=tranche,
        campaign=campaign,
        region=regions[1],
        hub_count=35,
        state="CLOSED",
        epoch=1,
        planned_at=sent_at - timedelta(hours=3),
        sent_at=sent_at,
        accepted_at=sent_at + timedelta(seconds=2),
    )
    m.PilotHub.objects.create(
        campaign_id=campaign.campaign_id, device_id=HUB, place=101, region_id=regions[1].region_id
    )
    m.HubUpgrade.objects.create(
        campaign_id=campaign.campaign_id,
        device_id=HUB,
        chunk_id=chunk.chunk_id,
        state_since=sent_at + timedelta(hours=7),
        activated_at=sent_at + timedelta(hours=7),
        tranche_id=tranche.tranche_id,
        region_id=regions[1].region_id,
        from_model_id=model.device_model_id,
        import_party_id=beacon.party_id,
        gas_party_id=tidewater.party_id,
        state="ACTIVATED",
    )
    _reports(campaign, beacon=beacon, tidewater=tidewater, sent_at=sent_at)


def _meters(beacon, tidewater) -> None:
    for offset, kind, maker, name, party, mpxn in (
        (-2, "ESME", "Landis+Gyr", "E470", beacon, "1012345678901"),
        (-1, "GSME", "Flonidan", "G4SZV", tidewater, "7654321009"),
        (2, "PPMID", "Chameleon", "IHD6", beacon, None),
        (3, "HCALCS", "Secure", "HC1", beacon, None),
    ):
        model = m.DeviceModel.objects.create(
            device_type=kind,
            manufacturer=maker,
            model=name,
            hardware_version="02",
            firmware_version="0A010203",
        )
        m.Device.objects.create(
            hub_device_id=HUB,
            device_id=Eui64(HUB.value + offset),
            device_model_id=model.device_model_id,
            party_id=party.party_id,
            device_type=kind,
            smi_status="COMMISSIONED",
            mpxn=mpxn,
        )


def _reports(campaign, *, beacon, tidewater, sent_at: datetime) -> None:
    for number, (kind, hours, effect, device_id) in enumerate(
        (
            ("DELIVERED", 1, "APPLIED", HUB),
            ("ACTIVATED", 7, "APPLIED", HUB),
            ("SILENT", 40, "UNKNOWN_HUB", Eui64(7)),
            ("DELIVERED", 41, "NOT_INSTRUCTED", OTHER_HUB),
        )
    ):
        at = sent_at + timedelta(hours=hours)
        m.CspEvent.objects.create(
            network="CENTRAL",
            number=number,
            device_id=device_id,
            happened_at=at,
            received_at=at + timedelta(seconds=5),
            campaign_id=campaign.campaign_id,
            attempt=1,
            kind=kind,
            effect=effect,
            firmware_version=VERSION if kind == "ACTIVATED" else None,
        )
    for party in (beacon, tidewater):
        m.DccAlert.objects.create(
            device_id=HUB,
            user_id=Eui64(party.party_id),
            raised_at=sent_at + timedelta(hours=7, seconds=6),
            campaign_id=campaign.campaign_id,
            party_id=party.party_id,
            code="N64",
            firmware_version=VERSION,
        )


def person(*, name: str, role: str, party_name: str | None = None) -> int:
    """Create somebody and give their number."""
    return people.create_person(name=name, role=role, party_name=party_name, at=AT).person_id


def change_tenancy() -> None:
    """The home of HUB has new occupiers since two days before."""
    moved_in = Restricted(Eui64(HUB.value - 2), AT - timedelta(days=2), 1, Cause.RESTRICTION, AT)
    with transactions.transaction():
        tenancy.keep([moved_in], at=AT)
