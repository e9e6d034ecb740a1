"""The HTML page that shows an extraction on its document: one file, no network."""

from hybrid.report.page import render_html, write_html

__all__ = ["render_html", "write_html"]
