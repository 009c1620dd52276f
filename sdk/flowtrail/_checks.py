"""Checks of what callers pass: strict mode raises, otherwise one warning per kind and the bad value is left out."""

from __future__ import annotations

import math
import re
import uuid
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

from ._errors import FlowtrailError
from ._log import logger

MAX_ID_LENGTH: Final = 256
"""Characters in an id; two of them, percent-encoded, must fit into one W3C baggage header (8,192 bytes)."""

MAX_TEXT_LENGTH: Final = 8192
"""Characters in any other text; longer texts are cut."""

MAX_IDS_PER_TYPE: Final = 1000
"""Ids of one type that one step carries."""

MAX_MONEY: Final = 1e12
"""Money is stored with 18 digits, 6 of them after the point."""

_NAME = re.compile(r"[a-z0-9_]{1,64}\Z")
_CURRENCY = re.compile(r"[A-Za-z]{3}\Z")
_MAX_INT: Final = 2**63

Scalar = str | bool | int | float
AttributeValue = Scalar | tuple[Scalar, ...]


def encodable(value: str) -> str:
    """The text without lone surrogates: protobuf refuses them, and one bad span would cost its whole batch."""
    if type(value) is not str:
        value = str.__str__(value)  # an enum's member prints as its name, and its value is meant
    return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")


class Checks:
    """Turns what callers pass into what may be sent; ``None`` means that the value is left out."""

    def __init__(self, *, strict: bool) -> None:
        self.strict = strict
        self._reported: set[str] = set()

    def problem(self, code: str, message: str, hint: str) -> None:
        """Report a mistake of the caller.

        Raises
        ------
        FlowtrailError
            In strict mode.

        """
        if self.strict:
            raise FlowtrailError(code, message, hint)
        if code not in self._reported:
            self._reported.add(code)
            logger.warning("%s %s (reported once; strict mode raises)", message, hint)

    def internal(self, error: Exception) -> None:
        """Contain a fault so that it never reaches the host; strict mode raises it."""
        if self.strict:
            raise error
        kind = f"internal {type(error).__name__}"
        if kind not in self._reported:
            self._reported.add(kind)
            logger.warning("Flowtrail could not record something (reported once)", exc_info=error)

    def identifier(self, what: str, value: object) -> str | None:
        """Id as text: str, int or UUID, not empty, at most :data:`MAX_ID_LENGTH` characters."""
        if type(value) is str and len(value) <= MAX_ID_LENGTH and value.isascii() and value and not value.isspace():
            return value  # nearly always
        if isinstance(value, (int, uuid.UUID)) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str) or not value.strip():
            self.problem(
                what.replace(" ", "-"),
                f"A {what} must be a non-empty text or number, got {value!r:.80}.",
                "Pass the id that the business itself uses, such as the order number.",
            )
            return None
        if len(value) > MAX_ID_LENGTH:
            self.problem(
                what.replace(" ", "-"),
                f"A {what} may have {MAX_ID_LENGTH} characters, got {len(value)}.",
                "Pass the id alone, not a document.",
            )
            return None
        return encodable(value)

    def text(self, what: str, value: object) -> str | None:
        """Non-empty text, cut at :data:`MAX_TEXT_LENGTH` characters."""
        if not isinstance(value, str) or not value.strip():
            self.problem(
                what.replace(" ", "-"),
                f"The {what} must be a non-empty text, got {value!r:.80}.",
                "Give it or omit it.",
            )
            return None
        return encodable(value[:MAX_TEXT_LENGTH])

    def choice(self, what: str, value: object, choices: tuple[str, ...]) -> str | None:
        """One of a closed list of words."""
        if isinstance(value, str) and value in choices:
            return choices[choices.index(value)]
        self.problem(what.replace(" ", "-"), f"{value!r:.80} is not a {what}.", f"Use one of: {', '.join(choices)}.")
        return None

    def name(self, what: str, value: object) -> str | None:
        """Name that becomes part of an attribute's name."""
        if isinstance(value, str) and _NAME.match(value):
            return value
        self.problem(
            what.replace(" ", "-"),
            f"{value!r:.80} cannot be a {what}.",
            "Use 1 to 64 lower-case letters, digits and underscores, such as purchase_order.",
        )
        return None

    def count(self, what: str, value: object) -> int | None:
        """Whole number from 1."""
        if isinstance(value, int) and not isinstance(value, bool) and 1 <= value < 2**31:
            return value
        self.problem(
            what.replace(" ", "-"), f"The {what} must be a whole number from 1, got {value!r:.80}.", "Count from 1."
        )
        return None

    def money(self, what: str, value: object) -> tuple[float, str] | None:
        """Pair of amount and ISO 4217 currency."""
        hint = 'Pass amount and currency, such as (12.50, "EUR").'
        if not isinstance(value, (tuple, list)) or len(value) != 2:
            self.problem(what, f"The {what} must be a pair, got {value!r:.80}.", hint)
            return None
        amount, currency = value
        if not isinstance(currency, str) or not _CURRENCY.match(currency) or not currency.isascii():
            self.problem(what, f"The currency of a {what} has three letters, got {currency!r:.80}.", hint)
            return None
        if isinstance(amount, bool) or not isinstance(amount, (int, float, Decimal)):
            self.problem(what, f"The amount of a {what} must be a number, got {amount!r:.80}.", hint)
            return None
        number = _float(amount)
        if not abs(number) < MAX_MONEY:
            self.problem(
                what, f"The amount of a {what} must be finite and below {MAX_MONEY:g}, got {amount!r:.80}.", hint
            )
            return None
        return number, currency.upper()

    def actor(self, value: object, types: tuple[str, ...]) -> tuple[str, str | None] | None:
        """Actor as a pair of type and id, or a type alone."""
        kind, ident = (value, None) if isinstance(value, str) else _pair(value)
        chosen = self.choice("actor type", kind, types)
        if chosen is None:
            return None
        return chosen, None if ident is None else self.identifier("actor id", ident)

    def refs(self, value: object) -> dict[str, tuple[str, ...]]:
        """Typed ids: a mapping of type name to one id or several."""
        if not isinstance(value, Mapping):
            self.problem("refs", f"Refs must be a mapping, got {value!r:.80}.", 'Pass {"package": "P-1"}.')
            return {}
        refs = {}
        for kind, ids in value.items():
            name = self.name("ref type", kind)
            kept = self._ids(str(kind), ids) if name else ()
            if name and kept:
                refs[name] = kept
        return refs

    def _ids(self, kind: str, value: object) -> tuple[str, ...]:
        many: Iterable[object] = value if isinstance(value, (list, tuple, set, frozenset)) else (value,)
        kept = tuple(
            dict.fromkeys(i for i in (self.identifier("ref id", element) for element in many) if i is not None)
        )
        if len(kept) > MAX_IDS_PER_TYPE:
            self.problem(
                "ref-ids",
                f"A step may carry {MAX_IDS_PER_TYPE} ids of one type, got {len(kept)} of {kind}.",
                "Record several steps.",
            )
            return kept[:MAX_IDS_PER_TYPE]
        return kept

    def dims(self, value: object) -> dict[str, str]:
        """Dimensions: a mapping of name to text; numbers become text, ``None`` is left out."""
        if not isinstance(value, Mapping):
            self.problem("dims", f"Dims must be a mapping, got {value!r:.80}.", 'Pass {"channel": "web"}.')
            return {}
        dims = {}
        for key, raw in value.items():
            if raw is None:
                continue
            name = self.name("dim name", key)
            text = self.text("dim value", str(raw) if isinstance(raw, (bool, int, float)) else raw) if name else None
            if name and text:
                dims[name] = text
        return dims

    def attribute(self, key: object, value: object) -> AttributeValue | None:
        """Value of an attribute of the caller's own: text, number, truth value, or a list of them."""
        if not isinstance(key, str) or not key or key.startswith("flow."):
            self.problem(
                "attribute",
                f"{key!r:.80} cannot be an attribute of your own.",
                "Names under flow. have their own methods, such as step.dim(); take another prefix.",
            )
            return None
        if isinstance(value, (list, tuple)):
            return tuple(i for i in (self._scalar(key, element) for element in value) if i is not None)
        return self._scalar(key, value)

    def _scalar(self, key: str, value: Any) -> Scalar | None:
        if isinstance(value, str):
            return encodable(value[:MAX_TEXT_LENGTH])
        if isinstance(value, (bool, float)):
            return value
        if isinstance(value, int):
            return value if -_MAX_INT <= value < _MAX_INT else str(value)
        self.problem(
            "attribute-value",
            f"{key} cannot hold a {type(value).__name__}.",
            "Pass text, a number, a truth value, or a list of them.",
        )
        return None


def _float(amount: float | Decimal) -> float:
    try:
        return float(amount)
    except (OverflowError, ValueError):  # a whole number of 400 digits, a signalling NaN
        return math.nan


def _pair(value: object) -> tuple[object, object]:
    if isinstance(value, (tuple, list)) and len(value) == 2:
        return value[0], value[1]
    return value, None
