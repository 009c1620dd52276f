"""A fold whose process is gone in the middle of its work."""

from cases.fold.fold import Fold
from store.client import Store


class Stopped(BaseException):
    """The process is gone: nothing is caught, nothing is tidied up."""


def fold_until(store: Store, limit: int = 1_000_000) -> bool:
    """Fold in a process that is gone before its statement number ``limit``; whether it got through."""
    command, done = store.command, 0

    def counted(*args, **kwargs):
        nonlocal done
        done += 1
        if done >= limit:
            raise Stopped
        return command(*args, **kwargs)

    store.command = counted  # type: ignore[method-assign]
    try:
        while Fold(store).fold_pending():
            pass
    except Stopped:
        return False
    finally:
        store.command = command  # type: ignore[method-assign]
    return True
