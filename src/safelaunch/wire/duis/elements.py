"""Elements as frozen dataclasses: each field names its element and its form, and one reader and one writer serve all.

    @dataclass(frozen=True, slots=True, kw_only=True)
    class CommsHubFirmwareActivation:
        device_id: Annotated[Eui64, part("DeviceID", EUI)]
        firmware_version: Annotated[str, part("FirmwareVersion", FIRMWARE_VERSION)]

The fields stand in the order of the schema. Reading is strict: order, number, no attributes, no text between. Rules
that no field can tell alone (one of several has to be there) are the dataclass's own, in `__post_init__`.
A choice between elements is a field whose forms are dataclasses by the names of their elements.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeAlias, TypeVar, get_type_hints
from xml.sax.saxutils import escape

from safelaunch.domain.refusals import Invalid, Unreadable
from safelaunch.wire.duis.leaves import Leaf
from safelaunch.wire.duis.xml import (
    GATEWAY,
    Element,
    children_of,
    exclusive,
    local_name,
    only_child,
    parse,
    place_of,
    seen,
    text_of,
)

T = TypeVar("T")

ANY = "*"
"""In a choice, every element that it does not name; its form is `Opaque`."""

_PARTS: dict[type[Any], Mapping[str, "Part"]] = {}
"""The parts of each dataclass, worked out once."""


class MalformedBody(Unreadable):
    """A body is XML, and not what its element has to be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Empty:
    """An element that says all it has to say by being there."""


@dataclass(frozen=True, slots=True)
class Opaque:
    """An element that is carried on as it came: its name, and its octets in exclusive canonical form."""

    name: str
    xml: bytes


@dataclass(frozen=True, slots=True)
class Wrapped:
    """An element that holds nothing but one of several elements; its value is that of the one inside."""

    forms: Mapping[str, "Form"]


Form: TypeAlias = Leaf[Any] | type[Any] | Wrapped
"""A leaf, a dataclass of parts, or an element around one of several."""


@dataclass(frozen=True, slots=True)
class Part:
    """What a field is on the wire: the elements it may be, how often, and whether it is a tuple, a flag or a value."""

    forms: Mapping[str, Form]
    least: int = 1
    most: int = 1
    is_many: bool = False
    is_flag: bool = False


def part(name: str, form: Form) -> Part:
    """This function will declare a field that is one element."""
    return Part({name: form})


def optional(name: str, form: Form) -> Part:
    """This function will declare a field that is one element or None."""
    return Part({name: form}, least=0)


def many(name: str, form: Form, *, least: int = 1, most: int) -> Part:
    """This function will declare a field that is a tuple of so many elements."""
    return Part({name: form}, least=least, most=most, is_many=True)


def flag(name: str) -> Part:
    """This function will declare a field that is true when its empty element is there."""
    return Part({name: Empty}, least=0, is_flag=True)


def one_of(forms: Mapping[str, Form]) -> Part:
    """This function will declare a field that is one of several elements; the value's class tells which."""
    return Part(forms)


def at_most_one_of(forms: Mapping[str, Form]) -> Part:
    """This function will declare a field that is one of several elements, or None."""
    return Part(forms, least=0)


def require_one(value: object, *names: str) -> None:
    """This function will insist that exactly one of a body's fields is given: a choice of the schema.

    Raises:
        Invalid: none is, or more than one.
    """
    given = [name for name in names if getattr(value, name) is not None and getattr(value, name) is not False]
    if len(given) != 1:
        raise Invalid(
            f"{type(value).__name__} needs exactly one of {', '.join(names)}; {len(given)} were given."
        )


def read(kind: type[T], element: Element, *, namespace: str = GATEWAY) -> T:
    """This function will read an element into a dataclass of parts.

    Raises:
        MalformedBody: the element has another form; the sentence names the place.
    """
    waiting = deque(children_of(element, refusal=MalformedBody))
    values = {
        name: _take(each, waiting, inside=element, namespace=namespace) for name, each in _parts(kind).items()
    }
    if waiting:
        raise MalformedBody(
            f"{place_of(element)} holds {seen(waiting[0])}, which is unknown, repeated or out of order there."
        )
    try:
        return kind(**values)
    except Invalid as error:
        raise MalformedBody(f"{place_of(element)} cannot be read: {error}") from error


def write(value: Any, *, name: str, namespace: str = GATEWAY, prefix: str = "sr") -> bytes:
    """This function will write a dataclass of parts as an element, complete with its namespace.

    Raises:
        Invalid: the value would not read back as it is.
    """
    pieces: list[str] = []
    _write(value, form=type(value), tag=f"{prefix}:{name}", pieces=pieces)
    pieces[0] = f'<{prefix}:{name} xmlns:{prefix}="{namespace}">'
    octets = "".join(pieces).encode()
    try:
        found = read(type(value), parse(octets), namespace=namespace)
    except Unreadable as error:
        raise Invalid(f"{name} cannot be written: {error}") from error
    if found != value:
        raise Invalid(f"{name} cannot be written: a field of it would read back as something else.")
    return octets


def opaque(element: Element) -> Opaque:
    """This function will keep an element as it came."""
    return Opaque(local_name(element), exclusive(element))


def _parts(kind: type[Any]) -> Mapping[str, Part]:
    if kind not in _PARTS:
        hints = get_type_hints(kind, include_extras=True)
        _PARTS[kind] = {each.name: hints[each.name].__metadata__[0] for each in fields(kind)}
    return _PARTS[kind]


def _take(each: Part, waiting: deque[Element], *, inside: Element, namespace: str) -> Any:
    found: list[Any] = []
    while waiting and len(found) < each.most:
        form = _form_of(waiting[0], each.forms, namespace=namespace)
        if form is None:
            break
        found.append(_value(waiting.popleft(), form=form, namespace=namespace))
    if len(found) < each.least:
        names = " or ".join(each.forms)
        if waiting:
            raise MalformedBody(f"{place_of(inside)} holds {seen(waiting[0])} where {names} is expected.")
        raise MalformedBody(f"{place_of(inside)} ends where {names} is expected.")
    if each.is_many:
        return tuple(found)
    if each.is_flag:
        return bool(found)
    return found[0] if found else None


def _form_of(element: Element, forms: Mapping[str, Form], *, namespace: str) -> Form | None:
    space, _, name = str(element.tag)[1:].rpartition("}")
    return forms.get(name, forms.get(ANY)) if space == namespace else None


def _value(element: Element, *, form: Form, namespace: str) -> Any:
    if form is Opaque:
        return opaque(element)
    if isinstance(form, Wrapped):
        child = only_child(element, refusal=MalformedBody)
        inner = _form_of(child, form.forms, namespace=namespace)
        if inner is None:
            raise MalformedBody(f"{place_of(element)} holds {seen(child)}, which is unknown there.")
        return _value(child, form=inner, namespace=namespace)
    if not isinstance(form, Leaf):
        return read(form, element, namespace=namespace)
    try:
        return form.read(text_of(element, refusal=MalformedBody))
    except Invalid as error:
        raise MalformedBody(f"{place_of(element)} cannot be read: {error}") from error


def _write(value: Any, *, form: Form, tag: str, pieces: list[str]) -> None:
    if isinstance(value, Opaque):
        pieces.append(value.xml.decode())
        return
    if isinstance(form, Leaf):
        pieces.append(f"<{tag}>{_escaped(form.write(value))}</{tag}>")
        return
    pieces.append(f"<{tag}>")
    for name, inner, one in _inside(value, form):
        _write(one, form=inner, tag=f"{tag.partition(':')[0]}:{name}", pieces=pieces)
    pieces.append(f"</{tag}>")


def _inside(value: Any, form: type[Any] | Wrapped) -> Iterator[tuple[str, Form, Any]]:
    if isinstance(form, Wrapped):
        yield *_chosen(value, form.forms), value
        return
    for name, each in _parts(form).items():
        given = getattr(value, name)
        if each.is_flag:
            given = Empty() if given else None
        for one in given if each.is_many else (given,):
            if one is not None:
                yield *_chosen(one, each.forms), one


def _chosen(value: Any, forms: Mapping[str, Form]) -> tuple[str, Form]:
    if isinstance(value, Opaque) and (value.name in forms or ANY in forms):
        return value.name, Opaque
    if len(forms) == 1:
        return next(iter(forms.items()))
    for name, form in forms.items():
        if (form.kind if isinstance(form, Leaf) else form) is type(value):
            return name, form
    raise Invalid(f"{type(value).__name__} is none of {', '.join(forms)}.")


def _escaped(text: str) -> str:
    # A carriage return would come back as a line feed.
    return escape(text, {"\r": "&#13;"})
