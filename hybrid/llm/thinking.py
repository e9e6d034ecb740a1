"""Gives a model that does not reason the two tokens between which it will have learned to think.

A server tells thoughts from answers by single tokens. A vocabulary that lacks them gets them by
another name for two of its special tokens that nothing uses, so that no weight changes its shape; and
its chat template opens the thought, so that no answer begins without one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hybrid.errors import ModelError
from hybrid.files import write_text

if TYPE_CHECKING:
    from torch import Tensor

START, END = "<think>", "</think>"
PARSER = "deepseek_r1"
"""vLLM's parser that looks for these two, and does not need to see the first one in the reply."""
BUDGET = 96
"""Tokens of a thought."""
FILE = "thinking.json"
"""Beside an adapter: the names that the two tokens have in the base's vocabulary."""

_TOKENIZER, _CONFIG, _TEMPLATE = "tokenizer.json", "tokenizer_config.json", "chat_template.jinja"
_OPENED = "{% if add_generation_prompt %}{{ '" + START + "' }}{% endif %}"
_NAMED = ("bos", "eos", "pad", "unk", "sep", "cls", "mask")
_END_OF_TEXT = "<|endoftext|>"
"""Ends a text in many models, whether their tokenizer says so or not."""
_ALIKE = 0.99
"""Cosine of two tokens' vectors above which the network cannot choose between them."""


def spare_tokens(tokenizer: Any, vectors: Tensor) -> dict[str, str]:
    """Two special tokens of a vocabulary that nothing uses, by the names that they will have.

    Unused tokens are often copies of each other in all but name: the end of a thought, which the
    network has to choose, becomes the one that is least like any other special token.

    Args:
        tokenizer: Of transformers, with a chat template.
        vectors: Of the output layer, one a token.

    Raises:
        ModelError: If there are no two that can be told apart.
    """
    import torch

    special = {i: t.content for i, t in tokenizer.added_tokens_decoder.items() if t.special}
    named = {getattr(tokenizer, f"{name}_token", None) for name in _NAMED} | {_END_OF_TEXT}
    ids = list(special)
    unit = torch.nn.functional.normalize(vectors.detach()[ids].float(), dim=1)
    alike = (unit @ unit.T).fill_diagonal_(-1.0).amax(dim=1).tolist()
    found = sorted(
        (likeness, special[i])
        for likeness, i in zip(alike, ids, strict=True)
        if special[i] not in named and special[i] not in str(tokenizer.chat_template)
    )
    if len(found) < 2 or found[0][0] > _ALIKE:
        raise ModelError(
            "the base's vocabulary has no two unused special tokens for the beginning and the end of "
            "a thought: tune without --think"
        )
    return {START: found[1][1], END: found[0][1]}


def read_spare_tokens(file: Path) -> dict[str, str]:
    """What `spare_tokens` found, as it stands beside an adapter.

    Raises:
        ModelError: If the file does not hold it.
    """
    try:
        names = json.loads(file.read_text(encoding="utf-8"))
        return {START: str(names[START]), END: str(names[END])}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{file}: does not name the tokens of {START} and {END}") from error


def make_thinking(folder: Path, spare: Mapping[str, str]) -> None:
    """Renames the two tokens in a model's folder, and opens a thought in its chat template.

    Args:
        folder: With the tokenizer's files, which are changed.
        spare: As `spare_tokens` found them.

    Raises:
        ModelError: If the files are not as expected.
    """
    new = {old: name for name, old in spare.items()}
    try:
        tokenizer = json.loads((folder / _TOKENIZER).read_text(encoding="utf-8"))
        config = json.loads((folder / _CONFIG).read_text(encoding="utf-8"))
        template = folder / _TEMPLATE
        text = template.read_text(encoding="utf-8") if template.is_file() else ""
        text = text or config["chat_template"]
        vocabulary = tokenizer["model"]["vocab"]
        tokenizer["model"]["vocab"] = {new.get(t, t): i for t, i in vocabulary.items()}
        _rename(tokenizer["added_tokens"], new)
        _rename(config.get("added_tokens_decoder", {}).values(), new)
        lists = [config, _read(folder / "special_tokens_map.json")]
        for values in lists:
            for key in ("additional_special_tokens", "extra_special_tokens"):
                if isinstance(values.get(key), list):
                    values[key] = [t for t in values[key] if t not in new]
        template.write_text(text.rstrip() + _OPENED, encoding="utf-8")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(
            f"{folder}: its tokenizer cannot be given tokens to think: {error}"
        ) from error
    write_text(folder / _TOKENIZER, json.dumps(tokenizer, ensure_ascii=False))
    write_text(folder / _CONFIG, json.dumps(config, ensure_ascii=False, indent=2))
    if lists[1]:
        write_text(folder / "special_tokens_map.json", json.dumps(lists[1], ensure_ascii=False))


def check_thinking(tokenizer: Any) -> None:
    """Checks that a tokenizer writes and reads the two tokens as a server's parser needs them.

    Raises:
        ModelError: If it does not.
    """
    for name in (START, END):
        ids = tokenizer(name, add_special_tokens=False)["input_ids"]
        if len(ids) != 1 or tokenizer.decode(ids, skip_special_tokens=True) != name:
            raise ModelError(f"{name} did not become one token of the base's vocabulary")
    asked = [{"role": "user", "content": "?"}]
    prompt = tokenizer.apply_chat_template(asked, tokenize=False, add_generation_prompt=True)
    if not prompt.endswith(START):
        raise ModelError(f"the base's chat template does not end with {START} as it should")


def _rename(tokens: Any, new: Mapping[str, str]) -> None:
    for token in tokens:
        if token["content"] in new:
            # Servers leave special tokens out of the text in which their parser looks for these.
            token |= {"content": new[token["content"]], "special": False}


def _read(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}
