"""Charts as inline SVG: intervals, shares, curves and costs; each a pure function of its numbers.

Everything that goes into the markup is formatted through `Markup`, which escapes it. Colours are
classes of the style sheet, since the page's security policy forbids inline styles.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from .marks import Mark

BAR_WIDTH = 150.0
_PLOT_WIDTH, _PLOT_HEIGHT = 270.0, 230.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 46.0, 16.0, 12.0, 40.0
_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class Curve:
    """One system's line.

    Attributes:
        mark: Whose it is.
        points: x and y, both 0 to 1, from left to right.
        titles: What hovering over each point says; empty where points are not marked.
        sizes: Of the points, 1 for the usual one; empty where points are not marked.
    """

    mark: Mark
    points: Sequence[tuple[float, float]]
    titles: Sequence[str] = ()
    sizes: Sequence[float] = ()


@dataclass(frozen=True)
class CostPoint:
    """What one system reaches, and what it costs.

    Attributes:
        mark: Whose it is.
        cost: At least 0: tokens or seconds.
        score: 0 to 1.
        low: Lower end of the score's interval, or None.
        high: Upper end, or None.
    """

    mark: Mark
    cost: float
    score: float
    low: float | None = None
    high: float | None = None


def _join(parts: Iterable[Markup]) -> Markup:
    return Markup("").join(parts)


def interval(
    mark: Mark, value: float | None, low: float | None, high: float | None, title: str
) -> Markup:
    """A point with its interval on an axis from 0 to 1: one row of a table.

    A value of None leaves the axis empty; an end of None leaves out the whisker.
    """
    grid = _join(Markup('<path class="grid" d="M{:.1f} 0V24"/>').format(_on_bar(t)) for t in _TICKS)
    drawn = Markup("")
    if value is not None:
        if low is not None and high is not None:
            left, right = _on_bar(low), _on_bar(high)
            drawn = Markup(
                '<path class="whisker {}" d="M{:.1f} 12H{:.1f}M{:.1f} 7V17M{:.1f} 7V17"/>'
            ).format(mark.css, left, right, left, right)
        drawn += mark.point(_on_bar(value), 12, title)
    return Markup(
        '<svg class="interval" viewBox="0 0 {} 24" role="img" aria-label="{}">{}{}</svg>'
    ).format(BAR_WIDTH + 12, title, grid, drawn)


def interval_axis() -> Markup:
    """The numbers above a column of `interval` charts."""
    labels = _join(
        Markup('<text x="{:.1f}" y="11" text-anchor="middle">{:g}</text>').format(_on_bar(t), t)
        for t in _TICKS
    )
    return Markup(
        '<svg class="interval axis" viewBox="0 0 {} 14" aria-hidden="true">{}</svg>'
    ).format(BAR_WIDTH + 12, labels)


def _on_bar(value: float) -> float:
    return 6 + BAR_WIDTH * min(max(value, 0.0), 1.0)


def share_bar(parts: Sequence[tuple[str, str, float]], title: str, scale: float = 1.0) -> Markup:
    """Shares of a whole, one after the other.

    Args:
        parts: Class of the style sheet, name, and share of each, 0 to 1.
        title: What a screen reader says.
        scale: The share that fills the bar.
    """
    drawn, left = Markup(""), 0.0
    for css, name, share in parts:
        width = BAR_WIDTH * max(share, 0.0) / scale
        if width > 0:
            drawn += Markup(
                '<rect class="{}" x="{:.1f}" y="3" width="{:.1f}" height="14">'
                "<title>{} {:.1%}</title></rect>"
            ).format(css, left, max(width, 0.8), name, share)
        left += width
    return Markup(
        '<svg class="shares" viewBox="0 0 {} 20" role="img" aria-label="{}">'
        '<path class="track" d="M0 3H{}V17H0z"/>{}</svg>'
    ).format(BAR_WIDTH, title, BAR_WIDTH, drawn)


def curves(
    lines: Sequence[Curve],
    x_name: str,
    y_name: str,
    title: str,
    *,
    top: float = 1.0,
    diagonal: bool = False,
) -> Markup:
    """Lines over the unit square, such as a calibration curve.

    Args:
        lines: One for each system; a line without points is left out.
        x_name: Name of the horizontal axis.
        y_name: Name of the vertical axis.
        title: What a screen reader says.
        top: Where the vertical axis ends, above all points.
        diagonal: Whether to draw where both axes are equal.
    """
    drawn = Markup("").join(_tick_below(_x(t), f"{t:g}") for t in _TICKS)
    drawn += _grid_of_scores(top) + _axis_names(x_name, y_name)
    if diagonal:
        drawn += Markup('<path class="diagonal" d="M{:.1f} {:.1f}L{:.1f} {:.1f}"/>').format(
            _x(0), _y(0), _x(1), _y(1)
        )
    for line in lines:
        if not line.points:
            continue
        path = "M" + "L".join(f"{_x(x):.1f} {_y(y / top):.1f}" for x, y in line.points)
        drawn += Markup(
            '<path class="line {}" data-system="{}" d="{}" stroke-dasharray="{}">'
            "<title>{}</title></path>"
        ).format(line.mark.css, line.mark.index, path, line.mark.dashes, line.mark.system)
        if len(line.points) == 1 and not line.titles:
            x, y = line.points[0]
            drawn += line.mark.point(_x(x), _y(y / top))
        for (x, y), text, size in zip(line.points, line.titles, line.sizes, strict=False):
            drawn += line.mark.point(_x(x), _y(y / top), text, size)
    return _plot(drawn, title)


def costs(
    points: Sequence[CostPoint], x_name: str, y_name: str, title: str, *, low_is_good: bool = False
) -> Markup:
    """Scores over costs on a logarithmic axis, with the frontier of the best score for the money.

    Costs of 0 (no LLM) have a place of their own at the left, before the axis begins.

    Args:
        points: One for each system.
        x_name: Of the costs.
        y_name: Of the scores.
        title: Of the chart.
        low_is_good: The scores are rates of something unwanted.
    """
    positive = [p.cost for p in points if p.cost > 0]
    has_zero = any(p.cost <= 0 for p in points)
    first = math.floor(math.log10(min(positive))) if positive else 0
    last = max(math.ceil(math.log10(max(positive))), first + 1) if positive else 1
    start = 0.16 if has_zero else 0.0

    def place(cost: float) -> float:
        if cost <= 0:
            return _x(0.05)
        return _x(start + (1 - start) * (math.log10(cost) - first) / (last - first))

    drawn = _grid_of_scores()
    if has_zero:
        drawn += _tick_below(place(0), "0")
        middle = _x(start / 2 + 0.025)
        bottom = _y(0)
        drawn += Markup('<path class="break" d="M{:.1f} {:.1f}l4 -9M{:.1f} {:.1f}l4 -9"/>').format(
            middle, bottom + 4, middle + 4, bottom + 4
        )
    for power in range(first, last + 1):
        drawn += _tick_below(place(10.0**power), _power_of_ten(power))
    drawn += _axis_names(x_name, y_name)
    frontier = _frontier(points, -1 if low_is_good else 1)
    if len(frontier) > 1:
        steps = [f"M{place(frontier[0].cost):.1f} {_y(frontier[0].score):.1f}"]
        steps += [f"H{place(p.cost):.1f}V{_y(p.score):.1f}" for p in frontier[1:]]
        drawn += Markup('<path class="frontier" d="{}"><title>frontier</title></path>').format(
            "".join(steps)
        )
    for p in points:
        x = place(p.cost)
        if p.low is not None and p.high is not None:
            drawn += Markup(
                '<path class="whisker {}" data-system="{}" d="M{:.1f} {:.1f}V{:.1f}"/>'
            ).format(p.mark.css, p.mark.index, x, _y(p.low), _y(p.high))
        text = f"{p.mark.system}: {p.score:.3f} at {p.cost:,.4g}"
        drawn += p.mark.point(x, _y(p.score), text)
    return _plot(drawn, title)


def _frontier(points: Sequence[CostPoint], sign: int) -> list[CostPoint]:
    """Points that no other one beats in both cost and score, from cheap to expensive.

    Args:
        points: Of all systems.
        sign: 1 where high scores are good, -1 where low ones are.
    """
    best: list[CostPoint] = []
    for point in sorted(points, key=lambda p: (p.cost, -sign * p.score)):
        if not best or sign * point.score > sign * best[-1].score:
            best.append(point)
    return best


def _power_of_ten(power: int) -> str:
    if power >= 3:
        return f"{10 ** (power % 3)}{'kMGT'[min(power // 3, 4) - 1]}"
    return str(10**power) if power >= 0 else f"{10.0**power:.{-power}f}"


def _x(value: float) -> float:
    return _LEFT + (_PLOT_WIDTH - _LEFT - _RIGHT) * value


def _y(value: float) -> float:
    return _PLOT_HEIGHT - _BOTTOM - (_PLOT_HEIGHT - _TOP - _BOTTOM) * min(max(value, 0.0), 1.0)


def _plot(drawn: Markup, title: str) -> Markup:
    return Markup(
        '<svg class="plot" viewBox="0 0 {:.0f} {:.0f}" role="img" aria-label="{}">{}</svg>'
    ).format(_PLOT_WIDTH, _PLOT_HEIGHT, title, drawn)


def _tick_below(x: float, text: str) -> Markup:
    return Markup(
        '<path class="grid" d="M{:.1f} {:.1f}V{:.1f}"/>'
        '<text x="{:.1f}" y="{:.1f}" text-anchor="middle">{}</text>'
    ).format(x, _TOP, _y(0), x, _y(0) + 14, text)


def _grid_of_scores(top: float = 1.0) -> Markup:
    return _join(
        Markup(
            '<path class="grid" d="M{:.1f} {:.1f}H{:.1f}"/>'
            '<text x="{:.1f}" y="{:.1f}" text-anchor="end">{:g}</text>'
        ).format(_x(0), _y(t), _x(1), _x(0) - 5, _y(t) + 3.5, t * top)
        for t in _TICKS
    )


def _axis_names(x_name: str, y_name: str) -> Markup:
    middle = (_y(0) + _y(1)) / 2
    return Markup(
        '<path class="frame" d="M{:.1f} {:.1f}V{:.1f}H{:.1f}"/>'
        '<text class="name" x="{:.1f}" y="{:.1f}" text-anchor="middle">{}</text>'
        '<text class="name" transform="translate(11 {:.1f}) rotate(-90)" text-anchor="middle">{}</text>'
    ).format(
        _x(0), _y(1), _y(0), _x(1), (_x(0) + _x(1)) / 2, _PLOT_HEIGHT - 6, x_name, middle, y_name
    )
