"""A whole deal by three parties in three folders, none of them the registry's: ``registry demo --remote``.

The operator opens a registry and its registrar vouches for the three; from then on nobody touches the operator's
folder. Each party has a folder and a home of her own, and every command is a process in it that knows the registry's
address alone. The model gives her agency a mandate, the agency makes her twin, the three sign a consent over the desk,
the brand asks "may I?" and declares its use, pays, and is given receipts; then each fetches evidence and checks it.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from registry.commands.common import Unable
from registry.config import KEYS, POLICY, REGISTRAR_KEY
from registry.demo import folder as names
from registry.demo.folder import fresh_folder
from registry.demo.pictures import portrait
from registry.demo.runner import COMMAND_SECONDS, CommandRunner, environment
from registry.demo.server import serving
from registry.demo.stage import ORIGIN
from registry.drafting.drafts.currencies import with_currency
from registry.drafting.drafts.toml import fill_in
from verifier.base.canonical import Json
from verifier.base.strict import format_instant
from verifier.rules.model.calendar import DAY

MODEL, AGENCY, BRAND = "ayu", "senja", "larasati"
STRANGER = "a stranger"
CALLED = {MODEL: "Ayu, a model", AGENCY: "Senja, an agency that makes twins too", BRAND: "Larasati, a brand"}
ROLES = {MODEL: ["model"], AGENCY: ["agency", "maker"], BRAND: ["licensee"]}
KEY, PICTURE, TRUST = "own.key", "hero.png", "trust.policy"
PRICE, PARTS = 125_000, {MODEL: 80, AGENCY: 20}
EXPECTED: Mapping[str, tuple[str, str]] = {
    MODEL: ("AUTHORISED", "PAID"), AGENCY: ("AUTHORISED", "PAID"), BRAND: ("AUTHORISED", "PAID"),
    STRANGER: ("CANNOT_TELL", "CANNOT_TELL"),
}  # fmt: skip
"""Who asks -> what the deal comes to, by the evidence that is given to her."""

Values = Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What one of them was given, and what the verifier says of it in her folder, by her own policy."""

    reader: str
    evidence: Path
    sections: int
    authorised: str
    paid: str

    @property
    def agrees(self) -> bool:
        return EXPECTED[self.reader] == (self.authorised, self.paid)


@dataclass(frozen=True, slots=True, kw_only=True)
class DealTold:
    """A deal that was done. ``evidence`` by reader; ``commands`` were run in ``seconds``."""

    answers: tuple[Answered, ...]
    commands: int
    seconds: float

    @property
    def agrees(self) -> bool:
        return all(one.agrees for one in self.answers)


@dataclass(slots=True, kw_only=True)
class Folder:
    """One party's own folder. ``id`` is hers once she is enrolled; ``count`` are the commands so far."""

    name: str
    path: Path
    transcript: Path
    url: str
    id: str = ""
    count: int = field(default=0)

    def run(self, *words: str | Path, program: str = "registry", statuses: tuple[int, ...] = (0,)) -> str:
        """The standard output of one command, as a process of its own in this folder."""
        arguments = [str(word) for word in words]
        shown = shlex.join([program, *arguments])
        with self.transcript.open("a", encoding="utf-8") as file:
            file.write(f"{self.name}$ {shown}\n")
        self.count += 1
        done = subprocess.run(
            [sys.executable, "-P", "-m", program, *arguments],
            cwd=self.path,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=COMMAND_SECONDS,
            check=False,
        )
        if done.returncode not in statuses:
            said = f"{done.stderr}\n{done.stdout}".strip()[:2000]
            raise Unable(f"a command of the demo ended with {done.returncode}: {shown}\n{said}")
        return done.stdout

    def _environment(self) -> dict[str, str]:
        """Nothing of the user's own: neither logins nor keys."""
        kept = {name: text for name, text in environment().items() if not name.startswith(("KEMBAR_", "XDG_"))}
        return {**kept, "HOME": str(self.path / "home")}

    def says(self, *words: str | Path) -> dict[str, Json]:
        """What a command answers, as scripts read it."""
        found: dict[str, Json] = json.loads(self.run(*words, "--json"))
        return found

    # ---- statements

    def draft(self, kind: str, file: str, values: Values, *options: str | Path) -> None:
        """A draft, filled in and signed."""
        self.run("draft", kind, *options, "-o", f"{file}.toml")
        path = self.path / f"{file}.toml"
        written = {name: with_currency(value) for name, value in values.items()}
        path.write_text(fill_in(path.read_text("utf-8"), written), "utf-8")
        self.run("sign", f"{file}.toml", "--yes")

    def propose(self, kind: str, file: str, values: Values, *options: str | Path) -> str:
        """The id of what waits on the desk now."""
        self.draft(kind, file, values, *options)
        return str(self.says("desk", "propose", f"{file}.signed.json")["id"])

    def submit(self, kind: str, file: str, values: Values, *options: str | Path) -> str:
        """The id of what was logged."""
        self.draft(kind, file, values, *options)
        return str(self.says("submit", f"{file}.signed.json")["id"])

    def sign_at_desk(self, id: str, *, last: bool = False) -> None:
        """What waits for her there is listed, shown and signed."""
        self.run("desk", "list")
        self.run("desk", "show", id)
        state = self.says("desk", "sign", id, "--yes")["state"]
        if (state == "logged") is not last:
            raise Unable(f"the draft {id} is {state}")


def tell_deal(commands: CommandRunner, folder: Path, say: Callable[[str], None]) -> DealTold:
    """Do the deal in ``folder``, whose registry ``commands`` opens; it is made, or taken over from an earlier demo."""
    began = time.monotonic()
    with fresh_folder(folder):
        registry = folder / names.REGISTRY
        commands.run("init", registry, "--origin", ORIGIN, "--guard", folder / names.GUARD)
        with serving(registry, folder / names.SERVER_LOG) as url:
            say(f"a registry is served at {url}, and audited by an auditor of its own")
            parties = {one: _arrive(folder, one, url, registry / POLICY) for one in CALLED}
            for one in parties.values():
                registrar = registry / KEYS / REGISTRAR_KEY
                commands.run("enrol", one.path / "me.signed.json", "--key", registrar, "--registry", url, "--yes")
            say("three parties are enrolled; from here on nobody needs the operator's folder")
            usage = _deal(parties, say)
            answers = tuple(_evidence(one, usage) for one in parties.values())
            outside = _folder(folder, "stranger", url, registry / POLICY)
            answers = (*answers, _evidence(outside, usage))
            say("each has fetched her evidence, and checked it in her own folder")
        count = sum(one.count for one in (*parties.values(), outside)) + commands.count
    return DealTold(answers=answers, commands=count, seconds=time.monotonic() - began)


# ---- how each begins


def _folder(folder: Path, name: str, url: str, policy: Path) -> Folder:
    """An empty folder, and the trust policy, which is handed over on a way of its own."""
    path = folder / names.PARTIES / name
    (path / "home").mkdir(parents=True)
    shutil.copyfile(policy, path / TRUST)
    return Folder(name=name, path=path, transcript=folder / names.TRANSCRIPT, url=url)


def _arrive(folder: Path, name: str, url: str, policy: Path) -> Folder:
    """She makes her keys, logs in, and signs who she is; the registrar is handed that file."""
    one = _folder(folder, name, url, policy)
    for file in (KEY, "recovery.key"):
        one.run("keygen", file, "--no-passphrase")
    one.run("login", url, "--key", KEY, "--trust", TRUST)
    one.run("draft", "party", "--key", KEY, "--recovery", "recovery.key", "-o", "me.toml")
    path = one.path / "me.toml"
    values = {"roles": ROLES[name], "person": {"name": f"{CALLED[name]}, of a street of hers"},
              "name": {"name": name.title(), "public": True}}  # fmt: skip
    path.write_text(fill_in(path.read_text("utf-8"), values), "utf-8")
    one.run("sign", "me.toml", "--key", KEY, "--key", "recovery.key", "--yes")
    return one


# ---- the deal


def _deal(parties: Mapping[str, Folder], say: Callable[[str], None]) -> str:
    """The id of the use."""
    model, agency, brand = (parties[name] for name in (MODEL, AGENCY, BRAND))
    for one in parties.values():
        one.id = str(one.says("login", one.url, "--key", KEY, "--trust", TRUST)["party"])
    for one in parties.values():
        for other in parties.values():
            one.run("name", other.name.title(), other.id, "--yes")  # which they told each other
    now = int(time.time())
    twin, mandate = _before(model, agency, now)
    say("the model has given her agency a mandate, and has a digital twin")
    consent = agency.propose("consent", "consent", _consent(now, mandate), "--on", twin)
    model.sign_at_desk(consent)
    brand.sign_at_desk(consent, last=True)
    say("a consent is signed by all three over the desk, and logged with the last signature")
    (brand.path / PICTURE).write_bytes(portrait("Kembar demo: a deal"))
    terms = {"starts": format_instant(now + DAY), "ends": format_instant(now + 30 * DAY), "countries": ["DE"],
             "channels": ["display"], "category": "1067", "targeted": True}  # fmt: skip
    brand.draft("usage", "use", {"terms": terms}, "--on", consent, "--asset", PICTURE)
    asked = brand.says("submit", "--dry-run", "use.signed.json")
    if not asked["allowed"]:
        raise Unable(f"the use would not be allowed: {json.dumps(asked)[:1000]}")
    usage = str(brand.says("submit", "use.signed.json")["id"])
    say('the brand has asked "may I?", and declared its use')
    for payee in (model, agency):
        amount = PRICE * PARTS[payee.name] // 100
        reference = brand.run("reference", consent, payee.name.title()).strip()
        transfer = {"parties": {"payer": BRAND.title(), "payee": payee.name.title()},
                    "evidence": {"reference": reference}}  # fmt: skip
        at = format_instant(now)
        paid = {**transfer, "money": {"currency": "EUR", "amount": amount, "settled_at": at}}
        brand.submit("payment", f"payment-{payee.name}", paid, "--on", consent)
        received = {**transfer, "money": {"currency": "EUR", "amount": amount, "received_at": at}}
        payee.submit("receipt", "receipt", received, "--on", consent)
    say("the brand has paid, and model and agency have signed receipts")
    return usage


def _before(model: Folder, agency: Folder, now: int) -> tuple[str, str]:
    """The twin, which the agency makes, and the mandate."""
    term = {"starts": format_instant(now - DAY), "ends": format_instant(now + 300 * DAY)}
    mandate = model.propose("mandate", "mandate", {**term, "powers": ["approve", "collect"]}, "--with", AGENCY.title())
    agency.sign_at_desk(mandate, last=True)
    making = {
        "description": "Photographs and a scan of the whole figure, to make a digital twin for still pictures.",
        "methods": ["photo", "scan"], "starts": format_instant(now - DAY), "ends": format_instant(now + 30 * DAY),
        "delivered": format_instant(now - 10 * DAY),
    }  # fmt: skip
    creation = {"parties": {"model": MODEL.title(), "maker": AGENCY.title()}, "terms": making}
    creating = agency.propose("consent-create", "creation", creation)
    model.sign_at_desk(creating, last=True)
    (agency.path / "twin.png").write_bytes(portrait("Kembar demo: a twin"))
    twin = agency.propose("twin", "twin", {}, "--on", creating, "--asset", "twin.png")
    model.sign_at_desk(twin, last=True)
    return twin, mandate


def _consent(now: int, mandate: str) -> dict[str, Json]:
    return {
        "under": mandate,
        "parties": {"model": MODEL.title(), "agency": AGENCY.title(), "licensee": BRAND.title(),
                    "payees": [MODEL.title(), AGENCY.title()]},
        "terms": {
            "description": "Pictures of knitwear, in the shop and on its pages.", "categories": ["1058"],
            "channels": ["display"], "countries": ["DE"], "starts": format_instant(now - DAY),
            "ends": format_instant(now + 180 * DAY), "approval": "none", "delivered": format_instant(now - 10 * DAY),
        },
        "money": {
            "currency": "EUR",
            "fees": [{"per": "use", "amount": PRICE}],
            "splits": [{"payee": name.title(), "kind": "model" if name == MODEL else "agency", "parts": parts}
                       for name, parts in PARTS.items()],
        },
    }  # fmt: skip


# ---- what each can prove


def _evidence(one: Folder, usage: str) -> Answered:
    """Her file about the use, checked in her folder without the registry."""
    file = one.path / "use.evidence.json"
    one.run("evidence", *(() if one.id else (one.url,)), "usage", usage, "-o", file.name)
    asset = ["--asset", PICTURE] if (one.path / PICTURE).exists() else []
    check = ["check", file.name, "--trust", TRUST, *asset, "--json"]
    verdict = json.loads(one.run(*check, program="verifier", statuses=(0, 1, 3, 5)))
    value = json.loads(file.read_bytes())
    return Answered(
        reader=one.name if one.id else STRANGER,
        evidence=file,
        sections=sum(len(entry["disclosures"]) for entry in value["entries"]),
        authorised=str(verdict["authorised"]),
        paid=str(verdict["paid"]["answer"]),
    )


# ---- told


def deal_table(told: DealTold) -> str:
    """Who was given how much, and what it proves."""
    rows = [("who asks", "sections", "authorised", "paid", "as expected")]
    rows += [
        (one.reader, str(one.sections), one.authorised, one.paid, "yes" if one.agrees else "NO") for one in told.answers
    ]
    lines = [f"{reader:<12} {sections:>8}  {authorised:<14} {paid:<14} {agrees}"
             for reader, sections, authorised, paid, agrees in rows]  # fmt: skip
    first = told.answers[0]
    here = os.path.relpath(first.evidence.parent)
    check = shlex.join(["verifier", "check", first.evidence.name, "--trust", TRUST])
    return "\n".join([
        "", f"One use, by the evidence that each party fetches with her own key ({here}, ...):", "", *lines, "",
        f"{told.commands} commands in {told.seconds:.1f} s; each is in {names.TRANSCRIPT}, with who typed it.",
        "Check one yourself; it needs no network and no registry:", f"  cd {shlex.quote(here)} && {check}",
    ])  # fmt: skip


def deal_json(told: DealTold) -> Json:
    """The same as one object."""
    return {
        "agrees": told.agrees,
        "answers": {
            one.reader: {"authorised": one.authorised, "evidence": str(one.evidence), "paid": one.paid,
                         "sections": one.sections}
            for one in told.answers
        },
        "commands": told.commands,
        "milliseconds": int(told.seconds * 1000),
    }  # fmt: skip
