"""AASX packages: an AAS environment in a zip archive that follows the Open Packaging Conventions.

* Written is the environment as JSON, the part that the package's relationships name. The same document gives the same
  bytes.
* Read is the environment part as JSON or XML, found by the relationships. Supplementary files stay where they are: a
  document of a passport is a link, and a link into the package is named as not taken.
* Nothing is unpacked beyond the limits, and XML with a document type is refused: entities can grow without bound.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from passport.errors import UnreadableInput
from passport.exchange.aas import aas_xml
from passport.exchange.records.json_file import MAX_JSON, read_bytes
from passport.linked_data import strict_json
from passport.texts import Message

ENVIRONMENT = "aasx/environment.json"
_ORIGIN, _ORIGIN_RELATIONS = "aasx/aasx-origin", "aasx/_rels/aasx-origin.rels"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_AASX = "http://admin-shell.io/aasx/relationships/"
#: The archive's clock begins here; a package says nothing of when it was made.
_EPOCH = (1980, 1, 1, 0, 0, 0)
_MAX_PARTS = 2000


def pack(environment: bytes) -> bytes:
    """A package around an environment in JSON."""
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_TYPES}">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="json" ContentType="application/json"/>'
        f'<Override PartName="/{_ORIGIN}" ContentType="text/plain"/></Types>',
        "_rels/.rels": _relation("aasx-origin", _ORIGIN),
        _ORIGIN: "Intentionally empty.",
        _ORIGIN_RELATIONS: _relation("aas-spec", ENVIRONMENT),
    }
    contents = {name: text.encode("utf-8") for name, text in parts.items()} | {ENVIRONMENT: environment}
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in contents.items():
            part = zipfile.ZipInfo(name, _EPOCH)
            part.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(part, data)
    return stream.getvalue()


def _relation(kind: str, target: str) -> str:
    return (
        f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="R1" Type={quoteattr(_AASX + kind)} '
        f"Target={quoteattr('/' + target)}/></Relationships>"
    )


def load(path: Path) -> Any:
    """The environment of a file: a package, or JSON alone.

    :raises UnreadableInput: it cannot be read, is too large, or is no package of an environment.
    :raises MalformedDocument: the environment is neither JSON nor XML.
    """
    data = read_bytes(path)
    return unpack(data, path.name) if data.startswith(b"PK") else strict_json.loads(data, max_bytes=MAX_JSON)


def unpack(data: bytes, name: str) -> Any:
    """The environment in a package.

    :raises UnreadableInput: no package, too large, encrypted, or without an environment.
    :raises MalformedDocument: the environment is neither JSON nor XML.
    """
    if len(data) > MAX_JSON:
        raise _too_large(name)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if len(parts) > _MAX_PARTS or len({part.filename for part in parts}) != len(parts):
                raise UnreadableInput(Message("{name} has too many parts, or two of one name", name=name))
            if any(part.flag_bits & 1 for part in parts):
                raise UnreadableInput(Message("{name} is encrypted", name=name))
            origin = _target(archive, "_rels/.rels", "aasx-origin", name)
            folder, _, last = origin.rpartition("/")
            target = _target(archive, f"{folder}/_rels/{last}.rels".lstrip("/"), "aas-spec", name)
            content = _part(archive, target, name)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise UnreadableInput(Message("{name} is no AASX package", name=name), found=type(error).__name__) from None
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return aas_xml.environment(content, name)
    return strict_json.loads(content, max_bytes=MAX_JSON)


def _too_large(name: str) -> UnreadableInput:
    return UnreadableInput(
        Message("{name} is too large", name=name),
        expected=Message("at most {count} MB in all files", count=MAX_JSON // 1024 // 1024),
        found=Message("more"),
    )


def _part(archive: zipfile.ZipFile, target: str, name: str) -> bytes:
    try:
        part = archive.getinfo(target)
    except KeyError:
        raise UnreadableInput(
            Message("{name} is no AASX package", name=name),
            expected=Message("the part {part}", part=target),
            found=Message("none"),
        ) from None
    # zipfile never unpacks more of a part than its header declares.
    if part.file_size > MAX_JSON:
        raise _too_large(name)
    return archive.read(part)


def _target(archive: zipfile.ZipFile, relations: str, kind: str, name: str) -> str:
    """The part that a relationship of this kind leads to."""
    targets: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        # Older packages name the relationship below www.admin-shell.io.
        type_ = attributes.get("Type", "").replace("http://www.", "http://")
        if tag.rpartition(":")[2] == "Relationship" and type_ == _AASX + kind:
            targets.append(attributes.get("Target", ""))

    aas_xml.parse(_part(archive, relations, name), name, start)
    if len(targets) != 1:
        raise UnreadableInput(
            Message("{name} is no AASX package", name=name),
            expected=Message("one relationship {kind}", kind=kind),
            found=str(len(targets)),
        )
    base = "/" + posixpath.dirname(posixpath.dirname(relations))
    return posixpath.normpath(posixpath.join(base, targets[0])).lstrip("/")
