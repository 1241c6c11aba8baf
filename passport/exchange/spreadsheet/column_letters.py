"""Letters of the columns of a sheet. openpyxl has them too, and takes half a second to load: what reads no workbook
starts without it."""

from __future__ import annotations


def column_letter(number: int) -> str:
    """``A`` for 1, ``Z`` for 26, ``AA`` for 27.

    :raises ValueError: below 1.
    """
    if number < 1:
        raise ValueError("columns count from 1")
    letters = ""
    while number:
        number, digit = divmod(number - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return letters
