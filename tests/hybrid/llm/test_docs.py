"""The profiles in docs/llms.md are ones, and its tables name what there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hybrid.llm.profile import Profile
from hybrid.llm.profiles import read_profile, shipped_profiles

TEXT = (Path(__file__).parents[3] / "docs" / "llms.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```toml\n(.*?)```", TEXT, flags=re.DOTALL)


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_an_example_is_a_profile(number: int, tmp_path: Path) -> None:
    file = tmp_path / "example.toml"
    file.write_text(EXAMPLES[number])
    assert read_profile(file).is_llm


def test_five_lines_are_five() -> None:
    assert len(EXAMPLES[0].splitlines()) == 5


def test_every_key_and_every_profile_is_named() -> None:
    keys = set(Profile.model_fields) - {"name", "description", "conversion"}
    keys = keys - {"hardware"} | {"[hardware.cpu]"}
    missing = {key for key in keys if not re.search(rf"`\[*{re.escape(key.strip('[]'))}\]*`", TEXT)}
    assert missing == set()
    llms = {name for name, profile in shipped_profiles().items() if profile.is_llm}
    assert {name for name in llms if f"`{name}`" not in TEXT} == set()
