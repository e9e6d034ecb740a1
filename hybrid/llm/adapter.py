"""LoRA adapters as models: where they are, and how one is merged into its base."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hybrid.errors import ModelError
from hybrid.llm.fetch import sha256_of
from hybrid.llm.profile import Adapter, AdapterSource, Profile
from hybrid.llm.profiles import load_profile
from hybrid.llm.thinking import FILE, make_thinking, read_spare_tokens

if TYPE_CHECKING:
    from torch import Tensor

WEIGHTS, CONFIG = "adapter_model.safetensors", "adapter_config.json"
_PREFIX = "base_model.model."
_UNKNOWN_FORMS = ("use_dora", "use_rslora", "fan_in_fan_out", "rank_pattern", "alpha_pattern")
"""Variants of LoRA whose weights are merged in another way."""


def adapter_folder(profile: Profile) -> Path:
    """The folder of a profile's adapter: the one that it names, or the shipped one of its name.

    Raises:
        ModelError: If it is not there, or its weights are not those of the profile.
    """
    source = profile.source
    assert isinstance(source, AdapterSource)
    folder = _place(source, profile.name)
    for name in (WEIGHTS, CONFIG):
        if not (folder / name).is_file():
            raise ModelError(f"{profile.name}: its adapter lacks {folder / name}")
    if sha256_of(folder / WEIGHTS) != source.sha256:
        raise ModelError(
            f"{folder / WEIGHTS}: not the weights that the profile of {profile.name} names; take "
            "both from the same tuning"
        )
    return folder


def served_adapters(profile: Profile) -> tuple[Adapter, ...]:
    """The adapters that are served beside a base model, the profile's own first."""
    if not isinstance(profile.source, AdapterSource):
        return profile.adapters
    folder = adapter_folder(profile)
    return (Adapter(name=profile.name, path=folder, rank=profile.source.rank),)


def must_be_merged(profile: Profile) -> bool:
    """Whether an adapter cannot be served beside its base.

    A server has one vocabulary and one chat template for a base and all adapters beside it, so one
    that has learned to think is merged; and so is one whose base is an adapter itself.
    """
    source = profile.source
    if not isinstance(source, AdapterSource):
        return False
    thinks = (_place(source, profile.name) / FILE).is_file()
    return thinks or isinstance(load_profile(source.base).source, AdapterSource)


def is_merged(profile: Profile, folder: Path) -> bool:
    """Whether a folder holds base and adapter as one model, not the base alone."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        return bool(manifest["name"] == profile.name)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def merge_adapter(base: Path, adapter: Path, target: Path) -> None:
    """Writes a model whose weights are the base's plus the adapter's deltas, in the base's type.

    One that has learned to think also gets the tokens for it.

    Args:
        base: Folder of a model with safetensors.
        adapter: Folder of a LoRA adapter in peft's layout.
        target: Folder to write; must not exist.

    Raises:
        ModelError: If the adapter is not plain LoRA, or not for this model.
    """
    import torch
    from safetensors.torch import load_file, save

    deltas = dict(_deltas(adapter))
    target.mkdir(parents=True)
    for file in sorted(base.iterdir()):
        if file.name == "manifest.json" or not file.is_file():
            continue
        if file.suffix != ".safetensors":
            shutil.copyfile(file, target / file.name)
            continue
        tensors = load_file(file)
        for name in sorted(tensors.keys() & deltas.keys()):
            weight, delta = tensors[name], deltas.pop(name)
            if weight.shape != delta.shape:
                raise ModelError(
                    f"{adapter}: it is for another model than {base}: {name} has the shape "
                    f"{tuple(weight.shape)} there and {tuple(delta.shape)} in the adapter"
                )
            tensors[name] = (weight.to(torch.float32) + delta).to(weight.dtype)
        # Not save_file, which makes a file that nobody but its owner can read.
        (target / file.name).write_bytes(save(tensors, metadata={"format": "pt"}))
    if deltas:
        raise ModelError(f"{adapter}: it is for another model than {base}: no {min(deltas)} there")
    if (adapter / FILE).is_file():
        make_thinking(target, read_spare_tokens(adapter / FILE))


def _place(source: AdapterSource, name: str) -> Path:
    return source.folder or Path(__file__).parent / "adapters" / name


def _deltas(adapter: Path) -> Iterator[tuple[str, Tensor]]:
    """Name of each weight that changes, and by how much, in float32."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        config: dict[str, Any] = json.loads((adapter / CONFIG).read_text(encoding="utf-8"))
        tensors = load_file(adapter / WEIGHTS)
        scale = float(config["lora_alpha"]) / float(config["r"])
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        raise ModelError(f"{adapter}: cannot be read as a LoRA adapter: {error}") from error
    strange = [key for key in _UNKNOWN_FORMS if config.get(key)]
    halves = (".lora_A.weight", ".lora_B.weight")
    strange += [name for name in tensors if not name.endswith(halves)]
    if strange or config.get("peft_type") != "LORA":
        raise ModelError(f"{adapter}: not a plain LoRA adapter: {', '.join(strange[:3])}")
    for name, low in tensors.items():
        head, found, _ = name.partition(".lora_A.weight")
        if found:
            high = tensors[f"{head}.lora_B.weight"]
            yield f"{head.removeprefix(_PREFIX)}.weight", scale * (high.float() @ low.float())
