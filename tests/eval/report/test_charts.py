"""Charts put points where their numbers say, and escape every name."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from eval.report.charts import CostPoint, Curve, costs, curves, interval, share_bar
from eval.report.marks import COLOURS, Mark, marks_of


def places(svg: str) -> list[tuple[float, float]]:
    found = re.findall(r"translate\(([\d.]+) ([\d.]+)\) scale", svg)
    return [(float(x), float(y)) for x, y in found]


def test_every_chart_is_well_formed_and_escaped() -> None:
    mark = Mark('<b>"&', 0)
    charts = [
        interval(mark, 0.5, 0.4, 0.6, '<i>"'),
        interval(mark, None, None, None, ""),
        share_bar([("kind-wrong", "<wrong>", 0.5)], "<title>"),
        curves([Curve(mark, [(0.1, 0.2), (0.3, 0.4)], ["<a>", "b"], [1, 1])], "<x>", "y", "t"),
        curves([Curve(mark, [])], "x", "y", "t", diagonal=True),
        costs([CostPoint(mark, 0, 0.5), CostPoint(mark, 120, 0.6, 0.5, 0.7)], "<x>", "y", "t"),
        costs([CostPoint(mark, 0, 0.5)], "x", "y", "t"),
    ]

    for chart in charts:
        ElementTree.fromstring(chart)
        assert "<b>" not in chart
        assert "<x>" not in chart


def test_intervals_grow_from_left_to_right() -> None:
    mark = Mark("a", 0)
    at = [places(interval(mark, v, None, None, ""))[0][0] for v in (0.0, 0.5, 1.0)]

    assert at[1] - at[0] == at[2] - at[1] > 0


def test_costs_are_logarithmic_and_zero_stands_apart() -> None:
    points = [CostPoint(Mark(str(c), i), c, 0.5) for i, c in enumerate((0, 10, 100, 1000))]
    at = [x for x, _ in places(costs(points, "x", "y", "t"))]

    assert at == sorted(at)
    assert round(at[2] - at[1], 0) == round(at[3] - at[2], 0)
    assert at[0] < at[1]


def test_the_frontier_leaves_out_what_is_beaten() -> None:
    points = [
        CostPoint(Mark("cheap", 0), 1, 0.5),
        CostPoint(Mark("beaten", 1), 10, 0.4),
        CostPoint(Mark("best", 2), 100, 0.9),
    ]
    (frontier,) = re.findall(r'class="frontier" d="([^"]*)"', costs(points, "x", "y", "t"))

    assert frontier.count("H") == 1


def test_where_little_is_good_the_frontier_goes_down() -> None:
    points = [
        CostPoint(Mark("cheap", 0), 1, 0.5),
        CostPoint(Mark("beaten", 1), 10, 0.6),
        CostPoint(Mark("best", 2), 100, 0.1),
    ]
    drawn = costs(points, "x", "y", "t", low_is_good=True)
    (frontier,) = re.findall(r'class="frontier" d="([^"]*)"', drawn)
    assert re.findall(r"V([\d.]+)", frontier) == [f"{places(drawn)[2][1]:.1f}"]


def test_a_chart_of_risks_uses_its_height() -> None:
    curve = Curve(Mark("a", 0), [(1.0, 0.1)])
    (low,), (high,) = (places(curves([curve], "x", "y", "t", top=top)) for top in (0.1, 1.0))

    assert low[1] < high[1]


def test_systems_beyond_the_colours_still_differ() -> None:
    marks = list(marks_of([str(i) for i in range(3 * COLOURS)]).values())

    looks = {(m.css, m.dashes, re.findall(r' d="([^"]*)" tr', m.point(0, 0))[0]) for m in marks}
    assert len(looks) == len(marks)
