"""Where each dataset comes from: licence, official files, and who else has them."""

from __future__ import annotations

from dataclasses import dataclass

from .xfund import LANGUAGES


@dataclass(frozen=True)
class Download:
    """One file of a release.

    Attributes:
        url: Its address.
        unpack_to: Folder below the data root into which an archive is unpacked ("" for the root
            itself); None for a file that is kept as it is.
        keep_as: Path below the data root of a file that is kept as it is.
        inside: Folder inside the archive that is taken; its own name is left out.
        md5: Where somebody published it; None where it is not known.
    """

    url: str
    unpack_to: str | None = None
    keep_as: str = ""
    inside: str = ""
    md5: str | None = None


@dataclass(frozen=True)
class Release:
    """What is known of a dataset without reading it.

    Attributes:
        description: In a few words.
        licence: Of the data.
        commercial: Whether the licence allows commercial use; None where none is stated.
        downloads: The files that `hybrid data pull` fetches; empty where nobody may or can.
        elsewhere: Where to get it otherwise, and how to lay it out.
    """

    description: str
    licence: str
    commercial: bool | None
    downloads: tuple[Download, ...] = ()
    elsewhere: str = ""


_HUB = (
    "https://huggingface.co/datasets/naver-clova-ix/cord-v2/resolve/"
    "7f0115a4b758a71d6473b8d085751692da2fef98/data/"
)
_HUB_FILES = (
    "train-00000-of-00004-b4aaeceff1d90ecb.parquet",
    "train-00001-of-00004-7dbbe248962764c5.parquet",
    "train-00002-of-00004-688fe1305a55e5cc.parquet",
    "train-00003-of-00004-2d0cd200555ed7fd.parquet",
    "validation-00000-of-00001-cc3c5779fe22e8ca.parquet",
    "test-00000-of-00001-9c204eb3f4e11791.parquet",
)
_XFUND = "https://github.com/doc-analysis/XFUND/releases/download/v1.0/"
_LANGUAGE_NAMES = {
    "de": "German",
    "zh": "Chinese",
    "ja": "Japanese",
    "es": "Spanish",
    "fr": "French",
    "it": "Italian",
    "pt": "Portuguese",
}

_CORD_R = Release(
    "receipts of CORD as re-annotated on real OCR, 29 labels",
    "CC BY 4.0",
    commercial=True,
    elsewhere="get it from https://github.com/chongzhangFDU/Token-Path-Prediction-Datasets; the data "
    "root is the folder with jsons/ and data.train.txt",
)
_WILDRECEIPT_FILES = (
    Download(
        "https://download.openmmlab.com/mmocr/data/wildreceipt.tar",
        unpack_to="",
        inside="wildreceipt/",
        md5="2a2c4a1b4777fb4fe185011e17ad46ae",
    ),
)
_WILDRECEIPT_ELSEWHERE = (
    "PaddleOCR has it as https://paddleocr.bj.bcebos.com/dygraph_v2.1/kie/wildreceipt.tar; the data "
    "root is the folder with class_list.txt"
)


def _xfund(language: str) -> Release:
    downloads = []
    for split in ("train", "val"):
        file = f"{language}.{split}"
        downloads.append(Download(f"{_XFUND}{file}.json", keep_as=f"{file}.json"))
        downloads.append(Download(f"{_XFUND}{file}.zip", unpack_to=f"{language}_{split}"))
    return Release(
        f"{_LANGUAGE_NAMES[language]} forms with links",
        "CC BY-NC-SA 4.0",
        commercial=False,
        downloads=tuple(downloads),
        elsewhere="see https://github.com/doc-analysis/XFUND; the data root is the folder with "
        f"{language}.train.json",
    )


def _drawn(description: str) -> Release:
    return Release(
        description,
        "Apache-2.0",
        commercial=True,
        elsewhere="it is drawn when it is read and needs no files",
    )


RELEASES: dict[str, Release] = {
    "funsd": Release(
        "noisy scanned forms with links",
        "research and education, non-commercial",
        commercial=False,
        downloads=(
            Download(
                "https://guillaumejaume.github.io/FUNSD/dataset.zip",
                unpack_to="",
                md5="e05de47de238aa343bf55d8807d659a9",
            ),
        ),
        elsewhere="see https://guillaumejaume.github.io/FUNSD; the data root is the folder with "
        "dataset/training_data",
    ),
    "sroie": Release(
        "scanned receipts with four key values",
        "CC BY 4.0",
        commercial=True,
        elsewhere="register at https://rrc.cvc.uab.es/?ch=13 and lay it out as "
        "{train,test}/{box,key,img}",
    ),
    "cord": Release(
        "receipts with groups and a nested parse, 30 labels",
        "CC BY 4.0",
        commercial=True,
        downloads=tuple(Download(_HUB + name, keep_as=f"data/{name}") for name in _HUB_FILES),
        elsewhere="see https://github.com/clovaai/cord; the data root is the folder with "
        "train/json, dev/json and test/json",
    ),
    "cord_r": _CORD_R,
    "cord_r_segments": _CORD_R,
    "cord_v2_5labels": Release(
        "receipts of CORD v2, words of five labels only",
        "CC BY 4.0",
        commercial=True,
        elsewhere="it is a selection from CORD v2, which `hybrid data pull cord` fetches; the data "
        "root is the folder with train.jsonl",
    ),
    "wildreceipt": Release(
        "photographed receipts, 12 kinds of keys and values",
        "none stated",
        commercial=None,
        downloads=_WILDRECEIPT_FILES,
        elsewhere=_WILDRECEIPT_ELSEWHERE,
    ),
    "wildreceipt_openset": Release(
        "the same, asked only for keys and values and their links",
        "none stated",
        commercial=None,
        downloads=_WILDRECEIPT_FILES,
        elsewhere=_WILDRECEIPT_ELSEWHERE,
    ),
    **{f"xfund_{language}": _xfund(language) for language in LANGUAGES},
    "own": Release(
        "a folder of your documents with NAME.gold.json each",
        "yours",
        commercial=True,
        elsewhere="it is made of your own files: docs/datasets.md says how",
    ),
    "drawn_forms": _drawn("forms and invoices that are drawn from seeds"),
    "drawn_receipts": _drawn("receipts of many countries that are drawn from seeds"),
}
"""By the names of `DATASETS`."""
