"""Texts a second and seconds to the first answer of the shipped reader beside what a user would take instead.

``python bench/reader.py [--texts 200] [--threads 2]``; ``pip install .[bench]`` adds CTranslate2 to the peers.

Rounds are interleaved, so a busy machine slows all alike: trust the ratios. The reference is the transformers pipeline
on a BERT-base, the better of batches of 1 and of 32. Then follows what share of this machine's measured peak the reader
reaches. The texts are made up here, the peers' weights drawn at random.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

from peaks import int8_peak, operations, sgemm_peak  # noqa: E402 - beside this file, wherever it is started from
from peers import PEERS, REFERENCE, SHIPPED, Read, made_up  # noqa: E402

ROUNDS = 3
FIRST = "min, aplikasinya error terus dari pagi"


def seconds(work: Callable[[], object]) -> float:
    """Return how long a call took."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def made(threads: int) -> dict[str, Read]:
    """Return the readers that can be made here; says of the others why not."""
    readers = {}
    for name, make in PEERS.items():
        try:
            readers[name] = make(threads)
        except ImportError as error:
            print(f"{name}: skipped, {error}")
    return readers


def rates(readers: Mapping[str, Read], texts: list[str]) -> dict[str, float]:
    """Return each reader's median texts a second over interleaved rounds."""
    for read in readers.values():
        read(texts[:32])
    took = [{name: seconds(partial(read, texts)) for name, read in readers.items()} for _ in range(ROUNDS)]
    return {name: len(texts) / median(turn[name] for turn in took) for name in readers}


def start(name: str, threads: int) -> tuple[float, float]:
    """Return, in fresh processes, median seconds to the first answer (imports counted) and median peak in MB."""
    command = [sys.executable, __file__, "--first", name, "--threads", str(threads)]
    turns = [json.loads(subprocess.check_output(command, stderr=subprocess.DEVNULL)) for _ in range(ROUNDS)]
    return median(turn[0] for turn in turns), median(turn[1] for turn in turns)


def first(name: str, threads: int) -> None:
    """Print seconds to the first answer and the peak memory in MB of this process."""
    took = seconds(lambda: PEERS[name](threads)([FIRST]))
    # The kernel's own count: getrusage would tell the peak of the process that this one was forked from.
    peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    print(json.dumps([took, int(peak.split()[1]) / 1024]))


def speed_table(speed: Mapping[str, float]) -> str:
    """Return texts a second, how much faster the shipped reader is, and how much faster than the reference each is."""
    reference = max(speed[name] for name in REFERENCE)
    lines = ["| | texts/s | shipped is | of the reference |", "|---|---|---|---|"]
    lines += [
        f"| {name} | {rate:.0f} | {speed[SHIPPED] / rate:.3g}x | {rate / reference:.3g}x |"
        for name, rate in speed.items()
    ]
    return "\n".join(lines)


def start_table(names: list[str], threads: int) -> str:
    """Return seconds to the first answer and the peak memory, measured here and now."""
    lines = ["| | first answer, s | peak, MB |", "|---|---|---|"]
    for name in names:
        took, peak = start(name, threads)
        lines.append(f"| {name} | {took:.2f} | {peak:.0f} |")
    return "\n".join(lines)


def peak_table(texts: list[str], rate: float, threads: int) -> str:
    """Return what the reader computes in a second beside what a large product in float32 and in int8 reaches."""
    reached = operations(texts) / len(texts) * rate
    lines = [
        f"The reader: {reached / 1e9:.0f} GFLOP/s.",
        "| measured peak | GFLOP/s | the reader reaches |",
        "|---|---|---|",
    ]
    for name, measure in (("float32, torch", sgemm_peak), ("int8, ONNX Runtime", int8_peak)):
        for count in sorted({1, threads}):
            peak = measure(count)
            lines.append(f"| {name}, threads: {count} | {peak / 1e9:.0f} | {reached / peak:.0%} |")
    return "\n".join(lines)


def main() -> None:
    """Print the comparison."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=200)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--first", choices=PEERS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.first:
        first(options.first, options.threads)
        return
    texts, readers = made_up(options.texts), made(options.threads)
    speed = rates(readers, texts)
    print(f"\n{options.texts} texts, {options.threads} threads, median of {ROUNDS} interleaved rounds\n")
    print(speed_table(speed), peak_table(texts, speed[SHIPPED], options.threads), sep="\n\n")
    print("\n" + start_table([SHIPPED, REFERENCE[1], "TF-IDF + regression"], options.threads))


if __name__ == "__main__":
    main()
