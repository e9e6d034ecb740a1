"""Profiles that programs write are read back as they were."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from hybrid.llm.profile import Adapter, FolderSource, Profile, Sampling
from hybrid.llm.profile_toml import as_toml
from hybrid.llm.profiles import install_profile, load_profile, shipped_profiles


@pytest.mark.parametrize("name", shipped_profiles())
def test_shipped_profiles(name: str) -> None:
    profile = shipped_profiles()[name]
    assert Profile.model_validate(tomllib.loads(as_toml(profile))) == profile


def test_odd_characters_and_nested_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setattr("sys.platform", "linux")
    profile = Profile(
        name="odd",
        description='a "quoted" \\ text\nin two lines \x7f \u00e9 \U0001f600',
        kind=("moe", "reasoning"),
        source=FolderSource(path=Path("/a b/c")),
        sampling=Sampling(temperature=0.6, top_k=20),
        chat_template_arguments={"a.b": True, "c d": "x"},
        adapters=(
            Adapter(name="one", path=Path("/one"), rank=8),
            Adapter(name="two", path=Path("/two"), rank=16),
        ),
    )
    assert install_profile(profile) == tmp_path / "hybrid" / "profiles" / "odd.toml"
    assert load_profile("odd") == profile
