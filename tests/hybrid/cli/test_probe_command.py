"""`hybrid models probe`."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from typer.testing import Result

from tests.hybrid.pipeline.adversary import Answer, misbehaving, saying

Run = Callable[..., Result]


def test_a_report_for_people_and_for_programs(run: Run) -> None:
    with misbehaving(saying("The sea is wide.")) as server:
        shown = run("models", "probe", server.url)
        data = json.loads(run("models", "probe", f"{server.url}#m", "--json").stdout)
    assert shown.exit_code == 0
    assert shown.stdout.startswith("### `m`\n")
    assert "| JSON schema honoured | no |" in shown.stdout
    assert "What hybrid does about it:" in shown.stdout
    found = {c["check"]: c["result"] for c in data["checks"]}
    assert (found["answers"], found["choice"]) == ("yes", "no")


def test_a_server_that_fails_is_a_report_too(run: Run) -> None:
    with misbehaving(lambda request: Answer(b"oops", status=500)) as server:
        shown = run("models", "probe", server.url)
    assert shown.exit_code == 0
    assert "answered 500" in shown.stdout


@pytest.mark.parametrize(
    ("spec", "said", "code"),
    [
        ("http://127.0.0.1:9/v1", "is down", 1),
        ("smolm2-135m", "unknown model 'smolm2-135m'; similar are smollm2-135m,", 2),
        ("http://", "is not an address", 1),
    ],
)
def test_nothing_to_ask(run: Run, spec: str, said: str, code: int) -> None:
    result = run("models", "probe", spec)
    assert result.exit_code == code
    assert said in result.stderr
    assert result.stdout == ""
