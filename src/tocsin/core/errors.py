"""What can go wrong, by whose fault it is and with the exit code that tells a script.

Every message says what was expected, what was found, and where.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Callable


class TocsinError(Exception):
    """Base of every error that Tocsin raises on purpose; ``str()`` is fit for a person."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, where: str | None = None) -> None:
        super().__init__(message if where is None else f"{where}: {message}")
        self.message = message
        self.where = where


class UsageError(TocsinError):
    """The command line asks for something that does not exist or does not fit together."""

    exit_code = 2


class ConfigError(TocsinError):
    """A setting or a rule file is wrong; ``where`` is ``path:line``."""

    exit_code = 2


class InputError(TocsinError):
    """An input could not be read whole; what was readable before ``offset`` has been used.

    ``offset`` counts bytes in the decompressed stream.
    """

    exit_code = 1

    def __init__(self, message: str, *, path: str, offset: int) -> None:
        super().__init__(f"at byte {offset}: {message}", where=path)
        self.path = path
        self.offset = offset
        self.reason = message

    def __reduce__(self) -> tuple[Callable[..., InputError], tuple[str, str, int]]:
        """Let another process hand it over; exceptions alone forget their keywords."""
        return _input_error, (self.reason, self.path, self.offset)


def _input_error(message: str, path: str, offset: int) -> InputError:
    return InputError(message, path=path, offset=offset)


class IntegrityError(TocsinError):
    """Evidence, chain or model does not match its recorded hash or signature."""

    exit_code = 4


class NotPermittedError(TocsinError):
    """The operating system, or another process that holds the state, does not allow it."""

    exit_code = 5


class OutOfOrderError(TocsinError):
    """A capture steps back in time by more than the allowed lateness.

    In batch the replay driver starts that site again and reads the file in time order;
    this error never reaches a person.
    """

    def __init__(self, *, source: str, offset: int, step_back_ns: int) -> None:
        super().__init__(f"steps back by {step_back_ns} ns at byte {offset}", where=source)
        self.source = source
        self.offset = offset
        self.step_back_ns = step_back_ns
