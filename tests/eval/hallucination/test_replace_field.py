from collections.abc import Iterable
from pathlib import Path

from eval.datasets import read_dataset
from eval.datasets.base import Sample
from eval.hallucination.alignment import PageIndex, kind_of
from eval.hallucination.counterfactual import Counterfactual, LeftOut
from eval.hallucination.replace_field import replace_field
from tests.eval.hallucination.receipts import check, make


def kept(items: Iterable[Counterfactual | LeftOut]) -> dict[str, Counterfactual]:
    return {str(c.path): c for c in items if isinstance(c, Counterfactual)}


def test_the_gold_follows_the_page(receipts: list[Sample]) -> None:
    for sample in receipts:
        made = kept(replace_field(sample, receipts, seed=1))
        assert list(made) == ["company", "date", "address", "total"]
        old = {v.path: v.text for v in sample.values or ()}
        for path, item in made.items():
            check(item.sample)
            assert item.id == f"{sample.id}#{path}"
            assert item.asked == (path,)
            (value,) = item.sample.values or ()
            page = PageIndex(item.sample.document)
            assert value.path == path
            assert page.holds(value.text, None, kind_of(value.text))
            assert not page.holds(old[path], None, kind_of(old[path]))
            assert item.sample.labels == sample.labels
            assert [s.box for s in item.sample.document.segments] == [
                s.box for s in sample.document.segments
            ]


def test_forms_are_kept(receipts: list[Sample]) -> None:
    made = kept(replace_field(receipts[2], receipts, seed=4))
    (total,) = made["total"].sample.values or ()
    assert len(total.text) == len("1,045.00")
    assert total.text[1] == ","
    assert total.text.endswith(".00")
    assert [c.after for c in made["total"].changes] == [f"RM {total.text}", f"CASH {total.text}"]
    (day,) = made["date"].sample.values or ()
    assert len(day.text) == 10
    assert day.text[4] == "-"
    changed = made["date"].changes[0].after
    assert changed == f"DATE: {day.text} 20:13"
    (company,) = made["company"].sample.values or ()
    assert company.text in ("ACME TRADING SDN BHD", "BORNEO BOOKS")


def test_words_and_entities_follow(receipts: list[Sample]) -> None:
    made = kept(replace_field(receipts[1], receipts, seed=0))["company"].sample
    entity = next(e for e in made.entities if e.label == "company")
    assert entity.text == made.document.segments[0].text == (made.values or ())[0].text
    assert entity.character_ids == ()
    assert entity.word_ids == tuple(w.id for w in made.document.segments[0].words)
    untouched = next(e for e in made.entities if e.label == "date")
    assert untouched in receipts[1].entities


def test_equal_seeds_give_equal_documents(receipts: list[Sample]) -> None:
    def texts(seed: int, pool: list[Sample]) -> list[str]:
        made = kept(replace_field(receipts[0], pool, seed))
        return [c.sample.document.text for c in made.values()]

    assert texts(1, receipts) == texts(1, receipts[::-1])
    assert texts(1, receipts) != texts(2, receipts)


def test_what_cannot_be_replaced_cleanly_is_left_out(receipts: list[Sample]) -> None:
    lines = [("FREE 0.00", "total"), ("ACME TRADNG", "company")]
    sample = make("x", lines, {"total": "0.00", "company": "ACME TRADING"}, ())
    left_out = [c for c in replace_field(sample, receipts, 0) if isinstance(c, LeftOut)]
    assert [c.path for c in left_out] == ["total", "company"]
    alone = [c for c in replace_field(receipts[0], receipts[:1], 0) if isinstance(c, LeftOut)]
    assert [c.path for c in alone] == ["company", "address"]  # nobody lends a text


def test_receipts_of_sroie(shared_data: Path) -> None:
    samples = read_dataset("sroie", shared_data / "sroie", "dev")[:30]
    kinds = {"company": "text", "address": "text", "date": "date", "total": "number"}
    made = [c for s in samples for c in replace_field(s, samples, 0, kinds)]
    done = [c for c in made if isinstance(c, Counterfactual)]
    assert len(done) > 0.9 * len(made)
    for item in done:
        check(item.sample)
