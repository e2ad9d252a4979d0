"""`safelaunch certificate`: the SMKI certificates whose signatures are believed."""

from dataclasses import asdict
from pathlib import Path

import click
from django.conf import settings

from safelaunch.domain.people import Actor
from safelaunch.domain.refusals import NotFound, Unreadable
from safelaunch.gateways import gbcs_keys, xml_keys
from safelaunch.interfaces.cli.database import needs_database
from safelaunch.interfaces.cli.faults import acting_as, user_id_of
from safelaunch.interfaces.cli.terminal import as_json, print_json, print_table, say
from safelaunch.services import certificates as service
from safelaunch.store.reads import clock, parties
from safelaunch.wire.smki import UnreadableCertificate, read_certificate

_LARGEST = 64 * 1024
"""Octets; a certificate has about a thousand."""


@click.group()
def certificate() -> None:
    """SMKI certificates: import, issue for demonstrations, list, revoke."""


@certificate.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--accept-decimal-role",
    is_flag=True,
    help="Read an OU of 137 as role 89, as one old test certificate has it.",
)
@acting_as
@as_json
@needs_database
def import_(*, files: tuple[Path, ...], accept_decimal_role: bool, actor: Actor, as_json: bool) -> None:
    """Trust certificates, PEM or DER: all of them, or none if any is bad. Simulated Devices know them from then on."""
    octets = [_read(path, accepts_decimal_role=accept_decimal_role) for path in files]
    imported = service.import_certificates(
        files=octets,
        actor=actor,
        at=clock.now(),
        accepts_decimal_role=accept_decimal_role,
    )
    for one in octets:
        gbcs_keys.publish_organisation(settings.DATA / "keys", octets=one)
    if as_json:
        print_json(asdict(imported))
    say(f"{imported.new:,} certificates are new, {imported.known:,} were known.")


def _read(path: Path, *, accepts_decimal_role: bool) -> bytes:
    try:
        if path.stat().st_size > _LARGEST:
            raise Unreadable(f"{path} is too large to be a certificate; PEM or DER is expected.")
        octets = path.read_bytes()
        read_certificate(octets, accepts_decimal_role=accepts_decimal_role)
    except OSError as error:
        raise NotFound(f"{path} cannot be read: {error.strerror}.") from error
    except UnreadableCertificate as error:
        # Of several files, the one that is bad has to be found.
        raise UnreadableCertificate(f"{path}: {error}") from error
    return octets


@certificate.command()
@click.argument("user_id")
@acting_as
@needs_database
def issue(*, user_id: str, actor: Actor) -> None:
    """Make a key and certificate for a User of a demonstration, and trust it; a real User has the SMKI's."""
    eui = user_id_of(user_id)
    xml_keys.load_or_create_user(settings.DATA / "keys", eui=eui)
    key, filed = xml_keys.paths_of_user(settings.DATA / "keys", eui=eui)
    service.import_certificates(files=[filed.read_bytes()], actor=actor, at=clock.now())
    say(f"{eui} signs with {key} under the certificate {filed}.")
    if parties.find_user(user_id=eui) is None:
        say(
            "Nobody has this User ID here, so its requests are refused (E1); safelaunch delivery list shows all."
        )


@certificate.command("list")
@click.option("--eui", help="Only those of this organisation, such as 90-B3-D5-1F-30-01-00-00.")
@as_json
@needs_database
def list_(*, eui: str | None, as_json: bool) -> None:
    """List the certificates that are filed, revoked ones too."""
    filed = service.list_certificates(eui=user_id_of(eui) if eui else None)
    if as_json:
        print_json(
            {"certificates": [{**asdict(one), "eui": str(one.eui), "der": one.der.hex()} for one in filed]}
        )
        return
    print_table(
        title="Certificates",
        columns=("Organisation", "Role", "Issuer", "Serial number", "From", "Until", "Revoked"),
        rows=(
            (
                one.eui,
                f"{one.role:02X}",
                one.issuer,
                one.serial,
                one.valid_from.date(),
                one.valid_until.date(),
                one.revoked_because,
            )
            for one in filed
        ),
    )


@certificate.command()
@click.argument("serial", type=click.IntRange(min=0))
@click.option("--issuer", help="Its issuer, where several certificates have this serial number.")
@click.option("--because", required=True, help="Why, for the record and for whoever signs with it.")
@acting_as
@needs_database
def revoke(*, serial: int, issuer: str | None, because: str, actor: Actor) -> None:
    """Believe nothing that this certificate signs from now on."""
    revoked = service.revoke(serial=serial, issuer=issuer, because=because, actor=actor, at=clock.now())
    say(f"The certificate {revoked.serial} of {revoked.eui} is revoked.")
