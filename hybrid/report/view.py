"""What the page shows, as plain data: boxes linked to the fields that cite them.

Every field has a key ("f3"), and so has every alternative of it ("f3a0"). A box carries the keys
of all that cite it; that is all the page's script needs to light both ends of a link.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from hybrid.document import BoundingBox, Document, Page
from hybrid.extraction import Citation, Extraction, FieldResult, Grounding, Status

STATUS_MEANINGS: dict[Status, str] = {
    Status.ACCEPTED: "Sure enough not to be asked",
    Status.AGREED: "The LLM confirmed the proposal",
    Status.CORRECTED: "The LLM chose another place and was believed",
    Status.ADDED: "The LLM found a value where none was proposed",
    Status.REJECTED: "The proposal was struck out; no value",
    Status.ABSTAINED: "No value that is good enough",
    Status.UNVERIFIED: "Could not be checked; the proposal stands as it is",
}
GROUNDING_MEANINGS: dict[Grounding, str] = {
    Grounding.EXACT: "Stands in the cited words letter by letter",
    Grounding.NORMALIZED: "Equal once case, blanks, or the number's or date's format are evened out",
    Grounding.FUZZY: "Differs from the cited words by a few characters",
    Grounding.NONE: "Not supported by the cited words",
}
# Of the path "menu[0].price": the parent "menu[0]" and the leaf "price"; of "tags[2]": "tags", "[2]".
_LAST_STEP = re.compile(r"(?P<parent>.+?)(?:\.(?P<name>[^.\[\]]+)|(?P<index>\[\d+\]))", re.DOTALL)


@dataclass
class LeafView:
    """One field, or one alternative of a field, as the panel shows it.

    Attributes:
        key: Links it to the boxes that it cites.
        path: Its full path in the schema.
        name: The last step of the path.
        value: As text, or None.
        result: Where everything else is.
        alternatives: Of a field; empty for an alternative.
        reasoning: The LLM's recorded reasoning on this field, or None.
    """

    key: str
    path: str
    name: str
    value: str | None
    result: FieldResult
    alternatives: list[LeafView]
    reasoning: str | None = None


@dataclass
class GroupView:
    """Neighbouring fields with one parent, such as all of `menu[0]`; the top level has none."""

    parent: str
    fields: list[LeafView] = field(default_factory=list)


@dataclass
class BoxView:
    """A cited box on a page, in page units, with all that cite it.

    Attributes:
        box: Never thinner than can be seen and pointed at.
        keys: Of the fields and alternatives that cite it.
        status: Of the first field that cites it.
        labels: What each field says, such as "total: 12.20, accepted".
        is_field: False where only alternatives cite it: drawn only while one of them is lit.
        badge: Left and top of the status mark, in page units.
    """

    box: BoundingBox
    keys: list[str]
    status: Status
    labels: list[str]
    is_field: bool
    badge: tuple[float, float]


@dataclass
class PageView:
    """A page with the boxes cited on it, the largest first so that small ones stay on top.

    Attributes:
        page: The page itself.
        size_class: Name of the style class that holds its aspect ratio.
        boxes: Cited ones.
        badge_size: Width and height of a status mark, in page units.
        margin: Distance of a lit box's halo from the box, in page units.
    """

    page: Page
    size_class: str
    boxes: list[BoxView]
    badge_size: float
    margin: float


def display_value(value: Any) -> str | None:
    """A typed value as a person reads it; None stays None."""
    if value is None:
        return None
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (dict, list, tuple)):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def split_path(path: str) -> tuple[str, str]:
    """The parent and the last step of a leaf's path; the parent of a top-level field is ""."""
    match = _LAST_STEP.fullmatch(path)
    if match is None:
        return "", path
    return match["parent"], match["name"] or match["index"]


def _reasoning_on(path: str, reasoning: Mapping[str, str]) -> str | None:
    """That on the field, else on the list that it is in, else on the whole document."""
    found = reasoning.get(path) or reasoning.get(path.partition("[")[0])
    return found or reasoning.get("")


def leaf_views(extraction: Extraction[Any]) -> list[LeafView]:
    """All fields in the schema's order."""
    reasoning = extraction.run.reasoning or {}
    views = []
    for number, (path, result) in enumerate(extraction.fields.items()):
        alternatives = [
            LeafView(f"f{number}a{rank}", path, path, display_value(other.value), other, [])
            for rank, other in enumerate(result.alternatives)
        ]
        views.append(
            LeafView(
                key=f"f{number}",
                path=path,
                name=split_path(path)[1],
                value=display_value(result.value),
                result=result,
                alternatives=alternatives,
                reasoning=_reasoning_on(path, reasoning),
            )
        )
    return views


def group_views(leaves: list[LeafView]) -> list[GroupView]:
    """Neighbouring fields with the same parent, together."""
    groups: list[GroupView] = []
    for leaf in leaves:
        parent = split_path(leaf.path)[0]
        if not groups or groups[-1].parent != parent:
            groups.append(GroupView(parent))
        groups[-1].fields.append(leaf)
    return groups


def page_views(document: Document, leaves: list[LeafView]) -> tuple[list[PageView], dict[str, str]]:
    """All pages with their cited boxes, and the style class of each aspect ratio among them.

    Returns:
        The pages, and the class's name to the ratio of width to height.

    Raises:
        ValueError: If a field cites a page that the document does not have.
    """
    boxes: dict[int, dict[tuple[float, ...], BoxView]] = {p.number: {} for p in document.pages}
    pages = {page.number: page for page in document.pages}
    for leaf in leaves:
        for citation in leaf.result.citations:
            _cite(boxes, pages, leaf, citation, is_field=True)
    for leaf in leaves:
        for other in leaf.alternatives:
            for citation in other.result.citations:
                _cite(boxes, pages, other, citation, is_field=False)
    classes: dict[str, str] = {}
    views = []
    for page in document.pages:
        size_class = classes.setdefault(f"{page.width / page.height:.5f}", f"size-{len(classes)}")
        cited = sorted(boxes[page.number].values(), key=lambda b: -b.box.area)
        views.append(PageView(page, size_class, cited, _badge_size(page), page.width * 0.005))
    return views, {name: ratio for ratio, name in classes.items()}


def summary(leaves: list[LeafView]) -> tuple[str, list[tuple[Status, int]]]:
    """A sentence on all the fields, and the number of fields by status (those that occur)."""
    counts = Counter(leaf.result.status for leaf in leaves)
    by_status = [(status, counts[status]) for status in Status if counts[status]]
    filled = sum(leaf.value is not None for leaf in leaves)
    noun, verb = ("field", "has") if len(leaves) == 1 else ("fields", "have")
    sentence = f"{filled} of {len(leaves)} {noun} {verb} a value"
    if by_status:
        sentence += ": " + ", ".join(f"{count} {status}" for status, count in by_status)
    return sentence, by_status


def _badge_size(page: Page) -> float:
    return page.width * 0.026


def _cite(
    boxes: dict[int, dict[tuple[float, ...], BoxView]],
    pages: dict[int, Page],
    leaf: LeafView,
    citation: Citation,
    *,
    is_field: bool,
) -> None:
    page = pages.get(citation.page)
    if page is None:
        raise ValueError(f"field {leaf.path!r} cites page {citation.page}, which is not there")
    on_page = boxes[citation.page]
    view = on_page.get(citation.box.as_tuple())
    if view is None:
        view = BoxView(
            box=_visible(citation.box, page),
            keys=[],
            status=leaf.result.status,
            labels=[],
            is_field=is_field,
            badge=_badge_place(citation.box, page),
        )
        on_page[citation.box.as_tuple()] = view
    if leaf.key in view.keys:
        return
    view.keys.append(leaf.key)
    if is_field:
        view.labels.append(f"{leaf.path}: {leaf.value}, {leaf.result.status}")


def _visible(box: BoundingBox, page: Page) -> BoundingBox:
    least = page.width * 0.004
    return BoundingBox(
        left=box.left,
        top=box.top,
        right=max(box.right, box.left + least),
        bottom=max(box.bottom, box.top + least),
    )


def _badge_place(box: BoundingBox, page: Page) -> tuple[float, float]:
    """Where the status mark hides no word: left, right, above or below; else over the corner."""
    size = _badge_size(page)
    gap = size * 0.25
    middle = (box.top + box.bottom - size) / 2
    places = (
        (box.left - gap - size, middle),
        (box.right + gap, middle),
        (box.left, box.top - gap - size),
        (box.left, box.bottom + gap),
    )
    for left, top in places:
        badge = BoundingBox(left=left, top=top, right=left + size, bottom=top + size)
        on_page = (
            left >= 0 and top >= 0 and badge.right <= page.width and badge.bottom <= page.height
        )
        if on_page and not any(badge.intersection_area(s.box) for s in page.segments):
            return left, top
    return max(box.left - size / 2, 0.0), max(box.top - size / 2, 0.0)
