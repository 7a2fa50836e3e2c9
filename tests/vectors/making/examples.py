"""A full, valid statement of each type, and some that only just are."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from tests.vectors.making.mutations import MAX, Json, b64, b64u, h, hs, sections
from verifier.base.private_keys import SigningKey

GENESIS = h("genesis")
ORIGIN = "kembar.example/log"


def vkey(algorithm: int) -> str:
    material = bytes([algorithm]) + SigningKey(bytes(32)).public
    return f"{ORIGIN}+{sha256(ORIGIN.encode() + bytes([10]) + material).hexdigest()[:8]}+{b64(material)}"


VKEY = vkey(1)
CONSENT, TWIN, USAGE = h("consent"), h("twin"), h("usage")
ON_CONSENT = {"licensee": h("brand"), "model": h("anna"), "payees": hs("payee", 2)}
PERSON = {"model": h("anna")}
RECOVERY = {"keys": hs("recovery", 2), "threshold": 2}


@dataclass(frozen=True)
class Example:
    """A valid statement.

    ``members`` are those beside every statement's, ``optional`` what may be left out, ``alternatives`` members of which
    some must be there, ``touches`` the subjects beside its parties ("ID" is its own id).
    """

    name: str
    members: dict[str, Json]
    optional: tuple[str, ...] = ()
    alternatives: tuple[str, ...] = ()
    touches: tuple[str, ...] = ()

    @property
    def value(self) -> dict[str, Json]:
        common = {
            "at": "2026-11-23T18:05:15Z", "kembar": 2, "nonce": b64u(sha256(self.name.encode()).digest()[:16]),
            "registry": GENESIS,
        }  # fmt: skip
        if self.members["type"] == "genesis":
            del common["registry"]
        return {**common, **self.members}


def example(
    name: str, type_: str, *, optional: str = "", alternatives: str = "", touches: tuple[str, ...] = (), **members: Json
) -> Example:
    return Example(name, {"type": type_, **members}, tuple(optional.split()), tuple(alternatives.split()), touches)


ASSETS = hs("asset", 2)
TOUCHED_ASSETS = tuple(f"asset:{a}" for a in ASSETS)

FULL = [
    example(
        "genesis", "genesis", origin=ORIGIN, log=VKEY, registrars=hs("registrar", 2), rules=2, profile="open",
        touches=("registry:ID",),
    ),
    example(
        "registry", "registry", log=VKEY, registrars=hs("registrar", 2), rules=2, alternatives="log registrars rules",
        touches=(f"registry:{GENESIS}",),
    ),
    example(
        "party", "party", roles=["licensee", "maker"], keys=hs("key", 2), recovery=RECOVERY,
        parties={"controller": h("holding")}, sections=sections("name", "person"),
        optional="parties keys recovery sections.name",
        touches=("party:ID", "keys:ID"),
    ),
    example(
        "key that adds and retires", "key", add=hs("key", 2), retire=hs("old key", 2), parties={"author": h("anna")},
        sections=sections("name"), optional="parties sections sections.name", alternatives="add retire",
        touches=(f"keys:{h('anna')}",),
    ),
    example(
        "key that recovers", "key", keys=hs("key", 2), recovery=RECOVERY, parties={"author": h("anna")},
        optional="parties recovery", alternatives="keys", touches=(f"keys:{h('anna')}",),
    ),
    example(
        "guardian", "guardian", until="2031-04-01T00:00:00Z", parties={"guardian": h("mother"), "model": h("anna")},
        optional="parties", touches=(f"keys:{h('anna')}",),
    ),
    example(
        "mandate", "mandate", powers=["approve", "collect", "revoke"], starts="2026-01-01T00:00:00Z",
        ends="2028-12-31T23:59:59Z", parties={"agency": h("agency"), "model": h("anna")},
        sections=sections("money", "person"), optional="parties sections.person", touches=("mandate:ID",),
    ),
    example(
        "consent to create", "consent", act="create", parties={"maker": h("studio"), "model": h("anna")},
        sections=sections("money", "person", "terms"), providers=hs("bank", 2),
        optional="parties providers sections.money sections.person", touches=("consent:ID",),
    ),
    example(
        "consent to use", "consent", act="use", twin=TWIN, under=h("mandate"), replaces=h("old consent"),
        sublicensees=hs("house", 2), sublicense="countersigned", providers=hs("bank", 2),
        exercise_by="2026-12-31T23:59:59Z",
        parties={role: h(role) for role in ("agency", "arbiter", "guardian", "union")} | ON_CONSENT,
        sections=sections("exclusive", "money", "person", "terms"),
        optional="parties under replaces sublicensees sublicense providers exercise_by sections.person "
        "sections.exclusive",
        touches=("consent:ID", f"consent:{h('old consent')}", f"exclusive:{h('anna')}"),
    ),
    example(
        "exercise", "exercise", consent=CONSENT, parties=ON_CONSENT, sections=sections("person"),
        optional="parties sections sections.person", touches=(f"consent:{CONSENT}",),
    ),
    example(
        "twin", "twin", creation=h("creation"), assets=ASSETS, modality="image", sections=sections("person"),
        parties={"maker": h("studio"), "model": h("anna")}, optional="parties sections sections.person",
        touches=("twin:ID", *TOUCHED_ASSETS),
    ),
    example(
        "approval", "approval", consent=CONSENT, assets=ASSETS, decision="approve", under=h("mandate"),
        parties=ON_CONSENT, sections=sections("terms"), optional="parties under sections sections.terms",
        touches=(*TOUCHED_ASSETS, *(f"approval:{CONSENT}.{a}" for a in ASSETS)),
    ),
    example(
        "usage", "usage", consent=CONSENT, twin=TWIN, assets=ASSETS, parties={**ON_CONSENT, "sublicensee": h("house")},
        sections=sections("person", "terms"), optional="parties sections.person",
        touches=(f"uses:{CONSENT}", f"usage:{CONSENT}.ID", *TOUCHED_ASSETS),
    ),
    example(
        "report", "report", consent=CONSENT, usage=USAGE, parties=ON_CONSENT, sections=sections("terms"),
        optional="parties", touches=(f"uses:{CONSENT}", f"usage:{CONSENT}.{USAGE}"),
    ),
    example(
        "payment", "payment", consent=CONSENT, parties={**ON_CONSENT, "payee": h("anna"), "payer": h("brand"),
        "provider": h("bank")}, sections=sections("evidence", "money"), optional="parties",
        touches=(f"account:{CONSENT}",),
    ),
    example(
        "receipt", "receipt", consent=CONSENT, parties={**ON_CONSENT, "payee": h("anna"), "payer": h("brand")},
        sections=sections("evidence", "money"), optional="parties", touches=(f"account:{CONSENT}",),
    ),
    example(
        "adjustment that returns", "adjustment", consent=CONSENT, kind="return", of=hs("payment", 2),
        parties=ON_CONSENT, sections=sections("evidence", "money"), optional="parties sections.evidence",
        touches=(f"account:{CONSENT}",),
    ),
    example(
        "adjustment that credits", "adjustment", consent=CONSENT, kind="credit", parties=ON_CONSENT,
        sections=sections("money"), optional="parties", touches=(f"account:{CONSENT}",),
    ),
    *(
        example(
            f"revocation of a {target}", "revocation", effective="2026-12-01T00:00:00Z", ground="withdrawal",
            under=h("mandate"), parties=PERSON, sections=sections("person"), **{target: h(target)},
            optional="parties under sections sections.person", alternatives=target,
            touches=(f"{target}:{h(target)}",),
        )
        for target in ("consent", "mandate", "twin")
    ),
    example(
        "suspension", "suspension", consent=CONSENT, effective="2026-12-01T00:00:00Z", ground="strike",
        parties=ON_CONSENT, sections=sections("person"), optional="parties sections sections.person",
        touches=(f"consent:{CONSENT}",),
    ),
    example(
        "resumption", "resumption", consent=CONSENT, effective="2026-12-01T00:00:00Z", parties=ON_CONSENT,
        sections=sections("person"), optional="parties sections sections.person", touches=(f"consent:{CONSENT}",),
    ),
    example(
        "dispute", "dispute", consent=CONSENT, of=hs("usage", 2), tag="wrong_amount",
        parties={**ON_CONSENT, "author": h("anna")}, sections=sections("evidence", "person"),
        optional="parties sections sections.evidence sections.person", touches=(f"consent:{CONSENT}",),
    ),
    example(
        "ruling", "ruling", consent=CONSENT, of=hs("usage", 2), outcome="void", parties=ON_CONSENT,
        sections=sections("person"), optional="parties sections sections.person", touches=(f"consent:{CONSENT}",),
    ),
    example(
        "erasure", "erasure", of=USAGE, erased=["evidence", "money", "person", "terms"], ground="request",
        parties=ON_CONSENT, optional="parties", touches=(f"erased:{USAGE}",),
    ),
    example("seal", "seal", first=1200, size=1207, index=b64(sha256(b"index").digest())),
]  # fmt: skip

ALL_ROLES = (
    "agency arbiter author controller guardian licensee maker model payee payer provider sublicensee union".split()
)

MORE_VALID = [
    example("guardian that names nobody", "guardian", until="1970-01-01T00:00:00Z"),
    example("key that names nobody", "key", retire=hs("old key", 1)),
    example("consent with an exclusive section and no model", "consent", act="use", twin=TWIN,
            sections=sections("exclusive", "money", "terms"), touches=("consent:ID",)),
    example("model without keys", "party", roles=["model"], sections=sections("person"),
            touches=("party:ID", "keys:ID")),
    example("model with keys and recovery", "party", roles=["model"], keys=hs("key", 8),
            recovery={"keys": hs("recovery", 8), "threshold": MAX}, sections=sections("person"),
            touches=("party:ID", "keys:ID")),
    example("party of every role", "party", sections=sections("person"), touches=("party:ID", "keys:ID"),
            roles="agency arbiter fund guardian holder licensee maker model provider union".split()),
    example("report that names everybody", "report", consent=CONSENT, usage=USAGE, sections=sections("terms"),
            parties={**{role: h(role) for role in ALL_ROLES}, "payees": hs("payee", 16)},
            touches=(f"uses:{CONSENT}", f"usage:{CONSENT}.{USAGE}")),
    example("report that names one party in two roles", "report", consent=CONSENT, usage=USAGE,
            sections=sections("terms"), parties={"licensee": h("one"), "payer": h("one"), "payees": [h("one")]},
            touches=(f"uses:{CONSENT}", f"usage:{CONSENT}.{USAGE}")),
    example("seal that names somebody", "seal", first=0, size=MAX, index=b64(bytes(32)), parties=PERSON),
    example("usage of 512 assets", "usage", consent=CONSENT, twin=TWIN, assets=hs("asset", 512),
            sections=sections("terms"),
            touches=(f"uses:{CONSENT}", f"usage:{CONSENT}.ID", *(f"asset:{a}" for a in hs("asset", 512)))),
    example("ends of the calendar", "mandate", powers=["collect"], starts="2000-02-29T00:00:00Z",
            ends="9999-12-31T23:59:59Z", sections=sections("money"), touches=("mandate:ID",)),
]  # fmt: skip
