"""Misreads characters at a set rate, as OCR does; the gold stays what was printed."""

from __future__ import annotations

import random
from collections.abc import Sequence

from hybrid.document import BoundingBox, Segment, Word

from ..datasets.base import Sample
from .counterfactual import Change, Counterfactual, CounterfactualKind, random_for
from .edit import Node, next_word_id, rebuild, share_out

CONFUSABLE: dict[str, tuple[str, ...]] = {
    "0": ("O", "o", "D"), "O": ("0", "Q", "D"), "o": ("0", "c", "a"), "D": ("O", "0"),
    "1": ("l", "I", "7"), "l": ("1", "I", "i"), "I": ("1", "l", "|"), "i": ("l", "j", "1"),
    "2": ("Z", "7"), "Z": ("2",), "z": ("2", "s"), "3": ("8", "B"), "4": ("A", "9"),
    "5": ("S", "6"), "S": ("5", "8"), "s": ("5", "z"), "6": ("G", "b", "8"), "G": ("6", "C"),
    "7": ("1", "T"), "T": ("7", "I"), "8": ("B", "3", "6"), "B": ("8", "3", "R"),
    "9": ("g", "q", "4"), "g": ("9", "q"), "q": ("9", "g"), "A": ("4", "R"), "a": ("o", "e"),
    "e": ("c", "o"), "c": ("e", "o"), "C": ("G", "("), "E": ("F", "B"), "F": ("E", "P"),
    "h": ("b", "n"), "b": ("h", "6"), "n": ("h", "r", "u"), "u": ("v", "n"), "v": ("u", "y"),
    "m": ("rn", "nn"), "M": ("N", "H"), "N": ("M", "H"), "H": ("N", "M"), "w": ("vv", "W"),
    "W": ("VV", "w"), "d": ("cl", "o"), "P": ("F", "R"), "R": ("P", "A"), "U": ("V", "O"),
    "V": ("U", "Y"), "Y": ("V", "T"), "K": ("X", "R"), "X": ("K", "Y"), "L": ("I", "1"),
    "f": ("t", "r"), "t": ("f", "r"), "r": ("n", "t"), "j": ("i",), "y": ("v", "g"),
    "k": ("x", "h"), "p": ("o", "q"), "x": ("k", "z"), "Q": ("O", "0"), "J": ("I", "3"),
    ".": (",",), ",": (".",), ":": (";", "."), "-": ("~", "_"), "/": ("1", "l", "7"),
    "$": ("S", "8"), "&": ("8", "B"), "(": ("C", "{"), ")": ("}", "J"),
}  # fmt: skip
"""What a character is taken for."""

PAIRS: dict[str, str] = {"rn": "m", "cl": "d", "vv": "w", "nn": "m", "VV": "W", "ii": "n"}
"""Two characters that are taken for one."""

_DROPPED = 0.15
_SPLIT = 0.08
_MERGED = 0.35
"""Of the errors at the end of a word, the share that merge it with the next one."""


def ocr_noise(sample: Sample, rate: float, seed: int) -> Counterfactual:
    """The same document, misread.

    Each character is hit with the probability `rate`. A hit character is dropped, or the word is
    split behind it, or it is taken for one that looks like it (dropped, where none does), or the
    word is merged with the next one; no word loses all its characters.

    Args:
        sample: Gold texts, labels and links stay as they are.
        rate: Share of the characters that is hit, from 0 to 1.
        seed: Other seeds hit other characters.

    Raises:
        ValueError: If the rate is not from 0 to 1.
    """
    if not 0 <= rate <= 1:
        raise ValueError(f"the rate of OCR noise is from 0 to 1, not {rate}")
    rng = random_for(sample.id, seed, "ocr-noise")
    next_id = next_word_id(sample)
    ids: dict[int, tuple[int, ...]] = {}
    nodes = []
    changes = []
    for k, segment in enumerate(sample.document.segments):
        words = _misread(segment.words, rate, rng, next_id, ids)
        next_id = max([next_id, *(w.id + 1 for w in words)])
        text = " ".join(w.text for w in words)
        new = segment
        if text != segment.text:
            new = segment.model_copy(update={"text": text, "words": words})
            changes.append(_change(segment, new))
        nodes.append(Node(new, k))
    return Counterfactual(
        sample=rebuild(sample, nodes, words=ids, image_path=sample.image_path),
        kind=CounterfactualKind.OCR_NOISE,
        original_id=sample.id,
        changes=tuple(changes),
        picture=sample.image_path,
    )


def _change(before: Segment, after: Segment) -> Change:
    return Change(after.page, after.box, "misread", before=before.text, after=after.text)


def _misread(
    words: Sequence[Word],
    rate: float,
    rng: random.Random,
    next_id: int,
    ids: dict[int, tuple[int, ...]],
) -> tuple[Word, ...]:
    """The words as they are read; `ids` learns which of them each old word became."""
    result: list[Word] = []
    merge = False
    for number, word in enumerate(words):
        parts, ends_hit = _parts(word.text, rate, rng)
        boxes = share_out(parts, word.box) if len(parts) > 1 else [word.box]
        fresh = [word.id, *range(next_id, next_id + len(parts) - 1)]
        next_id += len(parts) - 1
        read = [
            word.model_copy(update={"id": word_id, "text": part, "box": box})
            for word_id, part, box in zip(fresh, parts, boxes, strict=True)
        ]
        if merge:
            previous = result.pop()
            head = read[0]
            union = BoundingBox.union_of((previous.box, head.box))
            text = previous.text + head.text
            read[0] = previous.model_copy(update={"text": text, "box": union})
        result += read
        ids[word.id] = tuple(w.id for w in read)
        merge = ends_hit and number < len(words) - 1
    return tuple(result)


def _parts(text: str, rate: float, rng: random.Random) -> tuple[list[str], bool]:
    """One word as it is read, in one or more parts, and whether it is merged with the next."""
    parts = [""]
    merged = False
    k = 0
    while k < len(text):
        character, pair = text[k], text[k : k + 2]
        k += 1
        if rng.random() >= rate:
            parts[-1] += character
            continue
        last = k == len(text)
        choice = rng.random()
        if last and choice < _MERGED:
            merged = True
            parts[-1] += character
        elif choice < _DROPPED and len(text) > 1:
            continue
        elif choice < _DROPPED + _SPLIT and not last:
            parts[-1] += character
            parts.append("")
        elif pair in PAIRS:
            parts[-1] += PAIRS[pair]
            k += 1
        else:
            parts[-1] += rng.choice(CONFUSABLE.get(character, ("",)))
    read = [part for part in parts if part]
    return read or [text], merged
