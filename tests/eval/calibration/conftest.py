"""Simulated documents: a GCN that means what it says, and an LLM as good as a test wants it."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from eval.calibration.collect import Source
from eval.calibration.evidence import Evidence
from eval.datasets.base import GoldValue, Sample
from hybrid.verify.ask import Vote
from hybrid.verify.candidates import Candidate, read_candidates
from hybrid.verify.fuse import tempered
from hybrid.verify.propose import compete
from hybrid.verify.resolve import Proposal
from tests.hybrid.conftest import make_document

ASKED = Source("sroie", None).asked()
TOTAL = ASKED.schema.by_path["total"]
PLACES = 3

Simulate = Callable[..., list[Evidence]]


def simulated(
    count: int, skill: float, seed: int = 0, present: float = 0.9, sureness: float = 1.0
) -> list[Evidence]:
    """Documents that ask for a total.

    The GCN is calibrated: a place that it believes in with p is the right one with p; with a
    `sureness` above 1 it is surer than that. The LLM's
    favourite is right with `skill`, whatever the GCN says, else any option.
    """
    rng = random.Random(seed)
    return [_one(rng, f"{seed}-{number:04}", skill, present, sureness) for number in range(count)]


def _one(rng: random.Random, name: str, skill: float, present: float, sureness: float) -> Evidence:
    amounts = rng.sample(range(10, 99), PLACES)
    page = make_document([(f"{a}.20", 0, 30 * k, 80, 30 * k + 20) for k, a in enumerate(amounts)])
    page = page.model_copy(update={"id": name})
    weights = [rng.random() ** 3 + 0.01 for _ in range(PLACES)]
    absent = (1 - present) * rng.random() * sum(weights) * 2
    beliefs = [w / (sum(weights) + absent) for w in weights]
    right = rng.choices(range(PLACES + 1), [*beliefs, 1 - sum(beliefs)])[0]
    beliefs = tempered([*beliefs, 1 - sum(beliefs)], sureness)[:-1]
    found: list[Candidate] = compete(
        [read_candidates([s], TOTAL, b)[0] for s, b in zip(page.segments, beliefs, strict=True)]
    )
    values: tuple[GoldValue, ...] = ()
    if right < PLACES:
        values = (GoldValue(path="total", label="total", text=f"{amounts[right]}.20"),)
    flat: dict[str, list[Candidate]] = {path: [] for path in ASKED.schema.by_path} | {
        "total": found
    }
    sample = Sample(document=page, values=values)
    evidence = Evidence("sroie", sample, ASKED, Proposal(flat, {}))
    options = evidence.questions["total"].options
    order = [o.segments[0] for o in options] + [PLACES]
    favourite = order.index(right) if rng.random() < skill else rng.randrange(len(order))
    sure = rng.uniform(0.5, 0.95)
    shares = tuple(
        sure if k == favourite else (1 - sure) / (len(order) - 1) for k in range(len(order))
    )
    return Evidence("sroie", sample, ASKED, Proposal(flat, {}), {"total": Vote(shares)})


@pytest.fixture(scope="session")
def simulate() -> Simulate:
    return simulated
