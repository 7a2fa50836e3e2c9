"""Registries that lie, one function a lie, and who must catch it.

A lie is told by a registry that does all else right: what it signs is signed, and what it serves is served in whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.support.views import Show
from tests.support.world import Actor, Logged, World
from verifier.base import canonical

ORIGIN = "registry.example/log"


@dataclass(frozen=True, kw_only=True)
class Caught:
    """What each role says in the end: a code, and "" or nothing where it sees nothing wrong.

    ``reader`` trusts the log's key alone; ``careful`` wants a witness's and an auditor's cosignature on top, and is
    spared nearly everything, for one of the two refuses.
    ``witness`` are its HTTP statuses look by look, ``watcher`` the faults that a party sees who watches her consent,
    ``auditor`` the findings of a replay. ``proofs`` are the kinds of misbehaviour file that watcher and auditor come
    away with, ``compared`` those that anybody makes of all that was shown.
    """

    reader: str = ""
    careful: str = "quorum_missing"
    witness: tuple[int, ...] = (200,)
    watcher: frozenset[str] = frozenset()
    auditor: frozenset[str] = frozenset()
    proofs: frozenset[str] = frozenset()
    compared: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Lie:
    """``tell`` shows it; ``caught`` is by whom."""

    tell: Callable[[], Show]
    caught: Caught


LIES: dict[str, Lie] = {}


def lie(
    *,
    reader: str = "",
    careful: str = "quorum_missing",
    witness: tuple[int, ...] = (200,),
    watcher: str = "",
    auditor: str = "",
    proofs: str = "",
    compared: str = "",
) -> Callable[[Callable[[], Show]], Callable[[], Show]]:
    """Register a lie and who catches it; words are separated by spaces."""
    caught = Caught(
        reader=reader,
        careful=careful,
        witness=witness,
        watcher=frozenset(watcher.split()),
        auditor=frozenset(auditor.split()),
        proofs=frozenset(proofs.split()),
        compared=frozenset(compared.split()),
    )

    def register(tell: Callable[[], Show]) -> Callable[[], Show]:
        LIES[tell.__name__] = Lie(tell=tell, caught=caught)
        return tell

    return register


@dataclass(kw_only=True)
class Stage:
    """Everybody up to a use."""

    world: World
    anna: Actor
    brand: Actor
    consent: Logged
    usage: Logged
    show: Show = field(init=False)

    def __post_init__(self) -> None:
        consent = self.consent.id
        self.show = Show(origin=self.world, watched=(f"consent:{consent}", f"uses:{consent}"))


def stage(genesis: Mapping[str, object] | None = None, used: tuple[str, ...] = ("hero.jpg",)) -> Stage:
    """The same log every time, but for its genesis or the files of the use."""
    world = World(origin=ORIGIN, genesis=genesis)
    anna = world.party("anna", roles=["model"])
    brand = world.party("brand", roles=["licensee"])
    consent = world.consent(model=anna, licensee=brand)
    return Stage(world=world, anna=anna, brand=brand, consent=consent, usage=world.usage(consent, used))


# ---- two logs under one name


@lie(witness=(200, 422), watcher="fork", auditor="fork", proofs="fork", compared="fork rewritten")
def split_view() -> Show:
    """Two people are shown trees of one size that differ in the last use."""
    one, other = stage(), stage(used=("other.jpg",))
    one.show.look(one.world, one.usage)
    one.show.look(other.world, other.usage)
    return one.show


@lie(witness=(200, 422), watcher="fork", auditor="fork", proofs="fork", compared="rewritten")
def split_view_that_grew() -> Show:
    """The second tree is larger, so that no two signed roots are of one size."""
    one, other = stage(), stage(used=("other.jpg",))
    one.show.look(one.world, one.usage)
    other.world.usage(other.consent)
    one.show.look(other.world, other.usage)
    return one.show


@lie(witness=(200, 422), watcher="fork", auditor="fork", proofs="fork", compared="rewritten")
def rewritten_entry() -> Show:
    """An entry was replaced by another while the log grew: the use that she saw is not the use that is there now."""
    one, other = stage(), stage(used=("other.jpg",))
    one.show.look(one.world, one.consent, kept=one.usage)
    other.world.usage(other.consent, ["third.jpg"])
    one.show.look(other.world, other.consent, kept=other.usage)
    return one.show


@lie(witness=(200, 409), watcher="shrunk", auditor="shrunk")
def shrunken_tree() -> Show:
    """What was shown is shown no more. A stale copy looks the same, so that nothing is proven until it grows anew."""
    one = stage()
    early = one.show.look(one.world, one.usage)
    one.world.usage(one.consent)
    one.show.look(one.world, one.usage)
    one.show.views = [one.show.views[1], early]
    return one.show


@lie(witness=(200, 409, 422), watcher="shrunk fork", auditor="shrunk fork", proofs="fork", compared="rewritten")
def shrunken_tree_that_grew_otherwise() -> Show:
    """The last use is taken back, and another logged in its place."""
    one, other = stage(), stage()
    early = one.show.look(one.world, one.usage)
    one.world.usage(one.consent, ["second.jpg"])
    one.show.look(one.world, one.usage)
    other.world.usage(other.consent, ["third.jpg"])
    other.world.usage(other.consent, ["fourth.jpg"])
    one.show.look(other.world, other.usage)
    one.show.views = [one.show.views[1], early, one.show.views[2]]
    return one.show


@lie(witness=(200, 422), watcher="fork", auditor="fork", proofs="fork", compared="rewritten")
def restarted_log() -> Show:
    """A new genesis under the old name and key."""
    one, other = stage(), stage(genesis={"nonce": b"another genesis "})
    one.show.look(one.world, one.usage)
    other.world.usage(other.consent)
    one.show.look(other.world, other.usage)
    return one.show


# ---- lists and the index


@lie(watcher="omitted", auditor="index_wrong", proofs="wrong_index omitted", compared="omitted")
def hidden_revocation() -> Show:
    """The revocation is in the log, and she has its proof; the list that readers are shown leaves it out."""
    one = stage()
    revocation = one.world.revocation(consent=one.consent)
    subject = f"consent:{one.consent.id}"
    one.world.log.lie(subject, [row for row in one.world.log.rows(subject) if row[0] != revocation.index])
    one.world.party("eve", roles=["licensee"])
    one.show.look(one.world, one.usage, kept=revocation)
    return one.show


@lie(reader="list_wrong", watcher="refused", auditor="index_wrong", proofs="wrong_index")
def wrong_index_root() -> Show:
    """The seal vouches for an index that nobody has."""
    one = stage()
    with one.world.batch(index="47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="):
        one.world.usage(one.consent)
    one.show.look(one.world, one.usage)
    return one.show


@lie(
    witness=(200, 200),
    watcher="logged_wrong",
    auditor="index_wrong",
    proofs="wrong_index logged_wrong",
    compared="logged_wrong",
)
def list_with_a_wrong_logged_time() -> Show:
    """A list says that the use was logged four minutes before the seal that covers it, which somebody still has."""
    one = stage()
    one.world.advance("1d")
    late = one.world.usage(one.consent, ["late.jpg"])
    one.show.look(one.world, one.usage)
    subject = f"uses:{one.consent.id}"
    one.world.log.lie(subject, [one.world.log.rows(subject)[0], (late.index, late.logged - 240)])
    one.world.party("eve", roles=["licensee"])
    one.show.look(one.world, one.usage)
    return one.show


@lie(
    reader="list_incomplete",
    auditor="index_wrong",
    proofs="wrong_index",
    compared="foreign",
)
def list_with_an_entry_of_another_subject() -> Show:
    """Somebody else's use stands in the list of this consent."""
    one = stage()
    subject = f"uses:{one.consent.id}"
    one.world.log.lie(subject, [(one.consent.index, one.consent.logged), *one.world.log.rows(subject)])
    one.world.party("eve", roles=["licensee"])
    one.show.look(one.world, one.usage)
    return one.show


@lie(reader="list_wrong", careful="list_wrong")
def row_left_out_of_evidence() -> Show:
    """The log is right, and the file leaves out what it does not like. Anybody can write such a file: no proof."""
    one = stage()
    one.world.revocation(consent=one.consent)
    view = one.show.look(one.world, one.usage)
    value = canonical.parse(view.evidence, limit=1 << 24)
    [shown] = [item for item in value["subjects"] if item["subject"] == f"consent:{one.consent.id}"]
    shown["list"].pop()
    view.evidence = canonical.encode(value)
    return one.show


# ---- seals


@lie(witness=(200, 200), auditor="seal_back_dated")
def back_dated_seal() -> Show:
    """A seal claims a time at which the auditor saw the log without it. That is the auditor's word: no proof."""
    one = stage()
    one.world.advance("2h")
    one.show.look(one.world, one.usage)
    one.world.advance("-1h")
    late = one.world.usage(one.consent)
    one.world.advance("2h")
    one.world.usage(one.consent)
    one.show.look(one.world, late)
    return one.show


@lie(reader="list_incomplete", watcher="refused", auditor="seal_backwards", proofs="bad_seal")
def seal_that_runs_backwards() -> Show:
    """A seal claims a time before that of an earlier one."""
    one = stage()
    one.world.advance("1h")
    one.world.usage(one.consent)
    one.world.advance("-30m")
    late = one.world.usage(one.consent)
    one.world.advance("30m")
    one.show.look(one.world, late)
    return one.show


@lie(reader="void_ahead", careful="void_ahead", auditor="void_ahead", proofs="void", compared="void")
def seal_older_than_what_it_covers() -> Show:
    """A use was signed after the time at which the seal says that it was logged."""
    one = stage()
    late = one.world.usage(one.consent, at="+30m")
    one.show.look(one.world, late)
    return one.show


@lie(auditor="seal_first", proofs="bad_seal")
def overlapping_seal() -> Show:
    """A seal covers what the one before it covers already."""
    one = stage()
    with one.world.batch(first=one.world.log.size - 2):
        one.world.usage(one.consent)
    one.show.look(one.world, one.usage)
    return one.show


@lie(auditor="seal_first", proofs="bad_seal", compared="bad_seal")
def gapped_seal() -> Show:
    """A seal begins after the first entry of its batch."""
    one = stage()
    with one.world.batch(first=one.world.log.size + 1):
        one.world.usage(one.consent)
        one.world.usage(one.consent)
    one.show.look(one.world, one.usage)
    return one.show


@lie(reader="seal_wrong", watcher="refused", auditor="seal_size", proofs="bad_seal", compared="bad_seal")
def seal_of_another_size() -> Show:
    """A seal names an index that is not its own."""
    one = stage()
    with one.world.batch(size=one.world.log.size + 2):
        one.world.usage(one.consent)
    one.show.look(one.world, one.usage)
    return one.show


@lie(reader="seal_wrong", watcher="refused", auditor="unsealed", proofs="unsealed", compared="unsealed")
def entry_without_a_seal() -> Show:
    """The last entry is one that no seal covers."""
    one, other = stage(), stage()
    one.world.log.append(other.world.usage(other.consent, ["late.jpg"]).leaf)
    one.show.look(one.world, one.usage)
    return one.show


# ---- entries that should not be there


@lie(reader="void_signers", careful="void_signers", auditor="void_signers", proofs="void", compared="void")
def void_entry_logged() -> Show:
    """A revocation that neither side signed: it has no effect, and the registry must not have taken it."""
    one = stage()
    rival = one.world.party("rival", roles=["licensee"])
    one.world.revocation(consent=one.consent, signers=[rival])
    one.show.look(one.world, one.usage)
    return one.show


@lie(
    reader="signature_wrong",
    auditor="signature_wrong",
    proofs="bad_signature",
    compared="bad_signature",
)
def signature_that_does_not_verify() -> Show:
    """The registry made a revocation up, and could not sign it for her."""
    one = stage()
    one.world.revocation(consent=one.consent, wrong_signatures=True)
    one.show.look(one.world, one.usage)
    return one.show


@lie(auditor="repeated digest_repeated", reader="repeated", careful="repeated", proofs="repeated",
     compared="repeated void")  # fmt: skip
def statement_logged_twice() -> Show:
    """A use that was declared once stands there twice."""
    one = stage()
    one.world.leaf(one.usage.leaf)
    one.show.look(one.world, one.usage)
    return one.show


@lie(
    reader="registry_wrong",
    careful="registry_wrong",
    auditor="registry_wrong",
    proofs="wrong_registry",
    compared="wrong_registry",
)
def statement_for_another_log() -> Show:
    """What was signed for one log is put into another."""
    one = stage()
    one.world.usage(one.consent, registry="ab" * 32)
    one.show.look(one.world, one.usage)
    return one.show


# ---- checkpoints


@lie()
def checkpoint_without_cosignatures() -> Show:
    """The registry does not have its checkpoint cosigned."""
    one = stage()
    one.show.look(one.world, one.usage).cosigned = False
    return one.show


@lie(reader="stale", careful="stale")
def stale_checkpoint() -> Show:
    """The registry shows what it was two days ago."""
    one = stage()
    one.show.look(one.world, one.usage)
    one.show.later = 2 * 86_400
    return one.show
