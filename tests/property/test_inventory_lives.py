"""Through PostgreSQL: whatever befalls a home, in whatever order, each Device keeps its status, its alerts and its secrets.

A home with a hub and four Devices lives through removals from the CPL and their return, answers that are new, lost, late
or doubled, changes of Supplier, statuses that are told, Devices that leave its hub's log and join it again, and replacements
of its hub. After each of them:

- what stands in the inventory is what the pure rules say, the status before a suspension above all;
- of each suspension N28 was raised once, and N29 at most once, to those responsible then, and to nobody else;
- each Supplier sees and may do what the pure rule allows it at that instant, of the present hub and of those before it.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelaunch.domain import admission
from safelaunch.domain.han_log import once_joined
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.inventory_requests import UNFINISHED, judge_status
from safelaunch.domain.inventory_requests import Standing as InventoryStanding
from safelaunch.domain.registrations import SINCE_EVER
from safelaunch.domain.responsibility import Access, Registration, Standing, check, may, standing_of
from safelaunch.domain.smi import DeviceType, SmiStatus, UserRole
from safelaunch.domain.srv import WebService
from safelaunch.domain.suspension import SUSPENDABLE, Answer, Kind, Known, StatusEffect, judge
from safelaunch.services import cpl, explanations, han_logs, handovers, suspensions
from safelaunch.services.explanations import NoSuchHub
from safelaunch.services.suspensions import Heard
from safelaunch.store import models, transactions
from safelaunch.store.reads import service_requests
from safelaunch.wire.gbcs.device_log import HubLogAlert, LogBackup, LoggedDevice
from safelaunch.wire.gbcs.times import DlmsTime
from tests import estate_factory as factory
from tests import pki
from tests.conftest import empty
from tests.services import suspension_scene as home
from tests.services.registration_scene import register
from tests.services.requests import home_scene, scene
from tests.services.requests.test_inventory_changes import INSTALLED
from tests.services.suspension_scene import ESME, GSME, HUB, NEW, NEWEST, OLD

IS, GS = UserRole.IS, UserRole.GS
MPXN = {IS: "1012345678901", GS: "4321"}
METER = {IS: ESME, GS: GSME}
CEDAR_IS, CEDAR_GS, BIRCH_IS = (Eui64(0x90B3D51F30020000 + place) for place in range(3))
MORE_USERS = [(CEDAR_IS, "IS", "Cedar"), (CEDAR_GS, "GS", "Cedar"), (BIRCH_IS, "IS", "Birch")]
SUPPLIERS = ("Alder", "Birch", "Cedar")
NETWORKS = {"ED": "Wires", "GT": "Pipes"}
SIGNS = {"Alder": home.ELECTRIC, "Birch": BIRCH_IS, "Cedar": CEDAR_IS}
BEHIND = tuple(home.KINDS)
ROVING = tuple(device for device in BEHIND if device not in METER.values())
"""What leaves the home and comes again; its meters stay, for they say whose it is."""
UNLISTED = "0000000F"
START = datetime(2030, 1, 1, 12, tzinfo=scene.AT.tzinfo)
DAY = timedelta(days=1)
TOLD = {SmiStatus.PENDING: "Pending", SmiStatus.INSTALLED_NOT_COMMISSIONED: "InstalledNotCommissioned"}

kinds, versions = st.sampled_from(["CHF", *home.KINDS.values()]), st.sampled_from([OLD, NEW, NEWEST])
happenings = st.one_of(
    st.tuples(st.just("remove"), kinds, versions),
    st.tuples(st.just("remove"), kinds, st.just(OLD)),
    st.tuples(st.just("reinstate"), kinds, versions),
    st.tuples(
        st.just("answer"),
        st.sampled_from(BEHIND),
        st.sampled_from([kind for kind in Kind if kind is not Kind.FUTURE_DATED_FAILED]),
        st.sampled_from([OLD, NEW, NEWEST, UNLISTED, None]),
        st.integers(1, 2),
    ),
    st.tuples(st.just("change_supplier"), st.sampled_from([IS, GS]), st.sampled_from(SUPPLIERS)),
    st.tuples(st.just("replace")),
    st.tuples(st.just("tell"), st.sampled_from(BEHIND), st.sampled_from(list(TOLD))),
    st.tuples(st.sampled_from(["part", "join"]), st.sampled_from(ROVING)),
)
statuses = st.sampled_from([status for status in SUSPENDABLE if status is not SmiStatus.WHITELISTED])


@dataclass
class Body:
    """A Device as the rules move it."""

    kind: str
    status: SmiStatus
    version: str = OLD
    is_suspended: bool = False
    announced_by: str | None = None
    told: Counter = field(default_factory=Counter)
    episodes: list[str] = field(default_factory=list)

    @property
    def is_home(self) -> bool:
        return self.announced_by is None

    def is_of(self, kind, version) -> bool:
        return self.is_home and (self.kind, self.version) == (kind, version)

    @property
    def present(self) -> SmiStatus:
        return SmiStatus.SUSPENDED if self.is_suspended else self.status


class Life:
    """A home in PostgreSQL, and beside it what the pure rules make of the same happenings."""

    def __init__(self, status):
        build(status)
        self.numbers = dict(models.Party.objects.values_list("name", "party_id"))
        self.at, self.hub, self.before = START, HUB, []
        self.bodies = {device: Body(kind, status) for device, kind in {HUB: "CHF", **home.KINDS}.items()}
        self.rows = {kind: home.removal(kind).rows[0] for kind in ("CHF", *home.KINDS.values())}
        self.listed = {kind: {OLD, NEW, NEWEST} for kind in ("CHF", *home.KINDS.values())}
        self.held = defaultdict(list, {IS: [(SINCE_EVER, "Alder")], GS: [(SINCE_EVER, "Birch")]})
        self.came_at = {HUB: SINCE_EVER}
        self.announced = count(1)

    def take(self, what, *how):
        self.at += DAY
        getattr(self, what)(*how)
        self.hold_against_the_rules()

    # What happens

    def remove(self, kind, version):
        if version in self.listed[kind]:
            home.make(home.removal(kind, version), at=self.at)
            self.listed[kind].remove(version)
            for device, body in self.bodies.items():
                if body.is_of(kind, version) and body.present in SUSPENDABLE:
                    self.follow(device, StatusEffect.SUSPEND)

    def reinstate(self, kind, version):
        if version not in self.listed[kind]:
            kept = {**self.rows[kind].as_json(), "firmware_version": version, "status": "ACTIVE"}
            row = type(self.rows[kind]).from_json(kept, line=1)
            home.make(cpl.Change(source="back.csv", rows=(row,)), at=self.at)
            self.listed[kind].add(version)
            for device, body in self.bodies.items():
                if body.is_of(kind, version) and body.is_suspended:
                    self.follow(device, StatusEffect.RESTORE)

    def answer(self, device, kind, version, times):
        body = self.bodies[device]
        heard = Heard(device, kind, version)
        for _ in range(times if body.is_home else 0):
            known = Known(body.present, body.version, is_active=version in self.listed[body.kind])
            verdict = judge(Answer(kind, DeviceType(body.kind), version), known=known)
            if verdict.takes_version:
                body.version = version
            self.follow(device, verdict.status)
        if times == 2:
            suspensions.take_answers(heard=[heard, heard], at=self.at)
        else:
            suspensions.take_answers(heard=[heard], at=self.at)

    def change_supplier(self, role, name):
        meter = models.Device.objects.get(device_id=METER[role])
        if models.Registration.objects.filter(mpxn=MPXN[role]).exists():
            models.Registration.objects.create(
                mpxn=meter.mpxn, role=role, starts_at=self.at, party_id=self.numbers[name], known_at=self.at
            )
        else:
            register(self.hub, role, self.numbers[name], at=self.at)
        assert handovers.take_effect(at=self.at) == 1
        assert handovers.take_effect(at=self.at) == 0
        self.held[role].append((self.at, name))

    def replace(self):
        number = next(self.announced)
        new, gpf = Eui64(0x00DB0000000B0000 + 16 * number), Eui64(0x00DB0000000B0001 + 16 * number)
        version = min(self.listed["CHF"], default=OLD)
        told = (
            f"<sr:DeviceID>{new}</sr:DeviceID><sr:DeviceManufacturer>ABCD</sr:DeviceManufacturer>"
            "<sr:DeviceModel>0001</sr:DeviceModel><sr:DeviceType>CHF</sr:DeviceType>"
            f"<sr:FirmwareVersion>{version}</sr:FirmwareVersion>"
            f"<sr:AssociatedGPFDeviceID>{gpf}</sr:AssociatedGPFDeviceID>"
        )
        announced = self.ask("12.2", f"<sr:DevicePrenotification>{told}</sr:DevicePrenotification>")
        body = INSTALLED.format(
            kind="CHFInstallSuccessSMWAN",
            device_id=new,
            how="Replacement CHF Install",
            mpxn=MPXN[IS],
            checks="",
        )
        if not self.listed["CHF"]:
            assert announced == "E120203"
            return
        assert (announced, self.ask("8.14.1", body)) == ("I0", "I0")
        self.before.append((self.hub, self.at))
        old = self.bodies[self.hub]
        old.episodes += ["ENDED"] if old.is_suspended else []
        old.is_suspended, old.status = False, SmiStatus.DECOMMISSIONED
        self.hub, self.came_at[new] = new, self.at
        self.bodies[new] = Body("CHF", SmiStatus.COMMISSIONED, version)

    def tell(self, device, status):
        body = self.bodies[device]
        told = (
            f"<sr:UpdateInventory><sr:DeviceID>{device}</sr:DeviceID>"
            f"<sr:UpdateDeviceStatusExceptCH>{TOLD[status]}</sr:UpdateDeviceStatusExceptCH></sr:UpdateInventory>"
        )
        code = self.ask("8.4", told)
        standing = InventoryStanding(DeviceType(body.kind), body.present)
        is_theirs = device is not GSME or self.holder(GS) == self.holder(IS)
        is_theirs = is_theirs and body.announced_by in (None, self.holder(IS))
        fits = judge_status(standing, to=status, is_for_hubs=False) is None
        user_reads_gas = device is not GSME
        assert (code == "I0") == (is_theirs and fits and user_reads_gas), (code, device, status)
        if code == "I0":
            body.status = status

    def part(self, device):
        body = self.bodies[device]
        code = self.ask_hub(f"<sr:DeviceID>{device}</sr:DeviceID><sr:RequestType>Remove</sr:RequestType>")
        assert code == self.spoken_to("I99" if body.is_home else "E081105"), (code, device)
        if code == "I99":
            self.hear(answers=[han_logs.Answered(self.latest(), is_logged=True, happened_at=self.at)])
            body.episodes += ["ENDED"] if body.is_suspended else []
            body.is_suspended, body.status = False, SmiStatus.PENDING
            body.announced_by = self.holder(IS)

    def join(self, device):
        body, how = self.bodies[device], home_scene.CODE
        code = self.ask_hub(
            f"<sr:DeviceID>{device}</sr:DeviceID><sr:RequestType>Add</sr:RequestType><sr:AddDeviceToCHFWhitelist>"
            f"<sr:JoinTimePeriod>60</sr:JoinTimePeriod><sr:InstallCode>{how}</sr:InstallCode></sr:AddDeviceToCHFWhitelist>"
        )
        listed = "I99" if body.version in self.listed[body.kind] else "E081111"
        assert code == self.spoken_to(listed if body.present in UNFINISHED else "E081104"), (code, device)
        if code == "I99":
            log = LogBackup(bytes(8), (LoggedDevice(device, bytes(16)),))
            at = DlmsTime.at_moment(self.at)
            told = han_logs.LogTold(self.hub, HubLogAlert(0, at, at, log), self.at)
            self.hear(logs=[told, told])
            body.status, body.announced_by = once_joined(body.status, device_type=DeviceType(body.kind)), None

    def spoken_to(self, code):
        """A hub that is Suspended is asked nothing of its log (MP105)."""
        return "E5" if self.bodies[self.hub].is_suspended else code

    def hear(self, **heard):
        with transactions.transaction():
            han_logs.take_in(han_logs.Heard(**heard), dsp_id=pki.DSP, at=self.at)

    def latest(self):
        return models.ServiceRequest.objects.latest("pk").pk

    def ask_hub(self, what):
        told = f"<sr:UpdateHANDeviceLog>{what}</sr:UpdateHANDeviceLog>"
        return self.ask("8.11", told, service=WebService.SEND_COMMAND, target=str(self.hub), variant=1)

    def ask(self, srv, body, *, service=WebService.NON_DEVICE, **more):
        """A request of whoever is responsible for the electricity."""
        identity = pki.identity(SIGNS[self.holder(IS)], serial=serial_of(self.holder(IS)))
        message = scene.request(srv, body, by=identity, **more)
        return scene.ask(message, service=service, at=self.at).response_code

    # What the rules make of it

    def holder(self, role):
        return self.held[role][-1][1]

    def follow(self, device, effect):
        if effect is StatusEffect.KEEP:
            return
        body = self.bodies[device]
        body.is_suspended = effect is StatusEffect.SUSPEND
        body.episodes += [] if body.is_suspended else ["RESTORED"]
        code = "N28" if body.is_suspended else "N29"
        body.told.update((code, user) for user in self.receivers(body.kind))

    def receivers(self, kind):
        roles = {
            "ESME": (IS, "ED"), "HCALCS": (IS, "ED"), "GSME": (GS, "GT"), "PPMID": (IS, GS), "CHF": (IS, GS),
        }[kind]  # fmt: skip
        parties = {(NETWORKS.get(role) or self.holder(role), str(role)) for role in roles}
        return [user for user, role, name in [*home.USERS, *MORE_USERS] if (name, role) in parties]

    def registrations(self):
        found = []
        for role, told in self.held.items():
            ends = [begins for begins, _ in told[1:]] + [None]
            found += [
                Registration(MPXN[role], role, self.numbers[name], begins, end)
                for (begins, name), end in zip(told, ends, strict=True)
            ]
        return check(found)

    def hold_against_the_rules(self):
        for device, body in self.bodies.items():
            remembered = body.status.value if body.is_suspended else None
            assert state_of(device) == (body.present.value, remembered, body.version), (device, body)
            told = Counter((code, user) for code in ("N28", "N29") for user in home.told_about(device, code))
            assert told == body.told, (device, body.kind)
            over = models.SuspensionEpisode.objects.filter(device_id=device).order_by("pk")
            assert list(over.values_list("state", flat=True)) == body.episodes
        held = self.registrations()
        for name in SUPPLIERS:
            self.hold_sight_against_the_rule(name, held)
        assert factory.portfolio() == factory.recount_portfolio()

    def hold_sight_against_the_rule(self, name, held):
        party = self.numbers[name]
        standing = standing_of(held, party_id=party, at=self.at)
        left_at = max((one.ends_at for one in held if one.party_id == party and one.ends_at), default=None)
        expected = {Standing.RESPONSIBLE: False}.get(standing)
        if standing is Standing.FORMER and left_at > self.came_at[self.hub]:
            expected = True
        assert self.sight(party, self.hub) is expected, (name, standing)
        for hub, until in self.before:
            had = any(one.party_id == party and one.starts_at < until for one in held)
            assert had or self.sight(party, hub) is None, (name, hub)
        for role, device in METER.items():
            own = [one for one in held if one.role is role]
            allowed = may(own, party_id=party, access=Access.SEND, at=self.at).is_allowed
            target = service_requests.find_target(device_id=device).as_target()
            assert admission.is_responsible(target, party_id=party, roles=frozenset({role})) is allowed

    def sight(self, party, hub):
        """Whether a Party sees a hub as a former Supplier, as its present one, or (None) not at all."""
        try:
            return explanations.explain_home(device_id=hub, viewer_party_id=party, at=self.at).is_former
        except NoSuchHub:
            return None


def serial_of(name):
    return pki.FIRST_SERIAL + 500 + SUPPLIERS.index(name)


def state_of(device_id):
    if (announced := models.PrenotifiedDevice.objects.filter(device_id=device_id).first()) is not None:
        assert not models.Device.objects.filter(device_id=device_id).exists()
        return announced.smi_status, None, announced.firmware_version
    kind = models.Device if device_id in BEHIND else models.CommunicationsHub
    found = kind.objects.get(device_id=device_id)
    version = models.DeviceModel.objects.get(pk=found.device_model_id).firmware_version
    return found.smi_status, found.status_before, version


def build(status):
    empty()
    home.build(status=status)
    cedar = models.Party.objects.create(name="Cedar", kind="SUPPLIER")
    parties = {"Cedar": cedar, "Birch": models.Party.objects.get(name="Birch")}
    for user_id, role, name in MORE_USERS:
        models.PartyUser.objects.create(user_id=user_id, role=role, party=parties[name])
    for role, device_id in METER.items():
        models.Device.objects.filter(device_id=device_id).update(mpxn=MPXN[role])
    scene.vouch(*(pki.identity(user, serial=serial_of(name)) for name, user in SIGNS.items()))


@pytest.mark.usefixtures("database")
def test_whatever_befalls_a_home_each_device_keeps_its_status_its_alerts_and_its_secrets():
    @settings(max_examples=12, deadline=None)
    @given(status=statuses, befalls=st.lists(happenings, min_size=3, max_size=9))
    def live(status, befalls):
        life = Life(status)
        for what in befalls:
            life.take(*what)

    live()
