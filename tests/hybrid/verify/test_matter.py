"""Which questions are asked: exactly those of which some answer could change a value."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hybrid.document import Document
from hybrid.extraction import FieldResult
from hybrid.schema import FieldSchema
from hybrid.schemas import ItemizedReceipt, Receipt
from hybrid.verify.ask import Question, Vote
from hybrid.verify.candidates import Candidate, read_candidates
from hybrid.verify.decide import Choice, decide, decide_all, likeliest
from hybrid.verify.fuse import Fusion, default_fusion, most_gain, prior, tempered
from hybrid.verify.matter import can_matter, expected_change
from hybrid.verify.propose import compete
from hybrid.verify.resolve import (
    Proposal,
    choices_of,
    is_worth_asking,
    lists_are_doubtful,
    question_on,
    questions_on,
)
from tests.hybrid.conftest import make_document

LEAF = FieldSchema(Receipt).by_path["total"]
PAGE = make_document([(f"RM {k}.20", 0, 30 * k, 80, 30 * k + 20) for k in range(1, 6)])


def amounts(beliefs: Sequence[float | None]) -> list[Candidate]:
    """Places with amounts; None is one that the GCN did not propose."""
    found = [read_candidates([s], LEAF, b)[0] for s, b in zip(PAGE.segments, beliefs, strict=False)]
    proposed = compete([c for c in found if c.gcn is not None])
    return [*proposed, *(c for c in found if c.gcn is None)]


def test_questions_that_no_vote_could_change() -> None:
    def asked(beliefs: Sequence[float], trust: float) -> bool:
        found = amounts(beliefs)
        return can_matter(found, found, default_fusion(trust))

    assert asked([0.6, 0.1], 1.0)
    assert not asked([0.6, 0.1], 0.0)
    assert not asked([0.8], 0.2)
    assert asked([0.5, 0.45], 0.2)
    assert asked([0.36], 0.2)


def test_a_verdict_can_make_a_vote_matter() -> None:
    """With the sum on its side a value stays above the threshold that any vote could take it to."""
    found = amounts([0.7])
    fusion = default_fusion(0.4)
    low = fusion.weights.model_copy(update={"rule": 3.0, "answer": 0.5})
    fusion = fusion.model_copy(update={"weights": low})
    assert can_matter(found, found, fusion, lambda _: (0.0,))
    weak = amounts([0.9])
    strict = low.model_copy(update={"answer": 0.99})
    fusion = fusion.model_copy(update={"weights": strict})
    assert not can_matter(weak, weak, fusion, lambda _: (0.0,))
    assert can_matter(weak, weak, fusion, lambda _: (0.0, 1.0))


def test_a_vote_that_only_moves_a_sum_matters() -> None:
    found = amounts([0.45, 0.44])
    fusion = default_fusion(0.1)
    strict = fusion.weights.model_copy(update={"answer": 0.99})
    fusion = fusion.model_copy(update={"weights": strict})
    assert not can_matter(found, found, fusion)
    assert can_matter(found, found, fusion, in_sums=True)


def test_most_is_expected_where_the_gcn_is_torn() -> None:
    def expected(beliefs: Sequence[float], trust: float = 1.0) -> float:
        found = amounts(beliefs)
        return expected_change(found, found, default_fusion(trust))

    assert expected([0.5, 0.45]) > expected([0.7, 0.2]) > expected([0.9, 0.05])
    assert expected([0.5, 0.45]) == pytest.approx(0.5, abs=0.02)
    assert expected([0.9, 0.05], trust=0.1) == 0
    alike = read_candidates(PAGE.segments[:1], LEAF, 0.5) * 2
    assert expected_change(alike, alike, default_fusion(1.0)) < 0.01, "the same value twice"


gcn = st.lists(st.floats(0, 1), min_size=1, max_size=3)
extras = st.integers(0, 2)
shares = st.lists(st.floats(0.001, 1), min_size=6, max_size=6)
trusts = st.floats(0.02, 1.5)
weights = st.floats(0.3, 1.0)
answers = st.sampled_from([0.1, 0.35, 0.6, 0.9])
verdicts = st.sampled_from([(0.0,), (1.0,), (-1.0,), (0.0, 1.0)])


def fusion_of(trust: float, gcn: float, answer: float) -> Fusion:
    fusion = default_fusion(trust)
    weights = fusion.weights.model_copy(update={"answer": answer})
    return fusion.model_copy(update={"weights": weights, "gcn": gcn})


def value(
    options: Sequence[Candidate], votes: Sequence[float] | None, verdict: float, fusion: Fusion
) -> object:
    vote = Vote(tuple(v / sum(votes) for v in votes)) if votes is not None else None
    choice = Choice("total", LEAF, tuple(options), vote, fusion.trust, gcn=fusion.gcn)
    return decide(choice, verdict, fusion).value


@settings(max_examples=400)
@given(gcn, extras, shares, trusts, weights, answers, verdicts)
def test_what_is_not_asked_would_have_been_answered_alike(
    beliefs: list[float],
    more: int,
    votes: list[float],
    trust: float,
    weight: float,
    answer: float,
    said: tuple[float, ...],
) -> None:
    options = amounts([*beliefs, *[None] * more])
    found, fusion = [c for c in options if c.gcn is not None], fusion_of(trust, weight, answer)
    if can_matter(found, options, fusion, lambda _: said):
        return
    for verdict in said:
        asked = value(options, votes[: len(options) + 1], verdict, fusion)
        assert asked == value(found, None, verdict, fusion)


def extreme_votes(options: Sequence[Candidate], fusion: Fusion) -> list[list[float]]:
    """For each option the vote that is all for it, and one that lets it be the best by a hair."""
    beliefs = tempered(prior(options), fusion.gcn)
    gain = most_gain(fusion.trust)
    votes = [[float(k == best) for k in range(len(beliefs))] for best in range(len(beliefs))]
    for best, belief in enumerate(beliefs):
        own = max(beliefs) / gain * (1 + 1e-9)
        factors = [min(1.0, own / b * (1 - 1e-9)) for b in beliefs]
        factors[best] = own / belief
        top = max(factors)
        votes.append([(f / top) ** (1 / fusion.trust) for f in factors])
    return votes


@settings(max_examples=400)
@given(gcn, extras, st.floats(0.2, 1.5), weights, answers, verdicts)
def test_what_is_asked_could_be_answered_otherwise(
    beliefs: list[float],
    more: int,
    trust: float,
    weight: float,
    answer: float,
    said: tuple[float, ...],
) -> None:
    options = amounts([*beliefs, *[None] * more])
    found, fusion = [c for c in options if c.gcn is not None], fusion_of(trust, weight, answer)
    if not can_matter(found, options, fusion, lambda _: said):
        return
    changed = {
        (verdict, other)
        for verdict in said
        for other in said
        for votes in extreme_votes(options, fusion)
        if value(options, votes, other, fusion) != value(found, None, verdict, fusion)
    }
    assert changed


def itemized(beliefs: Sequence[float]) -> tuple[Document, FieldSchema, Proposal]:
    """A receipt whose sums come out with some of its amounts and not with others."""
    schema = FieldSchema(ItemizedReceipt)
    texts = ["58.00", "5.80", "63.80", "100.00", "36.20", "63.00"]
    page = make_document([(t, 0, 30 * k, 80, 30 * k + 20) for k, t in enumerate(texts)])
    paths = ["sub_total.subtotal", "sub_total.tax", "total.total", "total.cash", "total.change"]
    flat: dict[str, list[Candidate]] = {p: [] for p in schema.by_path if "[]" not in p}
    for k, path in enumerate(paths):
        leaf = schema.by_path[path]
        own = read_candidates([page.segments[k]], leaf, beliefs[2 * k])[0]
        other = read_candidates([page.segments[5]], leaf, beliefs[2 * k + 1])[0]
        flat[path] = compete([own, other])
    return page, schema, Proposal(flat, {})


def values(fields: dict[str, FieldResult]) -> dict[str, object]:
    return {path: leaf.value for path, leaf in fields.items()}


@settings(max_examples=120)
@given(
    st.lists(st.floats(0.05, 0.95), min_size=10, max_size=10),
    st.lists(shares.map(lambda x: [*x, 0.5, 0.5, 0.5]), min_size=5, max_size=5),
    st.floats(0.02, 1.0),
)
def test_a_document_is_decided_as_if_all_had_been_asked(
    beliefs: list[float], votes: list[list[float]], trust: float
) -> None:
    page, schema, proposal = itemized(beliefs)
    fusion = default_fusion(trust)
    weights = fusion.weights.model_copy(update={"accept": 1.1})
    curious = fusion.model_copy(update={"weights": weights})
    every = [
        question_on(page, schema, path, found) for path, found in proposal.flat.items() if found
    ]
    said = {
        q.path: (q, Vote(tuple(v / sum(w) for v in w)))
        for q, raw in zip(every, votes, strict=True)
        for w in [raw[: len(q.options) + 1]]
    }
    asked = [said[q.path] for q in questions_on(page, schema, proposal, curious)]
    some = decide_all(schema, choices_of(schema, proposal, curious, asked), curious)
    all_ = decide_all(schema, choices_of(schema, proposal, curious, list(said.values())), curious)
    assert values(some) == values(all_)


def test_what_is_not_trusted_is_not_asked() -> None:
    page, schema, proposal = itemized([0.5, 0.45] * 5)
    nobody = default_fusion(0.0)
    assert questions_on(page, schema, proposal, nobody) == []
    assert not lists_are_doubtful(schema, proposal, nobody)
    somebody = default_fusion(0.5)
    assert questions_on(page, schema, proposal, somebody)
    assert lists_are_doubtful(schema, proposal, somebody)
    no_lists = somebody.model_copy(update={"lists": False})
    assert not lists_are_doubtful(schema, proposal, no_lists)


def test_a_question_offers_other_places_of_its_type(receipt: Document) -> None:
    schema = FieldSchema(Receipt)
    found = read_candidates([receipt.segments[5]], LEAF, 0.5)
    proposal = Proposal({"total": found}, {})
    (question,) = questions_on(receipt, schema, proposal, default_fusion(1.0))
    assert question.options[0] == found[0]
    assert Decimal("20.00") in {c.value for c in question.options[1:]}
    assert is_worth_asking(schema, question, found, default_fusion(1.0))
    assert isinstance(question, Question)
    assert likeliest(prior(question.options)) == 0


@pytest.mark.parametrize("answered", [False, True])
def test_votes_become_choices(receipt: Document, answered: bool) -> None:
    schema = FieldSchema(Receipt)
    found = read_candidates([receipt.segments[5]], LEAF, 0.5)
    proposal, fusion = Proposal({"total": found}, {}), default_fusion(1.0)
    (question,) = questions_on(receipt, schema, proposal, fusion)
    count = len(question.options)
    vote = Vote((1 / (count + 1),) * (count + 1) if answered else None)
    (choice,) = choices_of(schema, proposal, fusion, [(question, vote)])
    # Nobody answered: then it is decided without the places that only the LLM was offered.
    assert len(choice.options) == (count if answered else 1)
    assert count > 1
