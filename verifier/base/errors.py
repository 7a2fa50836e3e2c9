"""The errors of the kernel. Whatever comes from outside and is wrong raises one of these, never anything else."""

from __future__ import annotations


class KembarError(ValueError):
    """Base of all errors about other people's bytes.

    ``message`` is a plain sentence; ``where`` is a path such as ``entries[3].leaf.signatures[0].sig`` ("" = the whole).
    """

    def __init__(self, message: str, where: str = "") -> None:
        super().__init__(f"{where}: {message}" if where else message)
        self.message = message
        self.where = where

    def at(self, prefix: str) -> KembarError:
        """The same error, seen from one level further out."""
        if not self.where:
            where = prefix
        elif not prefix or self.where.startswith("["):
            where = prefix + self.where
        else:
            where = f"{prefix}.{self.where}"
        return type(self)(self.message, where)


class Malformed(KembarError):
    """Bytes that are not exactly what the protocol allows."""
