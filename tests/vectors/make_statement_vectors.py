"""Writes tests/vectors/statements/*.json: good statements, envelopes, sections, disclosures, and one per mutation.

Run as ``python -m tests.vectors.make_statement_vectors``. It knows the protocol (sections 2 to 4) on its own account:
nothing of it parses with the kernel, so the vectors say what must hold, not what does. Only signing is borrowed.

Shapes, for other implementations:

- ``statement-<type>.json``: ``valid`` [{name, payload, id, subjects}], ``malformed`` [{name, payload, where}];
- ``envelopes.json``: ``valid`` [{name, leaf, payload, first_bad_signature}], ``malformed`` [{name, leaf, where}];
- ``section-<kind>.json``: ``statement`` and ``section`` (which the object belongs to), ``valid`` [{name, value}],
  ``malformed`` [{name, value, where}];
- ``disclosures.json``: ``valid`` [{name, text, digest, salt, section, value}], ``malformed`` [{name, text}].

``payload`` and ``leaf`` are the exact text, in UTF-8. ``where`` is for people; only the refusal is law.
"""

from __future__ import annotations

import json
from pathlib import Path

from tests.vectors.making.envelopes import disclosure_file, envelope_file
from tests.vectors.making.mutations import Json
from tests.vectors.making.sections import section_files
from tests.vectors.making.statements import statement_files

HERE = Path(__file__).parent / "statements"


def make() -> dict[str, str]:
    """File name -> text of every vector file."""
    files = {
        **dict(statement_files()), "envelopes": envelope_file(), **dict(section_files()),
        "disclosures": disclosure_file(),
    }  # fmt: skip
    return {f"{name}.json": written(value) for name, value in files.items()}


def written(file: dict[str, Json]) -> str:
    """JSON with one case a line."""
    members = []
    for name, item in sorted(file.items()):
        if isinstance(item, list):
            cases = ",\n  ".join(json.dumps(case, sort_keys=True) for case in item)
            members.append(f' "{name}": [\n  {cases}\n ]')
        else:
            members.append(f' "{name}": {json.dumps(item)}')
    return "{\n" + ",\n".join(members) + "\n}\n"


def main() -> None:
    HERE.mkdir(exist_ok=True)
    for name, content in make().items():
        (HERE / name).write_text(content, "utf-8")


if __name__ == "__main__":
    main()
