"""The demo's folder: made, replaced if a demo left it, and anybody else's left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry.commands.common import Failure, Unable
from registry.demo.folder import ASSETS, EXPECTED, MADE, MARKER, REGISTRY, check_folder, fresh_folder


def test_a_new_folder_is_made_with_all_above_it(tmp_path: Path) -> None:
    folder = tmp_path / "a place" / "demo"
    with fresh_folder(folder):
        assert (folder / ASSETS).is_dir()
        assert (folder / MARKER).read_text().startswith("Left by `registry demo`")


def test_an_empty_folder_is_used(tmp_path: Path) -> None:
    with fresh_folder(tmp_path):
        assert (tmp_path / MARKER).is_file()


def test_what_an_earlier_demo_made_goes_and_nothing_else(tmp_path: Path) -> None:
    with fresh_folder(tmp_path):
        for name in (EXPECTED, "notes of mine"):
            (tmp_path / name).write_text("x")
        (tmp_path / REGISTRY / "public").mkdir(parents=True)
    with fresh_folder(tmp_path):
        assert {path.name for path in tmp_path.iterdir()} - set(MADE) == {MARKER, "notes of mine"}
        assert not (tmp_path / EXPECTED).exists()
        assert not (tmp_path / REGISTRY).exists()


def test_a_link_is_taken_away_and_not_followed(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "demo", tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept").write_text("x")
    with fresh_folder(folder):
        (folder / REGISTRY).symlink_to(elsewhere)
    with fresh_folder(folder):
        assert not (folder / REGISTRY).is_symlink()
    assert (elsewhere / "kept").exists()


@pytest.mark.parametrize("name", ["registry", "expected.json", ".hidden"])
def test_a_folder_that_no_demo_left_is_refused_untouched(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(Failure, match="no demo left"), fresh_folder(tmp_path):
        pass
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("x")
    with pytest.raises(Failure, match="not a folder"):
        check_folder(file)


def test_two_demos_do_not_share_a_folder(tmp_path: Path) -> None:
    with fresh_folder(tmp_path):
        (tmp_path / EXPECTED).write_text("x")
        with pytest.raises(Unable, match="another demo"), fresh_folder(tmp_path):
            pass
        assert (tmp_path / EXPECTED).exists()
