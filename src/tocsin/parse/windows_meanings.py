"""What numbers of Windows events mean: action, outcome and category.

An empty outcome is told by the event's status. Source: Microsoft's "Security auditing" reference and
the providers' own manifests.
"""

from __future__ import annotations

_FAILURE, _SUCCESS, _LOGIN = "failure", "success", "authentication"
_SESSION, _IAM, _CONFIGURATION = "session", "iam", "configuration"
SECURITY = {
    4625: ("windows_login", _FAILURE, _LOGIN), 4624: ("windows_login", _SUCCESS, _LOGIN),
    4771: ("kerberos_login", _FAILURE, _LOGIN), 4776: ("ntlm_login", "", _LOGIN), 4768: ("kerberos_login", "", _LOGIN),
    4740: ("account_locked", _FAILURE, _LOGIN), 4634: ("windows_logoff", "unknown", _SESSION), 4647: ("windows_logoff", "unknown", _SESSION),
    4648: ("windows_explicit_login", "unknown", _SESSION), 4672: ("windows_privileged_login", "unknown", _SESSION),
    4769: ("kerberos_ticket", "", _SESSION), 4778: ("windows_reconnect", _SUCCESS, _SESSION), 4779: ("windows_disconnect", "unknown", _SESSION),
    4720: ("user_created", _SUCCESS, _IAM), 4726: ("user_deleted", _SUCCESS, _IAM), 4722: ("user_enabled", _SUCCESS, _IAM), 4725: ("user_disabled", _SUCCESS, _IAM),
    4723: ("password_changed", _SUCCESS, _IAM), 4724: ("password_reset", _SUCCESS, _IAM), 4728: ("group_member_added", _SUCCESS, _IAM), 4732: ("group_member_added", _SUCCESS, _IAM),
    4738: ("account_changed", _SUCCESS, _IAM), 4756: ("group_member_added", _SUCCESS, _IAM), 4767: ("account_unlocked", _SUCCESS, _IAM),
    4697: ("service_installed", _SUCCESS, _CONFIGURATION), 4698: ("task_created", _SUCCESS, _CONFIGURATION), 4702: ("task_changed", _SUCCESS, _CONFIGURATION),
    4719: ("audit_policy_changed", _SUCCESS, _CONFIGURATION), 1102: ("log_cleared", _SUCCESS, _CONFIGURATION),
    4688: ("process_started", "unknown", "process"), 4689: ("process_ended", "unknown", "process"),
    5140: ("share_accessed", "unknown", "file"), 5145: ("share_accessed", "unknown", "file"), 4663: ("file_accessed", "unknown", "file"),
}  # fmt: skip
_SYSMON, _RDP = (
    "microsoft-windows-sysmon/operational",
    "microsoft-windows-terminalservices-remoteconnectionmanager/operational",
)
_SESSIONS, _POWERSHELL = (
    "microsoft-windows-terminalservices-localsessionmanager/operational",
    "microsoft-windows-powershell/operational",
)
_DEFENDER = "microsoft-windows-windows defender/operational"
MEANINGS = {
    ("system", 7045): ("service_installed", _SUCCESS, _CONFIGURATION), ("system", 104): ("log_cleared", _SUCCESS, _CONFIGURATION),
    ("system", 6008): ("host_restarted", _FAILURE, "host"), ("application", 1000): ("process_crashed", _FAILURE, "process"),
    ("system", 7031): ("service_down", _FAILURE, "process"), ("system", 7034): ("service_down", _FAILURE, "process"),
    ("application", 18456): ("mssql_login", _FAILURE, _LOGIN), (_RDP, 1149): ("rdp_session", "unknown", _SESSION),
    (_SESSIONS, 21): ("rdp_session", _SUCCESS, _SESSION), (_SESSIONS, 24): ("rdp_disconnect", "unknown", _SESSION), (_SESSIONS, 25): ("rdp_session", _SUCCESS, _SESSION),
    (_SYSMON, 1): ("process_started", _SUCCESS, "process"), (_SYSMON, 3): ("connection_made", _SUCCESS, "network"), (_SYSMON, 5): ("process_ended", "unknown", "process"),
    (_SYSMON, 6): ("driver_loaded", _SUCCESS, "driver"), (_SYSMON, 8): ("thread_injected", _SUCCESS, "process"), (_SYSMON, 10): ("process_accessed", _SUCCESS, "process"),
    (_SYSMON, 11): ("file_created", _SUCCESS, "file"), (_SYSMON, 12): ("registry_changed", _SUCCESS, "registry"), (_SYSMON, 13): ("registry_changed", _SUCCESS, "registry"),
    (_SYSMON, 22): ("dns_query", _SUCCESS, "network"), (_SYSMON, 23): ("file_deleted", _SUCCESS, "file"), (_SYSMON, 7): ("image_loaded", _SUCCESS, "process"),
    (_SYSMON, 17): ("pipe_created", _SUCCESS, "process"), (_SYSMON, 18): ("pipe_connected", _SUCCESS, "process"), (_SYSMON, 25): ("process_tampered", _SUCCESS, "process"),
    (_POWERSHELL, 4104): ("script_run", "unknown", "process"), (_POWERSHELL, 4103): ("script_run", "unknown", "process"),
    (_DEFENDER, 1116): ("malware_found", _FAILURE, "malware"), (_DEFENDER, 1117): ("malware_removed", _SUCCESS, "malware"), (_DEFENDER, 5001): ("protection_stopped", _SUCCESS, _CONFIGURATION),
}  # fmt: skip
