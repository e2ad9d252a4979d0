"""DCC Alerts that wait to be made into messages."""

from safelaunch.store import sql


def is_anybody_owed() -> bool:
    """This function will say whether an alert waits to be made into a message for a User with an address."""
    return bool(sql.fetch_value("is_anybody_owed"))
