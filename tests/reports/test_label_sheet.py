"""Labels on sheets of paper: all of them, on as many pages as they need, with symbol and text of the SVG label."""

from __future__ import annotations

import base64
import re
import sys
import zlib

import pytest

from passport.errors import UsageError
from passport.reports import label_sheet
from passport.reports.label_run import PackLabel
from passport.reports.label_sheet import pdf
from passport.reports.qr_code import matrix

ADDRESS = "https://passport.example.com/01/09529999000019/21/A7K2M05G6J{n:07}"


def labels(count: int, maker: str = "Lanhu (x\x00)"):
    return [PackLabel(ADDRESS.format(n=n), maker, "LH-NCM100", None, f"A7K2M05G6J{n:07}") for n in range(count)]


def pages(data: bytes) -> list[str]:
    streams = re.findall(rb"stream\r?\n(.*?)endstream", data, re.S)
    return [
        zlib.decompress(base64.a85decode(b"<~" + stream.strip(), adobe=True)).decode("latin-1") for stream in streams
    ]


def test_each_label_has_its_symbol_and_its_text():
    (page,) = pages(pdf(labels(2)))
    runs = sum(
        dark and not before
        for n in range(2)
        for row in matrix(ADDRESS.format(n=n), "Q")
        for before, dark in zip((False, *row), row, strict=False)
    )
    assert page.count(" re") == runs
    assert "A7K2M05G6J0000000" in page and "A7K2M05G6J0000001" in page and "(Lanhu \\(x\\))" in page


def test_a_run_fills_as_many_pages_as_it_needs_and_is_the_same_file_again():
    data = pdf(labels(40))
    assert len(pages(data)) == 2 and "".join(pages(data)).count("LH-NCM100") == 40
    assert pdf(labels(40)) == data


def test_a_chinese_name_is_set_in_a_face_that_has_it():
    assert b"STSong-Light" in pdf(labels(1, maker="\u6f9c\u6e56 Lanhu"))


def test_no_label_and_more_labels_than_one_file_holds_are_refused(monkeypatch):
    with pytest.raises(UsageError, match="no label"):
        pdf([])
    monkeypatch.setattr(label_sheet, "MOST", 2)
    with pytest.raises(UsageError, match="too many"):
        pdf(labels(3))


def test_without_reportlab_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "reportlab.pdfgen.canvas", None)
    with pytest.raises(UsageError) as refused:
        pdf(labels(1))
    assert "battery-passport[labels]" in refused.value.hint
