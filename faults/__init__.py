"""Faults provoked on purpose: `python -m faults` prints a table of what happened.

Each module of this package provokes one kind of fault, with files that it generates and with the real code. Its
function `run(short)` returns a `Result` for each fault; `short` is the version for the test suite.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from explorer.errors import first_line


@dataclass
class Result:
    """What happened in the cases of one fault.

    Attributes
    ----------
    fault : what went wrong, in words; a row of the table
    cases : how many were tried
    bad : one line for each outcome that was neither the right answer nor one clear sentence
    lost : rows that were neither accepted nor listed as rejected, or results that are missing
    peak_mb : the most memory, in MB, of the process that handled them; None where that means nothing
    worst : seconds of the slowest case
    note : what a reader needs to know about the row
    """

    fault: str
    cases: int = 0
    bad: list[str] = field(default_factory=list)
    lost: int = 0
    peak_mb: float | None = None
    worst: float = 0.0
    note: str = ""

    @contextmanager
    def case(self, name: str) -> Iterator[None]:
        """Count a case and time it; an exception or a failed assertion inside is a bad outcome."""
        self.cases += 1
        began = time.perf_counter()
        try:
            yield
        except Exception as error:
            self.bad.append(f"{name}: {type(error).__name__}: {first_line(error)}")
        finally:
            self.worst = max(self.worst, time.perf_counter() - began)
