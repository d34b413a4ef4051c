"""Webmail and groupware: Roundcube, Horde, SquirrelMail, OpenWebmail, SOGo, Group-Office, Tine, Zimbra.

The user's name is the remote side's and mostly stands before the address; X-Forwarded-For, where a
program adds it, is only claimed.
"""

from __future__ import annotations

from tocsin.parse.template import Family, Layout, Template

# "oip" is whom a proxy serves; "ip" is the client only where no "oip" follows.
_ZIMBRA_CLIENT = (
    "ip={:word};oip={source.address};{:trusted}",
    "oip={source.address};{:trusted}",
    "ip={source.address};<via|ua|port|cid|soapId|mid>={:trusted}",
    "ip={source.address};",
)
_WORDS = (
    "<FAILED login|Login failed|Failed login|FAILED LOGIN|Failed Login|Failed to authenticate user>"
)
_ROUNDCUBE = (
    *(
        Template(rf"<|\<{{:word}}\> ><|IMAP Error: >{_WORDS} for {{user.name:text}}{against} from {{source.address:endpoint}}{tail}",
                 "webmail_login", "failure")
        for against in (" against {:word}", "")
        for tail in (
            "", ".", ". {error.message}", "(X-{tocsin.claimed.forwarded:trusted}){:text}",
            " in session {:word} (error: {:int})", " (X-{tocsin.claimed.forwarded:trusted}){:text}",
        )
    ),
    Template(r"<|\<{:word}\> >Successful login for {user.name:text} (ID: {:int}) from {source.address} in session {:word}", "webmail_login", "success"),
)  # fmt: skip
_HORDE_ENDS = (
    r" to Horde \[on line {:int} of {:word}\]",
    r" to Horde \[pid {:int} on line {:int} of {:word}\]",
    r" to \{{:word} \[{:word}\]\} \[pid {:int} on line {:int} of {:word}\]",
    r" to \{{:word}\} \[pid {:int} on line {:int} of {:word}\]",
    r" to \{{:word} \[{:word}\]\} \[on line {:int} of {:word}\]",
    " to Horde",
)
_HORDE_NEWER = tuple(
    Template(rf"\[{{:word}}\] {words} for {{user.name}} to {{:word}} ({{source.address}}){end}", "webmail_login", outcome)
    for words, outcome in (("FAILED LOGIN", "failure"), ("Login success", "success"))
    for end in (r" \[pid {:int} on line {:int} of {:word}\]", r" \[on line {:int} of {:word}\]", "")
)  # fmt: skip
_HORDE = tuple(
    Template(rf"\[{{:word}}\] {words} for {{user.name}} {where}{end}", "webmail_login", outcome)
    for words, outcome in (("FAILED LOGIN", "failure"), ("Login success", "success"))
    for where in (r"\[{source.address}\]", "({source.address})", r"({source.address}) (forwarded for \[{tocsin.claimed.forwarded:word}\])")
    for end in _HORDE_ENDS
)  # fmt: skip
_SOGO = (
    Template(r"<SOGoRootPage|SOGoWebAuthenticator> Login from '{source.address}' for user '{user.name:text}' might not have worked{:text}", "webmail_login", "failure"),
    *(  # what a proxy at a private address wrote last; what stands before that is its client's word
        Template(f"<SOGoRootPage|SOGoWebAuthenticator> Login from '{claims}{{source.address}}, <127.|10.|192.168.|172.|::|fd>{{:host}}' for user '{{user.name:text}}' might not have worked{{:text}}", "webmail_login", "failure")
        for claims in ("", "{tocsin.claimed.forwarded:word}, ", "{tocsin.claimed.forwarded:word}, {:word}, ")
    ),
    Template(r"{:trusted} <SOGoRootPage|SOGoWebAuthenticator> Login from '{source.address}' for user '{user.name:text}' might not have worked{:text}", "webmail_login", "failure"),
    Template(r"<SOGoRootPage|SOGoWebAuthenticator> successful login from '{source.address}' for user '{user.name:text}'{:text}", "webmail_login", "success"),
)  # fmt: skip

FAMILIES = (
    Family("roundcube", "roundcube", ("roundcube",), _ROUNDCUBE, once=(" from ",)),
    Family("horde", "horde", ("HORDE", "horde"), (*_HORDE, *_HORDE_NEWER)),
    Family("sogo", "sogo", ("sogod", "sogo"), _SOGO),
    Family("squirrelmail", "squirrelmail", ("squirrelmail",), (
        Template(r"\[LOGIN_ERROR\] {user.name:text} ({:word}) from {source.address}: {error.message}", "webmail_login", "failure"),
    )),
)  # fmt: skip
LAYOUTS = (
    Layout("roundcube", "roundcube", (r"\[{@timestamp:stamp}\]: {message}",), once=(" from ",), family="roundcube"),
    Layout("horde", "horde", ("{@timestamp:stamp} HORDE \\[{log.level:word}\\] {message}",
                              "{@timestamp:stamp} {:word} HORDE \\[{log.level:word}\\] {message}",
                              "{@timestamp:stamp} {:word} HORDE: {message}"), family="horde"),
    Layout("squirrelmail", "squirrelmail", ("{@timestamp:stamp} {message}",), family="squirrelmail"),
    Layout("sogo", "sogo", (r"{@timestamp:stamp} sogod \[{process.pid:int}\]: {message}",), family="sogo"),
    Layout("openwebmail", "openwebmail", (r"{@timestamp:stamp} - \[{process.pid:int}\] ({source.address}) {message}",), templates=(
        Template("{user.name:text} - login error - {error.message}", "webmail_login", "failure"),
        Template("{user.name:text} - userinfo error - {error.message}", "webmail_login", "failure"),
        Template("{user.name:text} - login - {:text}", "webmail_login", "success"),
    )),
    Layout("group_office", "group-office", (r"\[{@timestamp:stamp}\]<| >{message}",), templates=(
        Template('LOGIN FAILED for user: "{user.name:text}" from IP: {source.address}', "webmail_login", "failure"),
        Template('LOGIN SUCCESS for user: "{user.name:text}" from IP: {source.address}', "webmail_login", "success"),
    )),
    Layout("group_office_2", "group-office", ("{@timestamp:stamp} {message}",), templates=(
        Template(r'\[{:word}\] LOGIN FAILED for user: "{user.name:text}" from IP: {source.address}', "webmail_login", "failure"),
    )),
    Layout("tine20", "tine20", ("{:word} {:word} {:trusted} - {@timestamp:stamp} {message}", "{:word} {:word} - {@timestamp:stamp} {message}"), templates=(
        Template("WARN ({:int}): Tinebase_Controller::login::{:int} Login with username {user.name:text} from {source.address} failed ({:int})!", "webmail_login", "failure"),
        Template("{:trusted} Login with username {user.name:text} from {source.address} failed ({:word})!", "webmail_login", "failure"),
    )),
    Layout("zimbra_soap", "zimbra", tuple(
        "{@timestamp:stamp} {log.level:word} <| >\\[{:trusted}\\] \\[<|name={:word};><|aname={:word};><|mid={:int};>" + client + "\\] {message}" for client in _ZIMBRA_CLIENT
    ), templates=(
        Template("SoapEngine - handler exception: authentication failed for \\[{user.name:text}\\], <account not found|invalid password>", "zimbra_login", "failure"),
        Template("SoapEngine - handler exception: authentication failed for \\[{user.name:text}\\]{:text}", "zimbra_login", "failure"),
        Template("<account|security|imap|pop> - {:trusted}authentication failed for \\[{user.name:text}\\]{:text}", "zimbra_login", "failure"),
        Template("security - cmd=Auth; account={user.name:text}; protocol={:word}; error=authentication failed for {:text}", "webmail_login", "failure"),
    )),
    Layout("zimbra", "zimbra", (r"{@timestamp:stamp} {log.level:word}  \[{:trusted}\] \[{zimbra.context:text}\] {message}",
                                r"{@timestamp:stamp} {log.level:word} \[{:trusted}\] \[{zimbra.context:text}\] {message}"), templates=(
        Template("security - cmd=Auth; account={user.name:text}; protocol={:word}; error=authentication failed for {:text}", "webmail_login", "failure"),
        Template("account - authentication failed for \\[{user.name:text}\\]{:text}", "webmail_login", "failure"),
        Template("security - cmd=Auth; account={user.name:text}; protocol={:word};", "webmail_login", "success"),
    )),
)  # fmt: skip
