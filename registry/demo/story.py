"""The story as data: who takes part, what happens, and what the answers must be by the rules.

The answers are worked out here by hand, from the rules that each scene names; the verifier's are compared with them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

AUTHORISED, NOT_AUTHORISED, CANNOT_TELL = "AUTHORISED", "NOT_AUTHORISED", "CANNOT_TELL"
PAID, NOT_YET_DUE, NOT_PAID = "PAID", "NOT_YET_DUE", "NOT_PAID"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Somebody who is enrolled. ``keys``: whether it signs for itself; a ward does not."""

    name: str
    called: str
    role: str
    keys: bool = True


CAST = (
    Actor(name="ayu", called="Ayu, a model", role="model"),
    Actor(name="nia", called="Nia, a model of 16", role="model", keys=False),
    Actor(name="sari", called="Sari, Nia's mother", role="guardian"),
    Actor(name="senja", called="Senja, an agency", role="agency"),
    Actor(name="larasati", called="Larasati, a brand", role="licensee"),
    Actor(name="nordlicht", called="Nordlicht, a brand", role="licensee"),
    Actor(name="kaca", called="Kaca, who makes twins", role="maker"),
    Actor(name="tembaga", called="Tembaga, a payment provider", role="provider"),
    Actor(name="laut", called="Laut, a union of models", role="union"),
    Actor(name="crew", called="Crew fund of make-up, hair, styling and photography", role="fund"),
)

SPLITS = {
    "ayu": (("ayu", "model", 79), ("senja", "agency", 20), ("crew", "crew", 1)),
    "nia": (("nia", "model", 97), ("crew", "crew", 3)),
}
"""Model -> who is paid, as what, and how many of 100 parts."""

AGENCY = {"ayu": "senja"}
"""Model -> the agency that signs along under her mandate."""

UNION = {"ayu": "laut"}
"""Model -> the union that her consents name, and that she lets read hers."""

GUARDIAN = {"nia": "sari"}
"""Ward -> who signs for her."""

Witness = Literal["payee", "provider", "payer"]
"""On whose word money came: the payee's receipt (grade 4), the provider's attestation (3), the payer's alone (1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryQuestion:
    """One evidence file and the answers that it must get.

    ``at_once``: the money falls due as soon as it is owed, not a month later. ``sections`` limits what the reader sees;
    ``hidden``: the money is not among it.
    """

    name: str
    happened: str
    authorised: str | None = None
    paid: str | None = None
    answer: str | None = None
    at_once: bool = False
    sections: str | None = None
    hidden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A consent and one use under it.

    ``term`` and ``place`` say whether the consent still runs and where the use takes place; ``paid`` is who says that
    which payee was paid her whole part; ``revoked`` is when the model's revocation takes effect. ``refused``: the
    registry would not take the use if it were asked to (``require``), so the brand has it logged anyway.
    """

    question: StoryQuestion
    model: str = "ayu"
    licensee: str = "larasati"
    term: Literal["running", "ended"] = "running"
    place: Literal["inside", "outside"] = "inside"
    exclusive: bool = False
    via: bool = False
    paid: tuple[tuple[str, Witness], ...] = ()
    revoked: Literal["at once", "midway"] | None = None
    refused: bool = False


BY_RECEIPT: tuple[tuple[str, Witness], ...] = (("ayu", "payee"), ("senja", "payee"), ("crew", "payee"))

SCENES = (
    # Everything fits; each payee's part is filled by grade 3 or 4 (M4, M8).
    Scene(
        question=StoryQuestion(
            name="authorised-and-paid",
            happened="all signed, approved and within the terms; model and agency receipt, provider attests the rest",
            authorised=AUTHORISED,
            paid=PAID,
        ),
        exclusive=True,
        paid=(("ayu", "payee"), ("senja", "payee"), ("crew", "provider")),
    ),
    # The same, and nothing came; nothing has fallen due, so nothing is missing (M4).
    Scene(
        question=StoryQuestion(
            name="authorised-and-not-yet-due",
            happened="within the terms; nobody was paid, and nobody has to be for another 30 days",
            authorised=AUTHORISED,
            paid=NOT_YET_DUE,
        ),
    ),
    # The same, due as soon as it was owed: the least that fell due is not filled by the most received (M4).
    Scene(
        question=StoryQuestion(
            name="authorised-and-unpaid",
            happened="within the terms; the fee was due at once, and nobody was paid",
            authorised=AUTHORISED,
            paid=NOT_PAID,
            at_once=True,
        ),
    ),
    # An agency's receipt never shows that the model was paid (M3): its own leg is, hers falls due 45 days later.
    Scene(
        question=StoryQuestion(
            name="agency-paid-model-not",
            happened="the agency collects for the model, receipts all of it, and has 45 days to pass hers on",
            authorised=AUTHORISED,
            paid=NOT_YET_DUE,
        ),
        via=True,
        paid=(("senja", "payee"), ("crew", "provider")),
    ),
    # Grade 1 counts in the most and not in the least received: of what fell due, neither PAID nor NOT_PAID (M4).
    Scene(
        question=StoryQuestion(
            name="paid-on-the-payers-word",
            happened="the fee was due at once, and only the brand itself says that it paid",
            authorised=AUTHORISED,
            paid=CANNOT_TELL,
            at_once=True,
        ),
        paid=(("ayu", "payer"), ("senja", "payer"), ("crew", "payer")),
    ),
    # The window lies past the consent's term (A10); due follows the declaration all the same (M1).
    Scene(
        question=StoryQuestion(
            name="consent-expired",
            happened="the consent ended before the use begins; unpaid, though due at once",
            authorised=NOT_AUTHORISED,
            paid=NOT_PAID,
            at_once=True,
        ),
        term="ended",
        refused=True,
    ),
    # Declared before the revocation, but all of the window lies after its effect, and nothing may be sold off (A6).
    Scene(
        question=StoryQuestion(
            name="revoked-before-the-start",
            happened="declared and paid, then the model revokes before it begins",
            authorised=NOT_AUTHORISED,
            paid=PAID,
        ),
        paid=BY_RECEIPT,
        revoked="at once",
    ),
    # The same with the effect in the middle: yes until then, no after, and so no as a whole (A6). Due in full until a
    # report says when it stopped (M1).
    Scene(
        question=StoryQuestion(
            name="revoked-midway",
            happened="the model revokes from a day in the middle of it: yes until then, no after",
            authorised=NOT_AUTHORISED,
            paid=PAID,
        ),
        paid=BY_RECEIPT,
        revoked="midway",
    ),
    # A country outside the terms (A9).
    Scene(
        question=StoryQuestion(
            name="territory-outside",
            happened="runs in a country that the terms do not name; unpaid, and due in 30 days",
            authorised=NOT_AUTHORISED,
            paid=NOT_YET_DUE,
        ),
        place="outside",
        refused=True,
    ),
    # Larasati's consent came first, is exclusive, and its scope meets this use (A16).
    Scene(
        question=StoryQuestion(
            name="exclusive-to-another-brand",
            happened="a second brand with a consent of its own, where the first brand's is exclusive; paid",
            authorised=NOT_AUTHORISED,
            paid=PAID,
        ),
        licensee="nordlicht",
        paid=BY_RECEIPT,
        refused=True,
    ),
    # The guardian signs for the ward: consent, approval and receipt (section 4 of the protocol).
    Scene(
        question=StoryQuestion(
            name="ward-and-guardian",
            happened="a minor's twin: her guardian signs for her, consent and receipt",
            authorised=AUTHORISED,
            paid=PAID,
        ),
        model="nia",
        licensee="nordlicht",
        paid=(("nia", "payee"), ("crew", "provider")),
    ),
)

VARIANTS: tuple[tuple[str, StoryQuestion], ...] = (
    # Whether the other's scope meets it cannot be seen (A16); the money can.
    (
        "exclusive-to-another-brand",
        StoryQuestion(
            name="exclusive-scope-withheld",
            happened="the same use, read by somebody to whom that scope is not disclosed",
            authorised=CANNOT_TELL,
            paid=PAID,
            sections="terms,money,evidence",
        ),
    ),
    # Authorisation is proved without the fee (section 3.2 of the protocol); M1 cannot be.
    (
        "authorised-and-paid",
        StoryQuestion(
            name="money-withheld",
            happened="the first use, read by somebody who gets the terms and not the money",
            authorised=AUTHORISED,
            paid=CANNOT_TELL,
            sections="terms,exclusive",
            hidden=True,
        ),
    ),
)
"""Uses of scenes above, seen by readers who get less: (scene, question)."""

LEFT_OUT = (
    "revoked-before-the-start",
    StoryQuestion(
        name="list-left-out",
        happened="the revoked use, after somebody cut the list out of the file in which the revocation stands",
        authorised=CANNOT_TELL,
        paid=CANNOT_TELL,
        hidden=True,
    ),
)
"""A rule whose list is not shown is UNKNOWN (``list_missing``), and the consent itself stood in that list only."""

UNREGISTERED = StoryQuestion(
    name="file-nobody-registered",
    happened="a picture that no statement names, which is proved by the absence of its list",
    answer="NOT_REGISTERED",
)
IN_FORCE = StoryQuestion(
    name="consent-in-force",
    happened="the first consent, asked about today",
    answer="IN_FORCE",
)
RECORD_BOOK = StoryQuestion(
    name="models-record-book",
    happened="every entry that names Ayu, and the answers about every use of her twin",
    answer="COMPLETE",
)
