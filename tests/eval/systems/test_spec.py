from __future__ import annotations

import pytest

from eval.systems import SYSTEMS, SystemSpec
from eval.systems.spec import parse_systems
from hybrid.errors import HybridError


@pytest.mark.parametrize(
    ("texts", "systems"),
    [
        (["gcn,llm:mode=lenient,shots=2,hybrid"], ["gcn", "llm:mode=lenient,shots=2", "hybrid"]),
        (["gcn llm", "empty"], ["gcn", "llm", "empty"]),
        (["llm:mode=lenient", "shots=2"], ["llm:mode=lenient,shots=2"]),
        (["gcn", "checkpoint=forms"], ["gcn:checkpoint=forms"]),
        (["llm:profile=http://host:80/v1#m,regex"], ["llm:profile=http://host:80/v1#m", "regex"]),
        (
            ["hybrid:fusion=a+b.json,max_risk=0.05", "gcn"],
            ["hybrid:fusion=a+b.json,max_risk=0.05", "gcn"],
        ),
        (["gcn:checkpoint=a", "gcn:checkpoint=b"], ["gcn:checkpoint=a", "gcn:checkpoint=b"]),
    ],
)
def test_lists(texts: list[str], systems: list[str]) -> None:
    assert [s.text for s in parse_systems(texts)] == systems


def test_options() -> None:
    spec = SystemSpec.parse(" llm:mode=lenient, prompt=v1,coordinates=written ")
    assert (spec.kind, spec.uses_llm) == ("llm", True)
    assert spec.options == {"mode": "lenient", "prompt": "v1", "coordinates": "written"}
    assert SystemSpec.parse("llm:shots=1").needs_training_split
    assert not SystemSpec.parse("llm:shots=0").needs_training_split
    assert {name for name in SYSTEMS if SystemSpec.parse(name).needs_training_split} == {"majority"}
    assert SystemSpec.parse("hybrid:strategy=critique").uses_llm
    assert not SystemSpec.parse("hybrid:strategy=rules").uses_llm
    assert SystemSpec.parse("hybrid:strategy=debate,rounds=2").strategy.name == "debate,rounds=2"
    drawn = "hybrid:strategy=reflect,samples=4,scorer="
    for scorer in ("trained", "my/fusions/reflect.json"):
        (spec,) = parse_systems([drawn + scorer])
        assert spec.strategy.name == "reflect,samples=4,scorer=trained"
    assert {name for name in SYSTEMS if SystemSpec.parse(name).uses_llm} == {"llm", "hybrid"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("nosuch", "unknown system 'nosuch'; known are gcn, llm, hybrid, regex, majority, empty"),
        ("regex:fast=1", "no option 'fast=1'; regex has: none"),
        ("gcn:forms", "no option 'forms'; gcn has: checkpoint"),
        ("hybrid:mode=loose", "mode is one of strict, lenient, not 'loose'"),
        ("llm:shots=-1", "shots is a number from 0 to 8, not '-1'"),
        ("hybrid:max_risk=1", "max_risk is a number above 0 and below 1, not '1'"),
        ("hybrid:max_risk=low", "max_risk is a number"),
        ("hybrid:strategy=vote", "strategy is one of choice, critique, structure, rules"),
        ("hybrid:strategy=rules,samples=3", "samples=3': strategy rules has one answer"),
        ("hybrid:strategy=reflect,samples=33", "samples are a number from 1 to 32, not 33"),
        ("hybrid:strategy=reflect,samples=many", "samples is a number from 1, not 'many'"),
        ("hybrid:strategy=debate,rounds=5", "rounds of a debate are a number from 1 to 4, not 5"),
        ("hybrid:strategy=debate,rounds=some", "rounds is a number from 1, not 'some'"),
        ("hybrid:rounds=2", "hybrid:rounds=2': strategy choice has no rounds"),
        ("hybrid:budget=0", "budget is a number from 1, not '0'"),
        ("hybrid:scorer=luck", "unknown scorer 'luck'; known are majority, likelihood"),
        ("llm:shots=9", "shots is a number from 0 to 8, not '9'"),
        ("llm:shots=\u00b2", "shots is a number"),
        ("gcn,gcn", "'gcn' is asked for twice"),
        (" , ", "no system is asked for"),
        ("shots=2", "unknown system 'shots=2'"),
    ],
)
def test_mistakes(text: str, says: str) -> None:
    with pytest.raises(HybridError, match=says):
        parse_systems([text])
