"""Every language says everything: no sentence is missing, unused, or without one of its values."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from registry.demo.story import IN_FORCE, LEFT_OUT, RECORD_BOOK, SCENES, UNREGISTERED, VARIANTS
from registry.problems import STATUSES
from registry.web.routes import ROUTES
from verifier.base.values import fields
from verifier.evidence.file import CODES as STEPS
from verifier.misbehaviour.file import CODES as MISBEHAVIOUR_STEPS
from verifier.misbehaviour.file import SHOWS
from verifier.programs.check.batch import CONCLUSIONS, KINDS
from verifier.programs.language import DEFAULT, catalogue, choose, english, language_of, languages
from verifier.replay.findings import _KINDS as FINDINGS
from verifier.replay.findings import Severity
from verifier.rules.model.codes import CODES, Told
from verifier.rules.model.results import Result
from verifier.rules.table import RULE_IDS
from verifier.statements import sections, types
from verifier.statements.parties import ROLES
from verifier.statements.types import GROUNDS, PARTY_ROLES
from verifier.words.catalogue import PLACEHOLDER, Template, placeholders

ROOT = Path(__file__).resolve().parents[3]
SOURCES = sorted(path for name in ("verifier", "registry") for path in (ROOT / name).rglob("*.py"))
PAGES = sorted((ROOT / "registry").rglob("*.html"))
OTHERS = [language for language in languages() if language != DEFAULT]

MEMBERS = {
    one.name.rstrip("_")
    for module in (sections, types)
    for kind in vars(module).values()
    if hasattr(kind, "__value_fields__")
    for one in fields(kind)
}
"""The members of all statements and sections."""

STORY = {
    one.name
    for one in (
        *(scene.question for scene in SCENES),
        *(question for _, question in VARIANTS),
        LEFT_OUT[1],
        UNREGISTERED,
        IN_FORCE,
        RECORD_BOOK,
    )
}
"""The scenes of the demo's story."""

FAMILIES = {
    "code": set(CODES),
    "rule": set(RULE_IDS),
    "result": {one.value for one in Result},
    "step": {str(step) for step in STEPS},
    "misbehaviour_step": {str(step) for step in MISBEHAVIOUR_STEPS},
    "shows": set(SHOWS),
    "severity": {one.value for one in Severity},
    "label": set(CONCLUSIONS),
    "conclusion": set(CONCLUSIONS),
    "exception": set(KINDS),
    "role": {*ROLES, *PARTY_ROLES},
    "story": STORY,
    "who": {*PARTY_ROLES, "payee", "payer", "registrar", "sublicensee"},
    "ground": set(GROUNDS),
    "problem": set(STATUSES),
    "hint": set(STATUSES),
    "invitation": {"open", "waiting", "logged", "ended"},
    "came": {"logged", "waiting", "done", "cancelled", "refused"},
    "call": {route.name for route in ROUTES if not route.page} - {"health", "static"},
    "cure": {code for code, row in CODES.items() if row.told is Told.SIGNER} | {"other"},
    "member": {*MEMBERS, "uses"} - {"nonce", "parties", "sections", "type"},
    **{f"keys_{one}": {"lost", "new", "sheet", "stolen"} for one in ("title", "lead", "copy", "copy_says", "copy_do")},
    "keys_neither": {"lost", "sheet", "stolen"},
    "keys_after": {"lost", "sheet", "stolen"},
    "payee_kind": {"agency", "crew", "levy", "maker", "model", "trust"},
    "decision": {"approve", "reject"},
}
"""Sentences whose ids are made of codes: for every code one, and no other."""


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Every call of ``say``, with where it stands."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in SAYING:
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node


SAYING = {"say", "_say", "Sentence"}
ALIGNED = {
    "batch.line", "clock.here", "clock.sealed", "init.guard", "init.id", "init.policy", "init.registrar", "init.vkey",
}  # fmt: skip
"""Lines of columns."""

CODE = r"\.[A-Za-z0-9_-]+"


def ids_of(node: ast.expr) -> Iterator[str]:
    """The ids that an expression may be, each as a pattern."""
    match node:
        case ast.Constant(value=str(id)):
            yield re.escape(id)
        case ast.JoinedStr(values=[ast.Constant(), *_] as parts):
            yield "".join(re.escape(str(p.value)) if isinstance(p, ast.Constant) else r"[A-Za-z0-9_]+" for p in parts)
        case ast.IfExp(body=first, orelse=second):
            yield from ids_of(first)
            yield from ids_of(second)
        case _:
            pass


def patterns() -> set[str]:
    """All that is said: what calls name, and every other string that looks like an id."""
    found = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Constant(value=str(text)) if re.fullmatch(r"[a-z_]+(\.[a-zA-Z0-9_]+)*", text):
                    found.add(re.escape(text))
                case ast.JoinedStr(values=[ast.Constant(value=str(head)), *_]) if re.match(r"[a-z_]+\.", head):
                    found.update(ids_of(node))
                case ast.Call(func=ast.Attribute(attr="code"), args=[ast.Constant(value=str(family)), _]):
                    found.add(re.escape(family) + CODE)
                case ast.Call(func=ast.Name(id="word"), args=[ast.Constant(value=str(family)), *_]):
                    found.add(rf"memo\.{family}" + CODE)
                case ast.Call(func=ast.Name(id="_codes"), args=[ast.Constant(value=str(family)), *_]):
                    found.add(re.escape(family) + CODE)
                case _:
                    pass
    for path in (ROOT / "registry").rglob("*.jinja"):
        found.update(rf"memo\.{family}" + CODE for family in re.findall(r"words\('(\w+)'", path.read_text("utf-8")))
    for path in browser_sources():
        found.update(browser_patterns(path.read_text("utf-8")))
    for path in PAGES:
        text = path.read_text("utf-8")
        found.update(re.escape(id) for id in re.findall(r"'([a-z_]+\.[a-z_.]+)'", text))
        found.update(re.escape(family) + CODE for family in re.findall(r"\bcode\('([a-z_.]+)'", text))
    return found


def browser_sources() -> list[Path]:
    """The verifier in JavaScript, without what others wrote and what only builds or tests it."""
    folder = ROOT / "verifier" / "browser"
    left_out = {"node_modules", "tests", "tools"}
    return [path for path in folder.rglob("*.js") if not left_out & set(path.relative_to(folder).parts)]


def browser_patterns(source: str) -> Iterator[str]:
    """As tools/build.js finds them, which puts no other sentences into the page."""
    for id in re.findall(r"""["'`]([a-z_]+\.[A-Za-z0-9_.]+)["'`]""", source):
        yield re.escape(id)
    for head, family in re.findall(r"""`([a-z_.]+)\.\$\{|\.code\("([a-z_.]+)\"""", source):
        yield re.escape(head or family) + f"({CODE})+"
    for listed in re.findall(r'"((?:[a-z_.]+\. )*[a-z_.]+\.)"', source):
        yield from (re.escape(family[:-1]) + f"({CODE})+" for family in listed.split(" "))


@pytest.mark.parametrize("language", OTHERS)
def test_a_language_is_complete(language: str) -> None:
    own, first = catalogue(language).templates, english().templates
    assert sorted(first.keys() - own.keys()) == []
    assert sorted(own.keys() - first.keys()) == []


@pytest.mark.parametrize("language", OTHERS)
def test_a_language_takes_the_same_values(language: str) -> None:
    def taken(template: Template) -> frozenset[str]:
        return placeholders(template) - {"n"} if not isinstance(template, str) else placeholders(template)

    own, first = catalogue(language).templates, english().templates
    for id, template in first.items():
        both = taken(own[id]) - {"n"}, taken(template) - {"n"}
        assert both[0] == both[1], id


@pytest.mark.parametrize("language", languages())
def test_sentences_are_whole(language: str) -> None:
    first = english().templates
    for id, template in catalogue(language).templates.items():
        for text in [template] if isinstance(template, str) else template.values():
            assert text and (text == text.rstrip() or text.strip(" ,") in {"or", "atau"}), id
            assert "  " not in PLACEHOLDER.sub("x", text).strip() or id in ALIGNED, id
        if isinstance(template, str) and isinstance(other := first[id], str) and "{" not in other[-1:]:
            assert (template[-1] == ".") == (other[-1] == "."), id


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_left_in_english(language: str) -> None:
    """A sentence of more than three words is nowhere the same in two languages."""
    own, first = catalogue(language).templates, english().templates
    for id, template in first.items():
        if isinstance(template, str) and len(re.findall(r"[a-z]{2,}", PLACEHOLDER.sub("", template))) > 3:
            assert own[id] != template, id


def test_what_is_said_is_there_with_its_values() -> None:
    wrong = []
    for where, call in calls():
        position = 1 if getattr(call.func, "id", "") == "_say" else 0
        given = {one.arg for one in call.keywords if one.arg is not None}
        is_open = any(one.arg is None for one in call.keywords)
        for pattern in ids_of(call.args[position]) if len(call.args) > position else ():
            if " " in pattern:
                continue  # somebody else's say()
            found = [id for id in english().templates if re.fullmatch(pattern, id)]
            if not found:
                wrong.append(f"{where}: {pattern} is not in the catalogue")
            for id in found:
                wanted = placeholders(english().templates[id])
                is_plural = not isinstance(english().templates[id], str)
                if not is_open and (given - {"n"} != wanted - {"n"} or ("n" in wanted or is_plural) > ("n" in given)):
                    wrong.append(f"{where}: {id} takes {sorted(wanted)} and is given {sorted(given)}")
    assert wrong == []


def said_by(template: Path) -> Iterator[nodes.Call]:
    """Every call of ``say`` in a page's template."""
    tree = Environment().parse(template.read_text("utf-8"))
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "say":
            yield call


@pytest.mark.parametrize("template", PAGES, ids=lambda path: path.name)
def test_what_a_page_says_is_there_with_its_values(template: Path) -> None:
    first = english().templates
    for call in said_by(template):
        id = call.args[0]
        if not isinstance(id, nodes.Const):
            continue  # a macro says what it is given
        assert id.value in first, f"{template.name}:{call.lineno}: {id.value} is not in the catalogue"
        given, wanted = {one.key for one in call.kwargs}, placeholders(first[id.value])
        needs_n = "n" in wanted or not isinstance(first[id.value], str)
        assert given - {"n"} == wanted - {"n"} and ("n" in given or not needs_n), f"{template.name}:{call.lineno}"


def test_nothing_is_unused() -> None:
    used = re.compile("|".join(sorted(patterns())))
    own = {"list.more", "money.units", "money.units_of"}  # the catalogue's own
    told = ("advice.", "error.")  # found by their text: test_recognise.py
    ids = [id for id in english().templates if not id.startswith(told)]
    assert sorted(id for id in ids if not used.fullmatch(id) and id not in own) == []


@pytest.mark.parametrize("family", FAMILIES)
def test_every_code_has_its_sentence(family: str) -> None:
    ids = {id.partition(".")[2] for id in english().templates if id.startswith(f"{family}.")}
    assert ids == FAMILIES[family]


def test_every_finding_has_its_sentence() -> None:
    ids = {id.partition(".")[2] for id in english().templates if id.startswith("finding.")}
    assert ids == {*FINDINGS, "seal_ahead_of_cosignatures"}


def test_a_misbehaviour_file_says_what_the_catalogue_says() -> None:
    assert {kind: english().say(f"shows.{kind}") for kind in SHOWS} == SHOWS


# ---- which language


@pytest.mark.parametrize(
    "tag, language",
    [
        ("id", "id"), ("id-ID", "id"), ("id_ID.UTF-8", "id"), ("ID", "id"), ("id@latin", "id"), ("en", "en"),
        ("C", "en"), ("C.UTF-8", "en"), ("POSIX", "en"), ("tlh_AQ", "en"), ("idn", "en"), ("", "en"), ("../id", "en"),
    ],
)  # fmt: skip
def test_language_of(tag: str, language: str) -> None:
    assert language_of(tag) == language


@pytest.mark.parametrize(
    "option, environment, language",
    [
        ("id", {"LC_ALL": "en_US"}, "id"),
        (None, {"LC_ALL": "id_ID", "LANG": "en_US"}, "id"),
        (None, {"LC_ALL": "", "LC_MESSAGES": "id_ID", "LANG": "en_US"}, "id"),
        (None, {"LC_ALL": "C", "LANG": "id_ID"}, "en"),
        (None, {"LANG": "id_ID.UTF-8"}, "id"),
        (None, {}, "en"),
    ],
)
def test_choose(option: str | None, environment: dict[str, str], language: str) -> None:
    assert choose(option, environment).language == language


def test_amounts_and_times_as_people_write_them() -> None:
    indonesian = catalogue("id")
    assert english().money(189_600, "EUR") == "EUR 1,896.00"
    assert indonesian.money(950_000_000, "IDR") == "IDR 9.500.000,00"
    assert indonesian.moment(1_797_214_320, offset=7 * 3600, zone="WIB") == "14 Desember 2026, 09.12.00 WIB"


def test_a_language_that_is_not_there() -> None:
    with pytest.raises(ValueError, match=r"none of the languages .*en, "):
        catalogue("xx")
