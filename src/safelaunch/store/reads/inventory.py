"""What the inventory holds."""

from safelaunch.store import sql


def is_inventory_empty() -> bool:
    """This function will say whether no hub and no Party is known yet."""
    return bool(sql.fetch_value("is_inventory_empty"))
