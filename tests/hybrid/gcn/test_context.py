from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from eval import training as eval_training
from hybrid.document import Document
from hybrid.errors import CheckpointError, ModelError
from hybrid.gcn.checkpoint import load_checkpoint, read_config
from hybrid.gcn.context import ContextEncoder
from hybrid.gcn.encoder import has_fast_bfloat16
from hybrid.gcn.labelled import LabelledDocument
from hybrid.gcn.predict import GcnPredictor
from hybrid.gcn.training import FEW_DOCUMENTS, TrainingSettings, train
from hybrid.gcn.warm_start import WarmStart
from tests.hybrid.tuning.tiny_llama import tiny_llama

Make = Callable[..., Document]
SETTINGS = TrainingSettings(
    text_epochs=1, rank=2, graph_epochs=2, noisy_copies=1, hidden=16, layers=1, members=2
)
LINES = [("shop abc", "", 10, 20), ("total", "", 10, 60), ("12.20", "", 90, 60)]


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_llama(tmp_path_factory.mktemp("llama"))


def _trained(
    receipts: list[LabelledDocument],
    encoder: Path,
    out: Path,
    context: ContextEncoder | None,
    start: WarmStart | tuple[()] = (),
) -> Path:
    train(
        receipts[:12],
        encoder,
        out,
        encoder_name="tiny",
        data_sha256="ab" * 32,
        settings=SETTINGS,
        context=context,
        start=start,
    )
    return out


def test_states_are_those_of_the_model(llama: Path, make_document: Make) -> None:
    """Mean over a segment's tokens and the state at the last, from transformers' own states."""
    document = make_document("page", LINES)
    found = ContextEncoder(llama, "tiny", layers=1).encode(document)
    tokenizer = AutoTokenizer.from_pretrained(llama)
    dtype = torch.bfloat16 if has_fast_bfloat16() else torch.float32
    model = AutoModelForCausalLM.from_pretrained(llama, dtype=dtype).eval()
    parts = [
        tokenizer(s.text + "\n", add_special_tokens=False).input_ids for s in document.segments
    ]
    with torch.no_grad():
        states = model.model(
            torch.tensor([[token for part in parts for token in part]]), output_hidden_states=True
        )
    states = torch.nn.functional.layer_norm(states.hidden_states[1][0].float(), (32,))
    start = 0
    for row, part in zip(found, parts, strict=True):
        own = states[start : start + len(part)]
        torch.testing.assert_close(row, torch.cat([own.mean(0), own[-1]]))
        start += len(part)


def test_what_stands_before_counts_and_what_comes_after_does_not(
    llama: Path, make_document: Make
) -> None:
    encoder = ContextEncoder(llama, "tiny", layers=2)
    whole = encoder.encode(make_document("page", LINES))
    torch.testing.assert_close(encoder.encode(make_document("page", LINES[:2])), whole[:2])
    assert not torch.allclose(encoder.encode(make_document("page", LINES[1:])), whole[1:])


def test_pages_are_read_by_themselves_and_long_ones_in_parts(
    llama: Path, make_document: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = ContextEncoder(llama, "tiny", layers=1)
    two = encoder.encode(make_document("two", [*LINES[:1], *LINES[:1]], pages=2))
    torch.testing.assert_close(two[0], two[1])
    monkeypatch.setattr("hybrid.gcn.context._WINDOW", 4)
    parts = encoder.encode(make_document("long", LINES * 3))
    assert parts.shape == (9, encoder.width)
    assert torch.isfinite(parts).all()
    assert encoder.encode(Document(id="none", pages=())).shape == (0, encoder.width)


def test_a_checkpoint_names_its_language_model(
    receipts: list[LabelledDocument], tiny_encoder: Path, llama: Path, tmp_path: Path
) -> None:
    out = _trained(receipts, tiny_encoder, tmp_path / "c", ContextEncoder(llama, "tiny", layers=1))
    context = read_config(out).context
    assert context is not None
    assert (context.name, context.layers) == ("tiny", 1)
    rows = GcnPredictor.load(out, tiny_encoder, llama).predict(receipts[20].document)
    assert rows.probabilities.shape == (len(receipts[20].labels), 4)
    for wrong in (None, tiny_llama(tmp_path / "other", hidden_size=64)):
        with pytest.raises(CheckpointError, match="hybrid models pull tiny"):
            load_checkpoint(out, tiny_encoder, wrong)


def test_a_training_with_context_begins_with_a_checkpoint_without(
    receipts: list[LabelledDocument], tiny_encoder: Path, llama: Path, tmp_path: Path
) -> None:
    plain = WarmStart.read(_trained(receipts, tiny_encoder, tmp_path / "plain", None))
    context = ContextEncoder(llama, "tiny", layers=1)
    out = _trained(receipts, tiny_encoder, tmp_path / "with", context, plain)
    assert read_config(out).model.context_width == context.width
    with_context = WarmStart.read(out)
    assert with_context.misfit(plain.config) is not None
    assert with_context.misfit(with_context.config) is None


def test_no_language_model_is_an_error(tiny_encoder: Path, llama: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no causal language model"):
        ContextEncoder(tmp_path, "nothing")
    with pytest.raises(ModelError, match="no causal language model"):
        ContextEncoder(tiny_encoder, "a BERT", layers=1)
    with pytest.raises(ModelError, match="fewer than 3 layers"):
        ContextEncoder(llama, "short", layers=3)


def test_automatic_context_is_for_few_documents_and_the_default_recipe(
    llama: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose: Callable[[str, str, int], object] = eval_training._context
    few = FEW_DOCUMENTS
    assert choose("none", "default", 9) is None
    monkeypatch.setenv("HYBRID_HOME", str(tmp_path))
    told: list[str] = []
    assert eval_training._context("auto", "default", few, told.append) is None  # not pulled
    assert "hybrid models pull smollm2-135m" in told[0]
    monkeypatch.setattr(eval_training, "encoder_folder", lambda name: llama)
    monkeypatch.setattr(eval_training, "ContextEncoder", lambda folder, name: (folder, name))
    assert choose("auto", "default", few) == (llama, "smollm2-135m")
    assert choose("auto", "default", few + 1) is None
    assert choose("auto", "gbada2024", few) is None
    assert choose("mine", "default", few + 1) == (llama, "mine")
