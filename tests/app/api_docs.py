"""What docs/api.md and the page's modules know of answers, made from the dataclasses.

`python -m tests.app.api_docs` writes both anew: the section of tables in docs/api.md, and the types
in assets/ui/answers.d.ts, which JSDoc names as `import("../ui/answers.js").Saliency`.
"""

from __future__ import annotations

import json
from typing import Any

from sighthound.app.answers.schema import PARTS, Schema
from sighthound.app.server.openapi import describe
from tests.paths import ROOT

DOCS = ROOT / "docs" / "api.md"
TYPES = ROOT / "assets" / "ui" / "answers.d.ts"
_BEGIN, _END = "<!-- made by `python -m tests.app.api_docs` -->", "<!-- end of what is made -->"
_NUMBERS = {"integer": "number", "number": "number"}


def parts() -> dict[str, Schema]:
    """The schema of every dataclass that answers and bodies hold, by name."""
    return dict(sorted(describe("")["components"]["schemas"].items()))


def types() -> str:
    """The text of answers.d.ts."""
    made = "made by `python -m tests.app.api_docs`. Positions are 0-based, half-open."
    head = f"// The server's answers; {made}\n"
    return head + "".join(_interface(name, schema) for name, schema in parts().items())


def documented(text: str) -> str:
    """A text of docs/api.md with its tables as they are now."""
    before, _, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    tables = "".join(_table(name, schema) for name, schema in parts().items())
    return f"{before}{_BEGIN}\n\n{tables}{_END}{after}"


def _interface(name: str, schema: Schema) -> str:
    lines = [f"\n/** {schema['description']} */", f"export interface {name} {{"]
    for key, value in schema["properties"].items():
        lines.append(f"  /** {value['description']} */")
        mark = "" if key in schema["required"] else "?"
        lines.append(f"  {key}{mark}: {_typed(value)};")
    return "\n".join([*lines, "}", ""])


def _table(name: str, schema: Schema) -> str:
    rows = [
        f"### {name}",
        "",
        schema["description"],
        "",
        "| key | type | meaning |",
        "|---|---|---|",
    ]
    for key, value in schema["properties"].items():
        left = "" if key in schema["required"] else ", or left out"
        rows.append(f"| `{key}` | {_said(value)}{left} | {value['description']} |")
    return "\n".join([*rows, "", ""])


def _typed(schema: Schema) -> str:
    """A schema as a type of TypeScript."""
    if "$ref" in schema:
        return schema["$ref"].removeprefix(PARTS)
    if "anyOf" in schema:
        return " | ".join(map(_typed, schema["anyOf"]))
    if "enum" in schema:
        return " | ".join(map(json.dumps, schema["enum"]))
    kind: Any = schema.get("type")
    if isinstance(kind, list):
        return " | ".join(dict.fromkeys(_NUMBERS.get(str(one), str(one)) for one in kind))
    if kind == "array" and "prefixItems" in schema:
        return f"[{', '.join(map(_typed, schema['prefixItems']))}]"
    if kind == "array":
        inner = _typed(schema["items"])
        return f"({inner})[]" if "|" in inner else f"{inner}[]"
    if kind == "object" and "properties" in schema:
        inside = (f"{key}: {_typed(value)}" for key, value in schema["properties"].items())
        return f"{{ {'; '.join(inside)} }}"
    if kind == "object":
        return f"Record<string, {_typed(schema['additionalProperties'])}>"
    return _NUMBERS.get(kind, kind or "any")


def _said(schema: Schema) -> str:
    """A schema in words, with links to the tables of what is in it."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(PARTS)
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(map(_said, schema["anyOf"]))
    if "enum" in schema:
        return ", ".join(f"`{word}`" for word in schema["enum"])
    kind: Any = schema.get("type")
    if isinstance(kind, list):
        return " or ".join(kind)
    if kind == "array" and "prefixItems" in schema:
        return f"[{', '.join(map(_said, schema['prefixItems']))}]"
    if kind == "array":
        return f"array of {_said(schema['items'])}"
    if kind == "object" and "properties" in schema:
        return "object of arrays"
    if kind == "object":
        return f"object of {_said(schema['additionalProperties'])}"
    return kind or "any"


def main() -> None:
    """Write both files anew."""
    TYPES.write_text(types(), encoding="utf-8")
    DOCS.write_text(documented(DOCS.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
