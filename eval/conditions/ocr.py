"""Real OCR in place of the gold boxes, with the gold carried over to what was recognised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from hybrid.document import BoundingBox, Segment
from hybrid.ingest import OcrEngine

from ..datasets.base import BACKGROUND, GoldValue, Sample
from ..hallucination.counterfactual import LeftOut, kind_for
from ..hallucination.locate import holders
from .recognition import recognize

_HALF = 0.5


def ocr_sample(
    sample: Sample,
    kinds: Mapping[str, str] | None = None,
    *,
    engine: str | OcrEngine = "rapidocr",
    cache: Path | None = None,
) -> Sample | LeftOut:
    """A sample as OCR reads its picture.

    A recognised line and a gold segment belong together where at least half of one lies in the
    other. A line takes the label of the segment that it shares most area with, background segments
    coming last: a line "TOTAL 9.00" is a total, though most of it is not. Links run between the
    lines that share most with the two ends. Values keep their texts; their segments are those that
    hold them now, of several places those on the gold's boxes. Entities and released ids, which are
    of the release's own words and boxes, and so are no more, are dropped.

    Args:
        sample: Its boxes are in pixels of its picture.
        kinds: Leaf path to kind; what it lacks is guessed from the gold's text.
        engine: Name of an installed engine, or an engine.
        cache: Folder of recognised pictures; None for the toolkit's own.

    Returns:
        The sample, or why there is none.
    """
    if sample.image_path is None:
        return LeftOut(sample.id, "there is no picture")
    document = recognize(sample.image_path, engine, cache).model_copy(update={"id": sample.id})
    gold, lines = sample.document.segments, document.segments
    shares = {
        (k, line.id): area
        for k, segment in enumerate(gold)
        for line in lines
        if segment.page == line.page and (area := shared_area(segment.box, line.box))
    }
    best: dict[int, int] = {}
    for (k, line_id), area in shares.items():
        if k not in best or area > shares[k, best[k]]:
            best[k] = line_id
    place = {s.id: k for k, s in enumerate(gold)}
    links = {(best.get(place[a]), best.get(place[b])) for a, b in sample.links}
    values = sample.values
    return Sample(
        document=document,
        labels=None if sample.labels is None else _labels(sample.labels, lines, shares),
        values=None
        if values is None
        else tuple(_placed(v, lines, kind_for(v, kinds or {}), place, shares) for v in values),
        tree=sample.tree,
        links=tuple(sorted((a, b) for a, b in links if a is not None and b is not None and a != b)),
        image_path=sample.image_path,
    )


def shared_area(a: BoundingBox, b: BoundingBox) -> float:
    """The area that two boxes share, 0 where less than half of either lies in the other."""
    area = a.intersection_area(b)
    smaller = min(a.area, b.area)
    return area if smaller > 0 and area >= _HALF * smaller else 0.0


def _labels(
    labels: Sequence[str], lines: Sequence[Segment], shares: Mapping[tuple[int, int], float]
) -> tuple[str, ...]:
    best: dict[int, tuple[float, str]] = {}
    for (k, line_id), area in shares.items():
        if labels[k] != BACKGROUND and area > best.get(line_id, (0.0, ""))[0]:
            best[line_id] = (area, labels[k])
    return tuple(best[line.id][1] if line.id in best else BACKGROUND for line in lines)


def _placed(
    value: GoldValue,
    lines: Sequence[Segment],
    kind: str,
    place: Mapping[int, int],
    shares: Mapping[tuple[int, int], float],
) -> GoldValue:
    """The value with the lines that hold it; with none where it was misread."""
    found = [lines[k].id for k in holders([s.text for s in lines], value.text, kind)]
    own = {place[k] for k in value.segment_ids}
    on_gold = [line_id for line_id in found if any((k, line_id) in shares for k in own)]
    return value.model_copy(update={"segment_ids": tuple(on_gold or found)})
