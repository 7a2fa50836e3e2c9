"""What a disk does that changes what was written: it asks no trigger."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path


def tamper(root: Path, *statements: str) -> None:
    """Change the database as a disk does that asks no trigger."""
    with closing(sqlite3.connect(root / "registry.db")) as db:
        triggers = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            db.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            db.execute(statement)
        for _, text in triggers:
            db.execute(text)
        db.commit()


def flip(root: Path, table: str, column: str, first: int) -> None:
    """Flip one bit in the middle of a column."""
    with closing(sqlite3.connect(root / "registry.db")) as db:
        key = "place" if table == "disclosures" else "first"
        (data,) = db.execute(f'SELECT "{column}" FROM {table} WHERE {key} = ?', (first,)).fetchone()
    if isinstance(data, int):
        changed = str(data ^ 4)
    elif isinstance(data, str):
        changed = "'" + data[: len(data) // 2] + chr(ord(data[len(data) // 2]) ^ 1) + data[len(data) // 2 + 1 :] + "'"
    else:
        place = len(data) // 2
        changed = f"x'{(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]).hex()}'"
    tamper(root, f'UPDATE {table} SET "{column}" = {changed} WHERE {key} = {first}')
