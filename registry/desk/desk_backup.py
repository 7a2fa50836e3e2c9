"""What of the desk outlives a lost disk: blocks and reports alone.

A draft that was erased since, a signature that was taken back, an address or a calendar that was ended must not come
back with a backup. A block must.
"""

from __future__ import annotations

from pathlib import Path

from registry.desk.contact_store import COPIED, ContactStore
from registry.tables.sqlite_tables import SqliteTables

PART = "desk"
DATABASE = f"{PART}.db"


def copy_desk(root: Path, target: Path) -> None:
    """Bring the blocks and reports in ``root`` into a backup in ``target``, in the place of those that are there. The
    registry may be served meanwhile."""
    if not (root / DATABASE).exists():
        return
    source, copy = _file(root), _file(target)
    try:
        for file in (source, copy):
            ContactStore(file)
        with copy.transaction():
            for table, columns in COPIED.items():
                rows = source.rows(f"SELECT {columns} FROM {table}")
                copy.change(f"DELETE FROM {table}")
                marks = ", ".join("?" * len(columns.split(", ")))
                for row in rows:
                    copy.change(f"INSERT INTO {table} ({columns}) VALUES ({marks})", *row)
    finally:
        source.close()
        copy.close()


def empty_desk(root: Path) -> bool:
    """Erase all but blocks and reports, of a folder that may be older than what was done since; whether there was a
    desk."""
    if not (root / DATABASE).exists():
        return False
    file = _file(root)
    try:
        with file.transaction():
            for (table,) in file.rows("SELECT name FROM sqlite_master WHERE type = 'table'"):
                if table not in COPIED:
                    file.change(f'DELETE FROM "{table}"')
        return True
    finally:
        file.close()


def _file(root: Path) -> SqliteTables:
    return SqliteTables(root / DATABASE, erasing=True)
