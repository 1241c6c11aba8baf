"""The symbol is read back by another library, which must find exactly the text and the declared level."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ElementTree

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from passport.errors import UsageError
from passport.reports import qr_code
from tests.conftest import example_count
from tests.each import each

ADDRESS = "https://passport.example.com/01/09529999001009/21/A7K2M05G6J0000317"
SVG = "{http://www.w3.org/2000/svg}"


def scan(image: Image.Image) -> zxingcpp.Barcode:
    (barcode,) = zxingcpp.read_barcodes(image.convert("L"))
    assert barcode.format == zxingcpp.BarcodeFormat.QRCode
    return barcode


def drawn(path: str, side: int, scale: int = 6) -> Image.Image:
    """An SVG path of one-module-high runs, painted."""
    image = Image.new("L", (side * scale, side * scale), 255)
    for x, y, run in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", path):
        box = (int(x) * scale, int(y) * scale, (int(x) + int(run)) * scale, (int(y) + 1) * scale)
        image.paste(0, box)
    return image


@each("level", ["L", "M", "Q", "H"])
def test_a_png_reads_back_to_the_exact_address_at_the_declared_level(level):
    barcode = scan(Image.open(io.BytesIO(qr_code.png(ADDRESS, level))))
    assert (barcode.text, barcode.ec_level) == (ADDRESS, level)


def test_labels_are_at_level_q_unless_asked_otherwise():
    assert scan(Image.open(io.BytesIO(qr_code.png(ADDRESS)))).ec_level == "Q"


def test_an_svg_reads_back_to_the_exact_address():
    root = ElementTree.fromstring(qr_code.svg(ADDRESS))
    side = int(root.get("viewBox").split()[2])
    barcode = scan(drawn(root.find(f"{SVG}path").get("d"), side))
    assert (barcode.text, barcode.ec_level) == (ADDRESS, "Q")
    assert root.find(f"{SVG}title").text == ADDRESS


@each("colour", [False, True])
def test_the_terminal_form_reads_back_to_the_exact_address(colour):
    lines = re.sub(r"\x1b\[[0-9;]*m", "", qr_code.terminal(ADDRESS, colour=colour)).splitlines()
    image = Image.new("L", (len(lines[0]), 2 * len(lines)), 255)
    for y, line in enumerate(lines):
        assert len(line) == len(lines[0])
        for x, glyph in enumerate(line):
            image.putpixel((x, 2 * y), 0 if glyph in "▄ " else 255)
            image.putpixel((x, 2 * y + 1), 0 if glyph in "▀ " else 255)
    assert scan(image.resize((image.width * 6, image.height * 6), Image.Resampling.NEAREST)).text == ADDRESS
    assert set(lines[0]) == set(lines[1]) == {"█"}, "the quiet zone is light"
    assert all(line.startswith("████") and line.endswith("████") for line in lines)


def test_a_demo_address_fits_beside_text_in_eighty_columns():
    lines = qr_code.terminal("http://127.0.0.1:8080/01/09506000202617/21/A1B2C3DG7L0000042").splitlines()
    assert len(lines[0]) <= 41


@settings(max_examples=example_count(25))
@given(st.text(st.characters(codec="utf-8", exclude_categories=("C",)), min_size=1, max_size=60))
def test_any_address_reads_back_exactly(text):
    address = "https://p.example/id/" + text
    assert scan(Image.open(io.BytesIO(qr_code.png(address)))).bytes.decode() == address


def test_a_tenth_of_the_symbol_may_be_lost_at_level_q():
    image = Image.open(io.BytesIO(qr_code.png(ADDRESS))).convert("L")
    hidden = int(image.width * 0.25)
    corner = (image.width - hidden) // 2
    image.paste(255, (corner, corner, corner + hidden, corner + hidden))
    assert scan(image).text == ADDRESS


def test_every_side_has_a_quiet_zone_of_four_light_modules():
    rows = qr_code.matrix(ADDRESS)
    edge = [*rows[:4], *rows[-4:], *(row[:4] for row in rows), *(row[-4:] for row in rows)]
    assert not any(any(part) for part in edge)
    assert any(rows[4])


@each(
    ("text", "level", "border"),
    [(ADDRESS, "X", 4), (ADDRESS, "q", 4), (ADDRESS, "Q", 3), ("", "Q", 4), ("x" * 3000, "Q", 4)],
)
def test_a_symbol_that_would_not_scan_is_refused(text, level, border):
    with pytest.raises(UsageError):
        qr_code.svg(text, level, border)


def printed(label: str) -> tuple[ElementTree.Element, list[str]]:
    root = ElementTree.fromstring(label)
    return root, [element.text for element in root.iter(f"{SVG}text")]


def test_a_label_says_in_plain_text_what_its_symbol_says():
    code = "ZZZPE10A7K2M05G6J0000317"
    root, lines = printed(qr_code.label(ADDRESS, maker="Lanhu Example (澜湖示例)", model="LH-NCM100-192S", code=code))
    assert lines[:3] == ["Lanhu Example (澜湖示例)", "LH-NCM100-192S", "ZZZPE10 A7K2M05 G6J 0000317"]
    assert "".join(lines[3:]) == ADDRESS
    path = next(root.iter(f"{SVG}path")).get("d")
    barcode = scan(drawn(path, len(qr_code.matrix(ADDRESS))))
    assert (barcode.text, barcode.ec_level) == (ADDRESS, "Q")


def test_a_label_without_a_code_prints_the_serial_number():
    _, lines = printed(qr_code.label(ADDRESS, maker="Maker", model="Model", serial="S00017"))
    assert lines[2] == "S00017"


def test_the_text_of_a_label_stays_inside_it_however_long():
    root, lines = printed(qr_code.label(ADDRESS, maker="W" * 90, model="<&>\"'\x00\x1b" * 9, code="A" * 99))
    width, height = (float(root.get(name).removesuffix("mm")) for name in ("width", "height"))
    for element in root.iter(f"{SVG}text"):
        size = float(element.get("font-size"))
        assert float(element.get("x")) + len(element.text) * size * 0.6 < width
        assert 0 < float(element.get("y")) - size < float(element.get("y")) < height
    assert "".join(lines).count("W") == 90
    assert "<&>" in "".join(lines)


def test_a_module_on_the_label_is_at_least_half_a_millimetre_wide():
    root, _ = printed(qr_code.label(ADDRESS, maker="Maker", model="Model"))
    assert "scale(0.5)" in next(root.iter(f"{SVG}g")).get("transform")
    assert root.get("viewBox").split()[2] == root.get("width").removesuffix("mm")
