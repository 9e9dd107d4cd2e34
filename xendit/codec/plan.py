"""How one model class is read, constructed, changed and written: the slow walks, and when the fast paths take over.

No I/O, and no model by name: a plan is handed a class as data, and uses nothing of the class but its slots.

Every field of a model has a slot. The slot holds None both when the field is absent and when it was null. Two more slots
say the rest: `_untyped` names the fields that were read but hold no value of their type (a null, or a value that was kept
as it came), and `_unknown` is a dict of the fields that are not declared, or None.
"""

from __future__ import annotations

from _thread import allocate_lock

from xendit.codec.containers import Object
from xendit.codec.jsontext import check_free_form, json_text, quoted
from xendit.codec.kinds import LooseReading, Money, Reading, TolerantReading, kinds_within
from xendit.codec.scalars import absent, as_dict, money_parts
from xendit.exceptions import ApiAttributeError, ApiKeyError, ApiTypeError, OpenApiException
from xendit.words import misspelled, nearest, place, warn, wrong_key, wrong_type, wrong_value

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from typing import Any, Protocol

    from xendit.codec.annotations import Field
    from xendit.codec.compiler import Compiled
    from xendit.words import Path

    class Instance(Protocol):
        """What every model has beside its fields."""

        __plan__: Plan
        _untyped: tuple[str, ...]
        _unknown: dict[str, object] | None


COMPILE_AFTER = 8
"""How many objects of a class are handled slowly before its functions are compiled."""

_new = object.__new__
_set = object.__setattr__


class Plan:
    """How one model class is decoded, constructed and encoded.

    Args:
        cls: the class.
        fields: all that is declared, the deprecated spellings too.
        received: whether it comes from the wire: unknown fields and enum values are no surprise, wrong types are kept.
        refine: what is made of an instance before it is written, where its amounts need thought.
    """

    def __init__(
        self, cls: Any, fields: Sequence[Field], *, received: bool, refine: Callable[[Any], Any] | None = None
    ) -> None:
        self.cls = cls
        self.name: str = cls.__name__
        self.declared = tuple(fields)
        self.texts = {field.name: field.rules["text_of"] for field in fields if "text_of" in field.rules}
        """Fields that hold the text of a time as it came, each with the name of the field of the time."""
        self.fields = {
            field.name: field for field in fields if "spelling_of" not in field.rules and field.name not in self.texts
        }
        self.names = tuple(self.fields)
        self.wires = {field.wire: field for field in self.fields.values()}
        """The fields by their names in JSON."""
        self.received = received
        self.refine = refine
        self.spellings: dict[str, str] = {
            field.name: field.rules["spelling_of"] for field in fields if "spelling_of" in field.rules
        }
        self.aliases = {wire: field.name for wire, field in self.wires.items() if wire != field.name}
        """The names in Python by the names in JSON, where the two differ."""
        self.kind = Object(self)
        """The kind of a field that holds this model."""
        self.compiled: Compiled | None = None
        """The fast functions. They are set together, so no thread ever sees some of them without the others."""
        self.opened: type | None = None
        """A class of the same layout whose attributes are set without checks, once it is needed."""
        self._amounts: tuple[tuple[str, ...], tuple[str, ...]] | None = None
        self.usual_nulls: tuple[list[str], tuple[str, ...], Callable[[str], bool]] | None = None
        """The fields that were null in the last object that had any, set together: their names in JSON in the order of
        the object, their names in Python, and whether a name in JSON is one of them."""
        self._seen = 0
        self._turn = allocate_lock()

    @property
    def amounts(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The names of the fields that are amounts, and of those that hold models in which there are some."""
        if self._amounts is None:
            self._amounts = (), ()  # for a model that holds its own kind
            own, within = [], []
            for name, field in self.fields.items():
                kinds = tuple(kinds_within(field.kind))
                if isinstance(field.kind, Money):
                    own.append(name)
                elif any(isinstance(kind, Object) and (kind.plan is self or any(kind.plan.amounts)) for kind in kinds):
                    within.append(name)
            self._amounts = tuple(own), tuple(within)
        return self._amounts

    # ------------------------------------------------------------------------------------------ decoding

    def decode(self, value: object, path: Path = (), reading: Reading | None = None) -> Any:
        """A JSON object as an instance: fast, or slowly with the path of what is wrong."""
        compiled = self.compiled or self.warmed()
        if compiled is not None:
            try:
                return compiled.read(value)[0]
            except Exception:  # noqa: BLE001, S110 - the slow walk below says what it was
                pass
        return self.read(value, path) if reading is None else self.receive(value, path, reading, strict=True)

    def read(self, value: object, path: Path = ()) -> Any:
        """The slow walk of `decode` for a whole body, which also logs the values that were kept."""
        reading = self.reading()
        try:
            made = self.receive(value, path, reading, strict=True)
        except RecursionError:
            made = None
        if made is None:
            raise wrong_value("nested too deeply", path or (self.name,))
        reading.tell()
        return made

    def reading(self) -> Reading:
        """How a whole body is read: tolerantly when it comes from the wire, strictly when a user wrote it."""
        return TolerantReading() if self.received else Reading()

    def loosely(self, value: object, path: Path = ()) -> Any:
        """An instance in whose fields every value of the wrong type stands as it came."""
        return self.receive(value, path, LooseReading())

    def receive(self, value: object, path: Path, reading: Reading, *, strict: bool = False) -> Any:
        """The slow walk itself. `strict` says that the program cannot do without the field that holds it."""
        path = path or (self.name,)
        value = as_dict(value)
        if not isinstance(value, dict):
            if isinstance(value, self.cls):  # from `dict(model)`, whose values are models
                return value
            return reading.wrong(wrong_type(value, "an object", path), value, self.kind, path, strict=strict)
        found: dict[str, object] = {}
        odd: list[str] = []
        for wire, field in self.wires.items():
            item = value.get(wire)
            if item is None:
                continue
            kept = reading.kept
            found[field.name] = field.kind.receive(item, (*path, wire), reading, strict=field.strict)
            if reading.kept != kept:
                odd.append(field.name)
        instance = _new(self.cls)
        for name in self.names:
            _set(instance, name, found.get(name))
        for name, of in self.texts.items():
            text = value.get(self.fields[of].wire)
            _set(instance, name, text if type(text) is str and of not in odd else None)
        nulls, unknown = self.rest(value, len(found), path)
        _set(instance, "_untyped", (*nulls, *odd))
        _set(instance, "_unknown", unknown)
        return instance

    def rest(
        self, value: dict[str, object], present: int, path: Path = ()
    ) -> tuple[tuple[str, ...], dict[str, object] | None]:
        """The names of nulls, and the fields that are not declared (None when there are none).

        `present` is how many names are fields with a value. Unless the others are the same that were null in the object
        before, they are looked for from the end, where an API mostly adds new ones, until all are found.
        """
        wanted = len(value) - present
        usual = self.usual_nulls
        if usual is not None:
            names, known, is_usual = usual
            if len(names) == wanted:
                for name in names:
                    if value.get(name, names) is not None:
                        break
                else:  # each of those that are wanted: it remains to see whether their order is the same
                    if (
                        wanted == 1
                        or (wanted == 2 and next(filter(is_usual, value)) == names[0])
                        or [*filter(is_usual, value)] == names
                    ):
                        return known, None
        wires = self.wires
        others: list[str] = []
        for wire in reversed(value) if wanted else ():
            if value[wire] is None or wire not in wires:
                others.append(wire)
                if len(others) == wanted:
                    break
        others.reverse()
        nulls: tuple[str, ...] = ()
        unknown: dict[str, object] = {}
        for wire in others:
            if wire in wires:
                nulls += (wires[wire].name,)
            elif isinstance(wire, str):
                unknown[wire] = value[wire]
            else:
                raise wrong_key(wire, path)
        if nulls and not unknown:
            self.usual_nulls = others, nulls, frozenset(others).__contains__
        return nulls, unknown or None

    def distance(self, value: dict[str, object]) -> tuple[int, int, int]:
        """How unlike this model an object is: required fields missing, fields of another type, names not known."""
        known = {self.aliases.get(name, name): item for name, item in value.items() if item is not None}
        missing = sum(field.required and name not in known for name, field in self.fields.items())
        fields = [(self.fields.get(name), item) for name, item in known.items()]
        odd = sum(field is not None and not field.kind.resembles(item) for field, item in fields)
        return missing, odd, sum(field is None for field, _ in fields)

    # ------------------------------------------------------------------------------------------ constructing

    def construct(self, instance: Instance, args: tuple[object, ...], kwargs: Mapping[str, object]) -> None:
        """`Model.__init__`, until the class has a compiled one, and for arguments that the compiled one does not know."""
        try:
            self._construct(instance, args, kwargs)
        except OpenApiException as fault:
            del args, kwargs  # the frame of an error shows its variables
            raise fault.with_traceback(None) from fault.__cause__

    def _construct(self, instance: Instance, args: tuple[object, ...], kwargs: Mapping[str, object]) -> None:
        if len(args) > len(self.names):
            raise ApiTypeError(
                f"{self.name} takes at most {len(self.names)} positional arguments, {len(args)} were given"
            )
        given = {name: value for name, value in zip(self.names, args, strict=False) if value is not None}
        for name in given:
            if name in kwargs:
                raise ApiTypeError(f"{self.name}: {name!r} was given twice, by position and by name")
        given.update(kwargs)
        compiled = self.compiled or self.warmed()
        fast = None if compiled is None else compiled.fill
        if fast is not None and instance.__class__ is self.cls and given.keys() <= self.fields.keys():
            fast(instance, **given)
        else:
            self.fill_slowly(instance, given)

    def fill_slowly(self, instance: Instance, given: Mapping[str, object]) -> None:
        """Fill an instance where the compiled constructor cannot: for a value that it does not know, or for a warning."""
        if isinstance(instance, self.opened or ()):  # the compiled constructor gave up while filling it
            _set(instance, "__class__", self.cls)
        try:
            self._fill(instance, given, (self.name,))
        except RecursionError:
            pass
        except OpenApiException as fault:
            del given  # a frame shows its variables; and the traceback ends at the caller's own line, with the mistake
            raise fault.with_traceback(None) from fault.__cause__
        else:
            return
        del given
        raise wrong_value("nested too deeply, or within itself", (self.name,))

    def _fill(self, instance: Instance, given: Mapping[str, object], path: Path) -> None:
        values = {name: value for name, value in given.items() if value is not None and value is not absent}
        self._respell(values, path)
        self._split_money(values, values.get("currency"), path)
        self._require(values, path)
        # In the order of the declaration, so that of several faults the same one is told however the fields were given.
        for name, field in self.fields.items():
            value = values.pop(name, None)
            taken = None if value is None else field.take(value, (*path, name), received=self.received)
            _set(instance, name, taken)
        for name in self.texts:
            if values.pop(name, None) is not None:
                raise ApiTypeError(
                    f"{place((*path, name))}: it is not given: it holds what was read", (*path[1:], name)
                )
            _set(instance, name, None)
        unknown = {name: self.take_unknown(name, value, path) for name, value in values.items()}
        _set(instance, "_unknown", unknown or None)
        _set(instance, "_untyped", ())

    def _require(self, present: Collection[str], path: Path) -> None:
        """Raise one ApiTypeError that names every required field that is missing, and what may be one, misspelled."""
        missing = [name for name, field in self.fields.items() if field.required and name not in present]
        if missing:
            noun = "field" if len(missing) == 1 else "fields"
            guess = misspelled([name for name in present if name not in self.fields], missing)
            raise ApiTypeError(
                f"{place(path)}: missing required {noun} {', '.join(map(repr, missing))}{guess}", path[1:]
            )

    def _respell(self, values: dict[str, object], path: Path) -> None:
        """Move what was given under a deprecated spelling, or under its name in JSON, to the right name."""
        for old, name in (*self.spellings.items(), *self.aliases.items()):
            if old not in values or old in self.fields:
                continue
            if old in self.spellings:
                warn(f"{self.name}: {old!r} is a misspelling of {name!r}; write {name!r}", DeprecationWarning)
            value = values.pop(old)
            if values.setdefault(name, value) != value:
                raise wrong_value(f"{old!r} and {name!r} were both given and differ", path)

    def _split_money(self, values: dict[str, object], currency: object, path: Path) -> None:
        """Split a money value that was given for an amount: its currency goes to the field of that name.

        A model without such a field cannot keep the currency. There the money value is left, and refused later.
        """
        if "currency" not in self.fields:
            return
        for name, value in list(values.items()):
            field = self.fields.get(name)
            if field is None or not isinstance(field.kind, Money):
                continue
            values[name], own = money_parts(value, (*path, name))
            if own is None:
                continue
            if currency is None:
                currency = values["currency"] = own
            elif str(currency).upper() != own.upper():
                raise wrong_value(f"the {name} is in {own.upper()}, and currency says another one", (*path, name))

    def take_unknown(self, name: object, value: object, path: Path) -> object:
        """Check a field that is not declared: it is kept and sent, with a warning where its name may be a typing error."""
        if not isinstance(name, str):
            raise wrong_key(name, path)
        if not self.received:
            warn(f"{self.name} has no field {name!r}; it is sent as it is{nearest(name, self.names)}")
        check_free_form(value, (*path, name))
        return value

    def take(self, value: Any, path: Path) -> Any:
        """An instance as it is, or a dict made into one."""
        if isinstance(value, self.cls):
            return value
        mapping = all(hasattr(value, name) for name in ("keys", "get", "__getitem__"))
        if not mapping or hasattr(value, "__plan__"):
            raise wrong_type(value, f"{self.name} or dict", path)
        instance = _new(self.cls)
        self._fill(instance, value if isinstance(value, dict) else dict(value), path)
        return instance

    def assign(self, instance: Instance, name: str, value: object) -> None:
        """`instance.name = value`, checked; None makes the field absent."""
        path = (self.name, name)
        if name in self.spellings or name in self.aliases:
            values = {name: value}
            self._respell(values, path)
            name, value = next(iter(values.items()))
        field = self.fields.get(name)
        if field is not None and isinstance(field.kind, Money):
            values = {name: value}
            currency = getattr(instance, "currency") if "currency" in self.fields else None  # noqa: B009 - its own field
            self._split_money(values, currency, (self.name,))
            value = values.pop(name)
            for other, code in values.items():
                self.assign(instance, other, code)
        if field is not None:
            _set(instance, name, None if value is None or value is absent else field.take(value, path))
            for text, of in self.texts.items():
                if of == name:
                    _set(instance, text, None)
            if name in instance._untyped:
                _set(instance, "_untyped", tuple(each for each in instance._untyped if each != name))
            return
        if name.startswith("_") or hasattr(self.cls, name):
            raise ApiAttributeError(f"{self.name}.{name} cannot be set", (name,))
        self.assign_unknown(instance, name, value)

    def assign_unknown(self, instance: Instance, name: str, value: object) -> None:
        """Keep, or with None drop, a field that is not declared."""
        unknown = dict(instance._unknown or {})
        if value is None or value is absent:
            unknown.pop(name, None)
        else:
            unknown[name] = self.take_unknown(name, value, (self.name,))
        _set(instance, "_unknown", unknown or None)

    # ------------------------------------------------------------------------------------------ encoding

    def encode_within(self, instance: Instance) -> str:
        """A model inside another as JSON text, by compiled code alone. Raises for whatever compiled code cannot write.

        Then the slow walk writes the outer model as a whole, so that one rule decides about all amounts in it: those of
        an answer stay as they came, even in an inner model that could be sent by itself.
        """
        if self.compiled is None:
            raise TypeError(self.name)
        return self.compiled.write(instance)

    def encode(self, instance: Instance) -> str:
        """An instance as JSON text. Raises when it was changed into something that cannot be sent."""
        compiled = self.compiled or self.warmed()
        if compiled is not None:
            try:
                return compiled.write(instance)
            except Exception:  # noqa: BLE001, S110 - the slow walk below says what it was
                pass
        try:
            refined = instance if self.refine is None or instance.__class__ is not self.cls else self.refine(instance)
            return self.write(refined, (self.name,))
        except RecursionError:
            pass
        raise wrong_value("nested too deeply, or within itself", (self.name,))

    def write(self, instance: Any, path: Path) -> str:
        """The slow walk of `encode`."""
        if not isinstance(instance, self.cls):
            raise wrong_type(instance, self.name, path)
        plan: Plan = instance.__plan__
        parts = []
        for name, field in plan.fields.items():
            value = getattr(instance, name)
            if value is not None:
                write = field.kind.rewrite if name in instance._untyped else field.kind.write
                text = plan.text_read(instance, name)
                parts.append(f"{quoted(field.wire)}:{write(value, (*path, name)) if text is None else quoted(text)}")
        for name in instance._untyped:
            if getattr(instance, name) is None:
                parts.append(f"{quoted(instance.__plan__.fields[name].wire)}:null")
        for name, value in (instance._unknown or {}).items():
            parts.append(f"{quoted(name)}:{json_text(value, (*path, name))}")
        return "{" + ",".join(parts) + "}"

    def text_read(self, instance: Instance, name: str) -> str | None:
        """The text that a time was read from, where it is kept; None for all other fields."""
        return next((getattr(instance, text) for text, of in self.texts.items() if of == name), None)

    def check(self, instance: Instance, path: Path = ()) -> None:
        """Raise unless an instance, and what is in it, has its required fields and keeps its rules.

        A constructor makes sure of that. This is for an instance to be sent that was read tolerantly, or changed.
        """
        path = path or (self.name,)
        self._require([name for name in self.names if getattr(instance, name) is not None], path)
        for name, field in self.fields.items():
            value = getattr(instance, name)
            if value is None:
                continue
            if name in instance._untyped:  # a value that was kept as it came can be read, but must not be sent
                field.kind.write(value, (*path, name))
            field.check(value, (*path, name))
            field.kind.check(value, (*path, name))

    def plain(self, instance: Instance) -> dict[str, object]:
        """An instance as a dict of Python values by their names in JSON: models as dicts, enums as str."""
        plain = {}
        for name, field in instance.__plan__.fields.items():
            value = getattr(instance, name)
            if value is not None or name in instance._untyped:
                plain[field.wire] = None if value is None else field.kind.plain(value)
        plain.update(instance._unknown or {})
        return plain

    # ------------------------------------------------------------------------------------------ reading one field

    def present(self, instance: Instance) -> list[str]:
        """The names that are in an instance: what was given or read, nulls and unknown fields included."""
        names = [name for name in self.names if getattr(instance, name) is not None or name in instance._untyped]
        return names + list(instance._unknown or ())

    def holds(self, instance: Instance, name: object) -> bool:
        """Whether a name is in an instance."""
        name = self.aliases.get(name, name)  # type: ignore[call-overload]
        if name in self.fields:
            return getattr(instance, str(name)) is not None or name in instance._untyped
        return instance._unknown is not None and name in instance._unknown

    def get(self, instance: Instance, name: str) -> Any:
        """`instance[name]`. Raises ApiKeyError for a name that is no declared field and was neither read nor given."""
        name = self.spellings.get(name) or self.aliases.get(name, name)
        if name in self.fields or name in self.texts:
            return getattr(instance, name)
        unknown = instance._unknown
        if unknown is not None and name in unknown:
            return unknown[name]
        raise ApiKeyError(f"{self.name} has no field {name!r}{nearest(str(name), self.names)}", (name,))

    # ------------------------------------------------------------------------------------------ compiling

    def warmed(self) -> Compiled | None:
        """The compiled functions, once enough objects have been seen to pay for them; else None."""
        self._seen += 1
        if self._seen == COMPILE_AFTER + 1:
            try:
                self.compile()
            except Exception:  # a mistake in this package; the slow walk is right without compiled functions
                from logging import getLogger

                getLogger("xendit").warning("%s could not be compiled; it is read slowly", self.name, exc_info=True)
        return self.compiled

    def compile(self) -> None:
        """Write and compile the fast functions of this class, once; it may be called at any time by any thread.

        The first thread that comes compiles. Other threads do not wait but go on slowly meanwhile. So does this thread
        if a model holds its own kind and asks for itself while it is being compiled. `compiled` is set in one step.
        """
        if self.compiled is None and self._turn.acquire(blocking=False):  # the lock is taken once and never released
            from xendit.codec.compiler import compiled

            self.compiled = compiled(self)
            self.compiled.install(self.cls)
