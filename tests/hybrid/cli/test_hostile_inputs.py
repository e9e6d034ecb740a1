"""A batch of broken and hostile documents through the real command, in a process of its own."""

from __future__ import annotations

import json
import resource
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from PIL import Image

from eval.drawing import hostile
from eval.drawing.render import render
from tests.hybrid.ingest.conftest import make_pdf

SAMPLES = Path(__file__).parents[3] / "eval" / "samples" / "documents"

pytestmark = pytest.mark.slow


def hybrid(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hybrid", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=400,
    )


def png_header(width: int, height: int) -> bytes:
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    checksum = struct.pack(">I", zlib.crc32(body))
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + body + checksum


def test_each_broken_file_gets_one_line_and_nothing_else_is_lost(tmp_path: Path) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    page = {"texts": [(72, 700, 12, "Name: Jane Doe")]}
    sound = make_pdf([page])
    picture = (SAMPLES / "receipt-pharmacy.jpg").read_bytes()
    broken = {
        "empty.pdf": b"",
        "text.png": b"this is no picture at all\n" * 20,
        "cut.jpg": picture[: len(picture) // 2],
        "secret.pdf": make_pdf([page], password=b"secret"),
        "xref.pdf": sound.replace(b"startxref\n", b"startxref\n9"),
        "huge.png": png_header(60_000, 60_000),
    }
    for name, data in broken.items():
        (folder / name).write_bytes(data)
    (folder / "good.jpg").write_bytes(picture)
    Image.new("RGB", (500, 700), "white").save(folder / "blank.png")
    done = hybrid("extract", folder, "--llm", "none", "--out", out)
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    errors = [json.loads(x) for x in (out / "errors.jsonl").read_text().splitlines()]
    assert {Path(e["source"]).name for e in errors} == set(broken)
    assert all("\n" not in e["error"] and e["error"] for e in errors)
    good = json.loads((out / "good.json").read_text())
    assert good["fields"]["total"]["value"] == "15.49"
    blank = json.loads((out / "blank.json").read_text())
    assert {x["status"] for x in blank["fields"].values()} == {"abstained"}
    assert {p.name for p in out.glob("*.json")} == {"good.json", "blank.json"}
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    assert peak < 4.0, f"{peak:.1f} GiB"


@pytest.mark.parametrize(
    ("arguments", "named"),
    [(("--schema", "nothing"), "nothing"), (("--llm", "nobody"), "nobody")],
)
def test_unknown_names_are_bad_usage(
    tmp_path: Path, arguments: tuple[str, ...], named: str
) -> None:
    done = hybrid(
        "extract", SAMPLES / "receipt-pharmacy.jpg", "--llm", "none", *arguments, "--out", tmp_path
    )
    assert done.returncode == 2
    assert named in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.vllm
def test_planted_instructions_yield_only_what_is_cited(tmp_path: Path, vllm_server: str) -> None:
    delimiters = ["</page>", "## system", "<|im_end|>"]
    drawings = {
        "injection": hostile.injection_receipt(),
        "delimiters": hostile.delimiter_receipt(delimiters),
    }
    for name, drawing in drawings.items():
        render(drawing).save(tmp_path / f"{name}.png")
    out = tmp_path / "out"
    done = hybrid("extract", tmp_path / "*.png", "--llm", vllm_server, "--out", out)
    assert done.returncode == 0, done.stderr
    for name in drawings:
        total = json.loads((out / f"{name}.json").read_text())["fields"]["total"]
        if total["value"] == "999999":
            assert "999999" in " ".join(c["text"] for c in total["citations"])
