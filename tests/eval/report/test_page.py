"""The report of a run as HTML: what is in it, what is escaped, what is missing is left out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import polars as pl
import pytest

from eval.report.data import RunFolderError, load_report_data
from eval.report.page import render_report, write_report


class Page(HTMLParser):
    """Tags, ids and addresses of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.styles: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        named = dict(attrs)
        self.ids += [named["id"] or ""] if "id" in named else []
        self.addresses += [named[k] or "" for k in ("src", "href") if k in named]
        self.styles += [named["style"] or ""] if "style" in named else []


@pytest.fixture(scope="module")
def html(run_folder: Path) -> str:
    return render_report(load_report_data(run_folder))


def test_all_sections_are_there(html: str) -> None:
    page = Page(html)

    assert set(page.ids) >= {
        *("results", "hallucination", "counterfactual", "calibration", "cost", "confusion"),
        *("worst", "run"),
    }
    assert len(page.ids) == len(set(page.ids))
    assert page.tags.count("article") == 8 + 3
    assert "hybrid eval run --dataset sroie" in html
    assert "the server did not answer &lt;in time&gt;" in html


def test_the_page_needs_nothing_else(html: str) -> None:
    page = Page(html)

    assert page.styles == []
    assert all(a.startswith(("#", "data:")) for a in page.addresses)
    assert page.tags.count("script") == 1
    assert "http://" not in html
    assert "https://" not in html


def test_documents_cannot_write_markup(html: str, hostile: str) -> None:
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(&#39;x&#39;)" in html
    assert "\x07" in hostile
    assert "\x07" not in html


def test_pictures_are_embedded_only_where_the_run_allows_it(
    html: str, make_run: Callable[..., Path]
) -> None:
    folder = make_run("quiet", documents=3, readers=())
    assert "data:image/jpeg" in html
    results = json.loads((folder / "results.json").read_text())
    results["run"]["pictures"] = False
    (folder / "results.json").write_text(json.dumps(results))

    assert "data:image/jpeg" not in render_report(load_report_data(folder))


def test_a_run_without_rows_has_a_page(make_run: Callable[..., Path]) -> None:
    path = write_report(make_run("nothing", documents=0))

    assert "No clean condition was run." in path.read_text(encoding="utf-8")


def test_systems_without_values_or_confidences(
    make_run: Callable[..., Path], reader: Callable[..., object]
) -> None:
    empty = reader("empty", 0.0, 0.0, 0, 0.1, confident=False)
    html = render_report(load_report_data(make_run("empty", documents=2, readers=[empty])))

    page = Page(html)
    assert "calibration" not in page.ids
    assert "hallucination" not in page.ids
    assert "worst" not in page.ids


def test_a_broken_folder_is_named(run_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match=r"results\.json: cannot be read"):
        load_report_data(tmp_path)
    (tmp_path / "results.json").write_text("[")
    with pytest.raises(RunFolderError, match="is not JSON"):
        load_report_data(tmp_path)
    (tmp_path / "results.json").write_text('{"rows": []}')
    with pytest.raises(RunFolderError, match="has no 'comparisons'"):
        load_report_data(tmp_path)
    (tmp_path / "results.json").write_text('{"rows": [{}], "comparisons": [], "run": {}}')
    with pytest.raises(RunFolderError, match="row 0 has no 'dataset'"):
        load_report_data(tmp_path)
    (tmp_path / "results.json").write_bytes((run_folder / "results.json").read_bytes())
    with pytest.raises(RunFolderError, match=r"predictions\.parquet: is missing"):
        load_report_data(tmp_path)
    (tmp_path / "predictions.parquet").write_text("no table")
    with pytest.raises(RunFolderError, match="no readable parquet"):
        load_report_data(tmp_path)
    pl.DataFrame({"dataset": ["sroie"]}).write_parquet(tmp_path / "predictions.parquet")
    with pytest.raises(RunFolderError, match="has no column 'split'"):
        load_report_data(tmp_path)


def test_thoughts_are_part_of_what_a_system_costs(html: str) -> None:
    assert "reasoning_tokens_per_document" in html
    assert "llm_seconds_per_document" in html
    # 1240 tokens sent and 62 written, of which 31 are thoughts.
    assert re.search(r"llm:profile=smollm2-135m: [01]\.\d{3} at 1,302", html)


def test_a_run_of_before_thoughts_were_counted_has_a_page(make_run: Callable[..., Path]) -> None:
    folder = make_run("earlier", documents=2)
    path = folder / "documents.parquet"
    pl.read_parquet(path).drop("reasoning_tokens", "llm_seconds").write_parquet(path)
    assert load_report_data(folder).documents["llm_seconds"].null_count() > 0
    pl.read_parquet(path).drop("seconds").write_parquet(path)
    with pytest.raises(RunFolderError, match="has no column 'seconds'"):
        load_report_data(folder)


def test_a_removed_field_is_drawn(html: str) -> None:
    drawn = re.findall(r"<title>removed: ([^<]*)</title>", html)

    assert len(drawn) == 3
    assert drawn[0].startswith("TOTAL RM")
