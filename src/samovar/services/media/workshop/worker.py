"""The worker's process: takes tasks as JSON lines on its input, answers on its output.

    {"task": "look", "path": ..., "out": ..., ...}  ->  {"done": {...}} or {"refused": "damaged"}

A film's task says {"progress": 40} now and then. Memory is bounded for the whole process, processor time
for each task; the parent bounds the rest and ends the process when it breaks a limit. It ends by itself
when its input closes or nothing came for a while.
"""

import json
import resource
import select
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from samovar.services.media.workshop import films, pictures, sniff
from samovar.services.media.workshop.sniff import Refused

Say = Callable[[dict[str, Any]], None]


def look(task: dict[str, Any]) -> dict[str, Any]:
    """What a file is, with pictures of it in every size."""
    path, out = Path(task["path"]), Path(task["out"])
    size = path.stat().st_size
    with path.open("rb") as file:
        kind = sniff.format_of(file.read(256))
        if size > task["most"]["film" if kind in sniff.FILMS else "picture"]:
            raise Refused("too_big")
        if kind in sniff.FILMS:
            return films.look(file, kind, size, out, task)
        file.seek(0)
        data = file.read()
    keep = sniff.check_alone(kind, data)
    if kind == "webp" and sniff.webp_pixels(data) > task["pixels"] // 2:
        # WebP's decoder holds three copies of the picture, and makes them before it says how large it is.
        raise Refused("too_big")
    del data
    image = pictures.opened(path, kind, task["pixels"])
    frames = pictures.frames_of(image)
    if frames > 1 and (
        frames > task["frames"] or frames * image.width * image.height > task["moving_pixels"]
    ):
        raise Refused("too_big")
    about = pictures.forms(image, out, task["purpose"])
    moves = frames > 1 and not task["purpose"]
    return {**about, "kind": "gif" if moves else "image", "type": sniff.TYPES[kind], "keep": keep}


def run(task: dict[str, Any], say: Say) -> dict[str, Any]:
    """Do one task. Raises Refused."""
    if task["task"] == "look":
        return look(task)
    if task["task"] == "animate":
        return films.animate(Path(task["path"]), Path(task["out"]), task, say)
    return films.film(Path(task["path"]), Path(task["out"]), task, say)


def bound_process(memory: int) -> None:
    """Hold the whole process to so many bytes of addresses, no cores, few files."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))


def bound_task(seconds: int, file_bytes: int) -> None:
    """Let the next task have so many more seconds of the processor, and write no larger file."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = int(used.ru_utime + used.ru_stime) + seconds + 1
    resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, resource.RLIM_INFINITY))


def main(source: TextIO, target: TextIO, memory: int, idle: float) -> None:
    """Take tasks until there are no more."""

    def say(words: dict[str, Any]) -> None:
        target.write(json.dumps(words) + "\n")
        target.flush()

    bound_process(memory)
    while select.select([source], [], [], idle)[0]:
        line = source.readline()
        if not line:
            return
        task = json.loads(line)
        bound_task(task["seconds"], task["most"]["file"])
        try:
            answer: dict[str, Any] = {"done": run(task, say)}
        except Refused as refused:
            answer = {"refused": refused.code}
        except MemoryError:
            answer = {"refused": "too_hard"}
        except Exception as error:
            answer = {"refused": "damaged", "why": repr(error)[:500]}
        say({**answer, "peak_kib": peak_kib()})


def peak_kib() -> int:
    """Most memory that this process ever had, in KiB; 0 where the system does not say."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)


if __name__ == "__main__":
    main(sys.stdin, sys.stdout, int(sys.argv[1]), float(sys.argv[2]))
