"""Files envelopes.json and disclosures.json."""

from __future__ import annotations

import json
from base64 import b64decode
from hashlib import sha256

from tests.vectors.making.examples import FULL
from tests.vectors.making.mutations import Json, b64, b64u, mutated, text
from verifier.base.private_keys import SigningKey


def envelope_file() -> Json:
    payload = text(FULL[-1].value)
    kind = "application/vnd.kembar.statement+json"
    message = f"DSSEv1 {len(kind)} {kind} {len(payload)} {payload}".encode()
    keys = sorted((SigningKey(sha256(f"signer {i}".encode()).digest()) for i in range(25)), key=lambda k: k.public)

    def signatures(count: int) -> list[dict[str, str]]:
        return [{"keyid": key.public.hex(), "sig": b64(key.sign(message))} for key in keys[:count]]

    good: dict[str, Json] = {"payload": b64(payload.encode()), "payloadType": kind, "signatures": signatures(2)}
    first, second = signatures(2)
    swapped = [{**first, "sig": second["sig"]}, {**second, "sig": first["sig"]}]
    valid = [
        ("one signature", {**good, "signatures": signatures(1)}, None),
        ("two signatures", good, None),
        ("24 signatures", {**good, "signatures": signatures(24)}, None),
        ("signature over nothing", {**good, "signatures": [{**first, "sig": b64(bytes(64))}, second]}, 0),
        ("second signature by another", {**good, "signatures": [first, {**second, "sig": first["sig"]}]}, 1),
        ("signatures exchanged", {**good, "signatures": swapped}, 0),
        ("signature over the statement itself", {
            **good, "signatures": [first, {**second, "sig": b64(keys[1].sign(payload.encode()))}],
        }, 1),
        ("small-order key", {**good, "signatures": [
            {"keyid": "01" + "00" * 31, "sig": b64(b"\1" + bytes(63))}, *signatures(1),
        ]}, 0),
        ("payload that is no statement", {**good, "payload": b64(b"x"), "signatures": [first]}, 0),
    ]  # fmt: skip
    malformed = list(mutated(good, (), ("payload", "signatures.sig")))
    malformed += [
        ("no-signatures", {**good, "signatures": []}, "signatures"),
        ("25-signatures", {**good, "signatures": signatures(25)}, "signatures"),
        ("unsorted", {**good, "signatures": [second, first]}, "signatures[1].keyid"),
        ("keyid-twice", {**good, "signatures": [first, {**second, "keyid": first["keyid"]}]}, "signatures[1].keyid"),
        ("other-payload-type", {**good, "payloadType": "application/json"}, "payloadType"),
        ("payload-empty", {**good, "payload": ""}, "payload"),
        ("payload-unpadded", {**good, "payload": b64(b"x").rstrip("=")}, "payload"),
        ("payload-url-alphabet", {**good, "payload": "_" + good["payload"][1:]}, "payload"),
        ("payload-spare-bits", {**good, "payload": "eB=="}, "payload"),
        ("payload-object", {**good, "payload": {"kembar": 2}}, "payload"),
        ("sig-63-bytes", {**good, "signatures": [{**first, "sig": b64(bytes(63))}]}, "signatures[0].sig"),
        ("sig-65-bytes", {**good, "signatures": [{**first, "sig": b64(bytes(65))}]}, "signatures[0].sig"),
        ("sig-spare-bits", {**good, "signatures": [{**first, "sig": first["sig"][:-3] + "B=="}]}, "signatures[0].sig"),
        ("sig-hex", {**good, "signatures": [{**first, "sig": "00" * 64}]}, "signatures[0].sig"),
    ]
    leaf = text(good)
    texts = [
        ("white-space", leaf.replace(":", ": ", 1), ""), ("line-end", leaf + "\n", ""), ("cut-short", leaf[:-1], ""),
        ("members-out-of-order", json.dumps({name: good[name] for name in ("payloadType", "payload", "signatures")},
         separators=(",", ":")), ""),
        ("escaped-solidus", leaf.replace("/", "\\/"), ""), ("statement-instead", payload, "at"),
    ]  # fmt: skip
    return {
        "malformed": [{"name": name, "leaf": text(value), "where": place} for name, value, place in malformed]
        + [{"name": name, "leaf": raw, "where": place} for name, raw, place in texts],
        "valid": [
            {
                "name": name, "leaf": text(value), "payload": b64decode(value["payload"]).decode(),
                "first_bad_signature": bad,
            }
            for name, value, bad in valid
        ],
    }  # fmt: skip


def disclosure_file() -> Json:
    salt = b64u(bytes(range(16)))
    value = {"name": "Änne"}

    def disclosed(*parts: Json) -> str:
        return b64u(text(list(parts)).encode())

    good = disclosed(salt, "person", value)
    spare = next(text for text in (disclosed(salt, "person", {"name": "x" * n}) for n in range(3)) if len(text) % 4)
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".index(spare[-1])
    swapped = spare[:-1] + "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"[last + 1]
    valid = [("person", "person", value), *((name, name, {"x": 1}) for name in
             ("terms", "exclusive", "money", "evidence"))]  # fmt: skip
    malformed = [
        ("padded", good + "=" * (-len(good) % 4 or 4)), ("spare-bits", swapped), ("nothing", ""),
        ("line-end", good + "\n"), ("not-ascii", good[:-1] + "é"), ("standard-alphabet", good[:-1] + "+"),
        ("salt-15-bytes", disclosed(b64u(bytes(15)), "person", value)),
        ("salt-17-bytes", disclosed(b64u(bytes(17)), "person", value)),
        ("salt-padded", disclosed(salt + "==", "person", value)), ("salt-number", disclosed(7, "person", value)),
        ("salt-spare-bits", disclosed(salt[:-1] + "B", "person", value)),
        ("name-unknown", disclosed(salt, "secret", value)), ("name-missing", disclosed(salt, value)),
        ("name-number", disclosed(salt, 1, value)),
        ("four-items", disclosed(salt, "person", value, 1)), ("no-items", disclosed()),
        ("object-instead", b64u(text({"salt": salt}).encode())), ("value-array", disclosed(salt, "person", [value])),
        ("value-string", disclosed(salt, "person", "Änne")), ("value-null", disclosed(salt, "person", None)),
        ("value-with-null", disclosed(salt, "person", {"name": None})),
        ("white-space", b64u(json.dumps([salt, "person", {"name": "x"}]).encode())),
        ("escaped-letter", b64u(json.dumps([salt, "person", value], separators=(",", ":")).encode())),
        ("fraction", disclosed(salt, "money", {"amount": 1.5})),
        ("not-utf-8", b64u(text([salt, "person", {"name": "é"}]).encode("latin-1"))),
    ]  # fmt: skip
    return {
        "malformed": [{"name": name, "text": raw} for name, raw in malformed],
        "valid": [
            {
                "digest": b64u(sha256(disclosed(salt, section, item).encode()).digest()), "name": name, "salt": salt,
                "section": section, "text": disclosed(salt, section, item), "value": item,
            }
            for name, section, item in valid
        ],
    }  # fmt: skip
