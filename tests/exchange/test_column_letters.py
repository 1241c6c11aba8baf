"""Letters of columns are those of spreadsheet programs."""

import pytest
from openpyxl.utils import get_column_letter

from passport.exchange.spreadsheet.column_letters import column_letter


def test_they_are_those_that_openpyxl_gives():
    numbers = [*range(1, 800), 16383, 16384, 18278]
    assert [column_letter(number) for number in numbers] == [get_column_letter(number) for number in numbers]


def test_there_is_no_column_below_the_first():
    with pytest.raises(ValueError):
        column_letter(0)
