"""Which recipe a network is built by, with the switches of the paper's ablations."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from hybrid.errors import ModelError

_SWITCHED = "gbada2024"


class RecipeConfig(BaseModel):
    """The section `recipe` of a checkpoint's `config.json`.

    As text it is the name, with those switches that are not at their defaults:
    `gbada2024:weight=none,directed=false`.

    Attributes:
        name: One of `hybrid.gcn.recipes.registry.RECIPES`.
        weight: Of an edge: a map of the angle, a map of the Euclidean distance, or 1.
        directed: Messages go along the edges only, or both ways.
        mapping: A trained layer adapts the text vectors before the graph, or they go in as they are.
        features: The node features of `hybrid.gcn.features` stand beside the text vector. Not in
            the paper, whose nodes carry the text only; for comparison with the other recipes.
        root: A convolution has weights of their own for the node itself, as GraphSAGE has. Not in
            the paper, whose nodes are averaged with their neighbours.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = "default"
    weight: Literal["angle", "distance", "none"] = "angle"
    directed: bool = True
    mapping: bool = True
    features: bool = False
    root: bool = False

    @model_validator(mode="after")
    def _check(self) -> RecipeConfig:
        switched = self._switched()
        if switched and self.name != _SWITCHED:
            raise ValueError(f"only {_SWITCHED} has switches, not {self.name} ({min(switched)})")
        if self.features and not self.mapping:
            raise ValueError("features=true needs mapping=true, which is where they come in")
        return self

    @classmethod
    def parse(cls, text: str) -> RecipeConfig:
        """Reads `NAME` or `NAME:switch=value,...`.

        Raises:
            ModelError: If a switch is unknown or has another value.
        """
        name, _, options = text.partition(":")
        values: dict[str, Any] = {"name": name.strip()}
        for option in filter(None, (o.strip() for o in options.split(","))):
            key, _, value = option.partition("=")
            if key == "name":
                raise ModelError(f"recipe {text!r}: the name stands before the colon")
            values[key] = value
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            first = error.errors()[0]
            where = "".join(f"{part}: " for part in first["loc"])
            raise ModelError(f"recipe {text!r}: {where}{first['msg']}") from error

    def _switched(self) -> dict[str, str]:
        fields = type(self).model_fields
        return {
            name: str(value).lower()
            for name, value in self
            if name != "name" and value != fields[name].default
        }

    def __str__(self) -> str:
        options = ",".join(f"{name}={value}" for name, value in self._switched().items())
        return f"{self.name}:{options}" if options else self.name
