from eval.datasets.base import GoldValue, Sample
from eval.hallucination.counterfactual import Counterfactual, LeftOut
from eval.hallucination.mix_pages import joined, mix_pages, mixed
from tests.eval.hallucination.receipts import check


def test_both_pages_with_the_gold_of_both(receipts: list[Sample]) -> None:
    (made,) = mix_pages(receipts[0], receipts, 0)
    assert isinstance(made, Counterfactual)
    sample = made.sample
    check(sample)
    second = next(s for s in receipts if sample.id == f"one&{s.id}")
    assert [page.number for page in sample.document.pages] == [1, 2]
    assert len(sample.document.segments) == 18
    assert sample.labels == (receipts[0].labels or ()) + (second.labels or ())
    assert sample.links == ((6, 7), (15, 16))
    totals = [v for v in sample.values or () if v.path == "total"]
    assert [v.segment_ids for v in totals] == [(7,), (16,)]
    assert {e.character_ids for e in sample.entities[:5]}.isdisjoint(
        e.character_ids for e in sample.entities[5:]
    )
    assert {c.page for c in made.changes} == {2}
    texts = {w.id: w.text for s in sample.document.segments for w in s.words}
    for entity in sample.entities:
        assert " ".join(texts[k] for k in entity.word_ids) == entity.text


def test_drawn_forms_have_pairs_of_both(drawn: list[Sample]) -> None:
    sample = joined(drawn[0], drawn[1])
    check(sample)
    paths = [v.path for v in sample.values or ()]
    assert paths == [f"pairs[{k}]" for k in range(len(paths))]
    by_id = {s.id: s.text for s in sample.document.segments}
    for value in sample.values or ():
        assert value.text == " ".join(by_id[k] for k in value.segment_ids)


def test_nested_lists_are_numbered_on(receipts: list[Sample]) -> None:
    def with_menu(sample: Sample, count: int) -> Sample:
        menu = tuple(
            GoldValue(path=f"menu[{k}].sub[0].name", label="menu.sub.name", text=f"item {k}")
            for k in range(count)
        )
        return sample.model_copy(update={"values": menu})

    made = joined(with_menu(receipts[0], 2), with_menu(receipts[1], 1))
    assert [v.path for v in made.values or ()] == [
        "menu[0].sub[0].name",
        "menu[1].sub[0].name",
        "menu[2].sub[0].name",
    ]


def test_answers_from_both_pages_are_mixed(receipts: list[Sample]) -> None:
    (made,) = mix_pages(receipts[0], receipts[:2], 0)
    assert isinstance(made, Counterfactual)
    assert made.id == "one&two"
    assert mixed(made, {"total": "12.2", "date": "2018-12-25"}) is False
    assert mixed(made, {"total": "RM 87.65", "company": "Borneo Books"}) is False
    assert mixed(made, {"total": "12.20", "company": "BORNEO BOOKS"}) is True
    assert mixed(made, {"total": "12.20", "company": None}) is None
    assert mixed(made, {"total": "99.00", "company": "nobody"}) is None


def test_the_choice_is_by_seed_and_not_by_order(receipts: list[Sample]) -> None:
    def chosen(pool: list[Sample], seed: int) -> str:
        (made,) = mix_pages(receipts[0], pool, seed)
        assert isinstance(made, Counterfactual)
        return made.id

    assert chosen(receipts, 3) == chosen(receipts[::-1], 3)
    assert {chosen(receipts, seed) for seed in range(20)} == {"one&two", "one&three"}


def test_a_single_document_is_left_out(receipt: Sample) -> None:
    assert list(mix_pages(receipt, [receipt], 0)) == [LeftOut("one", "there is no other document")]
