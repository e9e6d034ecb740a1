"""`hybrid models experts`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hybrid.cli import console as ui


def experts(
    model: Annotated[
        str,
        typer.Argument(metavar="NAME|DIR", help="A mixture of experts that was pulled or made."),
    ],
    document: Annotated[Path, typer.Argument(help="PDF, picture, hOCR, or boxes.")],
    html: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Also a page with the boxes.", show_default=False),
    ] = None,
    ocr: Annotated[str, typer.Option(help="OCR engine for pictures and scans.")] = "rapidocr",
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    """Shows which experts of a mixture read which boxes of a document, layer by layer.

    The model is loaded by transformers, without a server, and reads the page as it is shown to it
    for verification. Printed is {"format": 1, "model", "experts", "active", "shares", "segments":
    [{"segment", "page", "box", "text", "tokens", "shares"}]}; shares are lists of layers, each a
    list of experts that sums to 1. See docs/llms.md for what that says and what it does not.

    Example: hybrid models experts smollm2-moe-4x135m receipt.jpg --html experts.html
    """
    with ui.reported(debug=debug):
        from hybrid.errors import DocumentError
        from hybrid.ingest import load_document
        from hybrid.pipeline.experts import route

        if not document.is_file():
            raise DocumentError(f"{document}: no such file")
        with ui.console(stderr=True).status("reading the page") as status:
            loaded = load_document(document, ocr=ocr)
            status.update(f"loading {model}")
            routing = route(loaded, model)
        if html is not None:
            from hybrid.report.experts import write_experts_html

            write_experts_html(html, loaded, routing)
        typer.echo(routing.as_json())
