"""What moves: films and animations, made into forms that every browser plays."""

import contextlib
import io
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO, Final

from PIL import Image

from samovar.services.media.workshop import pictures, sniff
from samovar.services.media.workshop.sniff import Refused

Say = Callable[[dict[str, Any]], None]
#: How FFmpeg calls the containers that we take: nothing else is opened, least of all a playlist.
_CONTAINERS: Final = {"mp4": "mov", "webm": "matroska"}
FILM_SIDE: Final = 1280
MOVING_SIDE: Final = 640
_RATE: Final = 30
_MS: Final = Fraction(1, 1000)


def look(file: BinaryIO, kind: str, size: int, out: Path, task: dict[str, Any]) -> dict[str, Any]:
    """A film's measures and its poster in every size. Raises Refused."""
    if task["purpose"]:
        raise Refused("unknown_type")
    if kind == "mp4":
        sniff.check_boxes(size, sniff.ReadAt(file))
    for at in (0, max(0, size - (1 << 17))):
        file.seek(at)
        piece = file.read(1 << 17)
        sniff.check_words(piece)
        if at or size <= 1 << 17:
            sniff.check_zip(piece)
    file.seek(0)
    with _opened(file, kind) as container:
        stream = _video(container)
        milliseconds = _length(container, stream)
        if milliseconds > task["film_seconds"] * 1000:
            raise Refused("too_big")
        if stream.codec_context.width * stream.codec_context.height > task["film_pixels"]:
            raise Refused("too_big")
        stream.codec_context.thread_count = 1
        frame = next(iter(container.decode(stream)), None)
        if frame is None:
            raise Refused("damaged")
        poster = frame.to_image()
        if turn := _turn(frame):
            poster = poster.rotate(turn, expand=True)
    packed = io.BytesIO()
    poster.save(packed, "JPEG", quality=92)
    packed.seek(0)
    about = pictures.forms(Image.open(packed), out, "")
    return {
        **about, "kind": "video", "type": sniff.TYPES[kind], "keep": size, "milliseconds": milliseconds,
    }  # fmt: skip


@contextlib.contextmanager
def _opened(file: BinaryIO, kind: str) -> Iterator[Any]:
    """The container, closed afterwards. Whatever FFmpeg stumbles over is damage."""
    import av  # noqa: PLC0415 - only when something moves

    try:
        with av.open(file, format=_CONTAINERS[kind]) as container:
            yield container
    except (Refused, MemoryError):
        raise
    except (av.FFmpegError, ValueError, OverflowError, StopIteration) as error:
        raise Refused("damaged") from error


def _video(container: Any) -> Any:
    if not container.streams.video or len(container.streams) > 8:
        raise Refused("unknown_type")
    stream = container.streams.video[0]
    if stream.codec_context is None or not stream.codec_context.width:
        raise Refused("damaged")
    return stream


def _length(container: Any, stream: Any) -> int:
    """Milliseconds, as far as the file says; 0 when it does not."""
    if container.duration:
        return max(0, int(container.duration // 1000))
    if stream.duration and stream.time_base:
        return max(0, int(stream.duration * stream.time_base * 1000))
    return 0


def _turn(frame: Any) -> int:
    """Degrees to turn a frame left so that it stands upright."""
    return int(getattr(frame, "rotation", 0) or 0) % 360


def _fit(width: int, height: int, longest: int) -> tuple[int, int]:
    """Measures within a square, both even, as the encoders want them."""
    scale = min(1.0, longest / max(width, height))
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)


def film(path: Path, out: Path, task: dict[str, Any], say: Say) -> dict[str, Any]:
    """A film as H.264 and AAC in an MP4 file that plays while it loads. Raises Refused."""
    import av  # noqa: PLC0415

    target = out / "film.mp4"
    with path.open("rb") as file, _opened(file, task["format"]) as source:
        video = _video(source)
        video.codec_context.thread_count = 1
        audio = source.streams.audio[0] if source.streams.audio else None
        length = max(1, task["milliseconds"])
        with av.open(str(target), "w", options={"movflags": "+faststart"}) as result:
            maker = _Film(result, task)
            sound = _Sound(result, audio) if audio is not None else None
            told = 0
            for packet in source.demux([stream for stream in (video, audio) if stream is not None]):
                if packet.stream is video:
                    for frame in packet.decode():
                        maker.add(frame)
                        at = int((frame.time or 0) * 1000)
                        if at > task["film_seconds"] * 1000 + 1000:
                            raise Refused("too_big")
                        if (percent := min(99, 100 * at // length)) >= told + 2:
                            told = percent
                            say({"progress": percent})
                elif sound is not None:
                    for frame in packet.decode():
                        sound.add(frame)
            maker.end()
            if sound is not None:
                sound.end()
    return {"variants": [_variant("mp4", target, "video/mp4", maker.width, maker.height)], **maker.about()}


class _Film:
    """The picture's side of a film."""

    def __init__(self, result: Any, task: dict[str, Any]) -> None:
        self._result = result
        self._stream: Any = None
        self.width = self.height = self.frames = 0
        self._graph: Any = None
        self._last = -1
        self._end = 0
        self._limit = task["film_frames"]

    def _begin(self, frame: Any) -> None:
        from av.filter import Graph  # noqa: PLC0415

        turn = _turn(frame)
        width, height = (frame.width, frame.height) if turn % 180 == 0 else (frame.height, frame.width)
        self.width, self.height = _fit(width, height, FILM_SIDE)
        self._graph = graph = Graph()
        steps = [graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=_MS)]
        for name, argument in _turning(turn):
            steps.append(graph.add(name, argument))
        steps += [
            graph.add("scale", f"{self.width}:{self.height}"),
            graph.add("format", "yuv420p"),
            graph.add("buffersink"),
        ]
        graph.link_nodes(*steps).configure()
        self._stream = stream = self._result.add_stream(
            "libx264",
            rate=_RATE,
            options={"preset": "veryfast", "crf": "23", "maxrate": "4M", "bufsize": "8M"},
        )
        stream.width, stream.height, stream.pix_fmt = self.width, self.height, "yuv420p"
        stream.codec_context.time_base = stream.time_base = _MS
        stream.codec_context.thread_count = 1
        stream.codec_context.gop_size = 60

    def add(self, frame: Any) -> None:
        """Put a frame in its place; of more than thirty in a second some are left out."""
        at = max(0, int((frame.time or 0) * 1000))
        if self._last >= 0 and at < self._last + 1000 // _RATE - 6:
            return
        if self._graph is None:
            self._begin(frame)
        self.frames += 1
        if self.frames > self._limit:
            raise Refused("too_big")
        frame.pts, frame.time_base = at, _MS
        self._graph.push(frame)
        ready = self._graph.pull()
        ready.pts, ready.time_base = at, _MS
        ready.pict_type = 0
        self._last = self._end = at
        self._result.mux(self._stream.encode(ready))

    def end(self) -> None:
        """Write what is left. Raises Refused when nothing came."""
        if self._stream is None:
            raise Refused("damaged")
        self._result.mux(self._stream.encode(None))

    def about(self) -> dict[str, int]:
        return {"milliseconds": self._end + 1000 // _RATE}


def _turning(degrees: int) -> list[tuple[str, str]]:
    return {
        90: [("transpose", "cclock")],
        180: [("hflip", ""), ("vflip", "")],
        270: [("transpose", "clock")],
    }.get(degrees, [])


class _Sound:
    """The sound's side of a film."""

    def __init__(self, result: Any, audio: Any) -> None:
        from av.audio.resampler import AudioResampler  # noqa: PLC0415

        self._result = result
        self._stream = result.add_stream("aac", rate=48_000, layout="stereo")
        self._stream.bit_rate = 128_000
        self._resampler = AudioResampler(format="fltp", layout="stereo", rate=48_000, frame_size=1024)

    def add(self, frame: Any) -> None:
        """The next piece."""
        for piece in self._resampler.resample(frame):
            self._result.mux(self._stream.encode(piece))

    def end(self) -> None:
        """Write what is left."""
        for piece in self._resampler.resample(None):
            self._result.mux(self._stream.encode(piece))
        self._result.mux(self._stream.encode(None))


def animate(path: Path, out: Path, task: dict[str, Any], say: Say) -> dict[str, Any]:
    """An animation as MP4 and as WebM. Raises Refused."""
    made, length = [], 0
    for name, codec, options, container_options in (
        ("mp4", "libx264", {"preset": "veryfast", "crf": "24"}, {"movflags": "+faststart"}),
        ("webm", "libvpx-vp9", {"crf": "36", "b": "0", "deadline": "realtime", "cpu-used": "8"}, {}),
    ):
        target = out / f"film.{name}"
        image = pictures.opened(path, task["format"], task["pixels"])
        width, height, length = _encode_frames(image, target, codec, options, container_options, task)
        made.append(_variant(name, target, f"video/{name}", width, height))
        say({"progress": 50 if name == "mp4" else 99})
    return {"variants": made, "milliseconds": length}


def _encode_frames(
    image: Image.Image,
    target: Path,
    codec: str,
    options: dict[str, str],
    container_options: dict[str, str],
    task: dict[str, Any],
) -> tuple[int, int, int]:
    import av  # noqa: PLC0415

    make: Any = av.VideoFrame.from_image
    width, height = _fit(*image.size, MOVING_SIDE)
    at = 0
    with av.open(str(target), "w", options=container_options) as result:
        stream: Any = result.add_stream(codec, rate=_RATE, options=options)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.time_base = stream.time_base = _MS
        stream.codec_context.thread_count = 1
        shown: Image.Image | None = None
        for number in range(min(image.n_frames, task["frames"])):  # type: ignore[attr-defined]
            image.seek(number)
            shown = pictures.on_white(image).resize((width, height), Image.Resampling.BILINEAR)
            frame = make(shown)
            frame.pts, frame.time_base = at, _MS
            result.mux(stream.encode(frame))
            # As browsers do: what asks for less than 20 ms gets 100.
            pause = int(image.info.get("duration", 100) or 0)
            at += pause if pause >= 20 else 100
        if shown is not None:  # the last one stays as long as it should
            frame = make(shown)
            frame.pts, frame.time_base = max(0, at - 1), _MS
            result.mux(stream.encode(frame))
        result.mux(stream.encode(None))
    return width, height, at


def _variant(name: str, path: Path, type: str, width: int, height: int) -> dict[str, Any]:
    return {
        "name": name, "file": path.name, "type": type, "width": width, "height": height,
        "bytes": path.stat().st_size,
    }  # fmt: skip
