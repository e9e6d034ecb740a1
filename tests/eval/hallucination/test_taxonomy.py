from itertools import product

import pytest

from eval.hallucination.taxonomy import Kind, classify


@pytest.mark.parametrize(
    ("on_page", "in_citation", "has_gold", "matches", "expected"),
    [
        (True, True, True, True, ()),
        (False, False, True, False, (Kind.UNGROUNDED,)),
        (False, False, True, True, (Kind.UNGROUNDED,)),
        (False, False, False, False, (Kind.UNGROUNDED, Kind.ABSENT_FIELD)),
        (True, True, False, False, (Kind.ABSENT_FIELD,)),
        (True, False, False, False, (Kind.ABSENT_FIELD, Kind.MISLOCATED)),
        (True, False, True, True, (Kind.MISLOCATED,)),
        (True, True, True, False, (Kind.WRONG_FIELD,)),
        (True, False, True, False, (Kind.MISLOCATED, Kind.WRONG_FIELD)),
    ],
)
def test_classify(
    on_page: bool, in_citation: bool, has_gold: bool, matches: bool, expected: tuple[Kind, ...]
) -> None:
    found = classify(
        on_page=on_page, in_citation=in_citation, field_has_gold=has_gold, matches_gold=matches
    )
    assert found == expected


def test_a_value_is_not_ungrounded_and_mislocated_at_once() -> None:
    for flags in product([False, True], repeat=4):
        names = ("on_page", "in_citation", "field_has_gold", "matches_gold")
        found = classify(**dict(zip(names, flags, strict=True)))
        assert not ({Kind.UNGROUNDED} < set(found) and Kind.MISLOCATED in found)
        assert not (Kind.ABSENT_FIELD in found and Kind.WRONG_FIELD in found)
    assert [kind for kind in Kind if kind.is_hallucination] == [Kind.UNGROUNDED, Kind.ABSENT_FIELD]
