"""The log keys that a registry holds: the one in force signs seals, and others beside it sign checkpoints for a while.

A reader whose policy names an earlier key reads on as long as that key signs checkpoints too: the overlap in which she
can follow the new one (protocol, section 7.4).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from registry.log.log_error import LogError
from verifier.base import private_keys
from verifier.log.writing import Signer, format_note
from verifier.statements.envelope import Signature


class LogKeys:
    """``look`` gives all keys as they are now, for one that comes while the log is open.

    ``cosigning`` names those (hex) that sign checkpoints beside the one in force.
    """

    def __init__(
        self,
        keys: Iterable[private_keys.SigningKey],
        look: Callable[[], Iterable[private_keys.SigningKey]] = tuple,
        cosigning: Iterable[str] = (),
    ) -> None:
        self.held: Mapping[str, private_keys.SigningKey] = {key.public.hex(): key for key in keys}
        self.cosigning = frozenset(cosigning)
        self._look = look

    def holds(self, key: str) -> bool:
        """Whether a key (hex) is held, or has come meanwhile."""
        if key not in self.held:
            self.held = {**self.held, **{one.public.hex(): one for one in self._look()}}
        return key in self.held

    def in_force(self, signatures: Sequence[Signature], folder: object) -> private_keys.SigningKey:
        """The key that signed the last seal, whose signatures these are. Raises :class:`LogError` if it is gone."""
        for signature in signatures:
            if signature.keyid in self.held:
                return self.held[signature.keyid]
        names = ", ".join(signature.keyid for signature in signatures)
        raise LogError(
            f"the log key that signed the last seal ({names}) is not in the folder of keys: put its file back into "
            f"{folder}"
        )

    def note(self, origin: str, text: str, key: private_keys.SigningKey) -> str:
        """A checkpoint's text, signed with the key in force and with those beside it."""
        beside = sorted(self.cosigning - {key.public.hex()})
        keys = [key, *(self.held[one] for one in beside if one in self.held)]
        return format_note(text, [Signer(origin, one).sign(text) for one in keys])
