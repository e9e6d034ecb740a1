"""A tuned adapter as a folder: peft's two files, what it was made from, and a notice."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from safetensors.torch import save

from hybrid.errors import ModelError
from hybrid.files import replacing, write_text
from hybrid.llm.adapter import CONFIG, WEIGHTS
from hybrid.llm.fetch import sha256_of
from hybrid.llm.profile import AdapterSource, Profile
from hybrid.llm.profile_toml import as_toml
from hybrid.tuning.lora import TunedModel

TRAINING, NOTICE = "training.json", "NOTICE"


def export_adapter(
    folder: Path,
    model: TunedModel,
    base: Profile,
    base_spec: str,
    name: str,
    training: Mapping[str, Any],
    notice: str,
) -> None:
    """Writes the adapter; vLLM serves the folder with `--enable-lora`, and peft loads it.

    Args:
        folder: Made where it is missing.
        model: Tuned.
        base: Of the base model.
        base_spec: By which that profile is found from any folder.
        name: Of the tuned model; its profile is written beside the adapter, as "<name>.toml".
        training: Becomes `training.json`.
        notice: Licences and origin of base model and data.
    """
    folder.mkdir(parents=True, exist_ok=True)
    settings = model.config.to_dict()  # type: ignore[no-untyped-call]
    config = json.loads(json.dumps(settings, default=_listed))
    config |= {"base_model_name_or_path": base_spec, "inference_mode": True}
    with replacing(folder / WEIGHTS) as temporary:
        temporary.write_bytes(save(model.adapter_tensors(), metadata={"format": "pt"}))
    write_text(folder / CONFIG, json.dumps(config, indent=2, sort_keys=True) + "\n")
    write_text(folder / NOTICE, notice)
    write_text(folder / TRAINING, json.dumps(training, indent=2) + "\n")
    source = AdapterSource(
        base=base_spec,
        folder=folder.resolve(),
        rank=model.config.r,
        sha256=sha256_of(folder / WEIGHTS),
    )
    write_text(folder / f"{name}.toml", as_toml(tuned_profile(base, name, source)))


def tuned_profile(base: Profile, name: str, source: AdapterSource) -> Profile:
    """The profile of a tuned model: its base's, but for its name, source and trust.

    How far its votes are believed is for `hybrid calibrate` to find out.

    Raises:
        ModelError: If the name is none.
    """
    values = base.model_dump(exclude={"served_model", "adapters", "conversion", "trust"})
    values |= {
        "name": name,
        "description": f"{base.name}, tuned to read documents and to verify fields",
        "source": source,
    }
    try:
        return Profile.model_validate(values)
    except ValidationError as error:
        said = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise ModelError(f"--name {name}: {said}") from error


def _listed(value: Any) -> Any:
    return sorted(value) if isinstance(value, set) else str(value)
