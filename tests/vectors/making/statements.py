"""Files statement-<type>.json."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.vectors.making.examples import (
    FULL,
    GENESIS,
    MORE_VALID,
    RECOVERY,
    TWIN,
    USAGE,
    VKEY,
    Example,
    vkey,
)
from tests.vectors.making.mutations import MAX, Json, b64, b64u, h, hs, lean, mutated, sections, text

SPECIAL = ("kembar", "type", "nonce", "origin", "log", "index", "sections")
"""Members with mutations of their own."""


COMMON = ("at", "registry", "parties")
"""What all have. It is mutated in one type; the others only lack it."""
MUTATED_IN = "resumption"


def broken_statement(one: Example) -> Iterator[tuple[str, Json, str]]:
    value = one.value
    given = value.get("sections", {})
    required = [name for name in given if f"sections.{name}" not in one.optional]
    skip = {*SPECIAL, *(f"sections.{name}" for name in given)}
    if one.name == MUTATED_IN:
        yield from broken_common(value)
    else:
        skip |= {*COMMON, *(f"parties.{role}" for role in value.get("parties", {}))}
    for name, wrong, place in mutated(value, (*one.optional, *one.alternatives), skip):
        if name == "without-sections":
            yield name, wrong, f"sections.{min(required)}"
        elif name.startswith("without-sections-") and len(given) == 1:
            yield name, wrong, "sections"
        else:
            yield name, wrong, place
    allowed = set(given) | {name.removeprefix("sections.") for name in one.optional if name.startswith("sections.")}
    if one.name == "adjustment that credits":
        allowed.add("evidence")
    if one.name == "key that recovers":
        allowed.add("name")
    for name in ("evidence", "exclusive", "money", "name", "person", "secret", "terms"):
        if name not in allowed:
            yield f"sections-with-{name}", {**value, "sections": {**given, **sections(name)}}, f"sections.{name}"


def broken_common(value: Json) -> Iterator[tuple[str, Json, str]]:
    for what, new in {"one": 1, "boolean": True, "string": "2"}.items():
        yield f"kembar-{what}", {**value, "kembar": new}, "kembar"
    for what, word in {"unknown": "sighting", "upper-case": "RESUMPTION", "number": 1, "array": ["seal"]}.items():
        yield f"type-{what}", {**value, "type": word}, "type"
    nonce = value["nonce"]
    for what, new in {
        "15-bytes": b64u(bytes(15)), "17-bytes": b64u(bytes(17)), "padded": nonce + "==",
        "spare-bits": nonce[:-1] + "B", "plus": "+" + nonce[1:], "number": 7,
    }.items():  # fmt: skip
        yield f"nonce-{what}", {**value, "nonce": new}, "nonce"
    yield "sections-empty", {**value, "sections": {}}, "sections"
    yield "sections-array", {**value, "sections": ["person"]}, "sections"
    digest = value["sections"]["person"]
    for what, new in {
        "hex": h("x"), "one-short": digest[:-1], "padded": digest + "=", "spare-bits": digest[:-1] + "B", "number": 7,
    }.items():  # fmt: skip
        yield f"sections-digest-{what}", {**value, "sections": {"person": new}}, "sections.person"


def special_cases(one: Example) -> Iterator[tuple[str, Json, str]]:
    """What one type alone can get wrong."""
    value = one.value
    match one.name:
        case "genesis":
            yield "with-registry", {**value, "registry": GENESIS}, "registry"
            yield "rules-zero", {**value, "rules": 0}, "rules"
            for what, origin in {
                "quote": 'a"b', "backslash": "a\\b", "not-ascii": "käse.example", "control": "a\nb", "delete": "a\x7fb",
                "too-long": "a" * 1025, "empty": "",
            }.items():  # fmt: skip
                yield f"origin-{what}", {**value, "origin": origin}, "origin"
            name, key_id, key = VKEY.split("+", 2)
            for what, log in {
                "no-vkey": "kembar.example", "wrong-id": f"{name}+00000000+{key}", "short-key": VKEY[:-4],
                "upper-case-id": f"{name}+{key_id.upper()}+{key}" if key_id.upper() != key_id else "x",
                "of-a-witness": vkey(4), "empty": "",
            }.items():  # fmt: skip
                yield f"log-{what}", {**value, "log": log}, "log"
        case "registry":
            bare = {name: item for name, item in value.items() if name not in ("log", "registrars", "rules")}
            yield "that-changes-nothing", bare, ""
        case "party":
            model = {name: item for name, item in value.items() if name != "recovery"} | {"roles": ["model"]}
            yield "model-with-keys-and-no-recovery", model, "recovery"
            yield "threshold-zero", {**value, "recovery": {**RECOVERY, "threshold": 0}}, "recovery.threshold"
            yield "role-payee", {**value, "roles": ["payee"]}, "roles[0]"
        case "key that adds and retires":
            yield "add-beside-keys", {**value, "keys": hs("key", 1)}, ""
            yield "recovery-beside-add", {**value, "recovery": RECOVERY}, "recovery"
            bare = {name: item for name, item in value.items() if name not in ("add", "retire")}
            yield "that-changes-nothing", bare, ""
            yield "recovery-alone", {**bare, "recovery": RECOVERY}, ""
        case "consent to create":
            for member in ("twin", "under", "replaces", "renews"):
                yield f"create-with-{member}", {**value, member: h("x")}, member
            for member in ("sublicensees",):
                yield f"create-with-{member}", {**value, member: hs("x", 1)}, member
            yield "create-with-sublicense", {**value, "sublicense": "listed"}, "sublicense"
            yield "create-with-exercise_by", {**value, "exercise_by": "2026-12-01T00:00:00Z"}, "exercise_by"
        case "adjustment that credits":
            yield "credit-with-of", {**value, "of": hs("x", 1)}, "of"
        case "revocation of a consent":
            without = {name: item for name, item in value.items() if name != "consent"}
            yield "of-nothing", without, ""
            yield "of-two", {**value, "twin": TWIN}, ""
            yield "of-three", {**value, "twin": TWIN, "mandate": h("mandate")}, ""
            yield "part-of-a-withdrawal", {**value, "part": "exclusive"}, "part"
            yield "part-all", {**value, "ground": "unpaid", "part": "all"}, "part"
        case "revocation of a twin":
            yield "part-of-a-twin", {**value, "ground": "unpaid", "part": "exclusive"}, "part"
        case "consent to use":
            yield "replaces-and-renews", {**value, "renews": h("x")}, "renews"
            yield "sublicense-anybody", {**value, "sublicense": "anybody"}, "sublicense"
        case "usage":
            yield "513-assets", {**value, "assets": hs("asset", 513)}, "assets"
        case "erasure":
            yield "erased-exclusive", {**value, "erased": ["exclusive", "terms"]}, "erased[0]"
            yield "of-a-set", {**value, "of": [USAGE]}, "of"
        case "seal":
            root = value["index"]
            for what, index in {
                "31-bytes": b64(bytes(31)), "unpadded": root.rstrip("="), "spare-bits": root[:-2] + "B=", "hex": h("x"),
                "url-alphabet": "_" + root[1:],
            }.items():  # fmt: skip
                yield f"index-{what}", {**value, "index": index}, "index"
            yield "size-beyond-2-53", {**value, "size": MAX + 1}, ""
        case _:
            pass


def broken_text(good: str) -> Iterator[tuple[str, str, str]]:
    """Texts of a right value that are not canonical."""
    yield "white-space", good.replace(":", ": ", 1), ""
    yield "line-end", good + "\n", ""
    yield "byte-order-mark", "\ufeff" + good, ""
    yield "member-twice", good.replace("{", '{"at":"2026-11-23T18:05:15Z",', 1), ""
    yield "members-out-of-order", "{" + ",".join(reversed(re.findall(r'"kembar":2|"at":"[^"]*"', good))) + "," + good[
        good.index('"kembar":2') + 11 :
    ], ""  # fmt: skip
    yield "escaped-letter", good.replace('"at"', '"\\u0061t"', 1), ""
    yield "fraction", good.replace('"kembar":2', '"kembar":2.0'), ""
    yield "exponent", good.replace('"kembar":2', '"kembar":2e0'), ""
    yield "minus-zero", good.replace('"kembar":2', '"kembar":-0'), ""
    yield "null", good.replace('"kembar":2', '"kembar":null'), ""
    yield "not-a-number", good.replace('"kembar":2', '"kembar":NaN'), ""
    yield "array", f"[{good}]", "type"
    yield "string", '"statement"', "type"
    yield "cut-short", good[:-1], ""
    yield "nothing", "", ""
    yield "empty-object", "{}", "type"
    yield "too-deep", '{"a":' + "[" * 16 + "]" * 16 + "}", ""


def subjects(value: Json, one: Example, own: str) -> list[str]:
    """What ``value``, which is ``one`` or ``one`` without what is optional, touches."""
    if value["type"] == "seal":
        return []
    parties = value.get("parties", {})
    named: set[str] = set()
    for party in parties.values():
        named.update(party if isinstance(party, list) else [party])
    touched = {subject.replace("ID", own) for subject in one.touches}
    if "parties" not in value and one.members["type"] in ("key", "guardian"):
        touched = set()
    if value["type"] == "consent" and "parties" not in value:
        touched = {f"consent:{own}"}
    return sorted({f"party:{party}" for party in named} | touched)


def bare(one: Example) -> Json:
    """The same statement without what is optional."""
    value = one.value
    for name in one.optional:
        if name in value:
            del value[name]
    if "sections" in value:
        required = {name: item for name, item in value["sections"].items() if f"sections.{name}" not in one.optional}
        value["sections"] = required
    return value


def valid_case(name: str, value: Json, touched: Example) -> Json:
    payload = text(value)
    own = h(payload)
    return {"id": own, "name": name, "payload": payload, "subjects": subjects(value, touched, own)}


def statement_files() -> Iterator[tuple[str, Json]]:
    lists: dict[str, dict[str, list[Json]]] = {}
    for one in [*FULL, *MORE_VALID]:
        of_type = lists.setdefault(one.members["type"], {"malformed": [], "valid": []})
        of_type["valid"].append(valid_case(one.name, one.value, one))
    for one in FULL:
        of_type = lists[one.members["type"]]
        if one.optional:
            of_type["valid"].append(valid_case(f"{one.name}, nothing optional", bare(one), one))
        cases = [(name, text(lean(v, one.value, one.optional)), place) for name, v, place in broken_statement(one)]
        cases += [(name, text(value), place) for name, value, place in special_cases(one)]
        if one.name == MUTATED_IN:
            cases += broken_text(text(one.value))
        prefix = "" if len(one.name.split()) == 1 else one.name.replace(" ", "-") + "-"
        of_type["malformed"] += [
            {"name": prefix + name, "payload": payload, "where": place} for name, payload, place in cases
        ]
    for kind, of_type in lists.items():
        yield f"statement-{kind}", of_type
