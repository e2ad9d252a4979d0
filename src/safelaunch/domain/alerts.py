"""DCC Alerts this house raises (`domain.md` 7.2)."""

from enum import StrEnum


class AlertCode(StrEnum):
    """DCC Alert codes in use: suspended, restored, GSME firmware version mismatch, hub firmware activated."""

    N28 = "N28"
    N29 = "N29"
    N52 = "N52"
    N64 = "N64"
