"""Which questions are worth asking: those whose answer could change what is decided.

A vote multiplies the odds of one option against another by at most `most_gain(trust)`, and by any
factor up to that. So what a vote could do is known before it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from hybrid.verify.candidates import Candidate
from hybrid.verify.decide import likeliest
from hybrid.verify.fuse import Fusion, default_fusion, most_gain, pool, prior, score, tempered

Verdicts = Callable[[Candidate], Sequence[float]]
"""What the rules may say of an option, at least one number from -1 to 1."""


def is_sure(options: Sequence[Candidate], rule: float = 0.0, fusion: Fusion | None = None) -> bool:
    """The GCN's proposal needs no question."""
    weights = (fusion or default_fusion()).weights
    if not options:
        return False
    beliefs = prior(options)[:-1]
    best = likeliest(beliefs)
    return score(options[best], beliefs[best], rule, weights) >= weights.accept


def no_rule(_: Candidate) -> Sequence[float]:
    """The verdict on options that no rule looks at."""
    return (0.0,)


def can_matter(
    found: Sequence[Candidate],
    options: Sequence[Candidate],
    fusion: Fusion,
    verdicts: Verdicts = no_rule,
    in_sums: bool = False,
) -> bool:
    """Whether some vote of an LLM could change what is decided; if not, asking is a waste.

    It is exact: False says that with any vote, and any of the verdicts that the rules could come
    to, the field has the value, or none, that it has without a vote; True, that a vote and
    verdicts exist with which it has not.

    Args:
        found: What is decided about without a question.
        options: Of the question: `found`, then those that are offered to the LLM only.
        fusion: How votes count.
        verdicts: Of an option.
        in_sums: The value that is believed most has a say in the verdicts on other fields, even
            if it is not believed enough to be given. Then a vote also matters that only changes
            which one that is.
    """
    if fusion.trust == 0:
        return False
    alone, beliefs = prior(found), tempered(prior(options), fusion.gcn)
    absent = len(options)
    before = likeliest(alone)
    if before == len(found):
        before = absent
    reached = [best for best in range(absent + 1) if _can_be_best(best, beliefs, fusion.trust)]
    if in_sums and reached != [before]:
        return True

    def is_given(option: int, belief: float, verdict: float) -> bool:
        return score(options[option], belief, verdict, fusion.weights) >= fusion.weights.answer

    given_before = {
        verdict: before != absent and is_given(before, alone[before], verdict)
        for verdict in (verdicts(options[before]) if before != absent else (0.0,))
    }
    for best in reached:
        if best == before != absent:
            low, high = _beliefs_while_best(best, beliefs, fusion.trust)
            for verdict, given in given_before.items():
                if {is_given(best, low, verdict), is_given(best, high, verdict)} != {given}:
                    return True
        elif best == absent:
            if any(given_before.values()):
                return True
        else:
            high = _full_vote(best, beliefs, fusion.trust)[best]
            said = [is_given(best, high, verdict) for verdict in verdicts(options[best])]
            if any(said) or any(given_before.values()):
                return True
    return False


def _full_vote(favourite: int, beliefs: Sequence[float], trust: float) -> list[float]:
    """Beliefs after the vote that is best for one option."""
    return pool(beliefs, [float(k == favourite) for k in range(len(beliefs))], trust)


def _can_be_best(option: int, beliefs: Sequence[float], trust: float) -> bool:
    return likeliest(_full_vote(option, beliefs, trust)) == option


def _beliefs_while_best(option: int, beliefs: Sequence[float], trust: float) -> tuple[float, float]:
    """The least and the most that an option can be believed while none is believed more.

    It is believed least when the vote is as much against it as lets it stay the best, and raises
    each of the others as far as that, where it can.
    """
    own = max(beliefs) / most_gain(trust)
    others = sum(min(b, own) for k, b in enumerate(beliefs) if k != option)
    return own / (own + others), _full_vote(option, beliefs, trust)[option]


def expected_change(
    found: Sequence[Candidate], options: Sequence[Candidate], fusion: Fusion
) -> float:
    """How probable it is that a question changes what is decided, before it is asked.

    By the GCN's own belief: it is right in what it believes of each option, and the LLM then votes
    for the one that is right. What rules may say counts as nothing.

    Args:
        found: What is decided about without a question.
        options: Of the question.
        fusion: How votes count.

    Returns:
        From 0 to 1.
    """
    alone, beliefs = prior(found), tempered(prior(options), fusion.gcn)
    before = _given(found, alone, fusion)
    changed = 0.0
    for right, belief in enumerate(beliefs):
        after = _given(options, _full_vote(right, beliefs, fusion.trust), fusion)
        changed += belief * (after != before)
    return changed


def _given(options: Sequence[Candidate], beliefs: Sequence[float], fusion: Fusion) -> Any:
    """The value that is given, or None where the field abstains."""
    best = likeliest(beliefs)
    if best == len(options):
        return None
    value = score(options[best], beliefs[best], 0.0, fusion.weights)
    return options[best].value if value >= fusion.weights.answer else None
