from eval.hallucination.folding import FoldedTexts, Place, fold


def test_fold() -> None:
    assert fold("CAFÉ Nº 1, Straße") == "cafeno1strasse"
    assert fold("１２ Ａ") == "12a"
    assert fold(" -.,") == ""


def test_places_lead_back() -> None:
    texts = FoldedTexts(["A-b", "", "ßc"])
    assert texts.joined == "abssc"
    assert texts.parts == ["ab", "", "ssc"]
    assert [texts.place(k) for k in range(5)] == [
        Place(0, 0), Place(0, 2), Place(2, 0), Place(2, 0), Place(2, 1)
    ]  # fmt: skip


def test_numbers_are_not_torn_and_short_texts_are_words() -> None:
    texts = FoldedTexts(["29 12.20 north", "5"])
    assert list(texts.find("9")) == []
    assert list(texts.find("12")) == []
    assert list(texts.find("1220")) == [(2, 6)]
    assert list(texts.find("no")) == []
    assert list(texts.find("north")) == [(6, 11)]
    assert list(texts.find("5")) == [(11, 12)]
    assert list(texts.find("")) == []
    assert list(FoldedTexts(["abcdabcd"]).find("abcd")) == [(0, 4), (4, 8)]
