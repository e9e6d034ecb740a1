"""What the three pages share: the template environment, the security policy, whole files.

Text of documents and names of systems are hostile: they reach a page only through autoescaping or
through `Markup.format`, as text or as a quoted attribute, never inside a script or style.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from hybrid.report.page import content_security_policy, printable

_FOLDER = Path(__file__).parent


def render(template: str, script: str, *, forms: bool = False, **values: Any) -> str:
    """A complete page from a template of this folder.

    Args:
        template: Name of its file; it extends `base.html.j2`.
        script: Name of the page's script.
        forms: Whether the page may send forms to its own server.
        values: For the template.

    Returns:
        HTML in which characters that a file cannot hold are replaced.
    """
    style_text, script_text = asset("style.css"), asset(script)
    policy = content_security_policy(style_text, script_text)
    if forms:
        policy = policy.replace("form-action 'none'", "form-action 'self'")
    html = (
        _environment()
        .get_template(template)
        .render(
            # Our own files, not a document's: they alone go into the page as they are.
            style=Markup(style_text),  # noqa: S704
            script=Markup(script_text),  # noqa: S704
            policy=policy,
            **values,
        )
    )
    return printable(html)


def asset(name: str) -> str:
    """A style or script of this folder."""
    return (_FOLDER / name).read_text(encoding="utf-8")


MOST_ENTRIES = 40


def flattened(tree: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Nested settings as pairs of a dotted name and a text, in their order.

    A table of more than `MOST_ENTRIES`, such as what `majority` has counted, is only named.
    """
    pairs: list[tuple[str, str]] = []
    for name, value in tree.items():
        if isinstance(value, dict) and len(value) > MOST_ENTRIES:
            pairs.append((prefix + name, f"{len(value):,} entries, in results.json"))
        elif isinstance(value, dict) and value:
            pairs += flattened(value, f"{prefix}{name}.")
        elif isinstance(value, list) and value and all(isinstance(v, dict) for v in value):
            for number, part in enumerate(value):
                pairs += flattened(part, f"{prefix}{name}[{number}].")
        elif isinstance(value, str):
            pairs.append((prefix + name, value))
        else:
            pairs.append((prefix + name, json.dumps(value, ensure_ascii=False, default=str)))
    return pairs


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["percent"] = _percent
    environment.filters["figure"] = _figure
    return environment


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def _figure(value: Any) -> str:
    """A number to three digits after the point; "–" for None; anything else as it is."""
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:,.1f}" if abs(value) >= 100 else f"{value:.3f}"
    return f"{value:,}" if isinstance(value, int) else str(value)
