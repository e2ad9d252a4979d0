"""DCC Alerts this house raises (`domain.md` 7.2)."""

from enum import StrEnum


class AlertCode(StrEnum):
    """DCC Alert codes in use."""

    N64 = "N64"
