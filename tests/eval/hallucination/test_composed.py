from eval.hallucination.composed import composed_of_lines, similar_place
from eval.hallucination.folding import FoldedTexts, fold


def composed(value: str, *texts: str) -> tuple[int, ...] | None:
    return composed_of_lines(fold(value), FoldedTexts(texts))


def test_lines_in_any_order_each_used_once() -> None:
    assert composed("a b c d", "c d", "x", "a b") == (2, 0)
    assert composed("ab ab", "ab") is None
    assert composed("ab ab", "ab", "ab") == (0, 1)


def test_of_the_first_and_the_last_line_some_words_are_enough() -> None:
    assert composed("High Street Leeds", "To: High Street", "x", "Leeds LS1") == (0, 2)
    assert composed("High Street Leeds", "To: High Street", "x", "Leedsville") is None
    assert composed("ACME Trading Ltd", "ACME Trading (123)", "x", "Ltd") == (0, 2)
    assert composed("ACME Trading Ltd", "MACME Trading (123)", "x", "Ltd") is None


def test_similar_places_have_all_digits_right() -> None:
    page = fold("to 12 jalan besar kuala lumpur 50000")
    assert similar_place(fold("12 jalan bessr kuala lumpur"), page) == (2, 25)
    assert similar_place(fold("13 jalan besar kuala lumpur"), page) is None
    assert similar_place(fold("2 jalan besar kuala lumpur"), page) is None
    assert similar_place("", page) is None
    assert similar_place("abcdefgh", "") is None
    assert similar_place("besar", "besa") == (0, 4)
    assert similar_place("asi", "nasi") is None
