"""Pictures of a dataset's pages, put into their documents for models that look at pixels."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from hybrid.document import Document, PageImage
from hybrid.errors import DatasetError

MediaType = Literal["image/jpeg", "image/png"]
_MEDIA_TYPES: dict[str, MediaType] = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
}


def with_picture(document: Document, path: Path | None) -> Document:
    """The document with its picture on the first page, and on those that were cut out of it.

    Args:
        document: Of a dataset, where a document is one page.
        path: The picture; None, or a picture of another kind than JPEG and PNG, changes nothing.

    Raises:
        DatasetError: If the picture cannot be read.
    """
    media_type = _MEDIA_TYPES.get(path.suffix.lower()) if path else None
    if path is None or media_type is None:
        return document
    try:
        image = PageImage(data=path.read_bytes(), media_type=media_type)
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror}") from error
    pages = tuple(page.model_copy(update={"image": image}) for page in document.pages)
    return document.model_copy(update={"pages": pages})
