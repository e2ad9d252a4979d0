"""The worker's door: one task for each job name."""

from typing import Any


def register(app: Any) -> None:
    """This function will add the tasks to the queue's application."""
