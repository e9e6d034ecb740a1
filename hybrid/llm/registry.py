"""Which servers `hybrid serve` has running on this machine, as small state files in the cache."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from hybrid.llm.models import model_path, models_home
from hybrid.llm.profile import Profile
from hybrid.llm.profiles import load_profile


@contextmanager
def registered(profile: Profile, folder: Path, base_url: str) -> Iterator[None]:
    """Announces a server of this process for as long as the context is open.

    Args:
        profile: Whose name it is served under.
        folder: The model's.
        base_url: Ends in "/v1".
    """
    place = _place()
    place.mkdir(parents=True, exist_ok=True)
    path = place / f"{profile.name}-{os.getpid()}.json"
    state = {"pid": os.getpid(), "url": base_url, "model": profile.name, "folder": str(folder)}
    with tempfile.NamedTemporaryFile("w", dir=place, suffix=".tmp", delete=False) as file:
        json.dump(state, file)
    Path(file.name).replace(path)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def find_running_server(name: str | Path) -> str | None:
    """The base URL of a running server of that model, or None.

    Asks each candidate for its models; forgets the servers of processes that have ended.

    Args:
        name: Of a profile, or the path of a profile or of a model folder.

    Raises:
        ModelError: If the model is unknown or not pulled.
    """
    profile, folder = load_profile(name), str(model_path(name))
    for path in sorted(_place().glob("*.json")):
        try:
            state = json.loads(path.read_text(encoding="utf-8"))
            pid, url, wanted = state["pid"], state["url"], (state["model"], state["folder"])
        except (OSError, ValueError, KeyError, TypeError):
            continue  # written by another version, or gone meanwhile
        if not _is_alive(pid):
            path.unlink(missing_ok=True)
        elif wanted == (profile.name, folder) and _serves(url, profile.asked_model):
            return str(url)
    return None


def _place() -> Path:
    return models_home() / "servers"


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _serves(url: str, model: str) -> bool:
    try:
        listed = httpx.get(f"{url}/models", timeout=5).json()["data"]
        return any(entry["id"] == model for entry in listed)
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        return False
