"""Every command on a pseudo-terminal: our colours arrive, nothing of a stranger's does, and codes can be scanned."""

from __future__ import annotations

import re
import unicodedata

import pytest
import zxingcpp
from PIL import Image

from passport.commands.terminal import console
from tests.commands.calls import CALLS, CODE, TRUST, Call
from tests.conftest import share
from tests.each import each

#: All that this program sends besides text: black on white of a code, the colours of marks, and back.
OURS = re.compile(r"\x1b\[(?:38;5;231;48;5;16|3[123]|0)m")
VERIFIED = f"verify view.jsonld --offline {' '.join(TRUST)}".split()
#: As JSON too where words of strangers are in the answer.
HOSTILE = ("validate bad", "report bad", "verify", "issue bad", "footprint ch", "footprint calc bad")
#: Of the other calls every second one; `make torture` takes all.
MODES = [
    (call, as_json) for number, call in enumerate(CALLS)
    for as_json in ((False, True) if call.has_json and call.line.startswith(HOSTILE) else share([False], number, of=2))
]  # fmt: skip


def scanned(text: str) -> list[str]:
    """What a phone reads from the codes in a text, in their order."""
    read = []
    blocks = re.findall(r"(?:^ *(?:\x1b\[[0-9;]*m)?[█▀▄ ]{21,}.*\n)+", text, re.MULTILINE)
    for block in blocks:
        rows = [re.search(r"█[█▀▄ ]*█", OURS.sub("", line))[0] for line in block.splitlines()]
        side = len(rows[0])
        image = Image.new("L", (side, 2 * len(rows)), 255)
        for y, row in enumerate(rows):
            for x, glyph in enumerate(row[:side]):
                image.putpixel((x, 2 * y), 0 if glyph in "▄ " else 255)
                image.putpixel((x, 2 * y + 1), 0 if glyph in "▀ " else 255)
        found = zxingcpp.read_barcodes(image.resize((image.width * 6, image.height * 6), Image.Resampling.NEAREST))
        read += [one.text for one in found]
    return read


@pytest.mark.product(of=4)
@pytest.mark.parametrize(("call", "as_json"), MODES, ids=lambda value: str(value) if isinstance(value, Call) else "")
def test_a_terminal_gets_our_colours_and_no_control_character_of_a_stranger(nursery, world, call, as_json):
    seen = nursery.seen(world.words(call, as_json=as_json), world.folder)
    assert seen.code == call.code
    # A long word is broken where the line ends, a stranger's escaped characters too.
    whole = re.sub(r"\n *", "", seen.text)
    assert "\\u001b[3" not in whole.replace("\\u001b[32m\\u009b", ""), "our own colour was escaped"
    rest = OURS.sub("", seen.text)
    odd = {character for character in rest if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")} - {"\n"}
    assert not odd and not set(rest) & set("\u202e\u2066"), ascii(odd)
    assert not re.search(r"^Verified\. Nothing was changed\.\"?$", rest, re.MULTILINE), "a stranger has faked a line"


@each(
    ("line", "colour"),
    [
        (" ".join(VERIFIED), "\x1b[32m✓\x1b[0m"), (f"verify forged.jsonld --offline {' '.join(TRUST)}", "\x1b[31m✗"),
        (f"verify bare.jsonld --offline {' '.join(TRUST)}", "\x1b[33m?"), ("doctor --project shop", "\x1b[32m✓"),
        ("doctor --project empty", "\x1b[33m?"), ("doctor --project spoiled", "\x1b[31m✗"),
        ("footprint check verified.jsonld --trust footprint-trust.json", "\x1b[32m✓"),
        (f"qr {CODE} --project shop", "\x1b[38;5;231;48;5;16m"), ("demo --no-serve", "\x1b[38;5;231;48;5;16m"),
        ("show RS260122-04417 --project gone", "\x1b[31m✗ Withdrawn"),
        ("show absent --project shop", "\x1b[31merror:\x1b[0m"),
    ],
)  # fmt: skip
def test_marks_codes_and_errors_are_coloured_on_a_terminal_that_can(nursery, world, line, colour):
    assert colour in nursery.seen(line.split(), world.folder).text
    for environ in share(({"NO_COLOR": "1"}, {"TERM": "dumb"}), len(line), of=2):
        assert "\x1b" not in nursery.seen(line.split(), world.folder, **environ).text
    if not line.startswith("demo"):
        assert colour in nursery.seen(line.split(), world.folder, NO_COLOR="").text, "an empty NO_COLOR says nothing"
    _, out, err = nursery.said(line.split(), world.folder)
    assert b"\x1b" not in out + err, "a file gets no colours"


@pytest.mark.product
@pytest.mark.parametrize("columns", share([40, 60, 80, 100], 0, of=2))
def test_the_codes_of_the_demo_are_scanned_and_the_text_beside_them_fits(nursery, world, columns):
    seen = nursery.seen(["demo", "--no-serve"], world.folder, columns=columns)
    codes = scanned(seen.text)
    assert len(codes) == 3 and all(address in seen.text for address in codes)
    beside = [line for line in OURS.sub("", seen.text).splitlines() if "█" in line]
    assert len(beside) > 50 and all(console.width(line) <= columns for line in beside)
    for fact in ("57 of 57 due", "as of 18 February 2027", "44 only if they apply", "not asked for this category"):
        assert fact in seen.text
    is_beside = [re.search(r"█ {3,}\w", line) is not None for line in beside]
    assert any(is_beside) is (columns >= 80), "beside the code where there is room, else below it"


def test_a_code_that_is_wider_than_the_terminal_is_named_and_not_broken(nursery, world):
    seen = nursery.seen(["demo", "--no-serve"], world.folder, columns=30)
    assert "█" not in seen.text and "the code takes 39 columns" in seen.text and "57 of 57 due" in seen.text
    seen = nursery.seen(["qr", CODE, "--project", "shop"], world.folder, columns=30)
    assert seen.code == 0 and "-o code.svg" in seen.text


@each("environ", [{}, {"NO_COLOR": "1"}])
def test_the_code_of_a_pack_is_scanned_from_the_terminal(nursery, world, environ):
    (address,) = scanned(nursery.seen(["qr", CODE, "--project", "shop"], world.folder, **environ).text)
    assert address.startswith("https://shop.example/")


def test_an_image_is_not_poured_into_a_terminal(nursery, world):
    seen = nursery.seen(["qr", CODE, "--project", "shop", "--format", "png"], world.folder)
    assert seen.code == 2 and "-o code.png" in seen.text
    code, out, _ = nursery.said(["qr", CODE, "--project", "shop", "--format", "png"], world.folder)
    assert code == 0 and out.startswith(b"\x89PNG")


@each("lang", ["en", "zh"])
def test_a_hostile_name_on_the_trust_list_stays_in_its_line(nursery, world, lang):
    words = ["verify", "view.jsonld", "--offline", "--trust", "hostile-trust.json", "--lang", lang]
    text = nursery.seen(words, world.folder).text
    assert "Eve\\u001b]0;owned" in text and "\x9b" not in text
