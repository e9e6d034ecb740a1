"""Users' models with rules of their own: constraints, validators, computed fields."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, Field, computed_field, create_model

from hybrid.document import Document
from hybrid.extraction import Extraction
from hybrid.schema import Labels
from tests.hybrid.pipeline.test_extractors import SURE, gcn


class Small(BaseModel):
    total: Annotated[Decimal | None, Field(lt=10), Labels("total")] = None
    company: Annotated[str | None, Labels("company")] = None


class Large(Small):
    total: Annotated[Decimal | None, Field(lt=100), Labels("total")] = None


def test_a_value_that_breaks_a_constraint_is_not_given(receipt: Document) -> None:
    assert gcn(SURE).extract(receipt, Large).data.total == Decimal("12.20")
    result = gcn(SURE).extract(receipt, Small)
    assert result["total"].value is None
    assert result.data.total is None
    assert result.data.company
    assert result.run.warnings == []


def test_a_changed_constraint_is_another_run() -> None:
    prints = {
        gcn(SURE).fingerprint("a", create_model("Bill", __base__=base)) for base in (Small, Large)
    }
    assert len(prints) == 2


class Net(Small):
    @computed_field  # type: ignore[prop-decorator]
    @property
    def net(self) -> Decimal:
        return self.total - self.total  # type: ignore[operator]  # as users write it


def test_a_computed_field_that_raises_is_said_and_written_as_null(receipt: Document) -> None:
    result = gcn(SURE).extract(receipt, Net)
    (warning,) = result.run.warnings
    assert warning.startswith("field net: cannot be written, ")
    text = result.model_dump_json()
    assert json.loads(text)["data"]["net"] is None
    assert Extraction[Net].model_validate_json(text).data.company == result.data.company
