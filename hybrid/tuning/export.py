"""A tuned adapter as a folder: peft's two files, what it was made from, and a notice."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors.torch import save

from hybrid.files import replacing, write_text
from hybrid.tuning.lora import TunedModel

WEIGHTS, CONFIG, TRAINING, NOTICE = (
    "adapter_model.safetensors",
    "adapter_config.json",
    "training.json",
    "NOTICE",
)


def export_adapter(
    folder: Path, model: TunedModel, base: str, training: Mapping[str, Any], notice: str
) -> None:
    """Writes the adapter; vLLM serves the folder with `--enable-lora`, and peft loads it.

    Args:
        folder: Made where it is missing.
        model: Tuned.
        base: Name of the base model's profile.
        training: Becomes `training.json`.
        notice: Licences and origin of base model and data.
    """
    folder.mkdir(parents=True, exist_ok=True)
    settings = model.config.to_dict()  # type: ignore[no-untyped-call]
    config = json.loads(json.dumps(settings, default=_listed))
    config |= {"base_model_name_or_path": base, "inference_mode": True}
    with replacing(folder / WEIGHTS) as temporary:
        temporary.write_bytes(save(model.adapter_tensors(), metadata={"format": "pt"}))
    write_text(folder / CONFIG, json.dumps(config, indent=2, sort_keys=True) + "\n")
    write_text(folder / NOTICE, notice)
    write_text(folder / TRAINING, json.dumps(training, indent=2) + "\n")


def _listed(value: Any) -> Any:
    return sorted(value) if isinstance(value, set) else str(value)
