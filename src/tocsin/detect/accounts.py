"""What accounts are by their names: those of every host, of people, of programs."""

from __future__ import annotations

import re

# Tried by everybody, everywhere: that many sources name one of these says nothing.
EVERYWHERE = frozenset(
    (
        "root", "admin", "administrator", "administrador", "test", "tester", "user", "user1", "guest",
        "info", "support", "service", "default", "demo", "ubuntu", "debian", "centos", "fedora", "pi",
        "ec2-user", "oracle", "postgres", "mysql", "git", "www", "www-data", "ftp", "ftpuser", "web",
        "webmaster", "postmaster", "sales", "contact", "office", "mail", "hadoop", "jenkins", "nagios",
        "zabbix", "tomcat", "deploy", "minecraft", "steam", "vagrant", "odoo", "sa", "operator", "ubnt",
        "backup", "dev", "developer", "student", "ansible", "docker", "elastic", "es", "gitlab", "kafka",
        "redis", "solana", "sol", "validator", "server", "system", "manager", "noreply", "no-reply",
        "billing", "marketing", "scanner", "scan", "anonymous", "nobody", "unknown", "sshd", "",
    )
)  # fmt: skip
PRIVILEGED = frozenset(("root", "toor", "administrator", "admin"))
# Programs run under these; nobody sits before a keyboard there.
_SERVICES = frozenset(
    (
        "daemon", "bin", "sys", "games", "man", "lp", "mail", "news", "uucp", "proxy", "www-data", "www",
        "backup", "list", "irc", "nobody", "apache", "httpd", "nginx", "mysql", "mariadb", "postgres",
        "redis", "mongodb", "memcache", "rabbitmq", "elasticsearch", "kibana", "logstash", "grafana",
        "prometheus", "tomcat", "jetty", "solr", "kafka", "zookeeper", "named", "bind", "ntp", "chrony",
        "postfix", "dovecot", "exim", "sshd", "syslog", "messagebus", "polkitd", "rpc", "ftp", "squid",
        "haproxy", "varnish", "asterisk", "cyrus", "clamav", "zabbix", "nagios", "munin", "php", "node",
        "docker", "containerd", "etcd", "dnsmasq", "unbound", "tss", "avahi", "saned", "colord",
    )
)  # fmt: skip
POWERFUL_GROUPS = frozenset(
    ("sudo", "wheel", "admin", "root", "docker", "lxd", "disk", "shadow", "adm", "libvirt", "sudoers")
)  # fmt: skip
_NO_SHELL = re.compile(r"shell=\S*(?:nologin|false|sync)\b")


def is_service(user: str) -> bool:
    """Tell an account that programs run under, by its name."""
    name = user.lower()
    return name in _SERVICES or name.startswith(("_", "systemd-"))


def is_for_programs(message: str) -> bool:
    """Tell from what useradd says of a new account that nobody can log in to it."""
    return _NO_SHELL.search(message) is not None
