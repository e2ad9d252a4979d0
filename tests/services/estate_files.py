"""A small estate as rows of an inventory file, and the Parties it names."""

from pathlib import Path

from safelaunch.wire.smi_rows import COLUMNS

PARTIES = """name,kind,user_id,role,duis_version
Alder Energy,SUPPLIER,90-B3-D5-1F-30-01-00-00,IS,5.4
Alder Energy,SUPPLIER,90-B3-D5-1F-30-01-00-00,GS,5.4
Birch Power,SUPPLIER,90-B3-D5-1F-30-02-00-00,IS,
Northern Wires,NETWORK_OPERATOR,90-B3-D5-1F-30-03-00-00,ED,5.4
Quiet Holdings,OTHER,,,
"""

HUB = {
    "device_id": "00-DB-12-34-56-78-90-A2",
    "device_type": "CHF",
    "status": "Commissioned",
    "manufacturer": "10B2",
    "model": "43310001",
    "hardware_version": "0001",
    "firmware_version": "00020104",
    "hub_device_id": "",
    "gpf_device_id": "00-DB-12-34-56-78-90-A3",
    "region": "4G South",
    "mpxn": "",
    "responsible_party": "",
    "network_party": "",
    "commissioned_on": "2021-03-15",
}
BEHIND = {**HUB, "hub_device_id": HUB["device_id"], "gpf_device_id": "", "region": ""}
ESME = {
    **BEHIND,
    "device_id": "00-DB-12-34-56-78-90-A0",
    "device_type": "ESME",
    "mpxn": "1286197304370",
    "responsible_party": "Alder Energy",
    "network_party": "Northern Wires",
}
GSME = {
    **BEHIND,
    "device_id": "00-DB-12-34-56-78-90-A1",
    "device_type": "GSME",
    "mpxn": "4321",
    "responsible_party": "Birch Power",
}
GPF = {**BEHIND, "device_id": HUB["gpf_device_id"], "device_type": "GPF"}
CAD = {
    **BEHIND,
    "device_id": "00-DB-12-34-56-78-90-A7",
    "device_type": "CAD",
    "status": "",
    "model": "back\\slash N",
    "firmware_version": "",
    "commissioned_on": "",
}
OTHER_HUB = {
    **HUB,
    "device_id": "00-DB-12-34-56-78-91-A2",
    "gpf_device_id": "00-DB-12-34-56-78-91-A3",
    "region": "North",
    "responsible_party": "Birch Power",
}


def write_smi(path: Path, *rows: dict[str, str]) -> Path:
    lines = [",".join(COLUMNS), *(",".join(row[name] for name in COLUMNS) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def write_parties(folder: Path) -> Path:
    path = folder / "parties.csv"
    path.write_text(PARTIES, encoding="utf-8")
    return path


def write_estate(path: Path, *, hubs: int) -> Path:
    """Hubs with an ESME and a GSME each: three rows a hub, Device IDs counted up."""
    with path.open("w", encoding="utf-8") as file:
        file.write(",".join(COLUMNS) + "\n")
        for number in range(hubs):
            ids = [(number * 4 + place).to_bytes(8, "big").hex("-").upper() for place in range(4)]
            for row in (
                {**HUB, "device_id": ids[0], "gpf_device_id": ids[1]},
                {**ESME, "device_id": ids[2], "hub_device_id": ids[0]},
                {**GSME, "device_id": ids[3], "hub_device_id": ids[0]},
            ):
                file.write(",".join(row.values()) + "\n")
    return path
