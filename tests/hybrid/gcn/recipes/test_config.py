from __future__ import annotations

import pytest

from hybrid.errors import ModelError
from hybrid.gcn.recipes.config import RecipeConfig


@pytest.mark.parametrize(
    "text",
    [
        "default",
        "gbada2024",
        "gbada2024:weight=none",
        "gbada2024:weight=distance",
        "gbada2024:directed=false",
        "gbada2024:mapping=false",
        "gbada2024:weight=none,directed=false,features=true",
    ],
)
def test_text_and_json_round_trip(text: str) -> None:
    config = RecipeConfig.parse(text)
    assert str(config) == text
    assert RecipeConfig.model_validate_json(config.model_dump_json()) == config


def test_defaults_are_not_written() -> None:
    assert str(RecipeConfig.parse("gbada2024: weight=angle, directed=true")) == "gbada2024"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("gbada2024:weight=colour", "'angle', 'distance' or 'none'"),
        ("gbada2024:colour=red", "colour"),
        ("gbada2024:directed=perhaps", "boolean"),
        ("gbada2024:name=none", "before the colon"),
        ("sdmgr2021:weight=none", "only gbada2024 has switches"),
        ("gbada2024:mapping=false,features=true", "needs mapping=true"),
    ],
)
def test_mistakes_are_one_line(text: str, message: str) -> None:
    with pytest.raises(ModelError, match=message) as caught:
        RecipeConfig.parse(text)
    assert "\n" not in str(caught.value)
