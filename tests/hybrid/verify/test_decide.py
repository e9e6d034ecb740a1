from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybrid.document import Document
from hybrid.extraction import Status
from hybrid.schema import FieldSchema
from hybrid.schemas import ItemizedReceipt, Receipt
from hybrid.verify.ask import Vote
from hybrid.verify.candidates import Candidate, read_candidates
from hybrid.verify.decide import Choice, decide
from hybrid.verify.fuse import Fusion, default_fusion, most_gain, pool, prior, score, tempered
from hybrid.verify.matter import is_sure
from hybrid.verify.rules import check, possible_verdicts, takes_part_in_sums

LEAF = FieldSchema(Receipt).by_path["total"]


@pytest.fixture
def totals(receipt: Document) -> tuple[Candidate, Candidate]:
    """12.20, which the GCN proposes, and 20.00, which it hardly believes."""
    (first,) = read_candidates([receipt.segments[5]], LEAF, 0.6)
    (second,) = read_candidates([receipt.segments[7]], LEAF, 0.1)
    return first, second


@pytest.mark.parametrize(
    ("shares", "trust", "status", "value"),
    [
        (None, 0.0, Status.ACCEPTED, "12.20"),
        ((0.9, 0.05, 0.05), 1.0, Status.AGREED, "12.20"),
        ((0.01, 0.98, 0.01), 1.0, Status.CORRECTED, "20.00"),
        ((0.01, 0.01, 0.98), 1.0, Status.REJECTED, None),
        ((0.01, 0.98, 0.01), 0.1, Status.ACCEPTED, "12.20"),
    ],
)
def test_statuses(
    totals: tuple[Candidate, Candidate],
    shares: tuple[float, ...] | None,
    trust: float,
    status: Status,
    value: str | None,
) -> None:
    vote = Vote(shares) if shares else None
    result = decide(Choice("total", LEAF, totals, vote, trust))
    assert result.status is status
    assert result.value == (Decimal(value) if value else None)
    assert (result.value is None) == (not result.citations)
    if value is None:
        assert result.reason
        assert result.alternatives[0].text == "RM 12.20" or result.alternatives


def test_added_where_the_gcn_proposed_nothing(totals: tuple[Candidate, Candidate]) -> None:
    weak = totals[1]
    result = decide(Choice("total", LEAF, (weak,), Vote((0.99, 0.01)), 1.0))
    assert result.status is Status.ADDED


def test_unanswered_questions_keep_the_proposal(totals: tuple[Candidate, Candidate]) -> None:
    result = decide(Choice("total", LEAF, totals, Vote(None, "server is down"), 1.0))
    assert result.status is Status.UNVERIFIED
    assert result.value == Decimal("12.20")
    assert "server is down" in (result.reason or "")
    nothing = decide(Choice("total", LEAF, (), Vote(None, "server is down"), 1.0))
    assert nothing.status is Status.UNVERIFIED
    assert nothing.value is None


def test_an_empty_field_says_by_what_it_was_looked_for() -> None:
    by_label = decide(Choice("total", LEAF, ()))
    by_keys = decide(Choice("total", LEAF, (), by_keys=True))
    assert "Keys" not in (by_label.reason or "")
    assert f"no value beside {LEAF.keys[0]!r}" in (by_keys.reason or "")
    assert "say so with Keys" in (by_keys.reason or "")


def test_no_options_abstain_with_a_reason() -> None:
    result = decide(Choice("total", LEAF, ()))
    assert result.status is Status.ABSTAINED
    assert result.reason


def test_sureness_and_recognition(totals: tuple[Candidate, Candidate]) -> None:
    assert is_sure([totals[0].with_gcn(0.97)])
    assert not is_sure([totals[0]])
    assert not is_sure([])
    assert score(totals[0], 0.9, rule=1.0) > score(totals[0], 0.9)
    assert score(totals[0], 0.9, rule=-1.0) < score(totals[0], 0.9)


def test_no_score_is_above_the_recognition_confidence(
    totals: tuple[Candidate, Candidate],
) -> None:
    """What OCR read as "εd ε", with .48, was accepted with .995."""
    misread, clear = (
        replace(
            totals[0],
            words=tuple(w.model_copy(update={"confidence": ocr}) for w in totals[0].words),
        )
        for ocr in (0.48, 0.99)
    )
    assert score(misread, 0.999, rule=1.0) == pytest.approx(0.48)
    assert 0.98 < score(clear, 0.999, rule=1.0) <= 0.99


shares = st.lists(st.floats(0.0, 1.0), min_size=3, max_size=3).filter(lambda x: sum(x) > 0.1)


@given(shares, shares, st.floats(0, 2))
def test_pool_is_a_distribution(beliefs: list[float], votes: list[float], trust: float) -> None:
    total = sum(beliefs)
    beliefs = [max(b / total, 1e-3) for b in beliefs]
    pooled = pool(beliefs, votes, trust)
    assert sum(pooled) == pytest.approx(1.0)
    assert all(p >= 0 for p in pooled)


def test_a_gcn_that_is_surer_than_right_counts_less() -> None:
    beliefs = [0.9, 0.06, 0.04]
    assert tempered(beliefs, 1.0) == beliefs
    weighted = tempered(beliefs, 0.5)
    assert sum(weighted) == pytest.approx(1.0)
    assert weighted[0] / weighted[1] == pytest.approx((0.9 / 0.06) ** 0.5)
    vote = [0.0, 1.0, 0.0]
    assert max(pool(beliefs, vote, 0.8)) == pool(beliefs, vote, 0.8)[0]
    assert max(pool(weighted, vote, 0.8)) == pool(weighted, vote, 0.8)[1]


def test_its_weight_counts_only_beside_a_vote(totals: tuple[Candidate, Candidate]) -> None:
    leaf = FieldSchema(Receipt).by_path["total"]
    unasked = Choice("total", leaf, totals, gcn=0.5)
    assert unasked.beliefs == unasked.prior == prior(totals)
    even = Choice("total", leaf, totals, Vote((1 / 3, 1 / 3, 1 / 3)), 1.0, gcn=0.5)
    assert even.beliefs == pytest.approx(tempered(prior(totals), 0.5))


def test_without_trust_the_vote_changes_nothing(totals: tuple[Candidate, Candidate]) -> None:
    beliefs = prior(totals)
    assert pool(beliefs, [0.0, 1.0, 0.0], 0.0) == pytest.approx(beliefs)
    assert sum(beliefs) == pytest.approx(1.0)


def test_amounts_that_add_up_and_dates() -> None:
    schema = FieldSchema(ItemizedReceipt)
    values = {
        "menu[0].price": Decimal(50),
        "menu[1].price": Decimal(8),
        "sub_total.subtotal": Decimal(58),
        "sub_total.tax": Decimal("5.80"),
        "total.total": Decimal("63.80"),
        "total.cash": Decimal(100),
        "total.change": Decimal("36.20"),
    }
    assert set(check(schema, values)) == set(values)
    assert set(check(schema, values).values()) == {1.0}
    assert check(schema, values | {"total.total": Decimal(70), "menu[1].price": Decimal(9)}) == {}
    receipt = FieldSchema(Receipt)
    assert check(receipt, {"date": date(2018, 12, 25), "total": None}) == {"date": 1.0}
    assert check(receipt, {"date": date(1918, 12, 25)}) == {"date": -1.0}


def test_a_vote_s_odds_are_bounded() -> None:
    beliefs = [0.5, 0.3, 0.2]
    after = pool(beliefs, [1.0, 0.0, 0.0], 1.0)
    assert after[0] / after[1] == pytest.approx(most_gain(1.0) * 0.5 / 0.3)
    assert pool(beliefs, [0.3, 0.0, 0.0], 1.0) == after


def test_an_unanswered_question_is_decided_like_an_unasked_one(
    totals: tuple[Candidate, Candidate],
) -> None:
    for options in (totals, (totals[1],), ()):
        alone = decide(Choice("total", LEAF, options))
        unanswered = decide(Choice("total", LEAF, options, Vote(None, "down"), 1.0))
        assert unanswered.value == alone.value
        assert unanswered.status is Status.UNVERIFIED


def test_a_wished_risk_makes_less_sure_fields_abstain(
    totals: tuple[Candidate, Candidate],
) -> None:
    choice = Choice("total", LEAF, totals)
    fusion = default_fusion()
    given = decide(choice, fusion=fusion.model_copy(update={"least": 0.5}))
    assert given.value == Decimal("12.20")
    withheld = decide(choice, fusion=fusion.model_copy(update={"least": 0.7}))
    assert withheld.value is None
    assert "than the wished risk asks for" in (withheld.reason or "")
    assert withheld.alternatives[0].value == Decimal("12.20")


def test_what_is_shown_is_calibrated_and_decides_nothing(
    totals: tuple[Candidate, Candidate],
) -> None:
    choice = Choice("total", LEAF, totals)
    plain = decide(choice)
    fusion = default_fusion().model_copy(update={"isotonic": ((0.2, 0.1), (0.8, 0.3))})
    shown = decide(choice, fusion=fusion)
    assert shown.value == plain.value
    assert shown.confidence.fused is not None
    assert 0.1 < shown.confidence.fused < 0.3
    assert [fusion.confidence(x) for x in (0.0, 0.2, 0.5, 0.8, 1.0)] == pytest.approx(
        [0.1, 0.1, 0.2, 0.3, 0.3]
    )


def test_confidences_that_fall_are_refused() -> None:
    with pytest.raises(ValueError, match="do not increase"):
        Fusion(trust=0, weights=default_fusion().weights, isotonic=((0.1, 0.9), (0.5, 0.2)))


def test_possible_verdicts_hold_what_check_says() -> None:
    receipt, itemized = FieldSchema(Receipt), FieldSchema(ItemizedReceipt)
    assert possible_verdicts(receipt, receipt.by_path["date"], date(1918, 1, 1)) == (-1.0,)
    assert possible_verdicts(receipt, receipt.by_path["total"], Decimal(5)) == (0.0,)
    total = itemized.by_path["total.total"]
    assert possible_verdicts(itemized, total, Decimal(5)) == (0.0, 1.0)
    parts = [leaf.name for leaf in itemized.leaves if takes_part_in_sums(itemized, leaf)]
    assert parts == [
        "price", "subtotal", "discount", "service", "tax", "total", "cash", "change",
    ]  # fmt: skip
