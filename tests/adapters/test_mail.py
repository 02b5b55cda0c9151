"""What everything that takes letters must do. A folder takes them now."""

from pathlib import Path

from samovar.kernel.clock import VirtualClock
from samovar.kernel.mail import FolderMail, Letter


async def test_a_letter_sent_twice_is_one_file(tmp_path: Path, clock: VirtualClock) -> None:
    mail = FolderMail(tmp_path, "samovar@localhost", clock)
    letter = Letter(id="x-1", to="anna@example.org", subject="Привет", text="Чай готов\n")
    await mail.send(letter)
    await mail.send(letter)
    (file,) = tmp_path.glob("*.eml")
    assert b"anna@example.org" in file.read_bytes() and b"x-1@localhost" in file.read_bytes()
