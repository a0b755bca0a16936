"""What this machine has: cores, available memory, and the folder for our data."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import platform
from collections.abc import Iterator
from pathlib import Path

import platformdirs
import psutil

from explorer import settings

_RESERVE = 0.05  # of the free memory, left for other programs
_RESERVE_AT_MOST = 256 * 10**6
_BF16 = {"amx_bf16", "bf16"}
_TELLING = (
    "vendor_id", "cpu family", "model", "model name", "stepping", "flags",
    "CPU implementer", "CPU part", "CPU variant", "Features",
)  # fmt: skip
_UNLIMITED = 1 << 60  # cgroups write "no limit" as a number near 2^63


def cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1  # not on macOS


@functools.cache
def processor() -> str:
    """A name for the speed of this machine: the processor's name and abilities, its cores, a graphics card."""
    about = _cpuinfo()
    telling = [about.get(name, "") for name in _TELLING] if about else [platform.machine(), platform.processor()]
    abilities = hashlib.blake2b(json.dumps(telling).encode(), digest_size=8).hexdigest()
    name = about.get("model name") or platform.processor() or platform.machine()
    card = ", NVIDIA" if Path("/dev/nvidia0").exists() else ""
    return f"{name} ({abilities}), {cores()} cores{card}"


@functools.cache
def computes_in_bf16() -> bool:
    """Whether the processor is quick in bf16, by its list of abilities; False where there is no such list.

    AMX and Arm's bf16 are quick; AVX-512's bf16 alone is not: OpenVINO embedded 133 to 142 texts for each second of
    processor time, where f32 gave 164 to 224 and 8 bits 510 to 575 (`python -m benchmarks.engines`).
    """
    about = _cpuinfo()
    return not _BF16.isdisjoint(f"{about.get('flags', '')} {about.get('Features', '')}".split())


def _cpuinfo() -> dict[str, str]:
    """Linux's description of the first processor; empty on other systems."""
    try:
        first = Path("/proc/cpuinfo").read_text(encoding="utf-8").split("\n\n")[0]
    except OSError:
        return {}
    pairs = (line.partition(":") for line in first.splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs}


def home_folder() -> Path:
    """`EXPLORER_HOME`, else the platform's data directory."""
    return Path(settings.HOME() or platformdirs.user_data_dir("embedding-explorer", appauthor=False))


def memory_at_hand() -> int:
    """Bytes that one more build may take: the least that the system, cgroups, rlimits and the operator leave.

    `EXPLORER_MEMORY_GB` is the most that the operator lets one build take.
    """
    free = min(_system(), _under_rlimits(), *_under_cgroups(Path("/")))
    free -= int(min(free * _RESERVE, _RESERVE_AT_MOST))
    allowed = settings.MEMORY_GB()
    return max(free if allowed is None else min(free, allowed), 0)


def _system() -> int:
    return int(psutil.virtual_memory().available)


def _under_rlimits() -> int:
    """Bytes that this process may still take under its own memory limits; Windows has no such limits."""
    try:
        import resource
    except ImportError:
        return _UNLIMITED
    held = psutil.Process().memory_info()
    free = _UNLIMITED
    # Linux counts private writable pages as data. Elsewhere use the whole address space.
    for limit, used in ((resource.RLIMIT_AS, held.vms), (resource.RLIMIT_DATA, getattr(held, "data", held.vms))):
        soft, _ = resource.getrlimit(limit)
        if soft != resource.RLIM_INFINITY:
            free = min(free, max(soft - used, 0))
    return free


def _under_cgroups(root: Path) -> Iterator[int]:
    """Bytes that each control group above this process leaves, versions 1 and 2. `root` is "/", except in tests."""
    yield _UNLIMITED
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return  # not Linux
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            mount, names = root / "sys/fs/cgroup", ("memory.max", "memory.current", "inactive_file")
        elif "memory" in controllers.split(","):
            mount = root / "sys/fs/cgroup/memory"
            names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
        else:
            continue
        # A limit of any group above counts too. In a container the path may be the host's: then only the top exists.
        folder = mount / path.strip("/")
        for group in (folder, *folder.parents):
            yield _left_in(group, *names)
            if group == mount:
                break


def _left_in(group: Path, limit: str, used: str, cache: str) -> int:
    try:
        most = (group / limit).read_text().strip()
        if most == "max" or int(most) >= _UNLIMITED:
            return _UNLIMITED
        free = int(most) - int((group / used).read_text())
        for line in (group / "memory.stat").read_text().splitlines():
            if line.startswith(cache + " "):
                free += int(line.split()[1])  # cached files, which the kernel drops when memory is needed
        return max(free, 0)
    except (OSError, ValueError):
        return _UNLIMITED
