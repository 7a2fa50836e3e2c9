"""Gives the verifier in JavaScript the templates of deal memos: ``.venv/bin/python scripts/memo_templates.py``.

A memo's frame is a Jinja template a language, ``registry/drafting/memo/*.txt.jinja``, which this makes into functions:
``verifier/browser/memo/templates.js``. So the frame stands once, and what fills it in, prices, lists, dates, is
written twice. Only as much of Jinja is known as the templates use; anything else is an error that names file and line.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from jinja2 import Environment, TemplateSyntaxError, nodes

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "registry" / "drafting" / "memo"
TARGET = ROOT / "verifier" / "browser" / "memo" / "templates.js"

HEAD = """/**
 * The frames of deal memos, a function a language and act: made by scripts/memo_templates.py of
 * registry/drafting/memo/*.txt.jinja, and not to be changed by hand. What is not in `it` is undefined.
 */

/* eslint-disable */
/** @typedef {{[name: string]: any}} Values */
/** @typedef {import("./render.js").Helpers} Helpers */

"""


class NotKnown(Exception):
    """What a template holds that cannot be made into JavaScript, and where."""


def made(sources: Path = SOURCES) -> str:
    """The text of templates.js. Raises :class:`NotKnown`."""
    functions = []
    for path in sorted(sources.glob("*.txt.jinja")):
        name = path.name.removesuffix(".txt.jinja")
        try:
            template = Environment(keep_trailing_newline=True).parse(path.read_text("utf-8"))
            lines = "\n".join(body(template.body, "  "))
        except TemplateSyntaxError as error:
            raise NotKnown(f"{path}, line {error.lineno}: {error.message}") from None
        except NotKnown as error:
            raise NotKnown(f"{path}, {error}: not among what is made into JavaScript") from None
        functions.append(
            f"/** @param {{Values}} it @param {{Helpers}} h */\nfunction {name.replace('.', '_')}(it, h) {{\n"
            f'  let text = "";\n{lines}\n  return text;\n}}\n'
        )
    names = [path.name.removesuffix(".txt.jinja") for path in sorted(sources.glob("*.txt.jinja"))]
    table = ", ".join(f"{json.dumps(name)}: {name.replace('.', '_')}" for name in names)
    kind = "/** @type {{readonly [name: string]: (it: Values, h: Helpers) => string}} */"
    return HEAD + "\n".join(functions) + f"\n{kind}\nexport const TEMPLATES = {{ {table} }};\n"


def body(found: list[nodes.Node], indent: str) -> list[str]:
    """Statements that add to ``text``."""
    lines = []
    for node in found:
        match node:
            case nodes.Output():
                parts = [
                    quoted(one.data) if isinstance(one, nodes.TemplateData) else f"h.text({js(one)})"
                    for one in node.nodes
                ]
                lines.append(f"{indent}text += {' + '.join(parts)};")
            case nodes.If():
                lines.append(f"{indent}if (h.holds({js(node.test)})) {{")
                lines += body(node.body, indent + "  ")
                for one in node.elif_:
                    lines.append(f"{indent}}} else if (h.holds({js(one.test)})) {{")
                    lines += body(one.body, indent + "  ")
                if node.else_:
                    lines.append(f"{indent}}} else {{")
                    lines += body(node.else_, indent + "  ")
                lines.append(f"{indent}}}")
            case nodes.For(target=nodes.Name(name=name)):
                lines.append(f"{indent}for (const {name} of {js(node.iter)}) {{")
                lines += body(node.body, indent + "  ")
                lines.append(f"{indent}}}")
            case _:
                raise NotKnown(f"line {node.lineno}, {type(node).__name__}")
    return lines


LOCAL = {"fee", "split"}
"""Names that a loop gives."""


def js(node: nodes.Node) -> str:
    """An expression."""
    match node:
        case nodes.Name(name=name):
            return name if name in LOCAL else f"it.{name}"
        case nodes.Const(value=value):
            return "undefined" if value is None else quoted(value) if isinstance(value, str) else json.dumps(value)
        case nodes.Getattr(node=of, attr=name):
            return f"{js(of)}.{name.removesuffix('_')}"
        case nodes.Getitem(node=of, arg=key):
            return f"h.pick({js(of)}, {js(key)})"
        case nodes.Dict(items=pairs):
            return "{ " + ", ".join(f"{quoted(one.key.as_const())}: {js(one.value)}" for one in pairs) + " }"
        case nodes.List(items=items):
            return "[" + ", ".join(map(js, items)) + "]"
        case nodes.Call(node=nodes.Name(name=name), args=args):
            return f"h.{name}({', '.join(map(js, args))})"
        case nodes.Filter(node=of, name="map", args=[nodes.Const(value="flat")]) if of is not None:
            return f"{js(of)}.map(h.flat)"
        case nodes.Filter(node=of, name=name, args=args) if of is not None and name in {"flat", "join", "sentence"}:
            return f"h.{name}({', '.join(map(js, [of, *args]))})"
        case nodes.Test(node=of, name="none"):
            return f"({js(of)} === undefined)"
        case nodes.Not(node=of):
            return f"!h.holds({js(of)})"
        case nodes.And(left=left, right=right):
            return f"(h.holds({js(left)}) && h.holds({js(right)}))"
        case nodes.CondExpr(test=test, expr1=first, expr2=second) if second is not None:
            return f"(h.holds({js(test)}) ? {js(first)} : {js(second)})"
        case nodes.Compare(expr=left, ops=[nodes.Operand(op=op, expr=right)]) if op in {"eq", "ne"}:
            return f"{'!' if op == 'ne' else ''}h.same({js(left)}, {js(right)})"
    raise NotKnown(f"line {node.lineno}, {node!r}")


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


if __name__ == "__main__":
    try:
        TARGET.write_text(made(), "utf-8")
    except NotKnown as error:
        sys.exit(f"scripts/memo_templates.py: {error}")
    sys.stdout.write(f"{TARGET.relative_to(ROOT)}\n")
