"""Documents in tensors for any recipe, with and without a picture."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
import torch
from PIL import Image, ImageDraw
from torch import Tensor

from hybrid.document import Document, PageImage
from hybrid.gcn.labelled import LabelledDocument
from hybrid.gcn.model import GraphModelConfig
from hybrid.gcn.recipes.base import Recipe

TEXT_WIDTH, LABELS = 12, 4
Inputs = tuple[Tensor, Tensor, Tensor, Tensor]


def picture(document: Document) -> Document:
    """The document with pictures: white pages, and a black half in each box."""
    pages = []
    for page in document.pages:
        image = Image.new("L", (int(page.width), int(page.height)), 255)
        draw = ImageDraw.Draw(image)
        for k, s in enumerate(page.segments):
            draw.rectangle(
                (s.box.left, s.box.top, s.box.left + s.box.width * (k + 1) / 9, s.box.bottom), 0
            )
        file = io.BytesIO()
        image.save(file, "PNG")
        data = PageImage(data=file.getvalue(), media_type="image/png")
        pages.append(page.model_copy(update={"image": data}))
    return document.model_copy(update={"pages": tuple(pages)})


@pytest.fixture
def with_picture() -> Callable[[Document], Document]:
    return picture


@pytest.fixture
def page(receipts: list[LabelledDocument]) -> Document:
    return picture(receipts[0].document)


@pytest.fixture
def sizes() -> Callable[[Recipe], GraphModelConfig]:
    def of(recipe: Recipe) -> GraphModelConfig:
        return GraphModelConfig(
            text_width=TEXT_WIDTH,
            node_features=len(recipe.feature_names),
            edge_features=len(recipe.graph.columns),
            labels=LABELS,
            hidden=16,
            layers=2,
            heads=2,
        )

    return of


@pytest.fixture
def inputs() -> Callable[[Recipe, Document], Inputs]:
    def of(recipe: Recipe, document: Document) -> Inputs:
        generator = torch.Generator().manual_seed(0)
        text = torch.randn(len(document.segments), TEXT_WIDTH, generator=generator)
        edges = recipe.graph.build(document)
        return text, recipe.features(document), edges.index, edges.attributes

    return of
