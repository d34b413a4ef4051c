"""Which records hold a text that some rule asks for: one pass over those that a rule may be about."""

from __future__ import annotations

import numpy as np

from tocsin.kernels.lean import kernel
from tocsin.kernels.literals import marks_at, next_row
from tocsin.kernels.web_clients import NOT_PLAIN

# What to do with the records of a template or family: nothing, tell rules of each, or look for
# the texts that bear one of its bits.
NEVER, ALWAYS = 0, -1
# How much of a template's record is looked at where its source is an address: so many bytes beside
# the user's name, or all of it, or nothing.
WHOLE, NOTHING = -1, -2


@kernel
def mark_lines(b, rows, n, told, of_template, of_family, windows, literals, marked):  # type: ignore[no-untyped-def]
    """Fill ``marked`` (uint8, n) with 1 where a record of ``rows[:n]`` is for rules.

    Texts are looked for in a record's message: who wrote it is known by its family.

    ``told`` as `web_clients.read_access` fills it: lines that it read are left alone.
    ``of_template`` and ``of_family`` say what to do with records that a template
    knows, and with the others of a family (int32); ``windows`` (int32) says how much of a template's
    record is looked at. Returns how many are marked.
    """
    found = 0
    for i in range(n):
        marked[i] = 0
        if told[i] != NOT_PLAIN:
            continue
        row = rows[i]
        template = row["template"]
        what = of_template[template] if template >= 0 else of_family[row["family"]]
        if what == NEVER:
            continue
        is_marked = what == ALWAYS
        if not is_marked:
            at, length = row["message_at"], row["message_length"]
            if length <= 0:  # no header was found
                at, length = row["at"], row["length"]
            end = at + length
            if template >= 0 and windows[template] != WHOLE and row["has_source"] == 1:
                name, beside = row["user_at"], windows[template]
                if beside == NOTHING:
                    continue
                if row["user_length"] > 0:
                    at = max(at, name - beside)
                    end = min(end, name + row["user_length"] + beside)
            row_of_text = np.uint64(0)
            for p in range(at, end):
                row_of_text = next_row(row_of_text, b[np.uint64(p)], literals)
                if marks_at(row_of_text, literals) & what != 0:
                    is_marked = True
                    break
        if is_marked:
            marked[i] = 1
            found += 1
    return found
