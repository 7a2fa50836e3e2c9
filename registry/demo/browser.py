"""What a newcomer needs to act on the demo's pages: the page that holds keys, beside the registry, and keys for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from registry.commands.common import write_whole
from registry.demo import folder as names
from registry.demo.runner import environment
from registry.demo.server import until_answers
from registry.witnesses.demo_auditor import end_with_parent
from verifier.programs.keys import format_key, read_key

PASSPHRASE = "kembar demo keys"
"""No secret: the demo's keys lie open beside these copies."""
PASSES, MEMORY = 1, 8 * 1024 * 1024
"""What opening one costs: little, for it guards nothing."""
PEOPLE = ("ayu", "sari", "senja", "larasati", "nordlicht", "laut")
REGISTRAR = "registrar"


def lend_keys(folder: Path, registrar: Path) -> Path:
    """Copies of the keys of those in the story who have pages, as the page that holds keys opens them: where they are.

    ``registrar``: the file of her key.
    """
    place = folder / names.BROWSER_KEYS
    place.mkdir(mode=0o700, exist_ok=True)
    files = {name: folder / names.KEYS / f"{name}.key" for name in PEOPLE} | {REGISTRAR: registrar}
    for name, file in files.items():
        key = read_key(file).open(None)
        write_whole(place / f"{name}.key", format_key(key, PASSPHRASE.encode(), passes=PASSES, memory=MEMORY))
    return place


def serve_sign_page(policy: Path, port: int, log: Path) -> str:
    """Serve the page that holds keys until this process ends; its address. What it says goes to ``log``.

    Raises :class:`~registry.commands.common.Unable` where it does not start.
    """
    with log.open("ab") as said:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "registry", "sign-page", "--trust", str(policy), "--port", str(port)],
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            preexec_fn=end_with_parent,  # noqa: PLW1509 -- the demo has one thread
        )
    until_answers(process, port, log)
    return f"http://localhost:{port}/"  # a passkey can be of a name alone
