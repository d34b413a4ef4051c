"""Declared templates, one module per family of programs."""

from __future__ import annotations

from tocsin.parse.templates import login, pam, pam_legacy, sshd, su, sudo

# The order numbers the families; pam_legacy stays last (see `tocsin.kernels.scanner`).
FAMILIES = (sshd.FAMILY, sudo.FAMILY, su.FAMILY, login.FAMILY, pam.FAMILY, pam_legacy.FAMILY)

__all__ = ["FAMILIES"]
