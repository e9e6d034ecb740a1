"""The report as text: nothing is lost, nothing hostile gets through, nothing is fetched."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from hybrid.document import BoundingBox, Document, Page, Word, segment_of
from hybrid.extraction import Citation, Confidence, FieldResult, Grounding, Status
from hybrid.report import render_html, write_html
from hybrid.report.view import GROUNDING_MEANINGS, STATUS_MEANINGS, split_path

HOSTILE = (
    "</script><script>alert(1)</script>",
    "</style><style>*{display:none}",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</title><svg onload=alert(1)>",
    "<!--",
    "]]>",
    "{{ 7 * 7 }}{% raw %}",
    "&lt;b&gt; &amp; &#60;",
    "https://evil.example/x.js",
)


class Elements(HTMLParser):
    """Collects every element with its attributes, and all text outside scripts and styles."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self._raw = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        self._raw = tag if tag in ("script", "style") else ""

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        self._raw = ""

    def handle_data(self, data: str) -> None:
        if not self._raw:
            self.text += data

    def of_class(self, name: str) -> list[dict[str, str]]:
        return [a for _, a in self.elements if name in a.get("class", "").split()]


def signature(html: str) -> list[tuple[str, tuple[str, ...]]]:
    """Elements and attribute names: what hostile text would have to change."""
    return [(tag, tuple(attributes)) for tag, attributes in Elements(html).elements]


def poisoned(text: str, result: Callable[..., Any], *, image: Page | None = None) -> str:
    """A report whose every free text is `text`."""
    word = Word(id=0, text=text, box=BoundingBox(left=10, top=10, right=90, bottom=20))
    page = Page(number=1, width=100, height=100, segments=(segment_of(0, 1, [word]),), source=text)
    if image is not None:
        page = page.model_copy(update={"image": image.image})
    document = Document(id=text, source=text, sha256=text, pages=(page,), warnings=(text,))
    citation = Citation.of_words(1, [word])
    other = FieldResult(value=text, text=text, citations=(citation,), reason=text)
    field = FieldResult(
        value=text, text=text, citations=(citation,), reason=text, alternatives=(other,)
    )
    extraction = result(document, {text: field, f"menu[0].{text}": field})
    changes = {
        "system": text,
        "mode": text,
        "schema_name": text,
        "source": text,
        "checkpoint": text,
        "checkpoint_sha256": text,
        "llm_profile": text,
        "llm_model": text,
        "prompts": {text: text},
        "fingerprint": text,
        "seconds": {text: 1.0},
        "warnings": [text, text + "!"],
        "reasoning": {text: text, f"menu[0].{text}": text},
        "hybrid_version": text,
    }
    extraction.run = extraction.run.model_copy(update=changes)
    return render_html(document, extraction)


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("with_image", [False, True])
def test_hostile_text_changes_no_element_and_no_attribute(
    text: str, with_image: bool, make_result: Callable[..., Any], make_page: Callable[..., Page]
) -> None:
    image = make_page(1, 0, with_image=True) if with_image else None
    html = poisoned(text, make_result, image=image)

    # The same text without markup gives the elements that the report must have.
    harmless = re.sub(r"[<>\"'&{}%]", "x", text)
    assert signature(html) == signature(poisoned(harmless, make_result, image=image))
    assert text in Elements(html).text


def test_the_policy_allows_only_the_scripts_and_styles_that_are_there(
    document: Document, extraction: Any
) -> None:
    html = render_html(document, extraction)
    metas = [a for tag, a in Elements(html).elements if tag == "meta"]
    policy = next(a["content"] for a in metas if "http-equiv" in a)

    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for tag in ("script", "style"):
        (body,) = re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert not [a for _, a in Elements(html).elements if "style" in a]
    assert not [name for _, a in Elements(html).elements for name in a if name.startswith("on")]


def test_nothing_is_fetched(document: Document, extraction: Any) -> None:
    html = render_html(document, extraction)

    for _, attributes in Elements(html).elements:
        for name in ("src", "href", "xlink:href", "action", "data", "srcset", "poster"):
            assert attributes.get(name, "#").startswith(("#", "data:"))
    assert not re.search(r"https?://|url\(|@import", html)


def test_every_field_and_every_citation_is_shown_in_order(
    document: Document, extraction: Any
) -> None:
    page = Elements(render_html(document, extraction))
    fields = page.of_class("field")

    assert [f["data-status"] for f in fields] == [r.status for r in extraction.fields.values()]
    keys = {f["data-keys"]: path for f, path in zip(fields, extraction.fields, strict=True)}
    named = [
        a["aria-label"] for a in page.of_class("name") if not a["aria-label"].startswith("Alt")
    ]
    assert [label.split(":")[0] for label in named] == list(extraction.fields)
    boxes = [a for a in page.of_class("box") if "of-alternative" not in a["class"]]
    frames = page.of_class("frame")
    for key, path in keys.items():
        result = extraction[path]
        cited = [b for b in boxes if key in b["data-keys"].split()]
        assert len(cited) == len(result.citations)
        for box, citation in zip(cited, result.citations, strict=True):
            assert path in box["aria-label"]
            place = {"x": citation.box.left, "y": citation.box.top, "width": citation.box.width}
            assert any(
                all(float(f.get(n, "nan")) == pytest.approx(v, abs=0.01) for n, v in place.items())
                for f in frames
            )
            assert citation.text in page.text
        if result.value is not None:
            assert str(result.value) in page.text
        if result.reason:
            assert result.reason in page.text
    for text in ("7 of 9 fields have a value: 3 accepted, 1 agreed", "0.42", "2,214 in, 9 out"):
        assert text in page.text
    assert "The line TOTAL comes after the service charge." in page.text


def test_alternatives_have_boxes_that_only_they_light(document: Document, extraction: Any) -> None:
    page = Elements(render_html(document, extraction))

    hidden = [a["data-keys"] for a in page.of_class("of-alternative")]
    assert sorted(hidden) == ["f3a0", "f3a1", "f7a0"]
    assert {a["data-keys"] for a in page.of_class("alternative")} == set(hidden)
    assert all("tabindex" not in a for a in page.of_class("of-alternative"))


def test_fields_that_cite_one_box_share_it(
    document: Document, make_result: Callable[..., Any], make_leaf: Callable[..., FieldResult]
) -> None:
    cited = (Citation.of_segment(document.segments[0]),)
    fields = {name: make_leaf("x", Status.ACCEPTED, cited) for name in ("company", "address")}

    (box,) = Elements(render_html(document, make_result(document, fields))).of_class("box")

    assert box["data-keys"] == "f0 f1"
    assert box["aria-label"] == "company: x, accepted; address: x, accepted"


def test_a_page_without_a_picture_is_drawn_from_its_text(
    extraction: Any, make_page: Callable[..., Page]
) -> None:
    plain = Document(id="plain", pages=(make_page(1, 0, with_image=False),))

    html = render_html(plain, extraction)

    assert "<img" not in html
    drawn = re.findall(r"<text [^>]*textLength=[^>]*>([^<]*)</text>", html)
    assert [t.replace("&amp;", "&") for t in drawn] == [s.text for s in plain.segments]
    assert 'viewBox="0 0 680 720"' in html


def test_long_documents_and_empty_pages(
    make_result: Callable[..., Any], make_leaf: Callable[..., FieldResult]
) -> None:
    pages = tuple(Page(number=n, width=595, height=842, unit="pt") for n in range(1, 301))
    document = Document(id="long", pages=pages)
    extraction = make_result(document, {"total": make_leaf(None, Status.ABSTAINED)})

    page = Elements(render_html(document, extraction))

    assert len(page.of_class("page")) == 300
    assert "Page 300 of 300" in page.text
    assert "no segments" in page.text
    assert "0 of 1 field has a value: 1 abstained" in page.text


def test_characters_that_no_file_can_hold_are_replaced(
    tmp_path: Path, make_result: Callable[..., Any]
) -> None:
    document = Document(id="x", pages=(Page(number=1, width=9, height=9),))
    field = FieldResult(value="a\ud800b\x00c\u202ed", grounding=Grounding.NONE)

    write_html(tmp_path / "new" / "x.html", document, make_result(document, {"company": field}))

    text = (tmp_path / "new" / "x.html").read_text(encoding="utf-8")
    assert "a\ufffdb\ufffdc\ufffdd" in text
    assert not re.search("[\x00\ud800\u202e]", text)
    assert [p.name for p in (tmp_path / "new").iterdir()] == ["x.html"]


def test_a_failing_report_leaves_the_old_file_alone(
    tmp_path: Path, make_result: Callable[..., Any], document: Document
) -> None:
    target = tmp_path / "x.html"
    target.write_text("old")
    citation = Citation.of_segment(document.segments[0]).model_copy(update={"page": 7})
    wrong = make_result(document, {"total": FieldResult(value="1", citations=(citation,))})

    with pytest.raises(ValueError, match="field 'total' cites page 7"):
        write_html(target, document, wrong)

    assert target.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["x.html"]


def test_every_status_and_grounding_is_told_apart_without_colour(
    document: Document, extraction: Any
) -> None:
    html = render_html(document, extraction)
    marks = dict(re.findall(r'<symbol id="mark-(\w+)"[^>]*><path[^>]* d="([^"]+)"', html))
    lines = dict(re.findall(r"\.status-(\w+) \.frame \{ stroke-dasharray: ([^;]+);", html))

    assert set(STATUS_MEANINGS) == set(Status)
    assert set(GROUNDING_MEANINGS) == set(Grounding)
    assert set(marks) == {s.value for s in Status}
    assert len(set(marks.values())) == len(Status)
    # Accepted is the one solid line.
    assert set(lines) == {s.value for s in Status} - {"accepted"}
    assert len(set(lines.values())) == len(lines)


def test_parts_without_a_say_have_no_bar(
    document: Document, make_result: Callable[..., Any]
) -> None:
    field = FieldResult(value="x", confidence=Confidence(fused=0.5))

    html = render_html(document, make_result(document, {"company": field}))

    # The bar under the value and the one among the parts; gcn, llm and ocr had no say.
    assert html.count('class="bar-fill" width="50"') == 2
    assert html.count("no figure") == 3


def test_thoughts_and_seconds_of_the_llm_are_told(document: Document, extraction: Any) -> None:
    silent = Elements(render_html(document, extraction)).text
    assert "9 out; 0.0 s" in silent
    assert "of which 45 thoughts" not in silent
    counts = {"completion_tokens": 50, "reasoning_tokens": 45, "seconds": 3.14}
    usage = extraction.run.usage.model_copy(update=counts)
    run = extraction.run.model_copy(update={"usage": usage})
    thought = Elements(render_html(document, extraction.model_copy(update={"run": run}))).text
    assert "50 out, of which 45 thoughts; 3.1 s" in thought


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("total", ("", "total")),
        ("menu[0].price", ("menu[0]", "price")),
        ("menu[0].sub[12].name", ("menu[0].sub[12]", "name")),
        ("tags[2]", ("tags", "[2]")),
        ("sub_total.tax", ("sub_total", "tax")),
        (".", ("", ".")),
    ],
)
def test_paths_are_split_at_their_last_step(path: str, parts: tuple[str, str]) -> None:
    assert split_path(path) == parts
