"""Which fusion a pair gets, and that one for another pair is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hybrid.document import Document
from hybrid.errors import ModelError
from hybrid.llm.scripted import ScriptedBackend
from hybrid.pipeline import HybridExtractor
from hybrid.pipeline.connection import LlmConnection
from hybrid.pipeline.fusing import choose_fusion, pair_of
from hybrid.resources import checkpoint_folder
from hybrid.verify import fitted as fitted_module
from hybrid.verify.fitted import SHIPPED, FittedFusion, Pair, read_fusion
from hybrid.verify.fuse import default_fusion
from hybrid.verify.prompts import STRUCTURE, VERIFY, prompt_hash
from hybrid.verify.risk import HeldOut
from hybrid.verify.strategies import strategy_named
from tests.hybrid.conftest import Predictions

SHA256 = "f" * 64


def predictor(predictions: Predictions) -> Any:
    """A predictor that always says the same."""

    class Fixed:
        checkpoint_sha256 = SHA256

        def predict(self, document: Document) -> Predictions:
            return predictions

    return Fixed()


def pair(profile: str = "smollm2-135m", **changes: Any) -> Pair:
    known: dict[str, Any] = {
        "checkpoint": "receipts",
        "checkpoint_sha256": SHA256,
        "profile": profile,
        "served_model": profile,
        "prompts": {VERIFY: prompt_hash(VERIFY)},
    }
    return Pair(**known | changes)


def fitted(of: Pair | None = None, trust: float = 0.7, documents: int = 60) -> FittedFusion:
    right = tuple(((0.9, True), (0.5, False)) for _ in range(documents))
    return FittedFusion(
        pair=of or pair(),
        fusion=default_fusion(trust),
        held_out=HeldOut(levels=(0.8, 0.4), documents=right),
    )


def test_a_file_comes_back_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "new" / "mine.json"
    fitted().write(path)
    again = read_fusion(path)
    assert again == fitted()
    assert again.identity == fitted().identity
    assert again.identity.startswith("receipts+smollm2-135m@")
    assert fitted(trust=0.6).identity != again.identity


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"none\.json cannot be read"):
        read_fusion(tmp_path / "none.json")
    path = tmp_path / "bad.json"
    path.write_text(fitted().model_dump_json().replace('"trust":0.7', '"trust":-1.0'))
    with pytest.raises(ModelError, match=r"bad\.json.*fusion\.trust"):
        read_fusion(path)


def test_the_fusion_of_the_pair_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitted_module, "SHIPPED", tmp_path)
    assert choose_fusion(pair()).identity == "default"
    fitted(pair(checkpoint_sha256="0" * 64)).write(tmp_path / "old+smollm2-135m.json")
    assert choose_fusion(pair()).identity == "default"
    fitted().write(tmp_path / "receipts+smollm2-135m.json")
    chosen = choose_fusion(pair())
    assert chosen.identity == fitted().identity
    assert chosen.for_trust(0.1, reads=False).trust == 0.7
    assert choose_fusion(pair("qwen3-4b")).for_trust(0.1, reads=False).trust == 0.1
    assert choose_fusion(pair(), "default").for_trust(0.1, reads=False).trust == 0.1
    assert choose_fusion(None).identity == "default"


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (pair(checkpoint="mine", checkpoint_sha256="0" * 64), r"'mine' \(0{12}\), not 'receipts'"),
        (pair("qwen3-4b"), r"LLM 'qwen3-4b' .*, not 'smollm2-135m'"),
        (pair(served_model="another"), "served as 'another'"),
        (pair(prompts={VERIFY: "0" * 64}), "another text of the prompt 'verify.v1'"),
    ],
)
def test_another_pair_is_refused(tmp_path: Path, other: Pair, said: str) -> None:
    path = tmp_path / "theirs.json"
    fitted(other).write(path)
    with pytest.raises(ModelError, match=said) as error:
        choose_fusion(pair(), path)
    assert str(path) in str(error.value)
    assert "hybrid calibrate --checkpoint receipts --llm smollm2-135m" in str(error.value)


def test_an_unknown_llm_gets_no_file(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="not known which one answers"):
        choose_fusion(None, fitted())


def test_a_wished_risk_becomes_a_threshold() -> None:
    assert choose_fusion(pair(), fitted(), 0.05).for_trust(0, reads=False).least == 0.8
    assert choose_fusion(pair(), fitted(), 0.7).for_trust(0, reads=False).least == 0.4
    with pytest.raises(ModelError, match="it takes 284"):
        choose_fusion(pair(), fitted(), 0.01)
    with pytest.raises(ModelError, match=r"there is none for receipts\+smollm2-135m"):
        choose_fusion(pair(), "default", 0.05)


def test_the_pair_is_known_without_a_server(tmp_path: Path) -> None:
    def known(connection: LlmConnection) -> tuple[str, str] | None:
        found = pair_of("receipts", SHA256, connection)
        return (found.profile, found.served_model) if found else None

    assert known(LlmConnection("smollm2-135m")) == ("smollm2-135m", "smollm2-135m")
    at_address = LlmConnection("http://127.0.0.1:9/v1#smollm2-135m")
    assert known(at_address) == ("smollm2-135m", "smollm2-135m")
    assert known(LlmConnection("http://127.0.0.1:9/v1#stranger")) == ("stranger", "stranger")
    assert known(LlmConnection("http://127.0.0.1:9/v1")) is None
    backend = ScriptedBackend([], model="mine")
    assert known(LlmConnection("mine", backend)) == ("mine", "mine")


def test_extractors_refuse_and_record(tmp_path: Path) -> None:
    fixed = predictor(Predictions((), None))  # type: ignore[arg-type]
    backend = ScriptedBackend([], model="smollm2-135m")
    path = tmp_path / "mine.json"
    fitted().write(path)
    extractor = HybridExtractor.from_parts(fixed, backend, fusion=path, max_risk=0.1)
    assert extractor.fusion.least == 0.8
    assert extractor.identity()["fusion"] == fitted().identity
    assert extractor.identity()["max_risk"] == 0.1
    with pytest.raises(ModelError, match="not 'other'"):
        HybridExtractor.from_parts(fixed, ScriptedBackend([], model="other"), fusion=path)


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.json")), ids=lambda path: path.stem)
def test_shipped_fusions_are_found_by_their_pairs(path: Path) -> None:
    from hybrid.gcn.checkpoint import checkpoint_sha256

    shipped = read_fusion(path)
    name, profile = path.stem.split("+")[:2]
    strategy = strategy_named(shipped.pair.strategy)
    connection = LlmConnection(profile, reasoning=shipped.pair.thinks)
    sha256 = checkpoint_sha256(checkpoint_folder(name))
    found = pair_of(name, sha256, connection, strategy)
    assert choose_fusion(found).identity == shipped.identity
    assert shipped.pair.name == path.stem
    assert set(shipped.pair.prompts) <= {*strategy.prompts, STRUCTURE}
