"""Containers: Docker's json-file, and Kubernetes' CRI lines and audit log.

A wrapper adds a time and a stream; the record inside is read as if it stood alone. Sources: Docker
json-file driver, Kubernetes CRI logging format, audit.k8s.io/v1.
"""

from __future__ import annotations

from dataclasses import replace

from tocsin.parse.template import Meaning, RecordFormat

_KUBERNETES = RecordFormat("kubernetes_audit", "kubernetes.audit", ("kind=Event", "auditID", "verb"), {
    "requestReceivedTimestamp": "@timestamp", "stageTimestamp": "@timestamp", "user.username": "user.name", "sourceIPs.0": "source.address", "verb": "kubernetes.verb",
    "objectRef.resource": "kubernetes.resource", "objectRef.subresource": "kubernetes.subresource", "objectRef.name": "kubernetes.name", "objectRef.namespace": "kubernetes.namespace",
    "requestURI": "url.original", "responseStatus.code": "http.response.status_code", "userAgent": "user_agent.original",
}, (
    Meaning({"responseStatus.code": "401"}, "kubernetes_login", "failure"),
    Meaning({"responseStatus.code": "403"}, "kubernetes_refused", "failure", "iam"),
    Meaning({"objectRef.resource": "pods", "objectRef.subresource": ("exec", "attach")}, "kubernetes_exec", "success", "process"),
    Meaning({"objectRef.resource": "secrets", "verb": ("get", "list", "watch")}, "kubernetes_secret_read", "success", "iam"),
    Meaning({"objectRef.resource": ("clusterrolebindings", "rolebindings", "clusterroles"), "verb": ("create", "update", "patch")}, "kubernetes_role_changed", "success", "iam"),
    Meaning({"verb": "*"}, "kubernetes_request", "unknown", "iam"),
), keeps_names=True)  # fmt: skip
RECORD_FORMATS = (
    RecordFormat(
        "docker", "docker", ("log", "stream", "time"), {"time": "@timestamp"}, unwrap="log"
    ),
    _KUBERNETES,
    # As collectors pass it on, its own identifier left out.
    replace(_KUBERNETES, name="kubernetes_audit_short", has=("apiVersion=audit.k8s.io*", "verb")),
)
