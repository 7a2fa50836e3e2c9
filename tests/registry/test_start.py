"""What a start loads: a command only what it needs, and whoever serves nothing that a paper alone needs."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest

from registry import cli
from registry.commands import desk_commands


def loaded(module: str) -> set[str]:
    """The modules that are loaded with one, in a process of its own."""
    code = f"import sys, {module}; print(*sys.modules, sep='\\n')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines())


@pytest.mark.parametrize("group, places", [(cli.main, cli.COMMANDS), (desk_commands.desk, desk_commands.PARTS)])
def test_each_command_is_where_the_table_says(group: click.Group, places: dict[str, str]) -> None:
    context = click.Context(group)
    assert set(places) <= set(group.list_commands(context))
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        assert command.name == name


def test_the_command_line_loads_no_command_before_it_is_called() -> None:
    assert not {"flask", "granian", "icalendar", "jinja2", "sqlite_utils"} & loaded("registry.cli")


def test_whoever_started_the_worker_loads_none_of_what_is_served() -> None:
    assert not {"flask", "icalendar", "registry.service", "registry.web.app"} & loaded("registry.web.serve")


def test_what_sets_papers_and_writes_calendars_is_loaded_with_the_first_of_them() -> None:
    found = loaded("registry.web.app")
    assert {"registry.desk.calendar_file", "registry.web.pages.papers"} <= found
    assert not {"fontTools", "fpdf", "icalendar", "segno"} & found


def test_what_judges_signed_requests_is_loaded_with_the_first_of_them() -> None:
    found = loaded("registry.web.app")
    assert "registry.web.auth.signatures" in found
    assert not {"cryptography", "http_message_signatures", "http_sf"} & found
