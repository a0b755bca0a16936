"""Install torch from PyTorch's CPU index where that saves gigabytes of CUDA: Linux without an NVIDIA card.

Where the index does not answer at once, or does not have torch, this does nothing, and `pip install -r
requirements.txt` takes torch from pip's usual index. It never fails. It needs only the standard library, since it runs
before anything is installed.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
import threading
import urllib.request
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

INDEX = os.environ.get("TORCH_INDEX", "https://download.pytorch.org/whl/cpu")
ANSWERS_WITHIN = 3.0  # seconds


def main() -> None:
    pinned = re.search(r"^torch==\S+", Path("requirements.txt").read_text(encoding="utf-8"), re.MULTILINE)
    if pinned is None or not helps(pinned[0]) or not answers(INDEX):
        return
    print(f"No NVIDIA card: taking {pinned[0]} from {INDEX}", flush=True)
    # Without dependencies: the index has other versions of them than constraints.txt pins.
    pip = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--no-deps"]
    if subprocess.run([*pip, "--index-url", INDEX, pinned[0]]).returncode:
        print("That did not work: taking the default build.", flush=True)


def helps(requirement: str) -> bool:
    """Whether the default build would bring CUDA without need, and this version of torch is not installed yet."""
    try:
        installed = version("torch").partition("+")[0]
    except PackageNotFoundError:
        installed = None
    needless = platform.system() == "Linux" and shutil.which("nvidia-smi") is None
    return needless and requirement != f"torch=={installed}"


def answers(index: str) -> bool:
    """Whether the index answers in time. In a thread, since urllib's timeout does not include the look-up of names."""
    answered = threading.Event()

    def ask() -> None:
        request = urllib.request.Request(index + "/torch/", method="HEAD")
        try:
            urllib.request.urlopen(request, timeout=ANSWERS_WITHIN).close()
        except Exception:  # any failure means no
            return
        answered.set()

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(ANSWERS_WITHIN)
    return answered.is_set()


if __name__ == "__main__":
    main()
