"""The trust strip of a passport's page tells what could not be checked in the reader's language."""

from __future__ import annotations


def test_a_missing_status_list_is_told_in_chinese_on_a_chinese_page(site, monkeypatch):
    monkeypatch.setattr(site.operator.store, "status_list_body", lambda _: None)
    text = site.client.get(f"{site.path(site.ev)}?lang=zh", headers={"Accept": "text/html"}).text
    assert "文件中没有状态列表" in text
    assert "no status list in the file" not in text
