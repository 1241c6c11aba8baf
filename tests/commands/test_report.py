"""``passport report``: what comes out on a terminal, as JSON and as a page; and several files as one record."""

from __future__ import annotations

import pytest

from passport.vocabulary.vocabulary import Category, load, regimes

WORKBOOKS = {"ev": "ev-ncm-100kwh.xlsx", "lmt": "lmt-ebike.xlsx", "stationary": "stationary-lfp.xlsx"}


def empty(indicator: str, value=None, row: int = 3):
    def edit(book):
        sheet = book["models"]
        sheet.cell(row, next(cell.column for cell in sheet[1] if cell.value == indicator)).value = value

    return edit


# --- report ---------------------------------------------------------------------------------------------------------


def test_a_complete_pack_is_reported_complete_on_both_sides(shell):
    result = shell.run("report", shell.workbook(WORKBOOKS["ev"]), "--on", "2027-02-18")
    assert "complete, 57 of 57 due" in result.stdout and "complete, 20 of 20 due" in result.stdout


def test_a_report_says_which_day_s_obligations_it_judged_and_what_is_no_fault(shell, monkeypatch):
    monkeypatch.setenv("COLUMNS", "500")
    path = shell.workbook(WORKBOOKS["ev"])
    for lang, day, notice in (
        (
            "en",
            "the date of placing on the market is not given",
            "asks for at least 16 % of batteries placed on the market",
        ),
        ("zh", "未填写投放市场日期", "起投放市场的电池不低于16 %"),
    ):
        for command in ("report", "validate"):
            words = ("--all",) if command == "report" else ()
            result = shell.run(command, path, "--on", "2027-02-18", "--lang", lang, *words)
            assert day in result.stdout and notice in result.stdout, (command, lang)
    document = shell.json("validate", path, "--on", "2027-02-18")
    eu = document["packs"][0]["regimes"]["eu"]
    assert eu["dayOf"] == "checking" and {one["code"] for one in eu["notices"]} == {
        "below-minimum",
        "asked-by-registry",
    }
    assert document["faults"] == [] and document["conforms"]


def test_a_stricter_reading_of_ours_is_labelled_in_report_and_manual(shell):
    for lang, words in (("en", "stricter reading by this project"), ("zh", "本项目更严格的解读")):
        path = shell.workbook(WORKBOOKS["stationary"])
        assert words in shell.run("report", path, "--all", "--regime", "eu", "--lang", lang).stdout
        assert words in shell.run("manual", "--lang", lang).stdout
        assert words in shell.run("report", path, "--html", "--lang", lang).stdout


def test_packs_are_totalled_by_production_batch_and_regime(shell):
    """Two packs of one batch, of which one has no code, and one of another batch."""

    def two_more(book):
        sheet = book["packs"]
        for row, serial in ((4, "A7K2M05G6J0000318"), (5, "A7K2M05G6J0000319")):
            for cell in sheet[3]:
                sheet.cell(row, cell.column).value = cell.value
            for name, value in (("serialNumber", serial), ("packTractionBatteryCode", f"ZZZPE10{serial}")):
                _put(sheet, row, name, value)
        _put(sheet, 4, "operatorIdentifier", None)
        _put(sheet, 5, "batch", "LH100-2606-B04")
        for cell in book["batches"][3]:
            book["batches"].cell(4, cell.column).value = cell.value
        _put(book["batches"], 4, "batch", "LH100-2606-B04")

    path = shell.workbook(WORKBOOKS["ev"], two_more)
    words = ("report", path, "--on", "2027-02-18", "--regime", "cn")
    document = shell.json(*words, code=None)
    by_batch = {row["batch"]: row for row in document["batches"]}
    of = {report["pack"]: report for report in document["reports"]}
    assert {batch: row["packs"] for batch, row in by_batch.items()} == {"LH100-2606-B03": 2, "LH100-2606-B04": 1}
    for batch, row in by_batch.items():
        inside = [report for report in of.values() if report["batch"] == batch]
        assert row["complete"] == sum(report["complete"] for report in inside) < len(of)
    text = shell.run(*words, code=None).stdout
    assert "By production batch" in text and "LH100-2606-B04" in text
    assert 'id="batches"' in shell.run(*words, "--html", code=None).stdout
    # One pack alone needs no totals.
    assert "By production batch" not in shell.run("report", shell.workbook(WORKBOOKS["lmt"])).stdout


def _put(sheet, row: int, name: str, value) -> None:
    sheet.cell(row, next(cell.column for cell in sheet[1] if cell.value == name)).value = value


def test_what_is_to_do_is_told_with_rule_unit_and_basis_in_the_readers_language(shell):
    path = shell.workbook(WORKBOOKS["ev"], empty("batteryMass"))
    for lang, words in (
        ("en", ("Missing", "Battery mass", "unit: kg", "data point 10", "Kilograms, complete battery")),
        ("zh", ("缺失", "电池质量", "单位: kg", "数据点10", "千克，按销售时的完整电池计")),
    ):
        result = shell.run("report", path, "--regime", "eu", "--on", "2027-02-18", "--lang", lang, code=1)
        assert all(word in result.stdout for word in (*words, "batteryMass"))


def test_the_report_as_json_lists_every_indicator_that_is_asked_for(shell):
    path = shell.workbook(WORKBOOKS["ev"], empty("batteryMass"))
    document = shell.json("report", path, "--regime", "eu", "--regime", "cn", "--on", "2027-02-18", code=1)
    eu, cn = document["reports"]
    assert (len(eu["lines"]), len(cn["lines"])) == (150, 68) and not eu["complete"] and cn["complete"]
    assert {one["indicator"] for one in eu["lines"] if one["state"] == "missing"} == {"batteryMass"}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_stands_alone_and_says_everything_in_both_languages(shell, stands_alone, lang):
    path = shell.workbook(WORKBOOKS["ev"], empty("batteryMass"))
    shell.run("report", path, "--on", "2027-02-18", "--lang", lang, "-o", shell.folder / "report.html", code=1)
    text = (shell.folder / "report.html").read_text(encoding="utf-8")
    page = stands_alone(text)
    assert page.language == lang
    for identifier in regimes()["eu"].obligations(Category.EV):
        indicator = load().indicators[identifier]
        assert f"r1-{identifier}" in page.ids
        assert indicator.label["zh"] in text and indicator.definition["zh"] in text


def test_what_a_file_says_is_never_markup(shell, stands_alone):
    path = shell.workbook(WORKBOOKS["ev"], empty("nominalVoltage", "<script>alert(1)</script>"))
    shell.run("report", path, "--html", code=1)
    text = shell.run("report", path, "--html", code=1).stdout
    stands_alone(text)
    assert "&lt;script&gt;" in text


def test_a_file_that_cannot_be_placed_is_reported_as_such(shell):
    def edit(book):
        sheet = book["packs"]
        sheet.cell(3, 1).value = "another model"

    path = shell.workbook(WORKBOOKS["ev"], edit)
    result = shell.run("report", path, code=1)
    assert "there is no such model" in result.stdout
    assert "there is no such model" in shell.run("report", path, "--html", code=1).stdout


def test_a_pack_that_the_file_does_not_have_is_refused(shell):
    result = shell.run("report", shell.workbook(WORKBOOKS["ev"]), "--pack", "NO-SUCH", code=2)
    assert "no pack NO-SUCH" in result.stderr


# --- merge ----------------------------------------------------------------------------------------------------------


def test_a_supplier_and_a_maker_are_validated_and_issued_as_one_record(shell, shop, monkeypatch):
    monkeypatch.setenv("COLUMNS", "500")
    maker = shell.workbook(WORKBOOKS["ev"], empty("batteryMass"))
    supplier = shell.folder / "supplier.json"
    supplier.write_text('{"model": {"batteryMass": "540"}}', encoding="utf-8")
    shell.run("validate", maker, code=1)
    assert "supplier.json --merge" in shell.run("validate", maker, supplier, "--merge").stdout
    shell.run("issue", maker, supplier, "--merge", "--project", shop)


def test_a_contradiction_of_two_files_names_both_places_and_issues_nothing(shell, shop):
    maker, supplier = shell.workbook(WORKBOOKS["ev"]), shell.folder / "supplier.json"
    supplier.write_text('{"model": {"batteryMass": "541"}}', encoding="utf-8")
    for words in (("validate",), ("issue", "--project", shop), ("report",)):
        result = shell.run(*words, maker, supplier, "--merge", code=1)
        assert 'supplier.json, /model/batteryMass says "541"' in result.stdout
        assert "ev-ncm-100kwh.xlsx, sheet models" in result.stdout
    assert "issued" in shell.run("issue", maker, "--project", shop).stdout


def test_two_whole_files_without_merge_are_two_sets_of_packs(shell):
    one, two = shell.workbook(WORKBOOKS["ev"]), shell.workbook(WORKBOOKS["lmt"])
    assert len(shell.json("validate", one, two)["packs"]) == 2
    document = shell.json("validate", one, one, code=1)
    assert "duplicate-pack" in {fault["code"] for fault in document["faults"]}
