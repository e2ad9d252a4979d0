"""The official DUIS schema, from a folder the operator names; it is never part of this package (`domain.md` 14.3).

libxml2 cannot follow a schema location with spaces, and the signature schema has a DOCTYPE with an outside DTD. Both
are mended in memory while loading: locations are renamed, and documents are handed on without their DOCTYPE. Nothing
is fetched from a network, and nothing outside the folder is read.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

from lxml import etree  # type: ignore[import-untyped]  # lxml carries no types

from safelaunch.domain.refusals import NotFound, Unreadable
from safelaunch.wire.duis.xml import GATEWAY, Element

MAIN_FILES = "DUIS Schema V*.xsd"
"""The file that begins the schema; the highest version in the folder is taken."""

_REFERENCES = tuple(
    f"{{http://www.w3.org/2001/XMLSchema}}{name}" for name in ("import", "include", "redefine")
)
_LONGEST_REASON = 240


class SchemaViolation(Unreadable):
    """The message is well-formed, and not what the schema allows."""


@dataclass(frozen=True, slots=True)
class Schema:
    """The schema, loaded once; safe to share between threads."""

    name: str
    _schema: Any = field(repr=False, compare=False)
    _lock: Lock = field(default_factory=Lock, repr=False, compare=False)

    def check(self, root: Element) -> None:
        """This function will check a document against the schema.

        Raises:
            SchemaViolation: the sentence holds the first error, its line, and how many there are.
        """
        # The errors of a check are kept on the schema itself, so checks take turns.
        with self._lock:
            if self._schema.validate(root):
                return
            errors = [(error.line, error.message) for error in self._schema.error_log]
        line, reason = errors[0]
        more = f" There are {len(errors) - 1} more errors." if len(errors) > 1 else ""
        raise SchemaViolation(f"The message breaks {self.name} in line {line}: {_readable(reason)}{more}")


def load(folder: Path | None) -> Schema | None:
    """This function will load the schema from a folder, or give nothing when none is configured.

    Raises:
        NotFound: the folder holds no DUIS schema, or lacks a file that it names.
        SchemaViolation: a file is not a schema that libxml2 can use.
    """
    if folder is None:
        return None
    mains = sorted(folder.glob(MAIN_FILES), key=_version)
    if not mains:
        raise NotFound(
            f"There is no file {MAIN_FILES!r} in {folder}; the official DUIS schema belongs there."
        )
    resolver = _Folder(folder)
    parser = _parser()
    parser.resolvers.add(resolver)
    try:
        schema = etree.XMLSchema(etree.fromstring(resolver.text_of(mains[-1].name), parser))
    except etree.LxmlError as error:
        resolver.require_all()
        raise SchemaViolation(f"{mains[-1].name} cannot be used: {_readable(str(error))}") from error
    # libxml2 only remarks on a document it could not get, and then judges without it.
    resolver.require_all()
    return Schema(mains[-1].stem, schema)


def compiled(octets: bytes, *, name: str) -> Schema:
    """This function will make a schema of one document that refers to no other, such as the package's own.

    Raises:
        SchemaViolation: it is not a schema that libxml2 can use.
    """
    try:
        return Schema(name, etree.XMLSchema(etree.fromstring(octets, _parser())))
    except etree.LxmlError as error:
        raise SchemaViolation(f"{name} cannot be used: {_readable(str(error))}") from error


class _Folder(etree.Resolver):  # type: ignore[misc]  # lxml carries no types, so its class is Any
    """The files of one folder, mended on their way to libxml2."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names = {_plain(path.name): path for path in folder.iterdir() if path.suffix == ".xsd"}
        self.missing: list[str] = []

    def resolve(self, system_url: str | None, public_id: str | None, context: Any) -> Any:
        """This function will hand libxml2 a file of the folder by the last part of its address."""
        del public_id
        name = _plain(str(system_url).rpartition("/")[2])
        if name not in self.names:
            self.missing.append(name)
            return self.resolve_empty(context)
        return self.resolve_string(self.text_of(name), context)

    def require_all(self) -> None:
        """This function will refuse a schema that names a file which the folder lacks."""
        if self.missing:
            raise NotFound(f"The schema needs {self.missing[0]!r}, which is not in {self.folder}.")

    def text_of(self, name: str) -> bytes:
        """This function will give a file without its DOCTYPE and with locations that libxml2 can follow."""
        root = etree.parse(self.names[_plain(name)], _parser()).getroot()
        for element in root.iter(*_REFERENCES):
            location = element.get("schemaLocation")
            if location is not None:
                element.set("schemaLocation", _plain(location))
        octets: bytes = etree.tostring(root)
        return octets


def _version(path: Path) -> list[int]:
    return [int(number) for number in re.findall(r"[0-9]+", path.stem)]


def _parser() -> Any:
    return etree.XMLParser(no_network=True, load_dtd=False, resolve_entities="internal")


def _plain(name: str) -> str:
    return name.replace(" ", "_").replace("%20", "_")


def _readable(reason: str) -> str:
    words = " ".join(reason.replace(f"{{{GATEWAY}}}", "").split())
    return words if len(words) <= _LONGEST_REASON else f"{words[:_LONGEST_REASON]}..."
