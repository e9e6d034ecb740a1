"""Which experts read which boxes, against what the network itself chose."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForCausalLM
from typer.testing import CliRunner

from hybrid.cli import app
from hybrid.document import Document, Page
from hybrid.errors import ModelError
from hybrid.pipeline.experts import route
from hybrid.report.experts import render_experts_html
from tests.hybrid.conftest import make_document
from tests.hybrid.pipeline.tiny_mixture import tiny_dense, tiny_mixture, tokenizer

CHAT = "{% for m in messages %}<{{ m['role'] }}>{{ m['content'] }}</{{ m['role'] }}>{% endfor %}"


@pytest.fixture(scope="module")
def mixture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_mixture(tmp_path_factory.mktemp("models") / "mix", chat_template=CHAT)


def test_shares_are_shares(mixture: Path, receipt: Document) -> None:
    routing = route(receipt, mixture)
    assert (routing.model, routing.experts, routing.active) == ("mix", 4, 2)
    assert [s.segment.id for s in routing.segments] == [s.id for s in receipt.segments]
    for found in routing.segments:
        assert found.tokens == len(found.segment.text), "a token is a character"
        assert 0 <= found.difference <= 1
        for layer in found.shares:
            assert math.isclose(sum(layer), 1, abs_tol=1e-5)
            assert min(layer) >= 0
    assert len(routing.shares) == 3
    tokens = sum(s.tokens for s in routing.segments)
    for number in range(3):
        for expert in range(4):
            mean = sum(s.tokens * s.shares[number][expert] for s in routing.segments) / tokens
            assert math.isclose(mean, routing.shares[number][expert], abs_tol=1e-5)


def test_the_network_chose_the_same(mixture: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The experts and weights that its own routers hand to its experts, seen by a hook."""
    page = make_document([("AB", 10, 10, 50, 20), ("Z", 10, 30, 50, 40)])
    network = AutoModelForCausalLM.from_pretrained(mixture)
    seen: list[tuple[torch.Tensor, torch.Tensor]] = []
    for layer in network.model.layers:
        layer.mlp.gate.register_forward_hook(lambda m, i, out: seen.append((out[1], out[2])))
    monkeypatch.setattr(AutoModelForCausalLM, "from_pretrained", lambda *_, **__: network)
    routing = route(page, mixture)
    # The text ends with "[0] AB\n[1] Z".
    wanted: tuple[list[int], ...] = ([-7, -8], [-1])
    for found, places in zip(routing.segments, wanted, strict=True):
        for layer, (weights, experts) in enumerate(seen):
            expected = [0.0] * 4
            for place in places:
                for weight, expert in zip(weights[place], experts[place], strict=True):
                    expected[int(expert)] += float(weight) / len(places)
            assert found.shares[layer] == pytest.approx(expected, abs=1e-5)
    assert sum(share > 0 for share in routing.segments[1].shares[0]) == 2


def test_later_lines_change_nothing(mixture: Path, receipt: Document) -> None:
    rows = [(s.text, *s.box.as_tuple()) for s in receipt.segments]
    whole, part = route(receipt, mixture), route(make_document(rows[:3]), mixture)
    for ours, theirs in zip(part.segments, whole.segments, strict=False):
        for a, b in zip(ours.shares, theirs.shares, strict=True):
            assert a == pytest.approx(b, abs=1e-5)


def test_one_line_is_the_whole_document(mixture: Path) -> None:
    (only,) = route(make_document([("TOTAL 12.20", 10, 10, 50, 20)]), mixture).segments
    assert only.difference == pytest.approx(0, abs=1e-6)


def test_a_document_in_several_prompts(tmp_path: Path) -> None:
    folder = tiny_mixture(tmp_path / "mix", experts=2)
    profile = tmp_path / "short.toml"
    profile.write_text(
        f'name = "short"\nmax_model_len = 1500\n[source]\nkind = "folder"\npath = "{folder}"\n'
    )
    rows = [(f"line {n} of many lines", 10.0, 10.0 + n, 50.0, 11.0 + n) for n in range(60)]
    routing = route(make_document(rows), profile)
    assert [s.segment.id for s in routing.segments] == list(range(60))
    assert all(s.tokens == len(s.segment.text) for s in routing.segments)


def test_what_cannot_be_shown(
    tmp_path: Path, mixture: Path, receipt: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ModelError, match="dense is no mixture of experts"):
        route(receipt, tiny_dense(tmp_path / "dense"))
    empty = Document(id="e", pages=(Page(number=1, width=9, height=9),), sha256="0" * 64)
    with pytest.raises(ModelError, match="e: no text"):
        route(empty, mixture)
    changing = tiny_mixture(tmp_path / "changing", chat_template="{{ messages[1].content|upper }}")
    with pytest.raises(ModelError, match="chat template changes the page"):
        route(make_document([("lower", 10, 10, 50, 20)]), changing)
    (mixture.parent / "broken").mkdir()
    (mixture.parent / "broken" / "config.json").write_text('{"model_type": "mixtral"}')
    with pytest.raises(ModelError, match="broken: cannot be loaded by transformers"):
        route(receipt, mixture.parent / "broken")


def test_the_command_and_its_page(mixture: Path, tmp_path: Path, receipt: Document) -> None:
    boxes = tmp_path / "boxes.json"
    boxes.write_text(receipt.model_dump_json())
    page = tmp_path / "new" / "experts.html"
    done = CliRunner().invoke(
        app, ["models", "experts", str(mixture), str(boxes), "--html", str(page)]
    )
    assert done.exit_code == 0, done.stderr
    data: dict[str, Any] = json.loads(done.stdout)
    assert list(data) == ["format", "model", "experts", "active", "shares", "segments"]
    assert data["segments"][4]["text"] == "TOTAL"
    assert data["segments"][4]["box"] == [50, 300, 150, 320]
    assert "TOTAL" in page.read_text()
    missing = CliRunner().invoke(app, ["models", "experts", str(mixture), str(tmp_path / "no")])
    assert missing.exit_code == 1
    assert "no such file" in missing.stderr


def test_the_page_cannot_be_written_into_by_the_document(mixture: Path) -> None:
    hostile = '</style><script>alert(1)</script>"><img src=x>'
    page = make_document([(hostile, 10, 10, 500, 20)])
    html = render_experts_html(page, route(page, mixture))
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;" in html
    assert "default-src &#39;none&#39;" in html


def test_the_tokenizer_of_these_tests() -> None:
    assert len(tokenizer()("[0] a\n")["input_ids"]) == 6
