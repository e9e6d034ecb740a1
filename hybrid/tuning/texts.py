"""Plain texts as sequences of tokens for further training."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hybrid.errors import DatasetError

_EVERY = 20
"""One sequence in so many is held out."""


def read_texts(paths: Sequence[Path]) -> list[str]:
    """The texts in files and folders; empty ones are left out.

    Args:
        paths: `.txt` files, one text each; `.jsonl` files, one object a line with a "text"; folders
            with such files, at any depth.

    Raises:
        DatasetError: If a file is neither, cannot be read, or there is no text at all.
    """
    texts: list[str] = []
    for path in paths:
        if path.is_dir():
            found = sorted(p for p in path.rglob("*") if p.suffix in (".txt", ".jsonl"))
        elif path.is_file() and path.suffix in (".txt", ".jsonl"):
            found = [path]
        else:
            raise DatasetError(f"{path}: give a .txt or .jsonl file, or a folder of such")
        for file in found:
            texts += _read(file)
    texts = [text for text in texts if text.strip()]
    if not texts:
        raise DatasetError(f"{', '.join(map(str, paths))}: no text to learn from")
    return texts


def _read(file: Path) -> list[str]:
    try:
        content = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{file}: cannot be read as UTF-8 text: {error}") from error
    if file.suffix == ".txt":
        return [content]
    texts = []
    for number, row in enumerate(content.splitlines(), 1):
        if not row.strip():
            continue
        try:
            texts.append(str(json.loads(row)["text"]))
        except (ValueError, KeyError, TypeError) as error:
            raise DatasetError(f'{file}:{number}: no JSON object with a "text"') from error
    return texts


def sequences_of(
    texts: Sequence[str], tokenizer: Any, length: int, seed: int
) -> tuple[list[list[int]], list[list[int]]]:
    """Texts in random order, one after the other with an end between them, cut to one length.

    Args:
        texts: Any.
        tokenizer: Of transformers, with an end-of-sequence token.
        length: Tokens of a sequence; what is left at the end is dropped.
        seed: For the order.

    Returns:
        Sequences to learn from, and every twentieth, which is held out.

    Raises:
        DatasetError: If there are less than two sequences.
    """
    order = list(texts)
    random.Random(seed).shuffle(order)  # noqa: S311
    tokens: list[int] = []
    for text in order:
        tokens += tokenizer(text, add_special_tokens=False)["input_ids"]
        if tokenizer.eos_token_id is not None:
            tokens.append(tokenizer.eos_token_id)
    whole = [tokens[i : i + length] for i in range(0, len(tokens) - length + 1, length)]
    if len(whole) < 2:
        raise DatasetError(f"the texts have {len(tokens)} tokens: give at least {2 * length}")
    learned = [s for number, s in enumerate(whole) if number % _EVERY]
    return learned, whole[::_EVERY]
