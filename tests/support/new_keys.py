"""Keys that nobody has yet."""

from __future__ import annotations

from tests.support.cast import key

NEW, OTHER, THIRD = key("new"), key("other"), key("third")


RECOVERY, RECOVERY_2 = key("new recovery"), key("new recovery 2")
