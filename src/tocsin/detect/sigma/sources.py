"""Which log sources of the Sigma standard an event belongs to.

An event of ours says so by its dataset; one that a Windows or cloud collector wrote by its channel,
provider and event number. Source: the Sigma taxonomy, appendix "log sources".
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tocsin.detect.sigma.native import native_values

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tocsin.core.predicates import LogSource

_SYSMON = {
    1: ("process_creation",), 2: ("file_change",), 3: ("network_connection",), 4: ("sysmon_status",), 5: ("process_termination",),
    6: ("driver_load",), 7: ("image_load",), 8: ("create_remote_thread",), 9: ("raw_access_thread",), 10: ("process_access",),
    11: ("file_event",), 12: ("registry_event", "registry_add", "registry_delete"), 13: ("registry_event", "registry_set"),
    14: ("registry_event", "registry_rename"), 15: ("create_stream_hash",), 16: ("sysmon_status",), 17: ("pipe_created",),
    18: ("pipe_created",), 19: ("wmi_event",), 20: ("wmi_event",), 21: ("wmi_event",), 22: ("dns_query",), 23: ("file_delete",),
    24: ("clipboard_change",), 25: ("process_tampering",), 26: ("file_delete",), 27: ("file_block_executable",),
    28: ("file_block_shredding",), 29: ("file_executable_detected",), 255: ("sysmon_error",),
}  # fmt: skip
_CHANNELS = {
    "security": "security", "system": "system", "application": "application", "windows powershell": "powershell-classic",
    "microsoft-windows-powershell/operational": "powershell", "powershellcore/operational": "powershell",
    "microsoft-windows-sysmon/operational": "sysmon", "microsoft-windows-taskscheduler/operational": "taskscheduler",
    "microsoft-windows-wmi-activity/operational": "wmi", "microsoft-windows-windows defender/operational": "windefend",
    "microsoft-windows-dns-server/audit": "dns-server-audit", "dns server": "dns-server",
    "microsoft-windows-dns-client/operational": "dns-client", "microsoft-windows-dns client events/operational": "dns-client",
    "microsoft-windows-ntlm/operational": "ntlm", "microsoft-windows-bits-client/operational": "bits-client",
    "microsoft-windows-codeintegrity/operational": "codeintegrity-operational",
    "microsoft-windows-smbclient/security": "smbclient-security", "microsoft-windows-smbclient/connectivity": "smbclient-connectivity",
    "microsoft-windows-smbserver/connectivity": "smbserver-connectivity", "microsoft-windows-appxdeployment-server/operational": "appxdeployment-server",
    "microsoft-windows-appxpackaging/operational": "appxpackaging-om", "microsoft-windows-applocker/msi and script": "applocker",
    "microsoft-windows-applocker/exe and dll": "applocker", "microsoft-windows-applocker/packaged app-deployment": "applocker",
    "microsoft-windows-applocker/packaged app-execution": "applocker", "microsoft-windows-windows firewall with advanced security/firewall": "firewall-as",
    "microsoft-windows-terminalservices-localsessionmanager/operational": "terminalservices-localsessionmanager",
    "microsoft-windows-driverframeworks-usermode/operational": "driver-framework", "msexchange management": "msexchange-management",
    "microsoft-servicebus-client": "microsoft-servicebus-client", "microsoft-windows-ldap-client/debug": "ldap_debug",
    "microsoft-windows-security-mitigations/kernel mode": "security-mitigations", "microsoft-windows-security-mitigations/user mode": "security-mitigations",
    "microsoft-windows-shell-core/operational": "shell-core", "openssh/operational": "openssh", "microsoft-windows-diagnosis-scripted/operational": "diagnosis-scripted",
    "microsoft-windows-vhdmp-operational": "vhdmp", "microsoft-windows-lsa/operational": "lsa-server", "microsoft-windows-capi2/operational": "capi2",
    "microsoft-windows-certificateservicesclient-lifecycle-system/operational": "certificateservicesclient-lifecycle-system",
    "microsoft-windows-iis-configuration/operational": "iis-configuration",
}  # fmt: skip
_POWERSHELL = {4104: "ps_script", 4103: "ps_module"}
_CLASSIC = {400: "ps_classic_start", 600: "ps_classic_provider_start", 800: "ps_module"}
_DATASETS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    # dataset: categories, products, services
    "http.access": (("webserver",), ("apache", "nginx"), ("apache", "nginx")),
    "iis": (("webserver",), ("windows",), ("iis",)),
    "squid": (("proxy", "webserver"), (), ()),
    "nginx.error": ((), ("nginx",), ("nginx",)),
    "apache.error": ((), ("apache",), ("apache",)),
    "sshd": ((), ("linux",), ("sshd", "auth")), "sudo": (("process_creation",), ("linux",), ("sudo", "auth")), "su": ((), ("linux",), ("auth",)),
    "pam": ((), ("linux",), ("auth",)), "login": (("process_creation",), ("linux",), ("auth", "cron")), "accounts": ((), ("linux",), ("auth",)),
    "auditd": ((), ("linux",), ("auditd",)), "cron": (("process_creation",), ("linux",), ("cron",)), "vsftpd": ((), ("linux",), ("vsftpd",)),
    "polkit": (("process_creation",), ("linux",), ("auth",)),
    "clamav": ((), ("linux",), ("clamav",)), "guacamole": ((), ("linux",), ("guacamole",)), "modsecurity": ((), ("modsecurity",), ("modsecurity",)),
    "named": (("dns",), ("linux",), ()), "dns_resolver": (("dns",), ("linux",), ()), "cisco": ((), ("cisco",), ("aaa",)),
    "cloudtrail": ((), ("aws",), ("cloudtrail",)), "kubernetes.audit": (("application",), ("kubernetes",), ("audit",)),
    "github": ((), ("github",), ("audit",)), "okta": ((), ("okta",), ("okta",)), "gcp": ((), ("gcp",), ("gcp.audit",)),
    "google_workspace": ((), ("gcp",), ("google_workspace.admin", "google_workspace.login")), "onelogin": ((), ("onelogin",), ("onelogin.events",)),
    "azure.signin": ((), ("azure",), ("signinlogs", "riskdetection")), "azure.audit": ((), ("azure",), ("auditlogs", "pim")), "azure.activity": ((), ("azure",), ("activitylogs",)),
    "m365": ((), ("m365",), ("audit", "exchange", "threat_management", "threat_detection")), "duo": ((), ("cisco",), ("duo",)),
    "postgresql": (("database",), (), ()), "mysql": (("database",), (), ()), "mssql": (("database",), (), ()),
    "mongodb": (("database",), (), ()), "redis": (("database",), (), ()), "elasticsearch": (("database",), (), ()), "couchdb": (("database",), (), ()),
    "exim": ((), ("linux",), ()), "postfix": ((), ("linux",), ()), "dovecot": ((), ("linux",), ()),
    "netfilter": (("firewall",), ("linux",), ()), "fortinet": (("firewall", "webserver"), ("fortinet", "fortios"), ("event", "sslvpnd")),
}  # fmt: skip
_TOLD_BY_MORE = frozenset({"auditd", "azure.signin", "azure.audit", "azure.activity"})
_PROGRAMS = {
    "amavis": "amavis",
    "clamd": "clamav",
    "freshclam": "clamav",
    "clamscan": "clamav",
    "dockerd": "docker",
    "containerd": "docker",
}
_AUDITED = {"process_started": "process_creation", "file_created": "file_event", "file_deleted": "file_delete",
            "connection_made": "network_connection", "module_loaded": "driver_load"}  # fmt: skip
_LOCAL = (("linux",), ("syslog",))  # what any program of a host writes


@dataclass(frozen=True, slots=True)
class Sources:
    """What an event may be asked for: each part a rule names must be among these."""

    categories: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    is_open: bool = False  # nothing is known of it: any rule may ask
    names: str = ""  # which names its writer uses

    def admit(self, source: LogSource) -> bool:
        """Tell whether a rule about ``source`` is about this event."""
        if self.is_open:
            return True
        return (
            (not source.category or source.category in self.categories)
            and (not source.product or source.product in self.products)
            and (not source.service or source.service in self.services)
            and bool(source.category or source.product or source.service)
        )


def sources_of(event: Mapping[str, Any]) -> Sources:
    """Return what an event belongs to."""
    dataset = event.get("event.dataset")
    if dataset in _DATASETS and dataset not in _TOLD_BY_MORE:
        return _of_dataset(dataset, is_web="url.original" in event or "url.path" in event)
    written = _writer_of(event, dataset)
    if written is not None:
        return written
    if dataset and not dataset.startswith("windows."):
        categories, products, services = _described(dataset)
        if dataset == "auditd":
            categories = _audited(event)
        elif dataset.startswith("azure.") and str(event.get("category", "")).lower() in _AZURE:
            services = (*services, _AZURE[str(event["category"]).lower()])
        elif dataset == "generic" and event.get("process.name") in _PROGRAMS:
            services = (*services, _PROGRAMS[event["process.name"]])
        if "url.original" in event or "url.path" in event:
            categories = _with_web(categories)
        return Sources(categories, products, services, names=dataset)
    channel = str(event.get("Channel", "")).lower()
    if channel or "EventID" in event:
        return _windows(channel, event)
    if event.get("process.name") and "event.original" in event:
        program = _PROGRAMS.get(str(event["process.name"]))  # nobody described it further
        services = (program, *_LOCAL[1]) if program else _LOCAL[1]
        return Sources((), _LOCAL[0], services, names="syslog")
    return Sources(is_open=True)


@lru_cache(maxsize=256)
def _of_dataset(dataset: str, *, is_web: bool) -> Sources:
    """Return what events of a dataset belong to of which no more needs to be known."""
    categories, products, services = _described(dataset)
    return Sources(
        _with_web(categories) if is_web else categories, products, services, names=dataset
    )


def _described(dataset: str) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    categories, products, services = _DATASETS.get(dataset, ((), _LOCAL[0], ()))
    services = (*services, dataset, *_LOCAL[1]) if "linux" in products else services
    return categories, products, services


def _with_web(categories: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*categories, "webserver")))


def _audited(event: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what an audit event is about; its records tell who started what in any case."""
    about = _AUDITED.get(str(event.get("event.action")), "process_creation")
    return tuple(dict.fromkeys((about, "process_creation", "file_event")))


# Cloud audit logs by the names that their records hold: (all of these, product, service).
_WRITERS = (
    (("eventSource", "eventName"), "aws", "cloudtrail"),
    (("protoPayload.methodName",), "gcp", "gcp.audit"),
    (("eventType", "actor.alternateId"), "okta", "okta"),
    (("eventType", "published"), "okta", "okta"),
    (("action", "actor", "org"), "github", "audit"),
    (("action", "actor", "_document_id"), "github", "audit"),
    (("action", "actor", "created_at"), "github", "audit"),
    (("action", "actor", "repo"), "github", "audit"),
    (("Operation", "Workload"), "m365", "audit"),
)
_AZURE = {
    "auditlogs": "auditlogs",
    "signinlogs": "signinlogs",
    "noninteractiveusersigninlogs": "signinlogs",
}
_SIGNS = (
    '"eventSource"',
    '"protoPayload"',
    '"eventType"',
    '"action"',
    '"operationName"',
    '"Workload"',
)


def _writer_of(event: Mapping[str, Any], dataset: Any) -> Sources | None:
    """Return whose audit log a record is of, by its own names; None where that isn't clear."""
    values: Mapping[str, Any] = event
    if dataset in ("generic", "docker", None) and "event.original" in event:
        original = str(event["event.original"])
        if not original.endswith("}") or not any(sign in original for sign in _SIGNS):
            return None
        values = native_values(event)
    elif dataset is not None:
        return None
    for names, product, service in _WRITERS:
        if all(name in values for name in names):
            return Sources((), (product,), (service,), names=service)
    if "operationName" in values and ("resourceId" in values or "category" in values):
        service = _AZURE.get(str(values.get("category", "")).lower(), "activitylogs")
        return Sources((), ("azure",), (service,), names="azure")
    return None


def _windows(channel: str, event: Mapping[str, Any]) -> Sources:
    number = _number(event.get("EventID"))
    is_linux = channel.startswith("linux-sysmon")
    service = "sysmon" if is_linux else _CHANNELS.get(channel, channel)
    categories: tuple[str, ...] = ()
    if service == "sysmon" or "sysmon" in str(event.get("Provider_Name", "")).lower():
        categories = _SYSMON.get(number, ())
    elif service == "security" and number == 4688:  # noqa: PLR2004 - a process was created
        categories = ("process_creation",)
    elif service == "powershell" and number in _POWERSHELL:
        categories = (_POWERSHELL[number],)
    elif service == "powershell-classic" and number in _CLASSIC:
        categories = (_CLASSIC[number],)
    elif service == "windefend":
        categories = ("antivirus",)
    services = (service, "ldap") if service == "ldap_debug" else (service,)
    names = "windows" if "process_creation" not in categories or service == "sysmon" else "4688"
    return Sources(categories, ("linux",) if is_linux else ("windows",), services, names=names)


def _number(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        return -1
