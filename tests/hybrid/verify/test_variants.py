from __future__ import annotations

from typing import Any

import pytest

from hybrid.document import Document
from hybrid.errors import HybridError
from hybrid.verify.prompts import EXTRACT, prompt_hash
from hybrid.verify.variants import Example, ExampleValue, LlmOptions, examples_hash


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"prompt": "v9"}, "prompt='v9' is unknown"),
        ({"prompt": "v2", "coordinates": "some"}, "coordinates='some' is unknown"),
        ({"prompt": "v1", "coordinates": "given"}, "needs prompt=v2"),
    ],
)
def test_wrong_options_are_named(options: dict[str, Any], message: str) -> None:
    with pytest.raises(HybridError, match=message):
        LlmOptions(**options)


def test_every_variant_has_its_prompt() -> None:
    names = {
        LlmOptions("v1").template,
        LlmOptions("v2").template,
        LlmOptions("v2", "written").template,
    }
    assert names == {"extract.v1", "extract.v2", "extract-boxes.v2"}
    assert LlmOptions("v2", "given").template == "extract.v2"
    assert len({prompt_hash(name) for name in names}) == 3


def test_the_prompt_that_others_record_is_the_default() -> None:
    assert LlmOptions().template == EXTRACT


def test_the_hash_of_examples_sees_their_content(receipt: Document) -> None:
    one = Example(receipt, {"total": ExampleValue("12.20", (5,))})
    other = Example(receipt, {"total": ExampleValue("12.20", (7,))})
    assert examples_hash([]) == ""
    assert len({examples_hash(e) for e in ([one], [other], [one, other], [other, one])}) == 4
    assert examples_hash([one]) == examples_hash([Example(receipt, dict(one.values))])
