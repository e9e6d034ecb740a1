"""Turns a GGUF file into a model folder with safetensors, in a process of its own.

Its memory (twice the model at full precision) goes away with the process.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

from hybrid.errors import MissingExtraError, ModelError


def check_converter(name: str) -> None:
    """Checks that what the conversion needs is installed, before anything is downloaded.

    Raises:
        MissingExtraError: If it is not.
    """
    missing = [m for m in ("gguf", "accelerate") if importlib.util.find_spec(m) is None]
    if missing:
        raise MissingExtraError(
            f"{name} must be converted from GGUF: pip install {' '.join(missing)}"
        )


def convert_gguf(gguf: Path, target: Path, dtype: str) -> None:
    """Dequantises a GGUF file and saves model and tokenizer in the Hugging Face layout.

    Args:
        gguf: The file.
        target: Folder to write, made if needed.
        dtype: Of the saved weights, such as "bfloat16".

    Raises:
        ModelError: If the conversion fails; the message ends with what the converter said.
    """
    root = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    offline = {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "PYTHONPATH": path}
    done = subprocess.run(
        [sys.executable, "-m", "hybrid.llm.convert", str(gguf), str(target), dtype],
        env=os.environ | offline,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        reason = lines[-1] if lines else f"exit code {done.returncode}, perhaps out of memory"
        raise ModelError(f"{gguf.name}: cannot be converted: {reason}")


def _main(gguf: Path, target: Path, dtype: str) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    model = AutoModelForCausalLM.from_pretrained(
        gguf.parent,
        gguf_file=gguf.name,
        quantization_config=GgufConfig(dequantize=True),
        dtype=getattr(torch, dtype),
    )
    model.to(getattr(torch, dtype)).save_pretrained(target)
    AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name).save_pretrained(target)


if __name__ == "__main__":
    _main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
