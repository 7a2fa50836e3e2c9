"""The tables of the protocol and of the rules, and the other pages, say what the code does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from registry.problems import STATUSES
from registry.web.routes import LOOKS, ROUTES, Route
from tests.support.pages import DOCS, PROTOCOL
from tests.support.sources import PACKAGES, files
from tests.vectors.making.examples import FULL, Example
from verifier.base import canonical
from verifier.base.values import NO_DEFAULT, fields
from verifier.evidence import file as evidence
from verifier.misbehaviour import file as misbehaviour
from verifier.programs.language import catalogue, english, languages
from verifier.rules.model.codes import CODES
from verifier.rules.table import RULE_IDS
from verifier.rules.use import profiles
from verifier.statements import sections, vocabulary
from verifier.statements.categories import CATEGORIES
from verifier.statements.envelope import MAX_SIGNATURES
from verifier.statements.kinds import KINDS as STATEMENT_KINDS
from verifier.statements.parse import parse_statement as read_statement
from verifier.statements.parties import ROLES
from verifier.statements.readers import MAX_IDS, MAX_KEYS, MAX_PAYEES
from verifier.statements.subjects import KINDS as SUBJECT_KINDS
from verifier.statements.subjects import subjects
from verifier.statements.types import MAX_LEAF, STATEMENT_TYPES, Recovery, Statement

CONTRACT = (DOCS / "rules.md").read_text("utf-8")


# ---- tables of the protocol


def part(text: str, heading: str) -> str:
    """What stands under a heading, up to the next one."""
    found = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#+ |\Z)", text, re.DOTALL | re.MULTILINE)
    assert found, f"there is no heading {heading}"
    return found[1]


def tables(text: str) -> list[list[list[str]]]:
    """The tables in a text: rows of cells, without the heads."""
    found: list[list[list[str]]] = []
    rows: list[list[str]] = []
    for row in [*text.split("\n"), ""]:
        if row.startswith("|"):
            rows.append([cell.strip() for cell in row.strip("|").split("|")])
        elif rows:
            found.append(rows[2:])
            rows = []
    return found


def members(rows: Sequence[Sequence[str]]) -> dict[str, bool]:
    """Member -> whether it is required, of a table whose first column has names, with ``?`` where they are optional."""
    found = {}
    for row in rows:
        name = re.fullmatch(r"`([a-z0-9_]+)`(\??)", row[0])
        assert name, row
        found[name[1]] = not name[2]
    return found


def fields_of(make: type[Any]) -> dict[str, bool]:
    """Member -> whether it is required, of a class that reads an object; in its order."""
    return {one.name.rstrip("_"): one.default is NO_DEFAULT is one.default_factory for one in fields(make)}


COMMON = fields_of(Statement)


@pytest.mark.parametrize("name", STATEMENT_TYPES)
def test_members_of_a_type(name: str) -> None:
    own = {member: needed for member, needed in fields_of(STATEMENT_TYPES[name]).items() if member not in COMMON}
    [rows, *_] = tables(part(PROTOCOL, f"`{name}`"))
    assert members(rows) == own


@pytest.mark.parametrize("name", STATEMENT_TYPES)
def test_sections_of_a_type(name: str) -> None:
    text = part(PROTOCOL, f"`{name}`")
    for _, act, listed in re.findall(r"^Sections( of `(create|use)`)?: ([^.]+)\.", text, re.MULTILINE):
        found = dict(re.findall(r"`([a-z]+)`(\?)?", listed))
        required, optional = _section_names(name, act)
        assert {one for one, mark in found.items() if not mark} == required
        assert {one for one, mark in found.items() if mark} == optional
    assert len(re.findall("^Sections", text, re.MULTILINE)) == (2 if name == "consent" else 1)
    assert len(re.findall("Signers", text)) >= 1


def _section_names(name: str, act: str) -> tuple[frozenset[str], frozenset[str]]:
    [(required, optional)] = {
        (frozenset(row.sections), frozenset(row.optional_sections))
        for kind, row in STATEMENT_KINDS.items()
        if row.make is STATEMENT_TYPES[name] and kind.endswith(act)
    }
    return required, optional


def test_every_type_has_its_heading() -> None:
    named = re.findall(r"^#### `([a-z]+)`$", PROTOCOL, re.MULTILINE)
    assert sorted(named) == sorted(STATEMENT_TYPES)


def test_common_members_and_roles() -> None:
    rows = tables(part(PROTOCOL, "3. Statements and envelopes"))[0]
    assert members(rows) == {"kembar": True, **{name: needed for name, needed in COMMON.items() if name != "id"}}
    text = part(PROTOCOL, "3. Statements and envelopes")
    listed = re.search(r"Roles are (.*?); and `payees`", text, re.DOTALL)
    assert listed and tuple(re.findall(r"`([a-z]+)`", listed[1])) == ROLES
    assert set(fields_of(Recovery)) == {"keys", "threshold"}


STANDING = part(PROTOCOL, "4.2 What a statement stands on, whom it names, what it touches")
TOUCHED = {row[0]: row for row in tables(STANDING)[1]}


@pytest.mark.parametrize("full", FULL, ids=lambda full: full.name)
def test_what_a_type_touches(full: Example) -> None:
    statement = read_statement(canonical.encode(full.value))
    if statement.type == "seal":
        assert subjects(statement) == ()
        return
    listed = set(re.findall(r"`([a-z]+):", TOUCHED[f"`{statement.type}`"][2])) | {"party"}
    assert {subject.partition(":")[0] for subject in subjects(statement)} <= listed


def test_every_kind_of_subject_is_touched() -> None:
    listed = {kind for row in TOUCHED.values() for kind in re.findall(r"`([a-z]+):", row[2])}
    assert listed == set(SUBJECT_KINDS)
    named = {name for cell in TOUCHED for name in re.findall(r"`([a-z]+)`", cell)}
    assert named == set(STATEMENT_TYPES)


SECTION_TABLES: Sequence[tuple[str, int, type[Any]]] = (
    ("`terms` of a consent to use", 0, sections.Terms),
    ("`terms` of a consent to create", 0, sections.CreateTerms),
    ("`exclusive` of a consent to use", 0, sections.Exclusive),
    ("`terms` of a usage", 0, sections.UsageTerms),
    ("`terms` of a report", 0, sections.ReportTerms),
    ("`terms` of an approval", 0, sections.ApprovalTerms),
    ("`money` of a consent", 0, sections.ConsentMoney),
    ("`money` of a consent", 1, sections.Fee),
    ("`money` of a consent", 2, sections.Split),
    ("`money` of a mandate", 0, sections.MandateMoney),
    ("`money` of a payment", 0, sections.PaymentMoney),
    ("`money` of a receipt", 0, sections.ReceiptMoney),
    ("`money` of an adjustment", 0, sections.AdjustmentMoney),
    ("`evidence` of a payment, receipt or adjustment", 0, sections.BankEvidence),
    ("`evidence` of a dispute", 0, sections.DisputeEvidence),
    ("`name` of a party", 0, sections.Name),
    ("`person` of any statement", 0, sections.Person),
)


@pytest.mark.parametrize("heading, place, make", SECTION_TABLES)
def test_members_of_a_section(heading: str, place: int, make: type[Any]) -> None:
    expected = fields_of(make)
    rows = tables(part(PROTOCOL, heading))[place]
    assert list(members(rows)) == list(expected)
    required = [row[0].strip("`") for row in rows if row[2] == "req"]
    assert required == [member for member, needed in expected.items() if needed]


def test_what_fees_are_charged_for() -> None:
    """In the protocol as in the code; and in every language, for those who sign and for those who read a memo."""
    [row] = [row for row in re.findall(r"^\| `per` \| (.*?) \| req \|$", PROTOCOL, re.MULTILINE)]
    assert set(re.findall(r"`(\w+)`", row)) == set(sections.FEES_PER)
    for language in languages():
        said = catalogue(language).templates
        for family in ("shown.per.", "memo.per."):
            assert {id.removeprefix(family) for id in said if id.startswith(family)} == set(sections.FEES_PER)


def test_limits() -> None:
    rows = {row[0]: row[1] for row in tables(part(PROTOCOL, "Limits"))[0]}
    assert rows["a leaf, and so a statement"] == f"{MAX_LEAF:,} bytes"
    assert rows["signatures of an envelope"] == f"{MAX_SIGNATURES}, at least 1"
    assert rows["keys, recovery keys"] == f"{MAX_KEYS} each"
    assert rows["payees"] == str(MAX_PAYEES)
    assert rows["assets, statement ids, party ids in one set"] == str(MAX_IDS)
    entries, lists, listed = evidence.MAX_ENTRIES, evidence.MAX_SUBJECTS, evidence.MAX_ROWS
    assert rows["an evidence file"] == f"128 MiB, {entries:,} entries, {lists:,} subjects, {listed:,} list rows"
    assert evidence.MAX_EVIDENCE == 128 << 20


def test_steps_and_their_codes() -> None:
    rows = tables(part(PROTOCOL, "7.2 Checking"))[0]
    shown = {int(row[0]): row[2].strip("`") for row in rows}
    assert shown == {**evidence.CODES, 15: "a verdict"}


def test_proofs_of_misbehaviour() -> None:
    shapes, kinds, steps = tables(part(PROTOCOL, "9.1 Proofs of misbehaviour"))
    assert {row[0].strip("`"): row[2] for row in kinds} == misbehaviour.SHOWS
    assert {int(row[0]): row[2].strip("`") for row in steps} == misbehaviour.CODES
    members = {name for row in shapes for name in re.findall(r"`([a-z]+)`", row[0])}
    held = {field.name for shape in misbehaviour.SHAPES.values() for field in fields(shape)}
    assert members == {"format", "kind", "shows", *held}
    rows = {row[0]: row[1] for row in tables(part(PROTOCOL, "Limits"))[0]}
    size, leaves = misbehaviour.MAX_MISBEHAVIOUR >> 20, misbehaviour.MAX_LEAVES
    assert rows["a misbehaviour file"] == f"{size} MiB, {leaves:,} leaves"


def test_problems() -> None:
    rows = tables(part(PROTOCOL, "8. HTTP"))[1]
    assert {row[0].strip("`"): (int(row[1]), row[2]) for row in rows} == {
        code: (status, english().say(f"problem.{code}")) for code, status in STATUSES.items()
    }


# ---- the contract


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_a_call_stands_in_its_section(route: Route) -> None:
    """Under the heading that its row in routes.py names, with every parameter that it takes. What is true of every page
    (its twin, how it is written) is told once."""
    section = re.search(rf"^## {route.section}\. .*?(?=^## )", PROTOCOL, re.DOTALL | re.MULTILINE)
    assert section, f"there is no section {route.section}"
    if route.twin:
        return
    said = [line for line in section[0].split("\n") if re.search(rf"`{re.escape(route.shown)}[`?]", line)]
    assert said, f"{route.shown} is not told there"
    for name in set(route.parameters or ()) - set(LOOKS):
        assert re.search(rf"[?&`]{name}(=|`)", " ".join(said)), f"the parameter {name} is not told there"


def test_every_call_that_is_told_has_its_row() -> None:
    section = PROTOCOL.partition("\n## 8. ")[2].partition("\n## 9. ")[0]
    told = set(re.findall(r"`((?:GET|POST|PUT|DELETE|PATCH) /[^`? ]*)[`?]", section))
    assert told == {route.shown for route in ROUTES if route.section == 8 and not route.twin}


def test_every_rule_has_its_heading() -> None:
    named = re.findall(r"^#### ([TAM]\d+): ", CONTRACT, re.MULTILINE)
    assert named == sorted({*RULE_IDS, "T1", "T3", "T5"}, key=lambda rule: ("TAM".index(rule[0]), int(rule[1:])))


def test_reason_codes_stand_in_order() -> None:
    after = CONTRACT.partition("\n## Reason codes\n")[2]
    assert re.findall(r"^#### `([a-z_]+)`$", after, re.MULTILINE) == list(CODES)


@pytest.mark.parametrize("code", CODES)
def test_a_reason_code_is_explained(code: str) -> None:
    text = part(CONTRACT, f"`{code}`")
    assert f"> {english().say(f'code.{code}')}\n" in text
    given, cure = (re.search(rf"^{what}: (.+)", text, re.MULTILINE) for what in ("Given by", "Cure"))
    assert given and cure
    rules = set(re.findall(r"\b[TAM]\d+\b", text))
    assert rules <= {*RULE_IDS}


@pytest.mark.parametrize("code", CODES)
def test_a_reason_code_is_given_by_the_rules_of_its_row(code: str) -> None:
    given = part(CONTRACT, f"`{code}`").partition("Given by: ")[2].partition("\n\n")[0]
    for kind, first, last in re.findall(r"([TAM])(\d+) to [TAM](\d+)", given):
        given += "".join(f" {kind}{number}" for number in range(int(first), int(last) + 1))
    by = CODES[code].by
    if by == "any":
        assert re.match(r"any rule|every rule", given)
    else:
        assert by and set(by.split()) <= set(re.findall(r"\b[TAM]\d+\b", given)) <= {*RULE_IDS}


def words(name: str) -> list[str]:
    found = re.search(rf"<!-- words: {name} -->\n```text\n(.*?)\n```", CONTRACT, re.DOTALL)
    assert found
    return found[1].split()


@pytest.mark.parametrize(
    "name, known",
    [
        ("rights", vocabulary.RIGHTS),
        ("channels", vocabulary.CHANNELS),
        ("online", vocabulary.ONLINE_CHANNELS),
        ("manipulations", vocabulary.MANIPULATIONS),
        ("eu", vocabulary.EU_COUNTRIES),
    ],
)
def test_vocabulary(name: str, known: frozenset[str]) -> None:
    assert words(name) == sorted(known)


def test_categories_are_counted() -> None:
    assert f"{len(CATEGORIES)} codes" in part(CONTRACT, "Vocabularies")


def test_profiles() -> None:
    rows = {row[0].strip("`"): row for row in tables(part(CONTRACT, "Profiles"))[0]}
    assert set(rows) == set(profiles.PROFILES) == set(vocabulary.PROFILES)
    for name, profile in profiles.PROFILES.items():
        _, _, form, delivered, product, label, _, notice = rows[name]
        assert form == ("duty" if profile.form else "warning")
        assert delivered == f"{profile.delivered // 3600} h"
        assert (product == "must be named") is profile.product_line
        assert label.startswith("visible") is profile.label
        assert (notice == "none") is (name == "eu")


# ---- maps of the house


MAPS = {name: (DOCS / name).read_text("utf-8") for name in ("architecture.md", "reading.md")}
PATH = re.compile(r"`((?:verifier|registry|tests|scripts|docs)/[^`\s*]*)`")


@pytest.mark.parametrize("name", MAPS)
def test_a_map_names_what_is_there(name: str) -> None:
    named = PATH.findall(MAPS[name])
    assert named
    assert [path for path in named if not (DOCS.parent / path).exists()] == []


def test_every_file_of_the_kernel_is_named_for_its_readers() -> None:
    """In a row of its own, once, with what to look for."""
    rows = re.findall(r"^\| `(verifier/[^`]+\.py)` \| \S", MAPS["reading.md"], re.MULTILINE)
    kernel = {
        path
        for path in files("verifier")
        if not path.startswith("verifier/programs/") and not path.endswith(("__init__.py", "__main__.py"))
    }
    assert sorted(rows) == sorted(kernel)


def test_every_room_is_on_the_map() -> None:
    """Of the rooms that are folders of their package, and of the table that holds their direction."""
    rooms = {f"{path.rpartition('/')[0]}/" for package in PACKAGES for path in files(package) if path.count("/") == 2}
    named = {path for path in PATH.findall(MAPS["architecture.md"]) if path.endswith("/")}
    assert rooms - named == set()


# ---- all documents


PAGES = sorted(DOCS.rglob("*.md"))


def anchors(text: str) -> set[str]:
    """The anchors that GitHub makes of headings."""
    found = set()
    for heading in re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.MULTILINE):
        kept = re.sub(r"[^\w\- ]", "", heading.lower())
        found.add(kept.replace(" ", "-"))
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text("utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        path, _, anchor = target.partition("#")
        assert "://" not in path or path.startswith("https://"), target
        if "://" in path or (page.name == "template.md" and "NNNN" in path):
            continue
        there = page.parent / path if path else page
        assert there.exists(), target
        if anchor:
            assert anchor in anchors(there.read_text("utf-8")), target


def test_every_decision_is_listed() -> None:
    listing = (DOCS / "decisions" / "README.md").read_text("utf-8")
    for page in sorted((DOCS / "decisions").glob("[0-9]*.md")):
        title = page.read_text("utf-8").split("\n")[0].removeprefix("# ")
        number, _, name = title.partition(": ")
        assert page.name.startswith(f"{number}-")
        assert f"| [{number}]({page.name}) | {name} |" in listing


@pytest.mark.parametrize("page", sorted((DOCS / "decisions").glob("[0-9]*.md")), ids=lambda page: page.stem)
def test_a_decision_says_what_it_costs(page: Path) -> None:
    text = page.read_text("utf-8")
    for heading in ("Context", "Decision", "Consequences"):
        assert part(text, heading).strip()
