from eval.hallucination.folding import FoldedTexts
from eval.hallucination.locate import Piece, holders, text_places


def test_a_text_over_two_lines_is_two_pieces() -> None:
    texts = FoldedTexts(["x ACME", "(M) BHD. y", "acme m bhd"])
    assert text_places(texts, "Acme (M) Bhd") == [
        (Piece(0, 2, 6), Piece(1, 1, 7)),
        (Piece(2, 0, 10),),
    ]


def test_holders_of_typed_values() -> None:
    texts = ["TOTAL 12.20", "12,20", "12.99", "25/12/2018", "2018-12-25 x", "25 Dec"]
    assert holders(texts, "12.20", "number") == [0, 1]
    assert holders(texts, "25/12/2018", "date") == [3, 4]
    assert holders(texts, "7", "number") == []


def test_holders_of_texts() -> None:
    texts = ["1 High Street", "Date", "Leeds LS1", "THE ACME STORE", "ACME", "STORE"]
    assert holders(texts, "Acme Store", "text") == [3, 4, 5]
    assert holders(texts, "1 High Street, Leeds LS1", "text") == [0, 2]
    assert holders(texts, "1 High Streat", "text") == [0]
