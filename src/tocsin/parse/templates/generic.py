"""What programs that nobody described may say so plainly that it needs no description.

Only a refusal that fills its whole message and ends in the address is believed: ``failure from
203.0.113.9``. Anything with a name in it could be a name.
"""

from __future__ import annotations

from tocsin.parse.template import PROBE, Family, Template

_WHAT = "<failure|failed|error|denied|refused|rejected|invalid|Failure|Failed|Error|Denied|Refused|Rejected>"
_BEFORE = "<|{:word}: ><|login |Login |authentication |Authentication |password |access |Access |connection |Connection >"

FAMILY = Family("generic", "generic", (), (
    Template(f"{_BEFORE}{_WHAT} from {{source.address}}", "generic_refused", "failure", PROBE),
    Template(f"{_BEFORE}{_WHAT} from {{source.address}} port {{source.port}}", "generic_refused", "failure", PROBE),
), is_last=True)  # fmt: skip
