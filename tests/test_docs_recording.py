"""The picture of a terminal shows what the program printed."""

import sys
from xml.etree import ElementTree as ET

import pytest
from docs_from_code.recording import Frame, drawn, recorded

COUNT = """\
import time
for number in 1, 2:
    print(f"\\r{number} done", end="", flush=True)
    time.sleep(0.2)
print()
"""


def test_a_line_that_is_written_over_is_a_frame_for_each_text() -> None:
    frames = recorded([sys.executable, "-c", COUNT])

    assert [frame.lines for frame in frames][:2] == [("1 done",), ("2 done",)]


def test_a_program_that_fails_makes_no_picture() -> None:
    with pytest.raises(SystemExit, match="ValueError"):
        recorded([sys.executable, "-c", "raise ValueError"])


def test_the_picture_has_every_frame_and_stays_at_the_last_for_who_wants_no_motion() -> None:
    frames = [Frame(0.1, ("\x1b[32m<1>\x1b[m done",)), Frame(0.2, ("2 done", "end"))]

    picture = ET.fromstring(drawn("count", frames))
    said = ["".join(text.itertext()) for text in picture.iter("{http://www.w3.org/2000/svg}text")]
    style = next(picture.iter("{http://www.w3.org/2000/svg}style")).text or ""

    assert said == ["$ count", "<1> done", "$ count", "2 done", "end"]
    assert "prefers-reduced-motion" in style
