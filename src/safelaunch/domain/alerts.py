"""DCC Alerts this house raises (`domain.md` 7.2)."""

from enum import StrEnum


class AlertCode(StrEnum):
    """DCC Alert codes in use, in the order of their numbers.

    N18 firmware did not reach a Device; N28 suspended; N29 restored; N39 a PPMID's alert; N52 GSME firmware version
    mismatch; N60 and N61 an image reached a hub, or did not; N62 a hub's alert; N64 hub firmware activated.
    """

    N18 = "N18"
    N28 = "N28"
    N29 = "N29"
    N39 = "N39"
    N52 = "N52"
    N60 = "N60"
    N61 = "N61"
    N62 = "N62"
    N64 = "N64"
