"""A document of a dataset with its gold as one self-contained HTML page, to be looked at.

The document's text reaches the page only through Jinja's autoescaping; there is no script, and the
page's Content-Security-Policy allows none.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence

from hybrid.document import Page
from hybrid.errors import DatasetError

from .datasets.base import Sample

_SIDE = 1600
"""Longest side of the picture in the page, in pixels."""

_TEMPLATE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }}</title>
<style>
body { font: 15px/1.45 system-ui, sans-serif; margin: 1.5rem; color: #1c2024; background: #fff }
h1 { font-size: 1.25rem; margin: 0 0 .75rem; overflow-wrap: anywhere }
main { display: flex; flex-wrap: wrap; gap: 1.5rem; align-items: flex-start }
svg { flex: 2 1 26rem; min-width: 0; max-width: 60rem; border: 1px solid #ccd1d6; background: #fff }
aside { flex: 1 1 20rem; min-width: 0 }
table { border-collapse: collapse; width: 100%; margin-bottom: 1.25rem }
th, td { text-align: left; vertical-align: top; padding: .2rem .5rem .2rem 0;
  border-bottom: 1px solid #e4e7ea; overflow-wrap: break-word }
th.n, td.n { text-align: right; font-variant-numeric: tabular-nums }
i { display: inline-block; width: .8em; height: .8em; margin-right: .4em; border-radius: 2px }
rect { fill-opacity: .18; stroke-width: 1.5; vector-effect: non-scaling-stroke }
line { stroke: #444; stroke-width: 1; vector-effect: non-scaling-stroke; stroke-dasharray: 4 3 }
text { font-family: system-ui, sans-serif; fill: #1c2024 }
</style>
</head>
<body>
<h1>{{ title }}</h1>
<main>
{%- for page in pages %}
<svg viewBox="0 0 {{ page.width }} {{ page.height }}" role="img"
  aria-label="page {{ page.number }} with its boxes coloured by label">
{%- if page.image %}
<image href="{{ page.image }}" width="{{ page.width }}" height="{{ page.height }}"
  preserveAspectRatio="none"/>
{%- endif %}
{%- for s in page.segments %}
<rect x="{{ s.left }}" y="{{ s.top }}" width="{{ s.width }}" height="{{ s.height }}"
  fill="{{ s.color }}" stroke="{{ s.color }}"><title>{{ s.label }}: {{ s.text }}</title></rect>
{%- if not page.image %}
<text x="{{ s.left }}" y="{{ s.baseline }}" font-size="{{ s.size }}"
  textLength="{{ s.width }}" lengthAdjust="spacingAndGlyphs">{{ s.text }}</text>
{%- endif %}
{%- endfor %}
{%- for l in page.links %}
<line x1="{{ l[0] }}" y1="{{ l[1] }}" x2="{{ l[2] }}" y2="{{ l[3] }}"/>
{%- endfor %}
</svg>
{%- endfor %}
<aside>
{%- if legend %}
<table><thead><tr><th>label</th><th class="n">boxes</th></tr></thead><tbody>
{%- for label, color, count in legend %}
<tr><td><i style="background:{{ color }}"></i>{{ label }}</td><td class="n">{{ count }}</td></tr>
{%- endfor %}
</tbody></table>
{%- endif %}
{%- if values %}
<table><thead><tr><th>gold value</th><th>text</th></tr></thead><tbody>
{%- for value in values %}
<tr><td>{{ value.path }}{% if value.label not in value.path %} ({{ value.label }}){% endif %}</td>
<td>{{ value.text }}</td></tr>
{%- endfor %}
</tbody></table>
{%- endif %}
</aside>
</main>
</body>
</html>
"""


def render_sample(sample: Sample, labels: Sequence[str], title: str) -> str:
    """The page of one document: boxes coloured by label, links, gold values.

    Args:
        sample: Its picture, where it has one, is embedded, scaled down where it is large.
        labels: All of the dataset, so that a label has one colour in all its documents.
        title: Of the page.

    Returns:
        HTML that needs no network and no other file.

    Raises:
        DatasetError: If the picture cannot be read.
    """
    from jinja2 import Environment, StrictUndefined

    colors = {label: _color(k) for k, label in enumerate(labels)}
    label_of = dict(
        zip((s.id for s in sample.document.segments), sample.labels or (), strict=False)
    )
    used = list(label_of.values())
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    return environment.from_string(_TEMPLATE).render(
        title=title,
        pages=[_page_view(page, sample, label_of, colors) for page in sample.document.pages],
        legend=[(label, colors[label], used.count(label)) for label in labels if label in used],
        values=sample.values or (),
    )


def _color(index: int) -> str:
    """Grey for the background, else hues that lie far apart for neighbouring labels."""
    if index == 0:
        return "#8a9199"
    return f"hsl({round(index * 137.508) % 360} 75% {(38, 48)[index % 2]}%)"


def _page_view(
    page: Page, sample: Sample, label_of: dict[int, str], colors: dict[str, str]
) -> dict[str, object]:
    boxes = {segment.id: segment.box for segment in page.segments}
    ends = [(boxes[a], boxes[b]) for a, b in sample.links if a in boxes and b in boxes]
    segments = []
    for segment in page.segments:
        box = segment.box
        label = label_of.get(segment.id, "segment")
        segments.append(
            {
                "left": round(box.left, 1),
                "top": round(box.top, 1),
                "width": round(box.width, 1),
                "height": round(box.height, 1),
                "baseline": round(box.bottom - 0.2 * box.height, 1),
                "size": round(0.8 * box.height, 1),
                "label": label,
                "text": segment.text,
                "color": colors.get(label, colors[next(iter(colors))]),
            }
        )
    return {
        "number": page.number,
        "width": page.width,
        "height": page.height,
        "image": _picture(sample) if len(sample.document.pages) == 1 else None,
        "segments": segments,
        "links": [tuple(round(v, 1) for v in (*a.center, *b.center)) for a, b in ends],
    }


def _picture(sample: Sample) -> str | None:
    """The picture as a `data:` address."""
    if sample.image_path is None:
        return None
    from PIL import Image, ImageOps, UnidentifiedImageError

    buffer = io.BytesIO()
    try:
        with Image.open(sample.image_path) as image:
            # Annotations of one's own documents stand on the page as it is seen.
            upright = ImageOps.exif_transpose(image) if sample.labels is None else image
            small = upright.convert("RGB")
    except (OSError, UnidentifiedImageError) as error:
        raise DatasetError(f"{sample.image_path} is not a readable picture: {error}") from error
    small.thumbnail((_SIDE, _SIDE))
    small.save(buffer, format="JPEG", quality=80)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
