"""Public passports as files: the resolver's own answers, changed only where something changed, and served by nginx."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import urllib.error
import urllib.request
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from passport.commands.keeping.init import make_project
from passport.credentials.trust import TrustList
from passport.credentials.verifier import Verifier
from passport.errors import UsageError
from passport.project import Project
from passport.publishing.publisher import Publisher
from passport.vocabulary import vocabulary
from resolver.app import create_app
from resolver.config import ResolverConfig
from resolver.static_site import site_publisher
from resolver.static_site.site_makers import ProcessMakers, SitePlan
from resolver.static_site.site_manifest import CHANGES, MANIFEST, PUBLIC, read_manifest
from resolver.static_site.site_publisher import publish
from resolver.static_site.site_resources import SiteResources, file_of
from tests.conftest import CHECKOUT, free_port, skip_unless
from tests.each import each
from tests.packs import example_records

AT = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)
BASE = "https://passport.example.com"


class Factory:
    """A project with two packs, and its published tree."""

    def __init__(self, folder: Path, project: Project) -> None:
        self.project, self.store = project, project.open_store()
        self.publisher = Publisher(self.store, project.issuer_with_key(None), BASE, vocabulary.load(), ())
        self.folder, self.now = folder / "site", AT
        self.config = replace(ResolverConfig.from_project(project), state_path=folder / "state.db")

    def issue(self, *serials: str) -> None:
        record = example_records("lmt-ebike.xlsx")[0]
        packs = [
            {**record.pack, "serialNumber": serial, "batteryPassportIdentifier": f"urn:uuid:{serial}"}
            for serial in serials
        ]
        self.publisher.issue([replace(record, pack=pack) for pack in packs], at=AT)

    def resources(self) -> SiteResources:
        return SiteResources(self.config, self.store, self.project.trust_list_path, self.now)

    def publish(self, **options) -> site_publisher.Publication:
        return publish(self.resources(), self.folder, at=self.now, **options)

    def files(self) -> dict[str, bytes]:
        public = self.folder / PUBLIC
        return {str(path.relative_to(public)): path.read_bytes() for path in public.rglob("*") if path.is_file()}

    def path(self, serial: str) -> str:
        (pack,) = self.store.packs_named(serial)
        return "passports" + pack.subject.removeprefix(BASE)


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Factory:
    """Two packs that were issued and published once."""
    folder = tmp_path_factory.mktemp("factory")
    factory = Factory(folder, make_project(folder / "shop", BASE, names={"en": "Operator", "zh": None}))
    factory.issue("EB0001", "EB0002")
    factory.steps = []
    factory.first = factory.publish(progress=lambda rows, total: factory.steps.append(rows))
    factory.store.close()
    return factory


@pytest.fixture
def factory(tmp_path, made):
    """A copy of it."""
    shutil.copytree(made.project.folder, tmp_path / "shop")
    shutil.copytree(made.folder, tmp_path / "site")
    copy = Factory(tmp_path, Project.open(tmp_path / "shop"))
    yield copy
    copy.store.close()


def test_the_tree_has_the_resolvers_answers_and_a_second_publication_changes_nothing(factory, made):
    done, files, passports = made.first, factory.files(), made.first.passports
    assert passports == done.made == sum(made.steps) == 4, "two packs, a batch, a model"
    # Three files of the site would be four for an issuer with a did:web.
    assert done.count("added") == len(done.changes) == len(files) == 4 * 4 + done.lists + 2
    client = create_app(factory.config, store=factory.store, now=lambda: factory.now).test_client()
    path = factory.path("EB0001")
    for name, url, accept in (
        ("index.en.html", f"/{path}?lang=en", "text/html"), ("index.zh.html", f"/{path}?lang=zh", "text/html"),
        ("index.linkset", f"/{path.removeprefix('passports/')}", "application/linkset+json"),
    ):  # fmt: skip
        assert files[f"{path}/{name}"] == client.get(url, headers={"Accept": accept}).data
    for number in factory.store.list_numbers():
        assert files[f"status/{number}"] == client.get(f"/status/{number}").data
    assert {"static/passport.css", "contexts/linkset"} <= set(files)
    presented = json.loads(files[f"{path}/index.vp"])["verifiableCredential"]
    types = [document["type"][-1] for document in presented]
    assert types == ["BatteryModelCredential", "BatteryBatchCredential", "BatteryPassportCredential"]
    for document in presented:
        stored = factory.store.credential(document["id"])
        assert stored.body in files[f"{path}/index.vp"], "the bytes that were signed"
    mode = (factory.folder / PUBLIC / path / "index.vp").stat().st_mode & 0o777
    assert mode == 0o644
    factory.now += timedelta(days=1)
    again = factory.publish()
    assert (again.passports, again.made, again.changes) == (passports, 0, [])
    assert factory.files() == files
    assert factory.publish(everything=True).made == passports


@pytest.mark.torture
def test_several_processes_make_the_same_files(factory):
    files = factory.files()
    shutil.rmtree(factory.folder)
    makers = ProcessMakers(SitePlan(factory.project.folder, factory.project.store_url, factory.now), 2)
    try:
        factory.publish(makers=makers)
    finally:
        makers.close()
    assert factory.files() == files


def test_nothing_restricted_is_in_any_file(factory):
    restricted = [stored for _, stored in factory.store.numbered(0, 100) if b"ecdsa-sd-2023" in stored.body]
    assert restricted
    for data in factory.files().values():
        assert b"ecdsa-sd-2023" not in data
        assert not [stored.id for stored in restricted if stored.id.encode() in data]


def test_a_passport_that_is_withdrawn_changes_with_its_list_and_no_other_does(factory):
    before = factory.files()
    (pack,) = factory.store.packs_named("EB0002")
    factory.publisher.revoke(pack.subject, reason="wrong", at=AT, public_reason="wrong date of manufacture")
    done = factory.publish()
    path = factory.path("EB0002")
    changed = {name for name, data in factory.files().items() if before.get(name) != data}
    lists = {name for name in changed if name.startswith("status/")}
    assert done.made == 1 and len(lists) == 1
    assert changed - lists == {f"{path}/index.en.html", f"{path}/index.zh.html"}, "its presentation is what it was"
    assert b"wrong date of manufacture" in factory.files()[f"{path}/index.en.html"]
    lines = (factory.folder / CHANGES).read_text(encoding="utf-8").splitlines()
    listed = [json.loads(line) for line in lines]
    assert {entry["path"] for entry in listed} == changed and {entry["change"] for entry in listed} == {"changed"}
    assert listed[0]["path"] in lists, "lists come first"


def test_a_new_pack_is_added_and_what_is_gone_is_removed_with_its_folders(factory, monkeypatch):
    before = set(factory.files())
    factory.issue("EB0003")
    done = factory.publish()
    assert (done.made, done.count("added")) == (1, 4)
    path = factory.path("EB0003")
    gone = factory.store.packs_named("EB0003")[0].subject
    whole = SiteResources.subjects
    monkeypatch.setattr(SiteResources, "subjects", lambda self: (each for each in whole(self) if each != gone))
    done = factory.publish()
    assert done.count("removed") == 4 and set(factory.files()) == before
    assert not (factory.folder / PUBLIC / path).exists()


def test_a_recycled_pack_has_only_what_is_answered_with_410(factory, monkeypatch):
    (pack,) = factory.store.packs_named("EB0002")
    monkeypatch.setattr("resolver.tombstone.ended", lambda store, subject: subject == pack.subject or None)
    path = factory.path("EB0002")
    (factory.folder / PUBLIC / path / "index.vp").unlink()
    assert factory.publish().made == 1
    files = {name for name in factory.files() if name.startswith(f"{path}/")}
    assert files == {f"{path}/gone.en.html", f"{path}/gone.zh.html"}


def test_a_publication_that_was_cut_off_is_made_up_for(factory, monkeypatch):
    """What was written before the disk was full is not in the manifest, and is made again."""
    usual, whole, manifest = site_publisher._write, factory.files(), (factory.folder / MANIFEST).read_bytes()
    lost = sorted(name for name in whole if name.startswith(factory.path("EB0001")))[:2]
    for name in lost:
        (factory.folder / PUBLIC / name).unlink()

    def full(path: Path, data: bytes) -> None:
        if path == factory.folder / PUBLIC / lost[1]:
            raise OSError(28, "No space left on device")
        usual(path, data)

    with monkeypatch.context() as patch:
        patch.setattr(site_publisher, "_write", full)
        with pytest.raises(UsageError, match="No space left"):
            factory.publish()
    assert (factory.folder / MANIFEST).read_bytes() == manifest and factory.files() != whole
    assert factory.publish().made == 1
    assert factory.files() == whole


def test_a_folder_of_somebody_else_is_refused(factory, tmp_path):
    factory.folder = tmp_path / "other"
    (factory.folder / PUBLIC).mkdir(parents=True)
    with pytest.raises(UsageError, match="was not published by this command"):
        factory.publish()
    assert not (factory.folder / MANIFEST).exists()
    (factory.folder / MANIFEST).write_text("not ours")
    with pytest.raises(UsageError, match="not the manifest"):
        factory.publish()
    assert list((factory.folder / PUBLIC).iterdir()) == []


def test_a_second_publication_at_the_same_time_is_refused(factory):
    with site_publisher.publication_turn(factory.folder), pytest.raises(UsageError, match="another publication"):
        factory.publish()


def test_a_manifest_says_what_is_published(factory):
    resources = read_manifest(factory.folder)
    assert {name for each in resources.values() for name in each.files} == set(factory.files())


@each(
    ("path", "name"),
    [("/passports/01/0/21/A%20B", "passports/01/0/21/A B"), ("/a/%E7%94%B5", "a/电"), ("/a/b%2Fc", None),
     ("/a/%2E%2E/b", None), ("/a/.", None), ("/a//b", None), ("/a/%00", None), ("/a/" + "x" * 201, None),
     ("/a/b%5Cc", None)],
)  # fmt: skip
def test_an_address_that_is_no_name_of_a_file_is_left_to_the_resolver(path, name):
    assert file_of(path) == name


def test_a_passport_whose_address_is_no_name_of_a_file_is_named(factory, monkeypatch):
    monkeypatch.setattr("resolver.static_site.site_resources.file_of", lambda path: None)
    done = factory.publish(everything=True)
    assert done.passports == 0 and len(done.left_out) == 4
    assert not [name for name in factory.files() if name.startswith("passports/")]


# --- behind nginx ---------------------------------------------------------------------------------------------------


class Nginx:
    """A web server with the settings of docs/static.md, over plain http."""

    def __init__(self, program: str, folder: Path, public: Path) -> None:
        blocks = re.findall(r"```nginx\n(.*?)```", (CHECKOUT / "docs" / "static.md").read_text("utf-8"), re.DOTALL)
        maps, server = blocks
        server = server.replace("/srv/passports/public", str(public))
        temporary = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        self.port = free_port()
        (folder / "nginx.conf").write_text(
            f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;\n"
            f"{'user root;' if os.geteuid() == 0 else ''}\nevents {{}}\nhttp {{\naccess_log off;\n"
            + "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in temporary)
            + f"{maps}\nserver {{\nlisten 127.0.0.1:{self.port};\n{server}\n}}}}\n",
            encoding="utf-8",
        )  # fmt: skip
        command = [program, "-e", str(folder / "error.log"), "-p", str(folder), "-c", str(folder / "nginx.conf")]
        self._process = subprocess.Popen(command, stderr=subprocess.PIPE)
        while self._process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=5).close()
                return
            except ConnectionRefusedError:
                continue
        raise AssertionError((self._process.stderr.read(), (folder / "error.log").read_text()))

    def get(self, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body; redirects are not followed."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=sent)
        try:
            with _OPENER.open(request, timeout=30) as answer:
                return answer.status, dict(answer.headers), answer.read()
        except urllib.error.HTTPError as error:
            return error.code, dict(error.headers), error.read()

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(30)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))


def test_nginx_serves_the_tree_with_the_documented_settings(factory, tmp_path, monkeypatch):
    program = shutil.which("nginx") or ("/usr/sbin/nginx" if Path("/usr/sbin/nginx").exists() else None)
    skip_unless(program is not None, "nginx", "nginx is not installed")
    (pack,) = factory.store.packs_named("EB0002")
    with monkeypatch.context() as patch:
        patch.setattr("resolver.tombstone.ended", lambda store, subject: subject == pack.subject or None)
        (factory.folder / PUBLIC / factory.path("EB0002") / "index.vp").unlink()
        factory.publish()
    (tmp_path / "nginx").mkdir()
    server = Nginx(program, tmp_path / "nginx", factory.folder / PUBLIC)
    files, path = factory.files(), "/" + factory.path("EB0001")
    address, gone = path.removeprefix("/passports"), "/" + factory.path("EB0002")
    try:
        html, vp, linkset = "text/html; charset=utf-8", "application/vp", "application/linkset+json"
        browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
        for url, headers, name, media_type, language in (
            (path, {}, "index.en.html", html, "en"),
            (path, {"Accept": "*/*"}, "index.en.html", html, "en"),
            (path, {"Accept": browser, "Accept_Language": "zh-CN,zh;q=0.9,en;q=0.8"}, "index.zh.html", html, "zh"),
            (path, {"Accept": browser, "Accept_Language": "en-GB,zh;q=0.5"}, "index.en.html", html, "en"),
            (path, {"Accept": browser, "Accept_Language": "de,zh;q=0.5"}, "index.zh.html", html, "zh"),
            (path, {"Accept": browser, "Accept_Language": "de"}, "index.en.html", html, "en"),
            (f"{path}?lang=zh", {"Accept_Language": "en"}, "index.zh.html", html, "zh"),
            (path, {"Accept": "application/vp"}, "index.vp", vp, None),
            (path, {"Accept": "application/ld+json"}, "index.vp", vp, None),
            (f"{path}?format=vp", {"Accept": browser}, "index.vp", vp, None),
            (path, {"Accept": linkset}, "index.linkset", linkset, None),
            (address, {"Accept": linkset}, "index.linkset", linkset, None),
        ):
            status, got, body = server.get(url, **headers)
            assert (status, body) == (200, files[f"{path[1:]}/{name}"]), (url, headers, status)
            assert (got["Content-Type"], got.get("Content-Language")) == (media_type, language), (url, headers)
            assert got["Vary"] == "Accept, Accept-Language" and "default-src 'none'" in got["Content-Security-Policy"]
        status, got, _ = server.get(f"{address}?lang=zh", Accept=browser)
        assert status == 307 and got["Location"].endswith(f"{path}?lang=zh")
        status, got, body = server.get(gone, Accept=browser, Accept_Language="zh")
        assert status == 410 and body == files[f"{gone[1:]}/gone.zh.html"]
        assert server.get(path, Accept="text/turtle")[0] == 406
        for missing in (f"{path}x", f"{address}x", "/manifest.jsonl", "/", "/status/99", "/../manifest.jsonl"):
            assert server.get(missing, Accept=browser)[0] in (400, 404), missing
        number = factory.store.list_numbers()[0]
        status, got, body = server.get(f"/status/{number}")
        assert (status, got["Content-Type"], body) == (200, "application/vc", files[f"status/{number}"])
        assert server.get("/static/passport.css?v=1")[1]["Content-Type"].startswith("text/css")
        saved = json.loads(server.get(path, Accept="application/vp")[2])
        lists = [json.loads(server.get(f"/status/{each}")[2]) for each in factory.store.list_numbers()]
        saved["verifiableCredential"] += lists
        trust = TrustList.load(factory.project.trust_list_path)
        assert Verifier(trust).verify(saved, at=AT).verified, "what a verifier puts together from the files"
    finally:
        server.close()
