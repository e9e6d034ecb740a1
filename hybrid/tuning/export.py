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
from hybrid.llm.thinking import BUDGET, FILE, PARSER
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
    thinking: Mapping[str, str] | None = None,
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
        thinking: The tokens of a model that has learned to think, as `spare_tokens` found them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    settings = model.config.to_dict()  # type: ignore[no-untyped-call]
    config = json.loads(json.dumps(settings, default=_listed))
    config |= {"base_model_name_or_path": base_spec, "inference_mode": True}
    with replacing(folder / WEIGHTS) as temporary:
        temporary.write_bytes(save(model.adapter_tensors(), metadata={"format": "pt"}))
    write_text(folder / CONFIG, json.dumps(config, indent=2, sort_keys=True) + "\n")
    if thinking is not None:
        write_text(folder / FILE, json.dumps(thinking) + "\n")
    else:
        (folder / FILE).unlink(missing_ok=True)
    write_text(folder / NOTICE, notice)
    write_text(folder / TRAINING, json.dumps(training, indent=2) + "\n")
    source = AdapterSource(
        base=base_spec,
        folder=folder.resolve(),
        rank=model.config.r,
        sha256=sha256_of(folder / WEIGHTS),
    )
    profile = tuned_profile(base, name, source, think=thinking is not None)
    write_text(folder / f"{name}.toml", as_toml(profile))


def tuned_profile(
    base: Profile, name: str, source: AdapterSource, *, think: bool = False
) -> Profile:
    """The profile of a tuned model: its base's, but for its name, source, trust and thoughts.

    How far its votes are believed is for `hybrid calibrate` to find out.

    Raises:
        ModelError: If the name is none, or the base thinks already.
    """
    if think and "reasoning" in base.kind:
        raise ModelError(f"--think: {base.name} thinks already; tune it without")
    values = base.model_dump(exclude={"served_model", "adapters", "conversion", "trust"})
    values |= {
        "name": name,
        "description": f"{base.name}, tuned to read documents and to verify fields",
        "source": source,
    }
    if think:
        values |= {"kind": (*base.kind, "reasoning"), "reasoning_parser": PARSER}
        values |= {"thinking_budget": BUDGET}
        values["description"] += ", with a short thought first"
    try:
        return Profile.model_validate(values)
    except ValidationError as error:
        said = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise ModelError(f"--name {name}: {said}") from error


def _listed(value: Any) -> Any:
    return sorted(value) if isinstance(value, set) else str(value)
