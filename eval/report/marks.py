"""How a system looks in every chart: colour, shape of its points and dashes of its lines.

All three differ, so that charts can be read without colours and in print. The colours are Okabe
and Ito's ("Color Universal Design", 2008) without yellow, which is too faint on white.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

COLOURS = 7
DASHES = ("", "7 3", "2 2.5", "9 3 2 3", "4 2", "12 3", "1.5 4")
_SHAPES = (
    "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z",
    "M-3.6 -3.6h7.2v7.2h-7.2z",
    "M0 -4.8L4.5 3.4h-9z",
    "M0 -5.2L4.6 0L0 5.2L-4.6 0z",
    "M0 4.8L4.5 -3.4h-9z",
    "M-1.4 -4.5h2.8v3.1h3.1v2.8h-3.1v3.1h-2.8v-3.1h-3.1v-2.8h3.1z",
    "M0 -5L1.5 -1.6L5 -1.5L2.3 .8L3.2 4.4L0 2.3L-3.2 4.4L-2.3 .8L-5 -1.5L-1.5 -1.6z",
)


@dataclass(frozen=True)
class Mark:
    """The look of one system.

    Attributes:
        system: Its name, as it was asked for.
        index: Its place among the systems of the page; from the eighth on shapes and dashes are
            shifted against the colours, so that 49 systems differ.
    """

    system: str
    index: int

    @property
    def css(self) -> str:
        """Class of the style sheet that sets its colour."""
        return f"s{self.index % COLOURS}"

    @property
    def dashes(self) -> str:
        """Dashes of its lines, as SVG writes them; "" for a solid line."""
        return DASHES[(self.index + self.index // COLOURS) % len(DASHES)]

    def point(self, x: float, y: float, title: str = "", size: float = 1.0) -> Markup:
        """Its point in a chart, `size` times as large as usual, with a text for hovering."""
        shape = _SHAPES[(self.index + self.index // COLOURS) % len(_SHAPES)]
        return Markup(
            '<path class="point {}" data-system="{}" d="{}" transform="translate({:.1f} {:.1f}) scale({:.2f})">'
            "<title>{}</title></path>"
        ).format(self.css, self.index, shape, x, y, size, title or self.system)

    @property
    def key(self) -> Markup:
        """Its line and point as a legend shows them."""
        return Markup(
            '<svg class="key" viewBox="0 0 34 12" aria-hidden="true">'
            '<path class="line {}" d="M1 6H33" stroke-dasharray="{}"/>{}</svg>'
        ).format(self.css, self.dashes, self.point(17, 6))


def marks_of(systems: Sequence[str]) -> dict[str, Mark]:
    """A mark for each system, by its name."""
    return {system: Mark(system, index) for index, system in enumerate(systems)}
