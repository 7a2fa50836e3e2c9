"""Enrolling somebody with the commands, as she would."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result

from registry.cli import main


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments])


def done(*arguments: str | Path) -> str:
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def enrolled(folder: Path) -> str:
    """Draft, sign and submit a party, with no word about which registry."""
    done("draft", "party", "--key", "ayu.key", "--recovery", "recovery.key.pub", "-o", "ayu.toml")
    text = Path("ayu.toml").read_text().replace('roles = [""]', 'roles = ["model"]')
    Path("ayu.toml").write_text(text.replace('name = ""', 'name = "Ayu"'))
    registrar = folder / "keys" / "registrar.key"
    done("sign", "ayu.toml", "--key", "ayu.key", "--key", "recovery.key", "--key", registrar, "--yes")
    return str(json.loads(done("submit", "ayu.signed.json", "--json"))["id"])
