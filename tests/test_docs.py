"""The documents agree with the code: every example is made anew, every table compared, every link followed.

An example is a code block after ``<!-- example: NAME -->``. Where the document breaks one line into many, the breaks
are taken out again; JSON that is laid out to be read is compared by its canonical bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from registry.problems import STATUSES
from registry.web.routes import LOOKS, ROUTES, Route
from tests.support.memory_log import MemoryLog
from tests.support.sources import PACKAGES, files
from tests.vectors.making.examples import FULL, Example
from verifier.base import canonical
from verifier.base.crypto import SigningKey
from verifier.base.errors import Malformed
from verifier.base.strict import format_b64, format_b64u, parse_b64, parse_b64u, parse_hex, parse_instant
from verifier.base.values import NO_DEFAULT, fields
from verifier.evidence import file as evidence
from verifier.evidence.verdict import format_verdict
from verifier.evidence.verify import verify
from verifier.index.proofs import check_presence, entry_hash, list_leaf, list_root, list_value, subject_key
from verifier.log.checkpoint import Checkpoint, format_checkpoint
from verifier.log.cosignature import Cosigner
from verifier.log.hashing import leaf_hash, root
from verifier.log.log_proof import LogProof, format_log_proof
from verifier.log.note import Signer, format_note, parse_vkey
from verifier.log.tiles import entries_path, tile_path
from verifier.log.trust import Policy, parse_policy
from verifier.misbehaviour import file as misbehaviour
from verifier.misbehaviour.accuse import fork_by_notes
from verifier.misbehaviour.check import check as check_misbehaviour
from verifier.misbehaviour.check import format_outcome as format_misbehaviour_outcome
from verifier.programs.language import catalogue, english, languages
from verifier.rules.model.codes import CODES
from verifier.rules.table import RULE_IDS
from verifier.rules.use import profiles
from verifier.statements import sections, vocabulary
from verifier.statements.categories import CATEGORIES
from verifier.statements.disclosure import digest, format_disclosure
from verifier.statements.envelope import MAX_SIGNATURES, PAYLOAD_TYPE, Signature, format_envelope, pae
from verifier.statements.kinds import KINDS as STATEMENT_KINDS
from verifier.statements.parse import encode_statement
from verifier.statements.parse import parse_statement as read_statement
from verifier.statements.parties import ROLES
from verifier.statements.readers import MAX_IDS, MAX_KEYS, MAX_PAYEES
from verifier.statements.subjects import KINDS as SUBJECT_KINDS
from verifier.statements.subjects import subjects
from verifier.statements.types import MAX_LEAF, STATEMENT_TYPES, Recovery, Statement

DOCS = Path(__file__).resolve().parents[1] / "docs"
PROTOCOL = (DOCS / "protocol.md").read_text("utf-8")
CONTRACT = (DOCS / "rules.md").read_text("utf-8")

BLOCK = re.compile(r"<!-- example: ([a-z-]+) -->\n```[a-z]*\n(.*?)\n```", re.DOTALL)
BLOCKS = dict(BLOCK.findall(PROTOCOL))


def block(name: str) -> str:
    return str(BLOCKS[name])


def line(name: str) -> bytes:
    """A block that is one line, broken to be read."""
    return block(name).replace("\n", "").encode()


def lines(name: str) -> list[str]:
    return block(name).split("\n")


# ---- the log that the examples are of


SEEDS = {"log": 1, "registrar": 2, "anna": 3, "recovery": 4, "witness": 5}
ORIGIN = "registry.example/log"
ABC = sha256(b"abc").hexdigest()


def key(name: str) -> SigningKey:
    return SigningKey(bytes([SEEDS[name]]) * 32)


def log_signer() -> Signer:
    return Signer(ORIGIN, key("log"))


def signed(payload: bytes, *names: str) -> bytes:
    keys = [key(name) for name in names]
    return format_envelope(
        payload, [Signature(keyid=one.public.hex(), sig=one.sign(pae(payload))) for one in keys]
    )


@cache
def the_log() -> MemoryLog:
    """The example's four entries, from the document's own statements."""
    log = MemoryLog()
    log.append(signed(line("genesis"), "log"))
    first = {
        "at": "2026-11-23T18:00:00Z",
        "first": 0,
        "index": format_b64(log.close_batch(parse_instant("2026-11-23T18:00:00Z"))),
        "kembar": 2,
        "nonce": format_b64u(b"\xa1" * 16),
        "registry": block("genesis-id"),
        "size": 1,
        "type": "seal",
    }
    log.append_seal(signed(encode_statement(first), "log"))
    log.append(line("leaf"), {"person": block("disclosure")})
    log.close_batch(parse_instant("2026-11-23T18:05:15Z"))
    log.append_seal(signed(line("seal"), "log"))
    return log


def checkpoint_text() -> str:
    log = the_log()
    return format_checkpoint(Checkpoint(origin=ORIGIN, size=log.size, root=log.root()))


def policy() -> Policy:
    return parse_policy(block("policy") + "\n")


def party() -> Statement:
    return read_statement(line("party"))


# ---- every example, checked


CHECKS: dict[str, Callable[[], None]] = {}


def example(check: Callable[[], None]) -> Callable[[], None]:
    """Register the check of the example that a function is named after."""
    CHECKS[check.__name__.removesuffix("_example").replace("_", "-")] = check
    return check


@example
def keys_example() -> None:
    for row in lines("keys"):
        name, seed, times, size, public = row.split()
        assert (int(seed, 16), times, size) == (SEEDS[name], "x", "32")
        assert public == key(name).public.hex()
    assert len(lines("keys")) == len(SEEDS)


@example
def canonical_example() -> None:
    for text in lines("canonical"):
        assert canonical.encode(canonical.parse(text.encode(), limit=1000)) == text.encode()


@example
def canonical_refused_example() -> None:
    for text in lines("canonical-refused"):
        with pytest.raises(Malformed):
            canonical.parse(text.encode(), limit=1000)


@example
def values_refused_example() -> None:
    readers: Mapping[str, Callable[[str], object]] = {
        "b64": parse_b64, "b64u": parse_b64u, "hex": parse_hex, "instant": parse_instant,
    }  # fmt: skip
    for row in lines("values-refused"):
        kind, text = row.split()[:2]
        with pytest.raises(Malformed):
            readers[kind](text)


@example
def party_example() -> None:
    statement = party()
    assert encode_statement(json.loads(line("party"))) == line("party")
    assert statement.type == "party" and statement.sections == {"person": block("disclosure-digest")}


@example
def party_id_example() -> None:
    assert party().id == sha256(line("party")).hexdigest() == block("party-id")


@example
def pae_example() -> None:
    assert pae(line("party")).startswith(block("pae").encode())
    assert PAYLOAD_TYPE in block("pae") and f" {len(line('party'))} " in block("pae")


@example
def leaf_example() -> None:
    assert line("leaf") == signed(line("party"), "registrar", "anna", "recovery")


@example
def leaf_hash_example() -> None:
    assert block("leaf-hash") == leaf_hash(line("leaf")).hex()


@example
def disclosure_array_example() -> None:
    salt, name, section = json.loads(block("disclosure-array"))
    assert canonical.encode([salt, name, section]) == block("disclosure-array").encode()
    assert format_disclosure(name, section, parse_b64u(salt)) == block("disclosure")


@example
def disclosure_example() -> None:
    assert parse_b64u(block("disclosure")) == block("disclosure-array").encode()


@example
def disclosure_digest_example() -> None:
    assert block("disclosure-digest") == digest(block("disclosure"))


@example
def vkey_example() -> None:
    assert block("vkey") == str(log_signer().verifier)
    assert parse_vkey(block("vkey")).key == key("log").public


@example
def genesis_example() -> None:
    statement = read_statement(line("genesis"))
    assert statement.type == "genesis" and block("vkey").encode() in line("genesis")


@example
def genesis_id_example() -> None:
    assert block("genesis-id") == sha256(line("genesis")).hexdigest() == party().registry


@example
def subjects_example() -> None:
    assert tuple(lines("subjects")) == subjects(party())


@example
def reference_example() -> None:
    stem = sha256(f"kembar/ref\n{'a' * 64}\n{'b' * 64}".encode()).hexdigest()[:24].upper()
    assert re.fullmatch(f"K{stem}[0-9]{{1,10}}", block("reference"))


@example
def tiles_example() -> None:
    assert lines("tiles") == [tile_path(0, 1_234_067, 8), entries_path(1_234_067, 8)]


@example
def seal_example() -> None:
    seal: Any = read_statement(line("seal"))
    assert (seal.type, seal.first, seal.size) == ("seal", 2, 3)
    assert seal.index.hex() == block("index-root")


@example
def checkpoint_example() -> None:
    text = checkpoint_text()
    assert format_note(text, [log_signer().sign(text)]) == block("checkpoint") + "\n"


@example
def list_example() -> None:
    assert list_root(json.loads(block("list"))).hex() == block("list-root")


@example
def list_leaves_example() -> None:
    assert lines("list-leaves") == [list_leaf(*row).hex() for row in json.loads(block("list"))]


@example
def list_root_example() -> None:
    left, right = (leaf_hash(bytes.fromhex(one)) for one in lines("list-leaves"))
    assert block("list-root") == sha256(b"\x01" + left + right).hexdigest()


@example
def subject_keys_example() -> None:
    shown = dict(zip(lines("subject-keys")[::2], lines("subject-keys")[1::2], strict=True))
    assert shown == {subject: "  " + subject_key(subject).hex() for subject in the_log().lists}
    assert [keyed.strip()[:2] for keyed in shown.values()] == ["13", "34", "cd"]


@example
def value_example() -> None:
    rows = the_log().rows(f"party:{block('party-id')}")
    assert rows == [(2, 1795457115)] and "`[2,1795457115]`" in PROTOCOL
    assert block("value") == list_value(1, list_root(rows)).hex()


def index_entries() -> dict[str, bytes]:
    return {kind: bytes.fromhex(hashed) for kind, hashed in map(str.split, lines("index-entries"))}


@example
def index_entries_example() -> None:
    log = the_log()
    shown = index_entries()
    for subject, rows in log.lists.items():
        held = list_value(len(rows), list_root(rows))
        assert shown.pop(subject.partition(":")[0]) == entry_hash(subject_key(subject), held)
    assert not shown


@example
def index_root_example() -> None:
    entries = index_entries()
    inner = sha256(b"\x01\x02" + entries["keys"] + entries["party"]).digest()
    assert block("index-root") == sha256(b"\x01\x00" + inner + entries["registry"]).hexdigest()


@example
def index_path_example() -> None:
    path = [(bit, parse_b64(sibling)) for bit, sibling in json.loads(block("index-path"))]
    root = bytes.fromhex(block("index-root"))
    check_presence(root, f"party:{block('party-id')}", bytes.fromhex(block("value")), path)


def evidence_bytes() -> bytes:
    return canonical.encode(json.loads(block("evidence")))


@example
def evidence_example() -> None:
    shown = evidence.parse_evidence(evidence_bytes())
    log = the_log()
    assert shown.checkpoint == block("cosigned") + "\n"
    assert [entry.envelope.leaf for entry in shown.entries] == [log.leaf(0), log.leaf(3)]
    assert {one.subject for one in shown.subjects} == {f"asset:{ABC}", f"registry:{block('genesis-id')}"}


@example
def log_proof_example() -> None:
    proof = LogProof(index=2, proof=tuple(the_log().inclusion(2)), checkpoint=block("cosigned") + "\n")
    assert format_log_proof(proof) == block("log-proof") + "\n"


def witness() -> Cosigner:
    return Cosigner("witness.example/ada", key("witness"))


@example
def policy_example() -> None:
    assert policy().quorum == "ada"
    assert policy().verifiers() == (log_signer().verifier, witness().verifier)


COSIGNED_AT = parse_instant("2026-11-23T18:05:16Z")


@example
def cosignature_message_example() -> None:
    message = block("cosignature-message") + "\n"
    assert message == f"cosignature/v1\ntime {COSIGNED_AT}\n{checkpoint_text()}"
    cosigned = witness().sign(checkpoint_text(), COSIGNED_AT)
    assert cosigned.signature == COSIGNED_AT.to_bytes(8, "big") + key("witness").sign(message.encode())


@example
def cosigned_example() -> None:
    text = checkpoint_text()
    note = format_note(text, [log_signer().sign(text), witness().sign(text, COSIGNED_AT)])
    assert note == block("cosigned") + "\n"


@example
def verdict_example() -> None:
    outcome = verify(evidence_bytes(), policy(), instant=parse_instant("2026-11-23T19:00:00Z"))
    assert format_verdict(outcome) == canonical.encode(json.loads(block("verdict")))
    assert [row["rule"] for row in json.loads(block("verdict"))["rules"]] == list(RULE_IDS)


@example
def invalid_example() -> None:
    broken = evidence_bytes().replace(b'"index":0,', b'"index":0.0,', 1)
    assert format_verdict(verify(broken, policy(), instant=0)) == block("invalid").encode()


def other_checkpoint() -> str:
    """The log's last two entries the other way round."""
    hashes = [leaf_hash(the_log().leaf(index)) for index in (0, 1, 3, 2)]
    text = format_checkpoint(Checkpoint(origin=ORIGIN, size=4, root=root(hashes)))
    return format_note(text, [log_signer().sign(text)])


@example
def misbehaviour_example() -> None:
    claim = fork_by_notes(block("checkpoint") + "\n", other_checkpoint())
    assert misbehaviour.format_misbehaviour(claim) == canonical.encode(json.loads(block("misbehaviour")))


@example
def misbehaviour_proven_example() -> None:
    outcome = check_misbehaviour(canonical.encode(json.loads(block("misbehaviour"))), policy())
    assert format_misbehaviour_outcome(outcome) == block("misbehaviour-proven").encode()


@pytest.mark.parametrize("name", CHECKS)
def test_example(name: str) -> None:
    CHECKS[name]()


def test_every_example_is_checked() -> None:
    assert sorted(BLOCKS) == sorted(CHECKS)
    assert len(BLOCK.findall(PROTOCOL)) == PROTOCOL.count("<!-- example:") == len(BLOCKS)


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
    for name in set(route.parameters or ()) - (set(LOOKS) if route.page else set()):
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
