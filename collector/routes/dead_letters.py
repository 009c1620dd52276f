"""Dead letters over HTTP, for operators: ``/v1/dead-letters``. A key sees the letters of its own tenant only."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, unquote

import orjson

from collector.dead_letters.store import unknown_letter
from collector.dead_letters.view import SHOWN_ITEMS, decoded, metadata, page
from collector.errors import CollectorError, Refusal
from collector.http.route import Route, Routes
from collector.routes.operators import admit, as_json, who
from common.scopes import Scope

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    from collector.dead_letters.replay import Replayed
    from collector.dead_letters.store import DeadLetters, Letter
    from collector.http.message import Head, Request, Response
    from collector.principal import Principal

_LOG = logging.getLogger(__name__)

PATH: Final = "/v1/dead-letters"
_MAX_LETTERS: Final = 1000
"""Letters on a page, and ids in a replay."""


@dataclass(frozen=True, slots=True)
class DeadLetterRoutes:
    """The routes for the letters of one collector. ``replay`` puts letters into its log again."""

    letters: DeadLetters
    replay: Callable[[Sequence[str]], Awaitable[Replayed]]

    def table(self) -> Routes:
        return {
            PATH: Route(("GET",), Scope.OPERATE, self._list, admit),
            f"{PATH}/replay": Route(("POST",), Scope.OPERATE, self._replay, admit),
            f"{PATH}/": Route(("GET", "DELETE"), Scope.OPERATE, self._letter, admit),
        }

    async def _list(self, request: Request) -> Response:
        query = _query(request.head, "limit", "after")
        limit = _limit(query.get("limit", "100"))
        letters = self._visible(request.principal, query.get("after", ""))
        return as_json(await asyncio.to_thread(page, letters, limit))

    async def _letter(self, request: Request) -> Response:
        letter_id = unquote(request.head.path.removeprefix(f"{PATH}/"))
        if request.head.method == "DELETE":
            return await self._drop(letter_id, request.principal)
        values = _flag(_query(request.head, "values"), "values")
        return as_json(await asyncio.to_thread(self._shown, letter_id, request.principal, values=values))

    def _shown(self, letter_id: str, principal: Principal, *, values: bool) -> dict[str, Any]:
        letter, body = self._read(letter_id, principal)
        return described(letter, body, values=values)

    async def _drop(self, letter_id: str, principal: Principal) -> Response:
        await asyncio.to_thread(self._read, letter_id, principal)
        await asyncio.to_thread(_or_refuse, self.letters.delete, letter_id)
        _LOG.warning("Dead letter %s was dropped by %s.", letter_id, who(principal))
        return as_json({"dropped": letter_id})

    async def _replay(self, request: Request) -> Response:
        ids = _ids(request.body)
        principal = request.principal
        visible = [letter_id for letter_id in ids if await asyncio.to_thread(self._sees, letter_id, principal)]
        outcome = await self.replay(visible)
        replayed = {*outcome.taken, *(letter_id for letter_id, _ in outcome.kept)}
        kept = [{"id": letter_id, "reason": reason} for letter_id, reason in outcome.kept]
        # A letter of another tenant gets the same answer as one that does not exist.
        unknown = [letter_id for letter_id in ids if letter_id not in replayed]
        kept += [{"id": letter_id, "reason": unknown_letter(letter_id).message} for letter_id in unknown]
        _LOG.warning("%d dead letters were replayed by %s, %d kept.", len(outcome.taken), who(principal), len(kept))
        return as_json({"taken": list(outcome.taken), "kept": kept})

    def _visible(self, principal: Principal, after: str) -> Iterator[Letter]:
        return (letter for letter in self.letters.list(after) if _may_see(letter, principal))

    def _sees(self, letter_id: str, principal: Principal) -> bool:
        try:
            self._read(letter_id, principal)
        except Refusal:
            return False
        return True

    def _read(self, letter_id: str, principal: Principal) -> tuple[Letter, bytes]:
        letter, body = _or_refuse(self.letters.read, letter_id)
        if not _may_see(letter, principal):
            raise _refusal(unknown_letter(letter_id))
        return letter, body


def described(letter: Letter, body: bytes, *, values: bool) -> dict[str, Any]:
    """A letter as JSON, with its request decoded."""
    return {
        **metadata(letter),
        "shown_items": min(letter.items, SHOWN_ITEMS),
        "request": decoded(letter, body, values=values),
    }


def _may_see(letter: Letter, principal: Principal) -> bool:
    """Whether the principal may act on the letter: one of its own tenant, or any with a key for all tenants.

    Damaged bytes belong to no tenant. Whoever may act for all tenants sees that they exist; nobody sees their content
    over HTTP.
    """
    if letter.content == "raw":
        return principal.all_tenants
    # Without a key, a program on this machine may stand for all tenants, but is not shown what they sent.
    return letter.tenant == principal.tenant or (principal.all_tenants and bool(principal.key_id))


def _query(head: Head, *known: str) -> dict[str, str]:
    query = {name: texts[-1] for name, texts in parse_qs(head.query, keep_blank_values=True).items()}
    for name in query:
        if name not in known:
            raise Refusal("invalid_data", f"There is no parameter {name[:80]!r} here.", f"Use {' and '.join(known)}.")
    return query


def _limit(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text[:9]) <= _MAX_LETTERS:
        raise Refusal("invalid_data", f"limit is {text[:20]!r}.", f"Give a whole number from 1 to {_MAX_LETTERS}.")
    return int(text)


def _flag(query: dict[str, str], name: str) -> bool:
    text = query.get(name, "false")
    if text not in {"true", "false"}:
        raise Refusal("invalid_data", f"{name} is {text[:20]!r}.", "Give true or false.")
    return text == "true"


def _ids(body: bytes) -> list[str]:
    try:
        ids = orjson.loads(body)["ids"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        ids = None
    is_list_of_ids = isinstance(ids, list) and all(isinstance(letter_id, str) for letter_id in ids)
    if not is_list_of_ids or not 0 < len(ids) <= _MAX_LETTERS:
        hint = f'Send {{"ids": […]}}, up to {_MAX_LETTERS}.'
        raise Refusal("invalid_data", "The body does not say which letters to replay.", hint)
    return list(dict.fromkeys(ids))


def _or_refuse(step: Callable[[str], Any], letter_id: str) -> Any:
    try:
        return step(letter_id)
    except CollectorError as error:
        raise _refusal(error) from None


def _refusal(error: CollectorError) -> Refusal:
    return Refusal(error.code, error.message, error.hint)
