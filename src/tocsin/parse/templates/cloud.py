"""Audit logs of clouds and of services that firms log in to: one JSON object per event.

Who called is told by the service itself. An event keeps the names that its service gave, since
published rules ask for those. Sources: AWS CloudTrail's record contents, Microsoft's schemas of
activity, sign-in and unified audit logs, Google's Cloud Audit Logs and Workspace reports, Okta's
System Log API, GitHub's and GitLab's audit events, OneLogin's events.
"""

from __future__ import annotations

from tocsin.parse.template import Meaning, RecordFormat

_FAILED, _DONE, _IAM = "failure", "success", "iam"
_TRAIL = ("StopLogging", "DeleteTrail", "UpdateTrail", "PutEventSelectors", "DeleteFlowLogs", "DeleteDetector", "StopConfigurationRecorder",
          "DeleteConfigurationRecorder", "DisassociateFromMasterAccount", "DeleteLogGroup", "DeleteLogStream")  # fmt: skip
_GRANTS = ("AttachUserPolicy", "AttachRolePolicy", "AttachGroupPolicy", "PutUserPolicy", "PutRolePolicy", "PutGroupPolicy", "AddUserToGroup",
           "CreateAccessKey", "CreateLoginProfile", "UpdateLoginProfile", "UpdateAssumeRolePolicy", "CreatePolicyVersion",
           "SetDefaultPolicyVersion", "DeactivateMFADevice")  # fmt: skip
_DENIED = (
    "AccessDenied",
    "AccessDeniedException",
    "*UnauthorizedOperation",
    "UnauthorizedAccess*",
    "*NotAuthorized*",
    "AuthFailure",
)

CLOUDTRAIL = RecordFormat("cloudtrail", "cloudtrail", ("eventSource", "eventName", "eventTime"), {
    "eventTime": "@timestamp", "sourceIPAddress": "source.address", "userIdentity.sessionContext.sessionIssuer.userName": "user.name",
    "userIdentity.userName": "user.name", "additionalEventData.UserName": "user.name", "userIdentity.arn": "user.id", "userAgent": "user_agent.original", "awsRegion": "cloud.region",
    "recipientAccountId": "cloud.account.id", "errorCode": "error.code", "errorMessage": "error.message", "eventID": "event.id",
}, (
    Meaning({"eventName": ("ConsoleLogin", "UserAuthentication", "CredentialVerification"), "responseElements.ConsoleLogin": "Success"}, "aws_login", _DONE),
    Meaning({"eventName": "ConsoleLogin"}, "aws_login", _FAILED),
    Meaning({"eventName": "GetSigninToken", "errorCode": ""}, "session_opened", _DONE, "session"),
    Meaning({"errorCode": _DENIED}, "cloud_refused", _FAILED, _IAM),
    Meaning({"errorCode": "*"}, "cloud_request", _FAILED, _IAM),
    Meaning({"eventName": _TRAIL}, "audit_changed", _DONE, "configuration"),
    Meaning({"eventName": ("CreateUser", "CreateServiceLinkedRole")}, "user_created", _DONE, _IAM),
    Meaning({"eventName": "DeleteUser"}, "user_deleted", _DONE, _IAM),
    Meaning({"eventName": _GRANTS}, "privilege_granted", _DONE, _IAM),
    Meaning({"eventName": "*"}, "cloud_request", _DONE, _IAM),
), keeps_names=True)  # fmt: skip

_ENTRA = {
    "time": "@timestamp", "createdDateTime": "@timestamp", "callerIpAddress": "source.address", "ipAddress": "source.address",
    "properties.userPrincipalName": "user.name", "userPrincipalName": "user.name", "properties.appDisplayName": "azure.application",
    "appDisplayName": "azure.application", "resultDescription": "error.message", "tenantId": "cloud.account.id", "correlationId": "event.id",
    "properties.userAgent": "user_agent.original", "location": "azure.location",
}  # fmt: skip
_SIGN_IN = (
    Meaning({"resultType": "0"}, "azure_login", _DONE), Meaning({"status.errorCode": "0"}, "azure_login", _DONE),
    # Asked for a second factor or for consent: neither refused nor let in.
    Meaning({"resultType": ("50074", "50076", "50125", "50140", "65001")}, "azure_attempt", "unknown"),
    Meaning({"status.errorCode": ("50074", "50076", "50125", "50140", "65001")}, "azure_attempt", "unknown"),
    Meaning({"resultType": "*"}, "azure_login", _FAILED), Meaning({"status.errorCode": "*"}, "azure_login", _FAILED),
)  # fmt: skip
_AZURE = (
    Meaning({"resultType": ("Failure", "Failed", "ClientError", "ServerError", "*fail*")}, "cloud_request", _FAILED, _IAM),
    Meaning({"resultSignature": ("Failed*", "Forbidden*", "Unauthorized*")}, "cloud_refused", _FAILED, _IAM),
    Meaning({"operationName": ("*DIAGNOSTICSETTINGS/DELETE", "*LOCKS/DELETE")}, "audit_changed", _DONE, "configuration"),
    Meaning({"operationName": "*ROLEASSIGNMENTS/WRITE"}, "privilege_granted", _DONE, _IAM),
    Meaning({"operationName": "*"}, "cloud_request", _DONE, _IAM),
)  # fmt: skip
AZURE = (
    RecordFormat("azure_signin", "azure.signin", ("category=*SignInLogs", "operationName", "resultType"), _ENTRA, _SIGN_IN, keeps_names=True),
    RecordFormat("entra_signin", "azure.signin", ("createdDateTime", "userPrincipalName", "status.errorCode"), _ENTRA, _SIGN_IN, keeps_names=True),
    RecordFormat("azure_audit", "azure.audit", ("category=AuditLogs", "operationName"), {
        **_ENTRA, "properties.initiatedBy.user.userPrincipalName": "user.name", "properties.initiatedBy.user.ipAddress": "source.address",
    }, (Meaning({"operationName": "Add user", "properties.result": "success"}, "user_created", _DONE, _IAM),
        Meaning({"operationName": ("Add member to role*", "Add app role assignment*")}, "privilege_granted", "unknown", _IAM), *_AZURE), keeps_names=True),
    RecordFormat("azure_activity", "azure.activity", ("operationName", "callerIpAddress", "resourceId"), {
        **_ENTRA, "identity.claims.name": "user.name", "caller": "user.name",
        "identity.claims.http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn": "user.name", "level": "log.level",
    }, _AZURE, keeps_names=True),
    RecordFormat("m365", "m365", ("CreationTime", "Operation", "Workload"), {
        "CreationTime": "@timestamp", "ClientIP": "source.address", "ActorIpAddress": "source.address", "ClientIPAddress": "source.address", "UserId": "user.name", "Id": "event.id",
        "ObjectId": "m365.object", "UserAgent": "user_agent.original", "LogonError": "error.message",
    }, (
        Meaning({"Operation": "UserLoginFailed"}, "m365_login", _FAILED), Meaning({"Operation": "UserLoggedIn", "ResultStatus": ("Success", "Succeeded", "")}, "m365_login", _DONE),
        Meaning({"Operation": ("New-InboxRule", "Set-InboxRule")}, "mail_rule_changed", "unknown", "configuration"),
        Meaning({"Operation": ("Set-AdminAuditLogConfig", "Remove-MailboxAuditBypassAssociation", "Set-MailboxAuditBypassAssociation")}, "audit_changed", "unknown", "configuration"),
        Meaning({"Operation": "Add user."}, "user_created", "unknown", _IAM), Meaning({"Operation": "Add member to role."}, "privilege_granted", "unknown", _IAM),
        Meaning({"ResultStatus": ("Failed", "Failure", "False", "PartiallySucceeded")}, "cloud_request", _FAILED, _IAM), Meaning({"Operation": "*"}, "cloud_request", _DONE, _IAM),
    ), keeps_names=True),
)  # fmt: skip

GOOGLE = (
    RecordFormat("gcp", "gcp", ("protoPayload.methodName",), {
        "timestamp": "@timestamp", "protoPayload.requestMetadata.callerIp": "source.address", "protoPayload.authenticationInfo.principalEmail": "user.name",
        "protoPayload.requestMetadata.callerSuppliedUserAgent": "user_agent.original", "protoPayload.status.message": "error.message", "protoPayload.status.code": "error.code",
        "severity": "log.level", "insertId": "event.id", "resource.labels.project_id": "cloud.project.id", "protoPayload.resourceName": "gcp.resource",
    }, (
        Meaning({"protoPayload.methodName": "google.login.LoginService.loginFailure"}, "google_login", _FAILED),
        Meaning({"protoPayload.methodName": "google.login.LoginService.loginSuccess"}, "google_login", _DONE),
        Meaning({"protoPayload.status.code": ("7", "16")}, "cloud_refused", _FAILED, _IAM),
        Meaning({"protoPayload.status.code": "0"}, "cloud_request", _DONE, _IAM), Meaning({"protoPayload.status.code": "*"}, "cloud_request", _FAILED, _IAM),
        Meaning({"protoPayload.methodName": ("google.logging.*DeleteSink", "google.logging.*UpdateSink", "google.logging.*DeleteLog")}, "audit_changed", _DONE, "configuration"),
        Meaning({"protoPayload.methodName": ("*SetIamPolicy", "*CreateServiceAccountKey")}, "privilege_granted", _DONE, _IAM),
        Meaning({"protoPayload.methodName": "*"}, "cloud_request", _DONE, _IAM),
    ), keeps_names=True),
    RecordFormat("google_workspace", "google_workspace", ("kind=admin#reports#activity", "id.time"), {
        "id.time": "@timestamp", "ipAddress": "source.address", "actor.email": "user.name", "id.uniqueQualifier": "event.id", "events.0.name": "google_workspace.event",
    }, (
        Meaning({"events.0.name": ("login_failure", "*login_failure*")}, "google_login", _FAILED), Meaning({"events.0.name": "login_success"}, "google_login", _DONE),
        Meaning({"events.0.name": ("suspicious_login*", "account_disabled*", "gov_attack_warning")}, "account_alarm", _FAILED, _IAM),
        Meaning({"events.0.name": "*"}, "cloud_request", "unknown", _IAM),
    ), keeps_names=True),
)  # fmt: skip

SERVICES = (
    RecordFormat("okta", "okta", ("eventType", "published", "outcome.result"), {
        "published": "@timestamp", "client.ipAddress": "source.address", "actor.alternateId": "user.name", "actor.id": "user.id", "uuid": "event.id",
        "client.userAgent.rawUserAgent": "user_agent.original", "severity": "log.level", "displayMessage": "message", "outcome.reason": "error.message",
    }, (
        Meaning({"eventType": ("user.session.start", "user.authentication.*"), "outcome.result": ("FAILURE", "DENY")}, "okta_login", _FAILED),
        Meaning({"eventType": "user.session.start", "outcome.result": ("SUCCESS", "ALLOW")}, "okta_login", _DONE),
        Meaning({"eventType": "user.account.lock"}, "account_locked", _FAILED), Meaning({"eventType": "user.lifecycle.create", "outcome.result": "SUCCESS"}, "user_created", _DONE, _IAM),
        Meaning({"eventType": ("user.account.privilege.grant", "group.privilege.grant"), "outcome.result": "SUCCESS"}, "privilege_granted", _DONE, _IAM),
        Meaning({"eventType": "security.threat.detected"}, "okta_probe", _FAILED, "intrusion_detection"),
        Meaning({"outcome.result": ("FAILURE", "DENY")}, "cloud_request", _FAILED, _IAM), Meaning({"outcome.result": ("SUCCESS", "ALLOW")}, "cloud_request", _DONE, _IAM),
        Meaning({"eventType": "*"}, "cloud_request", "unknown", _IAM),
    ), keeps_names=True),
    RecordFormat("github", "github", ("action", "actor", "created_at"), {
        "created_at": "@timestamp", "@timestamp": "@timestamp", "actor_ip": "source.address", "actor": "user.name", "_document_id": "event.id", "repo": "github.repository",
        "org": "github.organisation", "user_agent": "user_agent.original",
    }, (
        Meaning({"action": ("user.failed_login", "*.failed_login", "two_factor_authentication.*fail*")}, "github_login", _FAILED), Meaning({"action": "user.login"}, "github_login", _DONE),
        Meaning({"action": ("org.add_member", "org.update_member", "*.add_member")}, "privilege_granted", _DONE, _IAM),
        Meaning({"action": ("*audit_log_streaming*destroy*", "*secret_scanning*disable*", "*dependabot*disable*", "repository_vulnerability_alerts.disable")}, "audit_changed", _DONE, "configuration"),
        Meaning({"action": "*"}, "cloud_request", _DONE, _IAM),
    ), keeps_names=True),
    RecordFormat("onelogin", "onelogin", ("event_type_id", "user_name", "ipaddr"), {
        "event_timestamp": "@timestamp", "created_at": "@timestamp", "ipaddr": "source.address", "user_name": "user.name", "error_description": "error.message",
    }, (Meaning({"event_type_id": ("6", "9")}, "onelogin_login", _FAILED), Meaning({"event_type_id": "5"}, "onelogin_login", _DONE),
        Meaning({"event_type_id": "*"}, "cloud_request", "unknown", _IAM)), keeps_names=True),
    RecordFormat("duo", "duo", ("access_device.ip", "factor", "result"), {
        "isotimestamp": "@timestamp", "timestamp": "@timestamp", "access_device.ip": "source.address", "user.name": "user.name", "username": "user.name", "reason": "error.message",
    }, (Meaning({"result": ("denied", "failure", "fraud")}, "duo_login", _FAILED), Meaning({"result": "success"}, "duo_login", _DONE)), keeps_names=True),
)  # fmt: skip
RECORD_FORMATS = (CLOUDTRAIL, *AZURE, *GOOGLE, *SERVICES)
