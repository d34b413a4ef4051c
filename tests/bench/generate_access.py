"""Write access.log files for pace measurements: a public shop behind nginx, combined format.

Each client keeps to its part. The mix: people who browse (pages with their assets, referrers, searches, cached answers),
an interface that programs call, crawlers, monitoring, what the internet's background noise
asks for and does not get, and once in each pass a scanner that tries known places and a few
injections. One client in ten has an IPv6 address. One body of lines is made, and written as
often as the wanted size asks, its stamps moved on (100 lines a second). Everything is seeded.

``python tests/bench/generate_access.py DIR --body N --lines N [N ...] [--seed N]``
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.bench.log_body import COMMON, LogBody, addresses, body_of, write_all

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SEED = 5
PIECE = 50_000  # lines drawn at once
SCANNER = "203.0.113.77"
SCAN_LINES = 400
_SITE = "https://shop.example.org"
_PEOPLE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/141.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/18.3 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Version/18.3 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 15; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/141.0.0.0 Mobile Safari/537.36",
)
_CRAWLERS = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
)
_PROGRAMS = ("okhttp/4.12.0", "ShopApp/5.2 (Android 15)", "python-requests/2.32.3")
_NOISE = ("-", "Mozilla/5.0", "curl/8.5.0", "Go-http-client/1.1", "zgrab/0.x")
_MOSTLY_FOUND = (*(200,) * 24, 404)
_WATCH = ("check_http/v2.4.9 (monitoring-plugins 2.4.9)",)
# Whose addresses make which requests: so many of all clients.
_PARTS = ((_PEOPLE, 14_000), (_PROGRAMS, 3_000), (_CRAWLERS, 60), (_WATCH, 2), (_NOISE, 4_900))
# Share, method, target, statuses (each as likely), bytes at most, agents, referrer.
# {n} one of 5,000 articles, {w} a word, {h} a hash, {s} one of 300 assets.
_FORMS = (
    (0.13, "GET", "/", (200, 200, 304), 38_000, _PEOPLE, "-"),
    (0.14, "GET", "/products/{n}-{w}", (200, 200, 200, 304), 52_000, _PEOPLE, _SITE + "/"),
    (0.16, "GET", "/assets/app-{s}.js", (200, 304, 304), 180_000, _PEOPLE, _SITE + "/"),
    (0.14, "GET", "/images/p/{n}.webp", (200, 200, 304), 90_000, _PEOPLE, _SITE + "/products/{n}"),
    (0.07, "GET", "/search?q={w}+{w}&page=2&sort=price_asc", (200,), 44_000, _PEOPLE, _SITE + "/"),
    (0.03, "GET", "/?utm_source=letter&utm_medium=email&utm_campaign={w}&id={h}", (200,), 38_000,
     _PEOPLE, "https://mail.example.net/"),
    (0.02, "POST", "/cart/add", (302,), 400, _PEOPLE, _SITE + "/products/{n}"),
    (0.005, "POST", "/login", (302, 302, 302, 200), 900, _PEOPLE, _SITE + "/login"),
    (0.10, "GET", "/api/v2/items/{n}?fields=name,price,stock&lang=en", _MOSTLY_FOUND,
     2_400, _PROGRAMS, "-"),
    (0.04, "POST", "/api/v2/events", (204,), 0, _PROGRAMS, "-"),
    (0.075, "GET", "/products/{n}-{w}", (200, 200, 301), 52_000, _CRAWLERS, "-"),
    (0.01, "GET", "/robots.txt", (200,), 310, _CRAWLERS, "-"),
    (0.005, "GET", "/old/{w}/{n}.html", (404, 410, 301), 6_100, _CRAWLERS, "-"),
    (0.02, "GET", "/favicon.ico", (200, 404), 4_300, _PEOPLE, _SITE + "/"),
    (0.02, "HEAD", "/health", (200,), 0, _WATCH, "-"),
    (0.01, "GET", "/wp-login.php", (404,), 6_100, _NOISE, "-"),
    (0.005, "GET", "/.env", (404,), 6_100, _NOISE, "-"),
    (0.005, "GET", "/", (400,), 150, _NOISE, "-"),
)  # fmt: skip
_WORDS = (
    "tea", "green", "winter", "coat", "select", "lamp", "union-jack", "chair", "script", "desk",
    "oak", "table", "garden", "drop-leaf", "cup", "blue", "order", "rain", "boots", "kettle",
)  # fmt: skip
_SOUGHT = (
    "/.git/config", "/.git/HEAD", "/admin/", "/backup.zip", "/phpmyadmin/index.php", "/.env.bak",
    "/server-status", "/wp-content/plugins/{w}/readme.txt", "/cgi-bin/{w}.cgi", "/{w}.sql",
    "/old/{w}.bak", "/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php", "/{w}/config.php~",
    "/products/1?id=1%27%20UNION%20SELECT%20NULL%2CNULL--%20", "/?f=../../../../etc/passwd",
)  # fmt: skip
_SCANNER_AGENT = "Mozilla/5.00 (Nikto/2.5.0) (Evasions:None) (Test:000001)"


def make_body(lines: int, *, seed: int = SEED) -> LogBody:
    """Make ``lines`` lines in the combined format with room for their stamps."""
    return body_of(_lines(lines, np.random.default_rng(seed)), COMMON)


def _lines(lines: int, rng: np.random.Generator) -> Iterator[tuple[int, str]]:
    shares = np.array([form[0] for form in _FORMS])
    pools = _pools(rng)
    scan_at = lines // 3
    scan = range(scan_at, scan_at + min(SCAN_LINES, lines // 10))
    for first in range(0, lines, PIECE):
        size = min(PIECE, lines - first)
        forms = rng.choice(len(_FORMS), size, p=shares / shares.sum()).tolist()
        luck = (rng.random(size) ** 2).tolist()
        dice = rng.integers(0, 1 << 30, (size, 4)).tolist()
        for i in range(size):
            if first + i in scan:
                head, line = SCANNER, _scanned(dice[i])
            else:
                pool = pools[forms[i]]
                head, line = pool[int(luck[i] * len(pool))], _asked(forms[i], dice[i])
            stamp = f"{' ' * COMMON.width} +0000"
            yield len(head) + len(" - - ["), f"{head} - - [{stamp}] {line}\n"


def _pools(rng: np.random.Generator) -> list[list[str]]:
    """Return the clients that make the requests of each form."""
    known = addresses(rng)
    shuffled = [known[i] for i in rng.permutation(len(known)).tolist()]
    pools, first = {}, 0
    for agents, size in _PARTS:
        pools[agents] = shuffled[first : first + size]
        first += size
    return [pools[form[5]] for form in _FORMS]


def _asked(form: int, dice: Sequence[int]) -> str:
    _, method, target, statuses, size, agents, referrer = _FORMS[form]
    first, second, third, fourth = dice
    status = statuses[first % len(statuses)]
    values = {
        "n": second % 5000, "w": _WORDS[third % len(_WORDS)],
        "h": f"{first:08x}{fourth:08x}", "s": fourth % 300,
    }  # fmt: skip
    sent = 0 if status in {204, 304} or not size else fourth % size
    return (
        f'"{method} {target.format(**values)} HTTP/1.1" {status} {sent}'
        f' "{referrer.format(**values)}" "{agents[second % len(agents)]}"'
    )


def _scanned(dice: Sequence[int]) -> str:
    target = _SOUGHT[dice[0] % len(_SOUGHT)].format(w=f"{dice[1]:x}")
    return f'"GET {target} HTTP/1.1" 404 6100 "-" "{_SCANNER_AGENT}"'


if __name__ == "__main__":
    write_all(make_body, seed=SEED, name="access-lines")
