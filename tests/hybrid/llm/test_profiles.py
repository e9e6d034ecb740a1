"""Shipped profiles are sound, users' own are read, and the best one for a machine is chosen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hybrid.errors import ModelError
from hybrid.llm.profiles import (
    FolderSource,
    HubSource,
    WheelSource,
    best_profile_for,
    load_profile,
    shipped_profiles,
)


def test_the_shipped_profiles() -> None:
    profiles = shipped_profiles()
    assert {"smollm2-135m", "minilm-l6-v2", "gemma-3-270m", "qwen3-0.6b"} <= profiles.keys()
    for name, profile in profiles.items():
        file = Path(load_profile.__code__.co_filename).parent / "profiles" / f"{name}.toml"
        assert file.is_file(), "a profile is found by its file's name"
        assert profile.download_mb > 0
        assert profile.licence
        # A wheel is pinned by its type; what only the hub has could not be hashed here.
        assert isinstance(profile.source, (WheelSource, HubSource))
        assert profile.cpu or profile.min_gpu_gb * 1000 > profile.download_mb


def test_gemma_asks_for_acceptance_and_says_where_to_read() -> None:
    gemma = load_profile("gemma-3-270m")
    assert gemma.license_acceptance
    assert gemma.license_url
    assert gemma.chat_template
    assert gemma.chat_template.startswith("<bos>")


@pytest.mark.parametrize(
    ("memory", "name"),
    [
        (None, "smollm2-135m"),
        (0.5, "smollm2-135m"),
        (4, "qwen3-0.6b"),
        (6, "qwen2.5-1.5b"),
        (80, "qwen2.5-1.5b"),
    ],
)
def test_the_best_profile_for_a_machine(memory: float | None, name: str) -> None:
    best = best_profile_for(memory)
    assert best.name == name
    assert best.download_mb <= 4000
    assert not best.license_acceptance


def test_a_users_own_profile(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        'name = "mine"\ndescription = "d"\nkind = "llm"\nlicence = "MIT"\n'
        'server_args = ["--seed", "1"]\n[source]\nkind = "hub"\nrepo = "me/mine"\n'
    )
    profile = load_profile(path)
    assert profile.source == HubSource(repo="me/mine")
    assert profile.server_args == ("--seed", "1")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name = ", "cannot be read as TOML"),
        ('name = "x"', "description"),
        (
            'name = "../x"\ndescription = "d"\nkind = "llm"\nlicence = "MIT"\n'
            '[source]\nkind = "hub"\nrepo = "me/x"',
            "name: .*lower-case",
        ),
        (
            'name = "x"\ndescription = "d"\nkind = "llm"\nlicence = "MIT"\nsize = 3\n'
            '[source]\nkind = "hub"\nrepo = "me/x"',
            "size: ",
        ),
        (
            'name = "x"\ndescription = "d"\nkind = "llm"\nlicence = "MIT"\nconversion = "gguf"\n'
            '[source]\nkind = "hub"\nrepo = "me/x"',
            "wheels",
        ),
    ],
)
def test_a_broken_profile_is_one_clear_line(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.toml"
    path.write_text(text)
    with pytest.raises(ModelError, match=rf"broken\.toml: .*{words}") as caught:
        load_profile(path)
    assert "\n" not in str(caught.value)


def test_a_model_folder(model_folder: Path) -> None:
    profile = load_profile(model_folder)
    assert profile.name == "tiny-model"
    assert profile.source == FolderSource(path=model_folder)
    assert profile.max_model_len == 256


def test_what_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no config\.json"):
        load_profile(tmp_path)
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(ModelError, match="cannot be read"):
        load_profile(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps([]))
    with pytest.raises(ModelError, match="cannot be read"):
        load_profile(tmp_path)
    with pytest.raises(ModelError, match="no such profile"):
        load_profile("nowhere.toml")
    with pytest.raises(ModelError, match=r"unknown model 'gpt-9': known are .*smollm2-135m"):
        load_profile("gpt-9")
