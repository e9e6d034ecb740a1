import random
from typing import Any

import polars as pl
import pytest
from anls_star import anls_score

from eval.metrics.anls import anls_star, field_similarities, text_similarity

from .conftest import Items

WORDS = ["total", "totl", "TOTAL  x", "abc", "abd", "12.20", "12.30", "", "x"]


def random_tree(chance: random.Random, depth: int, gold: bool) -> Any:
    kind = chance.random()
    if depth == 0 or kind < 0.45:
        return None if chance.random() < 0.1 else chance.choice(WORDS)
    if gold and kind < 0.6:
        return tuple(random_tree(chance, 0, gold) for _ in range(chance.randint(1, 3)))
    if kind < 0.8:
        return [chance.choice(WORDS) for _ in range(chance.randint(0, 4))]
    return {
        name: random_tree(chance, depth - 1, gold)
        for name in chance.sample("abcd", chance.randint(0, 4))
    }


@pytest.mark.parametrize("seed", range(300))
@pytest.mark.filterwarnings("ignore:Treating ground truth as a list of options")
def test_equals_anls_star(seed: int) -> None:
    chance = random.Random(seed)
    gold = {name: random_tree(chance, 2, gold=True) for name in "abc"}
    given = {name: random_tree(chance, 2, gold=False) for name in "bcd"}
    assert anls_star(gold, given) == pytest.approx(anls_score(gold, given))


@pytest.mark.parametrize(
    ("gold", "given"),
    [
        ([{"n": "a", "p": "1"}, {"n": "bcd", "p": "2"}], [{"n": "bcd", "p": "2"}]),
        ([{"n": "tea"}, {"n": "rice"}], [{"n": "rice", "x": "1"}, {"n": "tee"}, {"n": "no"}]),
        ({}, {}),
        ({"a": "x"}, {}),
        ({}, {"a": "x"}),
        ({}, {"a": None, "b": ["x", "y"]}),
        ({"a": None}, {"a": []}),
        ([], []),
        ({"a": {"b": "c"}}, {"a": "c"}),
        ("Hello  World ", "hello world"),
        (("yes", ["no", "never"]), ["never", "no"]),
        ((["a", "b", "qq", "rr", "ss"], ["a"]), ["a", "b"]),
        ({"a": [("x", ["y", "z"]), "w"]}, {"a": ["w"]}),
        ({"a": {"b": ("x", ["y", "z", "q"]), "c": "w"}}, {"a": "w"}),
    ],
)
def test_equals_anls_star_on_cases(gold: Any, given: Any) -> None:
    assert anls_star(gold, given) == pytest.approx(anls_score(gold, given))


def test_text_similarity() -> None:
    assert text_similarity("abcd", "abxy") == 0.5
    assert text_similarity("abcd", "axyz") == 0
    assert text_similarity("abcd", "abcx") == 0.75
    assert text_similarity("", "") == 1


def test_fields_of_documents(items: Items) -> None:
    gold = items(
        [
            ("a", "total", "12.20"),
            ("a", "total", "12.2"),
            ("a", "menu[0]", "tea"),
            ("a", "menu[1]", "rice"),
            ("b", "total", "5"),
            ("c", "total", None),
        ]
    )
    given = items(
        [
            ("a", "total", "RM 12.2"),
            ("a", "menu[0]", "rice"),
            ("a", "menu[1]", "tex"),
            ("a", "menu[2]", "no"),
            ("d", "x", "1"),
        ]
    )
    rows = field_similarities(given, gold).rows()
    assert rows == [
        ("a", pytest.approx(4 / 7 + 1 + 2 / 3), 4),
        ("b", 0, 1),
        ("d", 0, 1),
    ]
    assert field_similarities(items([]), gold).rows() == [("a", 0, 3), ("b", 0, 1)]
    assert field_similarities(given, items([])).rows() == [("a", 0, 4), ("d", 0, 1)]
    assert field_similarities(items([]), items([])).height == 0


def test_random_documents_equal_the_package(items: Items) -> None:
    chance = random.Random(3)
    gold_rows, given_rows, expected = [], [], {}
    words = [w for w in WORDS if w]
    for k in range(150):
        gold: dict[str, list[Any]] = {}
        given: dict[str, list[str]] = {}
        for label in "xyz":
            for n in range(chance.randint(0, 4)):
                forms = tuple(chance.sample(words, chance.choice((1, 1, 2))))
                gold.setdefault(label, []).append(forms)
                gold_rows += [(f"{k}", f"{label}[{n}]", form) for form in forms]
            for n in range(chance.randint(0, 4)):
                given.setdefault(label, []).append(chance.choice(words))
                given_rows.append((f"{k}", f"{label}[{n}]", given[label][-1]))
        if gold or given:
            expected[f"{k}"] = anls_score(gold, given)
    rows = field_similarities(items(given_rows), items(gold_rows))
    assert {d: s / n for d, s, n in rows.iter_rows()} == pytest.approx(expected)
    order = items(given_rows).sample(fraction=1, shuffle=True, seed=1)
    again = field_similarities(order, items(gold_rows[::-1]))
    assert again.select("document_id", "places").equals(rows.select("document_id", "places"))
    assert again["similarity"].to_list() == pytest.approx(rows["similarity"].to_list())


def test_a_wrong_value_more_raises_nothing(items: Items) -> None:
    gold = items([("a", "x", "abc"), ("a", "y", "defg")])
    given = items([("a", "x", "abd")])
    before = field_similarities(given, gold)
    for label in ("x", "y", "z"):
        more = pl.concat([given, items([("a", label, "99999")])])
        after = field_similarities(more, gold)
        assert after["similarity"][0] == before["similarity"][0]
        assert after["places"][0] >= before["places"][0]
