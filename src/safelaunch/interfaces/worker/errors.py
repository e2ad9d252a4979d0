"""What the worker does with each kind of problem: try again, or end the job and show it."""

from safelaunch.domain.refusals import Problem, Refused, Unreachable, Unreadable

TRIES_OF: dict[type[Problem], int] = {Refused: 1, Unreadable: 1, Unreachable: 20}
"""How often a job is tried, by the nearest class of what it raised; after the last try it is parked and shown."""
