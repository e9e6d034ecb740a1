"""A wished rate of wrong values: from which score on values are given, with a guarantee.

The rate is that of the wrong values among the values that are given in a document, averaged over the
documents in which any is given. As a function of the threshold it need not fall, since a higher
threshold also takes right values away; so conformal risk control (Angelopoulos et al. 2022, arXiv
2208.02814), which needs a monotone risk, does not apply, and thresholds are tested one by one instead:
Learn then Test (Angelopoulos et al. 2021, arXiv 2110.01052).

What is guaranteed. Let the held-out documents be a sample from the documents to come, and let nothing
have been fitted on them. Then with a probability of at least 90 % over that sample, the rate at the
chosen threshold is, over the documents to come, at most what was wished.

Why. At a threshold fixed beforehand the held-out documents in which a value is given are a sample of
such documents, and the shares of wrong values in them are independent numbers from 0 to 1; that
values of one document are right or wrong together does not matter. Somebody who bets on each of
them being below the wished rate, at odds that are fair if that is the true rate, does not gain if the
true rate is larger; so he multiplies his money by 10 with a probability of at most 10 % (Waudby-Smith
and Ramdas 2020, arXiv 2010.09686). Where he does, the rate is taken as shown. The thresholds are tested in
an order that does not depend on the held-out documents, the strictest first, and the last one before
the first that fails is taken (fixed sequence testing), so that all tests together are wrong with a
probability of at most 10 %.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from hybrid.errors import ModelError

DELTA = 0.1
"""Probability that the guarantee does not hold, as in the two papers' examples."""
_STAKES = (0.5, 0.75, 1.0)
"""Parts of the money that are bet, a third of it each way: little is lost at a wrong document with a
small stake, and much won at right ones with a large one."""
_FIRST_SHARE, _STEP = 0.25, 0.05


class HeldOut(BaseModel):
    """What fusion did on documents that it was not fitted on.

    Attributes:
        levels: Scores to be tested as thresholds, the strictest first; chosen on other documents.
        documents: For each document the values that were given: score, and whether it was right.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    levels: tuple[float, ...]
    documents: tuple[tuple[tuple[float, bool], ...], ...]


@dataclass(frozen=True)
class RiskThreshold:
    """The threshold for a wished rate of wrong values.

    Attributes:
        score: Below which fields abstain.
        rate: Of wrong values on the held-out documents, as the guarantee counts it.
        documents: Held-out documents in which a value is given.
        given: Share of the values that are still given.
    """

    score: float
    rate: float
    documents: int
    given: float


def levels_of(scores: Sequence[float]) -> tuple[float, ...]:
    """Thresholds to test, out of the scores of other documents than those that are held out.

    The strictest one lets a quarter of the values through: with fewer, too few documents are left to
    show anything. Each of the next lets a twentieth more through, the last one all of them.
    """
    ranked = sorted(scores, reverse=True)
    shares = [_FIRST_SHARE + _STEP * k for k in range(round((1 - _FIRST_SHARE) / _STEP) + 1)]
    places = [max(math.ceil(share * len(ranked) - 1e-9), 1) - 1 for share in shares]
    return tuple(dict.fromkeys(ranked[place] for place in places)) if ranked else ()


def documents_needed(risk: float) -> int:
    """How many documents with no wrong value at all would show that the rate is at most `risk`."""
    # No bet wins more than 1 / (1 - risk) on a document.
    count = math.ceil(math.log(DELTA) / math.log1p(-risk))
    while _p_value([count * math.log1p(_bet(stake, risk) * risk) for stake in _STAKES]) > DELTA:
        count += 1
    return count


def risk_threshold(held_out: HeldOut, risk: float) -> RiskThreshold:
    """The most generous threshold at which the rate of wrong values is shown to be at most `risk`.

    Args:
        held_out: From the fitting of a fusion.
        risk: Wished, above 0 and below 1.

    Raises:
        ModelError: If there is none: too few documents, or too many wrong values.
    """
    if not 0 < risk < 1:
        raise ModelError(
            f"a wished risk of {risk:g}: give a number above 0 and below 1, such as .05"
        )
    needed = documents_needed(risk)
    if len(held_out.documents) < needed:
        raise ModelError(
            f"a risk of at most {risk:g} cannot be shown with {len(held_out.documents)} held-out "
            f"documents: it takes {needed}, even if no value in them is wrong; calibrate on about "
            f"{3 * needed} documents, or wish for a risk of at least "
            f"{_least_risk(len(held_out.documents)):.3f}"
        )
    chosen: RiskThreshold | None = None
    strictest: RiskThreshold | None = None
    for level in held_out.levels:
        tested, shares = _at(held_out, level)
        strictest = strictest or tested
        if p_value(shares, risk) > DELTA:
            break
        chosen = tested
    if chosen is not None:
        return chosen
    if strictest is None or strictest.documents < needed:
        raise ModelError(
            f"a risk of at most {risk:g} cannot be shown: at the strictest threshold a value is given "
            f"in {strictest.documents if strictest else 0} of {len(held_out.documents)} held-out "
            f"documents, and it takes {needed}; calibrate on more documents, or wish for a larger risk"
        )
    raise ModelError(
        f"a risk of at most {risk:g} cannot be shown: even at the strictest threshold "
        f"{strictest.rate:.3f} of the values are wrong, in {strictest.documents} held-out documents; "
        "wish for a larger risk, or calibrate on more documents"
    )


def p_value(shares: Sequence[float], risk: float) -> float:
    """How likely it is at most that bets on such numbers gain as much, if their mean is `risk` or more.

    Args:
        shares: Independent numbers from 0 to 1, in any order.
        risk: Above 0 and below 1.
    """
    gains = []
    for stake in _STAKES:
        factors = [1 - _bet(stake, risk) * (share - risk) for share in shares]
        # With the whole money at stake it is gone at the first share of 1.
        gains.append(math.fsum(math.log(f) if f > 0 else -math.inf for f in factors))
    return _p_value(gains)


def _bet(stake: float, risk: float) -> float:
    """What is won, as a part of the money, for each unit that a share is below the risk."""
    return stake / (1 - risk)


def _p_value(gains: Sequence[float]) -> float:
    """One over the mean of what the bets made of the money; `gains` are logarithms."""
    most = max(gains)
    if most == -math.inf:
        return 1.0
    log_mean = most + math.log(math.fsum(math.exp(g - most) for g in gains) / len(gains))
    return math.exp(min(-log_mean, 0.0))


def _at(held_out: HeldOut, level: float) -> tuple[RiskThreshold, list[float]]:
    shares: list[float] = []
    given = total = 0
    for document in held_out.documents:
        rights = [right for score, right in document if score >= level]
        total += len(document)
        given += len(rights)
        if rights:
            shares.append(1 - sum(rights) / len(rights))
    rate = math.fsum(shares) / len(shares) if shares else 0.0
    found = RiskThreshold(level, rate, len(shares), given / total if total else 0.0)
    return found, shares


def _least_risk(documents: int) -> float:
    """The smallest risk in thousandths that so many documents could show."""
    start = int(-1000 * math.expm1(math.log(DELTA) / max(documents, 1)))
    risks = (k / 1000 for k in range(max(start, 1), 1000))
    return next((risk for risk in risks if documents_needed(risk) <= documents), 0.999)
