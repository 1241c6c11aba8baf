"""The public compatibility kits of the Dataspace Protocol and of DCP against our connector.

    make tck                    both
    make tck ARGS=dsp           one of them
    TCK_JARS=/tmp/jars make tck keeps the kits in that folder, for the next run
    TCK_DCP_SOURCE=/tmp/dcp-tck make tck ARGS=dcp takes DCP's kit from a checkout of its repository

Maven Central has DCP's kit up to 1.0.0-RC6. Its releases, 1.0.0 to 1.0.2, are tags of
https://github.com/eclipse-dataspacetck/dcp-tck: they are compiled here, with the libraries of RC6.

Needs Java 17, Maven, and Maven Central. Without TCK_JARS, nothing of the kits is left on the machine. The kits' own
disabled scenarios are run too (a switch of JUnit). Every message that our connector sent or took in the Dataspace
Protocol's scenarios is validated against the JSON schemas in the kit.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
#: The newest version that Maven Central gave when this was written; the release of the schemas is 2025-1.
VERSION = "1.0.0-RC6"
_DSP, _DCP, _OKHTTP = "org.eclipse.dataspacetck.dsp", "org.eclipse.dataspacetck.dcp", "com.squareup.okhttp3"
_COMMON = [(_DSP, "tck-runtime", VERSION), (_DSP, "core", VERSION), (_OKHTTP, "okhttp-jvm", "5.3.0")]
KITS = {
    "dsp": [
        *((_DSP, name, VERSION) for name in (
            "dsp-system", "dsp-metadata", "dsp-catalog", "dsp-contract-negotiation", "dsp-transfer-process",
        )),
        *_COMMON,
    ],
    "dcp": [(_DCP, "dcp-system", VERSION), (_DCP, "dcp-testcases", VERSION), *_COMMON],
}  # fmt: skip
KNOWN: dict[str, str] = json.loads((HERE / "known_differences.json").read_text(encoding="utf-8"))
_SUM = re.compile(r"(\d+) found, (\d+) passed, (\d+) failed, (\d+) skipped")
_FAILED = re.compile(r"^FAILED (.+?): ", re.MULTILINE)


def jars_of(kit: str, folder: Path) -> Path:
    """The kit's jars, fetched by Maven where they are not there yet."""
    jars = folder / kit
    if not jars.exists():
        entries = "".join(
            f"<dependency><groupId>{group}</groupId><artifactId>{name}</artifactId><version>{version}</version></dependency>"
            for group, name, version in KITS[kit]
        )
        project = folder / f"{kit}-pom"
        project.mkdir(parents=True, exist_ok=True)
        (project / "pom.xml").write_text(
            '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
            f"<groupId>kit</groupId><artifactId>{kit}</artifactId><version>1</version><packaging>pom</packaging>"
            f"<dependencies>{entries}</dependencies></project>",
            encoding="utf-8",
        )
        command = [
            "mvn", "-q", "-B", f"-Dmaven.repo.local={folder / 'repository'}", "dependency:copy-dependencies",
            f"-DoutputDirectory={jars}",
        ]  # fmt: skip
        subprocess.run(command, cwd=project, check=True)
    return jars


def built(source: Path, libraries: Path, folder: Path) -> Path:
    """DCP's kit compiled from a checkout, beside the libraries of the kit that Maven gave."""
    jars, classes = folder / "dcp-built", folder / "dcp-classes"
    for each in (jars, classes):
        shutil.rmtree(each, ignore_errors=True)
        each.mkdir(parents=True)
    for library in libraries.glob("*.jar"):
        if not library.name.startswith("dcp-"):
            shutil.copy(library, jars)
    modules = [source / name / "src" / "main" for name in ("dcp-api", "dcp-system", "dcp-testcases")]
    sources = [str(path) for module in modules for path in (module / "java").rglob("*.java")]
    subprocess.run(["javac", "-nowarn", "-cp", f"{jars}/*", "-d", str(classes), *sources], check=True)
    for module in modules:
        if (module / "resources").is_dir():
            shutil.copytree(module / "resources", classes, dirs_exist_ok=True)
    subprocess.run(["jar", "cf", str(jars / "dcp-kit.jar"), "-C", str(classes), "."], check=True)
    return jars


def schemas_in(jars: Path) -> dict[str, dict]:
    """The JSON schemas in the kit's jars, by their ``$id``."""
    found = {}
    for jar in jars.glob("dsp-*.jar"):
        with zipfile.ZipFile(jar) as archive:
            for name in archive.namelist():
                if name.endswith("-schema.json"):
                    schema = json.loads(archive.read(name))
                    found[schema["$id"]] = schema
    return found


def run(kit: str, jars: Path) -> tuple[int, int]:
    """How many scenarios passed and failed, of one kit."""
    command = [sys.executable, "-m", f"tests.tck.{kit}_system", str(jars)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    sums = [tuple(map(int, found)) for found in _SUM.findall(done.stdout)]
    failed = _FAILED.findall(done.stdout)
    known = [name for name in failed if name in KNOWN]
    if not sums or done.returncode not in (0, 1):
        print(done.stdout[-4000:])
        return 0, 1
    print(f"{kit}: {sum(each[0] for each in sums)} found, {sum(each[1] for each in sums)} passed, "
          f"{len(failed)} failed, {sum(each[3] for each in sums)} skipped by the kit")  # fmt: skip
    for line in done.stdout.splitlines():
        if line.startswith("schemas:"):
            print(f"{kit}: {line}")
    for name in failed:
        print(f"  {'known' if name in KNOWN else 'FAILED'}: {name}" + (f"\n    {KNOWN[name]}" if name in KNOWN else ""))
    wrong = len(failed) - len(known) + ("schemas: wrong" in done.stdout)
    return sum(each[1] for each in sums), wrong


def main() -> int:
    kits = [each for each in sys.argv[1:] if each in KITS] or list(KITS)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(os.environ.get("TCK_JARS") or temporary)
        jars = {kit: jars_of(kit, folder) for kit in kits}
        if "dcp" in jars and (source := os.environ.get("TCK_DCP_SOURCE")):
            jars["dcp"] = built(Path(source), jars["dcp"], folder)
        sums = [run(kit, jars[kit]) for kit in kits]
    passed, failed = (sum(each) for each in zip(*sums, strict=True))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
