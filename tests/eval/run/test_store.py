from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from eval.records import DOCUMENT_SCHEMA, ITEM_SCHEMA, SEGMENT_SCHEMA
from eval.run.store import Done, RunStore, Unit, frame_of
from hybrid.errors import HybridError
from hybrid.llm.server_metrics import PrefixCache


def done(document: str, text: str = "9.00", **more: Any) -> Done:
    unit = Unit("sroie", "dev", "gold", "extract", "regex", document)
    items = [{"document_id": document, "system": "regex", "origin": "prediction", "text": text}]
    items[0] |= {"dataset": "sroie", "split": "dev", "condition": "gold", "task": "field"}
    return Done(unit, {**unit._asdict(), "seconds": 0.5, **more}, items, ["a warning"])


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    store = RunStore(tmp_path / "run")
    store.begin({"systems": ["regex"], "seed": 0, "workers": 4}, "a")
    return store


def test_units_come_back_once_and_in_order(store: RunStore) -> None:
    for document in ("b", "a", "b"):
        store.append(done(document))
    assert [d.unit.document_id for d in store.units()] == ["b", "a"]
    assert next(store.units()) == done("b")


@pytest.mark.parametrize("left", [b'{"unit": ["sroie"', b"x" * 200_000, b"{}"])
def test_a_torn_last_line_is_cut(store: RunStore, left: bytes) -> None:
    path = store.folder / "units.jsonl"
    store.append(done("a"))
    whole = path.read_bytes()
    path.write_bytes(whole + left)
    assert len(list(store.units())) == 1  # also before it is mended
    store.mend()
    assert path.read_bytes() == whole
    store.append(done("b"))
    assert len(list(store.units())) == 2


def test_a_file_of_half_a_line_is_empty_then(store: RunStore) -> None:
    (store.folder / "units.jsonl").write_bytes(b"half")
    store.mend()
    assert list(store.units()) == []
    store.mend()
    assert (store.folder / "units.jsonl").read_bytes() == b""


def test_files_that_were_being_written_are_removed(store: RunStore) -> None:
    for name in (".results.json.17-4.tmp", ".predictions.parquet.17-4.tmp"):
        (store.folder / name).touch()
    (store.folder / ".mine.tmp").touch()
    store.mend()
    assert sorted(p.name for p in store.folder.iterdir()) == [".mine.tmp", "config.json"]


def test_a_broken_line_in_the_middle_is_named(store: RunStore) -> None:
    store.append(done("a"))
    path = store.folder / "units.jsonl"
    path.write_bytes(b"nonsense\n" + path.read_bytes())
    with pytest.raises(HybridError, match=r"units\.jsonl line 1 is broken"):
        list(store.units())


def test_another_configuration_is_refused_by_its_keys(store: RunStore) -> None:
    store.append(done("a"))
    store.begin({"systems": ["regex"], "seed": 0, "workers": 1}, "a")
    with pytest.raises(HybridError, match=r"something else \(seed, systems\); choose another"):
        store.begin({"systems": ["gcn"], "seed": 1, "workers": 1}, "b")
    with pytest.raises(HybridError, match=r"\(another version\)"):
        store.begin({"systems": ["regex"], "seed": 0, "workers": 1}, "b")


def test_a_run_that_did_nothing_yet_takes_another_configuration(store: RunStore) -> None:
    store.record_system("sroie label gcn", {"checkpoint": "1"})
    store.begin({"systems": ["gcn"]}, "b")
    assert store.systems() == {}
    store.begin({"systems": ["gcn"]}, "b")


def test_prefix_caches_of_several_parts_are_added(store: RunStore) -> None:
    assert store.prefix_caches() == {}
    store.count_prefix_cache("m", PrefixCache(100, 60))
    store.count_prefix_cache("n", PrefixCache(10, 0))
    store.count_prefix_cache("m", PrefixCache(100, 80))
    assert RunStore(store.folder).prefix_caches() == {
        "m": PrefixCache(200, 140),
        "n": PrefixCache(10, 0),
    }
    store.begin({"systems": ["gcn"]}, "b")
    assert store.prefix_caches() == {}


def test_tables_of_no_known_run_are_left_alone(tmp_path: Path) -> None:
    pl.DataFrame().write_parquet(tmp_path / "mine.parquet")
    with pytest.raises(HybridError, match="tables of no known run"):
        RunStore(tmp_path).begin({}, "a")


def test_a_changed_checkpoint_is_refused(store: RunStore) -> None:
    store.record_system("sroie label gcn", {"checkpoint": "1", "options": (1, 2)})
    store.record_system("sroie label gcn", {"checkpoint": "1", "options": (1, 2)})
    with pytest.raises(HybridError, match=r"another sroie label gcn \(checkpoint\)"):
        store.record_system("sroie label gcn", {"checkpoint": "2", "options": (1, 2)})


def test_tables_have_exactly_their_schemas(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eval.run.store._ROWS_AT_A_TIME", 2)  # several frames are joined
    for number in range(8):
        store.append(done(f"{7 - number}"))
    gold = {**done("3").items[0], "origin": "gold", "system": "", "text": None}
    store.write_tables([frame_of([gold], ITEM_SCHEMA)], [])
    predictions = pl.read_parquet(store.table("predictions.parquet"))
    assert dict(predictions.schema) == ITEM_SCHEMA
    assert dict(pl.read_parquet(store.table("documents.parquet")).schema) == DOCUMENT_SCHEMA
    assert dict(pl.read_parquet(store.table("segments.parquet")).schema) == SEGMENT_SCHEMA
    assert predictions["origin"].to_list() == ["gold"] + ["prediction"] * 8
    assert predictions["document_id"].to_list() == ["3", *map(str, range(8))]
    assert predictions["text"].to_list() == [None] + ["9.00"] * 8
    assert predictions["confidence"].null_count() == 9
    documents = pl.read_parquet(store.table("documents.parquet"))
    assert documents["document_id"].to_list() == list(map(str, range(8)))
    assert documents["error"].null_count() == 8


def test_a_run_without_units_has_empty_tables(store: RunStore) -> None:
    store.write_tables([], [])
    assert pl.read_parquet(store.table("predictions.parquet")).shape == (0, len(ITEM_SCHEMA))


def test_texts_that_are_no_unicode_are_kept_as_far_as_possible(store: RunStore) -> None:
    store.append(done("a", "caf\u00e9 \ud800 \u2028 \r\n"))
    (kept,) = store.units()
    assert kept.items[0]["text"] == "caf\u00e9 ? \u2028 \r\n"


def test_a_missing_table_says_how_to_make_it(store: RunStore) -> None:
    with pytest.raises(HybridError, match=r"predictions\.parquet is missing: finish the run"):
        store.table("predictions.parquet")
