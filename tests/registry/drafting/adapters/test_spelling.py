"""Signed files as people save them: what is signed is the same to the byte, or the file is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from registry.cli import main
from registry.drafting.adapters.spelling import read_spelled, split_lines
from registry.intake.submission import format_submission
from tests.support.served import raw
from tests.support.world import World
from verifier.base.errors import KembarError
from verifier.programs.keys import format_key

WORLD = World()
ANNA, BEN = (WORLD.party(name, roles=["model"]) for name in ("anna", "ben"))
assert ANNA.entry is not None and BEN.entry is not None
ONE, TWO = raw(ANNA.entry), raw(BEN.entry)


def backwards(value: Any) -> Any:
    """The same value, with every object's members in the other order."""
    if isinstance(value, dict):
        return {name: backwards(value[name]) for name in sorted(value, reverse=True)}
    return [backwards(one) for one in value] if isinstance(value, list) else value


def laid_out(data: bytes, **how: Any) -> bytes:
    return json.dumps(backwards(json.loads(data)), **how).encode()


LAYOUTS = [
    ONE,
    ONE + b"\n",
    ONE + b"\r\n",
    b"\xef\xbb\xbf" + ONE,
    laid_out(ONE),
    laid_out(ONE, indent=2),
    laid_out(ONE, indent="\t").replace(b"\n", b"\r\n") + b"\r\n\r\n",
]


@pytest.mark.parametrize("data", LAYOUTS)
def test_another_layout_is_the_same_submission(data: bytes) -> None:
    assert format_submission(read_spelled(data)) == ONE


@pytest.mark.parametrize(
    "change",
    [
        lambda value: value.update(more=1),
        lambda value: value["envelope"].update(more=1),
        lambda value: value["envelope"].update(payload=value["envelope"]["payload"] + "="),
        lambda value: value["envelope"]["signatures"].reverse(),
        lambda value: value.update(disclosures=1.5),
        lambda value: value.pop("disclosures"),
    ],
)
def test_nothing_else_is_taken(change: Any) -> None:
    value = json.loads(ONE)
    change(value)
    with pytest.raises(KembarError):
        read_spelled(json.dumps(value, indent=1).encode())


def test_a_name_that_stands_twice_is_not_taken() -> None:
    with pytest.raises(KembarError):
        read_spelled(ONE[:-1] + b', "disclosures": []}')


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("first", [ONE, laid_out(ONE), laid_out(ONE, indent=4)])
@pytest.mark.parametrize("second", [TWO, laid_out(TWO, indent=1)])
def test_lines_are_parted(end: bytes, first: bytes, second: bytes) -> None:
    data = b"\xef\xbb\xbf" + end + first.replace(b"\n", end) + end + end + second.replace(b"\n", end) + end
    parts = list(split_lines(data))
    assert [format_submission(read_spelled(part)) for _, part in parts] == [ONE, TWO]
    assert [number for number, _ in parts] == [2, 2 + first.count(b"\n") + 2]


def test_what_cannot_be_read_ends_where_the_next_begins() -> None:
    data = b"\n".join([b"{", b"{", ONE, b"junk", laid_out(TWO, indent=2), b'{"a":', b"  1", ONE, b"  more"])
    parts = [part for _, part in split_lines(data)]
    assert parts == [b"{", b"{", ONE, b"junk", laid_out(TWO, indent=2), b'{"a":\n  1', ONE, b"  more"]


@given(st.lists(st.sampled_from([b"{", b"}", b"  ", b"\n", b"\r", b'"', b"x", ONE]), max_size=30).map(b"".join))
def test_no_byte_but_layout_is_lost(data: bytes) -> None:
    def bare(text: bytes) -> bytes:
        return b"".join(text.split())

    assert bare(b"".join(part for _, part in split_lines(data))) == bare(data)


@pytest.mark.parametrize("data", LAYOUTS)
def test_the_commands_take_it(data: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("x.signed.json").write_bytes(data)
    Path("k.key").write_bytes(format_key(WORLD.registrar, None))
    said = CliRunner().invoke(main, ["sign", "x.signed.json", "--key", "k.key", "--yes", "--force"])
    assert said.exit_code == 0, said.output
    assert Path("x.signed.json").read_bytes() == ONE  # the registrar's signature is in it already
