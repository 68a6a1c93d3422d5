"""
A list of 100,000 incidents through the door: ``python benchmarks/tables.py [ROWS]``.

The list is as a station exports it: a title, Chinese headings, GB18030, kinds by other words,
dates in two forms. Printed are the seconds of the processor, the rows kept, and the memory at
its highest.
"""

from __future__ import annotations

import random
import resource
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from patrolmap.intake.choices import Choices
from patrolmap.intake.tables import examine

ROWS = 100_000
KINDS = ("盗窃", "纠纷", "打架", "交通事故", "违停", "其他")
TITLE = "警情台账\n"
HEADINGS = "警情编号,类别,发案时间,严重程度,经度,纬度,备注\n"


def write_list(path: Path, rows: int) -> None:
    """Write the list; the same rows each time."""
    rng = random.Random(1)  # noqa: S311 - places of nobody
    with path.open("w", encoding="gb18030") as file:
        file.write(TITLE + HEADINGS)
        for number in range(rows):
            day, minute = divmod(rng.randrange(365 * 1440), 1440)
            date = pd.Timestamp(2026, 1, 1) + pd.Timedelta(days=day)
            clock = f"{minute // 60:02d}:{minute % 60:02d}"
            said = f"{date:%Y-%m-%d} {clock}" if number % 2 else f"{date:%Y年%m月%d日} {clock}"
            lon, lat = 119.9 + rng.random() / 10, 31.7 + rng.random() / 10
            file.write(
                f"A{number},{rng.choice(KINDS)},{said},{1 + number % 5},{lon:.6f},{lat:.6f},\n"
            )


def measure(rows: int) -> dict[str, float]:
    """Examine the list; give seconds of the processor, rows kept and the highest memory in MB."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "警情.csv"
        write_list(path, rows)
        examine(_head(path), "incidents", Choices("wgs84"))  # what is loaded once
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began = time.process_time()
        found = examine(path, "incidents", Choices("wgs84"))
        used_s = time.process_time() - began
        assert found.rows_in == rows + 1 == found.rows_kept + len(found.left_out)  # noqa: S101
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return {
        "cpu_s": round(used_s, 2),
        "rows_kept": found.rows_kept,
        "memory_grown_mb": round(grown / 1024),
    }


def _head(path: Path) -> Path:
    head = path.with_name("head.csv")
    head.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:100]))
    return head


if __name__ == "__main__":
    print(measure(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS))
