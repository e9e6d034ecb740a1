"""Renders an extraction and its document as one self-contained HTML page.

The document's text is hostile: it reaches the page only through Jinja's autoescaping, as text or as
a quoted attribute, never inside a script or style. The page's Content-Security-Policy allows
exactly one script and one style, by their hashes, and pictures from `data:` only.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
from functools import cache
from importlib import resources
from pathlib import Path, PurePath
from typing import Any

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from hybrid.document import Document, PageImage
from hybrid.extraction import Extraction
from hybrid.files import write_text
from hybrid.report.view import (
    GROUNDING_MEANINGS,
    STATUS_MEANINGS,
    group_views,
    leaf_views,
    page_views,
    summary,
)

# Characters that a file cannot hold (lone surrogates), that HTML forbids (controls), or that make
# text read otherwise than it is stored (explicit bidirectional overrides).
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


def render_html(document: Document, extraction: Extraction[Any]) -> str:
    """The report on one document as a complete HTML page.

    Args:
        document: With `page.image` where there is a picture; other pages are drawn from their text.
        extraction: Of this very document.

    Returns:
        HTML that needs no network and no other file.

    Raises:
        ValueError: If a field cites a page that the document does not have.
    """
    leaves = leaf_views(extraction)
    pages, ratios = page_views(document, leaves)
    sentence, counts = summary(leaves)
    run = extraction.run
    source = run.source or document.source
    style = _asset("style.css") + "".join(
        f".{name}{{--ratio:{ratio}}}\n" for name, ratio in ratios.items()
    )
    script = _asset("script.js")
    return template("template.html.j2").render(
        title=PurePath(source.replace("\\", "/")).name or document.id,
        source=source,
        sha256=run.source_sha256 or document.sha256,
        run=run,
        warnings=list(dict.fromkeys([*document.warnings, *run.warnings])),
        seconds=sum(run.seconds.values()),
        pages=pages,
        groups=group_views(leaves),
        summary=sentence,
        counts=counts,
        status_meanings=STATUS_MEANINGS,
        grounding_meanings=GROUNDING_MEANINGS,
        # Our own files, not the document's: they alone go into the page as they are.
        style=Markup(style),  # noqa: S704
        script=Markup(script),  # noqa: S704
        policy=content_security_policy(style, script),
    )


def write_html(
    path: str | os.PathLike[str], document: Document, extraction: Extraction[Any]
) -> None:
    """Writes the report to a file, whole or not at all; its folder is made where it is missing.

    Raises:
        ValueError: If a field cites a page that the document does not have.
        OSError: If the file cannot be written.
    """
    target = Path(path)
    html = render_html(document, extraction)
    target.parent.mkdir(parents=True, exist_ok=True)
    write_text(target, html)


def _asset(name: str) -> str:
    return resources.files("hybrid.report").joinpath(name).read_text(encoding="utf-8")


@cache
def template(name: str) -> Template:
    """One of our templates; whatever it is given is escaped."""
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_printable,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["data_uri"] = _data_uri
    environment.filters["number"] = _number
    return environment.from_string(_asset(name))


def _printable(value: Any) -> Any:
    if isinstance(value, str) and not isinstance(value, Markup):
        return printable(value)
    return value


def _data_uri(image: PageImage) -> str:
    return f"data:{image.media_type};base64,{base64.b64encode(image.data).decode('ascii')}"


def _number(value: float) -> str:
    """Coordinates to the hundredth, without trailing zeros: half the bytes of a long document."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def printable(text: str) -> str:
    """Text in which what HTML cannot hold, or shows otherwise than it is, is a replacement sign."""
    return _UNPRINTABLE.sub("\ufffd", text)


def content_security_policy(style: str, script: str) -> str:
    """A policy under which a page runs its own style and script and loads nothing."""

    def digest(text: str) -> str:
        return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")

    return (
        "default-src 'none'; img-src data:; "
        f"style-src 'sha256-{digest(style)}'; script-src 'sha256-{digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
