"""A machine's table is the only truth: the database, the SQL and the page all agree with it."""

import re

import pytest
from django.apps import apps
from django.db import connection

from tests.house.machines import PAGE, find_machines, page

MACHINES = find_machines()
COLUMNS = {
    "device_commands.Device command": ("device_command", "state"),
    "campaigns.Campaign": ("campaign", "phase"),
    "chunks.Chunk": ("chunk", "state"),
    "deferrals.Deferral": ("deferral", "state"),
    "deliveries.Delivery": ("outgoing_message", "state"),
    "service_requests.Service request": ("service_request", "state"),
    "cpl.CPL proposal": ("cpl_proposal", "state"),
    "firmware_journeys.Device firmware": ("firmware_target", "state"),
    "hub_upgrades.Hub upgrade": ("hub_upgrade", "state"),
    "han_log.HAN log update": ("han_log_update", "state"),
    "suspension.Suspension episode": ("suspension_episode", "state"),
}
"""Where each machine's state is stored."""


def states_of(machine):
    return {state.value for state in type(machine.initial)}


def test_every_machine_has_a_column_that_keeps_its_state():
    assert set(MACHINES) == set(COLUMNS)


@pytest.mark.parametrize("name", sorted(MACHINES))
def test_every_state_can_be_reached_and_every_event_can_happen(name):
    machine = MACHINES[name]
    reached, seen = {machine.initial}, set()
    while reached - seen:
        seen |= reached
        reached |= {move.target for move in machine.moves if set(move.sources) & seen}
    assert {state.value for state in reached} == states_of(machine)
    assert {move.event for move in machine.moves} == set(type(machine.moves[0].event))


@pytest.mark.parametrize("name", sorted(MACHINES))
def test_the_check_constraint_in_the_database_lists_exactly_the_states(name, database):
    table, column = COLUMNS[name]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s",
            [f"{table}_{column}_code"],
        )
        (definition,) = cursor.fetchone()
    assert set(re.findall(r"'([A-Z_]+)'", definition)) == states_of(MACHINES[name])


def test_every_roll_up_of_a_state_knows_the_same_states_as_its_source(database):
    hub_states = states_of(MACHINES["hub_upgrades.Hub upgrade"])
    for model in ("TrancheCount", "SupplierCount"):
        table = apps.get_model("store", model)._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s",
                [f"{table}_state_code"],
            )
            (definition,) = cursor.fetchone()
        assert set(re.findall(r"'([A-Z_]+)'", definition)) == hub_states


def test_the_page_of_machines_is_current():
    assert PAGE.read_text(encoding="utf-8") == page(), "docs/machines.md is out of date; make docs writes it."
