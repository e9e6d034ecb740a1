"""How many requests keep this machine's vLLM busy; the command itself is looked at in test_serve."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hybrid.errors import MissingExtraError
from hybrid.llm import vllm_command
from hybrid.llm.profile import FolderSource, Profile, Serving
from hybrid.llm.profiles import load_profile
from hybrid.llm.vllm_command import requests_in_flight, vllm_flags


@pytest.fixture
def profile() -> Profile:
    return load_profile("smollm2-135m")


def on(monkeypatch: pytest.MonkeyPatch, *gpus: float) -> None:
    monkeypatch.setattr(vllm_command, "is_cpu_build", lambda: not gpus)
    monkeypatch.setattr(vllm_command, "gpus_gb", lambda: gpus)


def with_flags(profile: Profile, **flags: list[str]) -> Profile:
    changed: dict[str, Any] = {n: Serving(flags=tuple(f)) for n, f in flags.items()}
    return profile.model_copy(update={"hardware": profile.hardware.model_copy(update=changed)})


def test_by_the_class_of_the_machine(profile: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch)
    assert requests_in_flight(profile) == 16
    on(monkeypatch, 24.0)
    assert requests_in_flight(profile) == 128
    on(monkeypatch, 24.0, 24.0)
    assert requests_in_flight(with_flags(profile, gpus=[])) == 256


@pytest.mark.parametrize("flags", [["--max-num-seqs", "40"], ["--max-num-seqs=40"]])
def test_as_many_as_the_profile_lets_vllm_take(
    profile: Profile, monkeypatch: pytest.MonkeyPatch, flags: list[str]
) -> None:
    on(monkeypatch)
    assert requests_in_flight(with_flags(profile, cpu=flags)) == 40
    everywhere = profile.model_copy(update={"server_args": ("--max-num-seqs", "8")})
    assert requests_in_flight(everywhere) == 8
    assert requests_in_flight(with_flags(everywhere, cpu=flags)) == 40


def test_a_server_of_another_installation(
    profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> bool:
        raise MissingExtraError("vLLM is not installed")

    monkeypatch.setattr(vllm_command, "is_cpu_build", missing)
    assert requests_in_flight(profile) == 16


def test_a_template_of_ones_own_goes_to_vllm_and_cannot_be_taken_for_a_flag(tmp_path: Path) -> None:
    template = "--{% for message in messages %}{{ message['content'] }}\n{% endfor %}"
    folder = FolderSource(path=tmp_path)
    profile = Profile(name="mine", source=folder, chat_template=template)
    flags = vllm_flags(profile, "cpu", Serving())
    assert f"--chat-template={template}" in flags
    plain = vllm_flags(Profile(name="mine", source=folder), "cpu", Serving())
    assert not any(flag.startswith("--chat-template") for flag in plain)
