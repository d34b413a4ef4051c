"""Names of audit records, and of the system calls that audit rules usually watch.

Sources: linux/audit.h and libaudit.h; the Linux kernel's tables (``arch/x86/entry/syscalls``, ``include/uapi/asm-generic/unistd.h``).
"""

from __future__ import annotations

RECORD_TYPES = {
    1006: "LOGIN", 1100: "USER_AUTH", 1101: "USER_ACCT", 1102: "USER_MGMT", 1103: "CRED_ACQ", 1104: "CRED_DISP",
    1105: "USER_START", 1106: "USER_END", 1107: "USER_AVC", 1108: "USER_CHAUTHTOK", 1109: "USER_ERR", 1110: "CRED_REFR",
    1112: "USER_LOGIN", 1113: "USER_LOGOUT", 1114: "ADD_USER", 1115: "DEL_USER", 1116: "ADD_GROUP", 1117: "DEL_GROUP",
    1123: "USER_CMD", 1130: "SERVICE_START", 1131: "SERVICE_STOP", 1200: "DAEMON_START", 1201: "DAEMON_END", 1300: "SYSCALL",
    1302: "PATH", 1305: "CONFIG_CHANGE", 1306: "SOCKADDR", 1307: "CWD", 1309: "EXECVE", 1319: "TTY", 1320: "EOE", 1325: "NETFILTER_CFG",
    1326: "SECCOMP", 1327: "PROCTITLE", 1330: "KERN_MODULE", 1334: "BPF", 1400: "AVC", 1401: "SELINUX_ERR", 1700: "ANOM_PROMISCUOUS",
    1701: "ANOM_ABEND",
}  # fmt: skip
_X86_64 = {
    0: "read", 1: "write", 2: "open", 3: "close", 9: "mmap", 10: "mprotect", 41: "socket", 42: "connect", 43: "accept", 44: "sendto", 45: "recvfrom",
    46: "sendmsg", 49: "bind", 50: "listen", 56: "clone", 57: "fork", 58: "vfork", 59: "execve", 62: "kill", 76: "truncate", 77: "ftruncate",
    82: "rename", 83: "mkdir", 84: "rmdir", 85: "creat", 86: "link", 87: "unlink", 88: "symlink", 90: "chmod", 91: "fchmod", 92: "chown", 93: "fchown",
    94: "lchown", 99: "sysinfo", 101: "ptrace", 103: "syslog", 105: "setuid", 106: "setgid", 113: "setreuid", 114: "setregid", 117: "setresuid",
    119: "setresgid", 132: "utime", 133: "mknod", 135: "personality", 155: "pivot_root", 159: "adjtimex", 161: "chroot", 164: "settimeofday",
    165: "mount", 166: "umount2", 167: "swapon", 169: "reboot", 170: "sethostname", 175: "init_module", 176: "delete_module", 188: "setxattr",
    189: "lsetxattr", 190: "fsetxattr", 197: "removexattr", 227: "clock_settime", 235: "utimes", 246: "kexec_load", 257: "openat", 258: "mkdirat",
    259: "mknodat", 260: "fchownat", 261: "futimesat", 263: "unlinkat", 264: "renameat", 265: "linkat", 266: "symlinkat", 268: "fchmodat",
    272: "unshare", 280: "utimensat", 288: "accept4", 304: "open_by_handle_at", 308: "setns", 310: "process_vm_readv", 311: "process_vm_writev",
    313: "finit_module", 316: "renameat2", 319: "memfd_create", 321: "bpf", 322: "execveat", 323: "userfaultfd", 435: "clone3", 437: "openat2",
}  # fmt: skip
_GENERIC = {  # arm64, riscv64
    5: "setxattr", 33: "mknodat", 34: "mkdirat", 35: "unlinkat", 36: "symlinkat", 37: "linkat", 38: "renameat", 39: "umount2", 40: "mount",
    41: "pivot_root", 45: "truncate", 46: "ftruncate", 51: "chroot", 52: "fchmod", 53: "fchmodat", 54: "fchownat", 55: "fchown", 56: "openat",
    88: "utimensat", 92: "personality", 97: "unshare", 104: "kexec_load", 105: "init_module", 106: "delete_module", 112: "clock_settime",
    116: "syslog", 117: "ptrace", 129: "kill", 142: "reboot", 143: "setregid", 144: "setgid", 145: "setreuid", 146: "setuid", 147: "setresuid",
    149: "setresgid", 161: "sethostname", 170: "settimeofday", 171: "adjtimex", 179: "sysinfo", 198: "socket", 200: "bind", 201: "listen", 202: "accept",
    203: "connect", 206: "sendto", 211: "sendmsg", 220: "clone", 221: "execve", 242: "accept4", 268: "setns", 273: "finit_module", 276: "renameat2",
    279: "memfd_create", 280: "bpf", 281: "execveat", 282: "userfaultfd", 435: "clone3", 437: "openat2",
}  # fmt: skip
_I386 = {5: "open", 10: "unlink", 11: "execve", 14: "mknod", 15: "chmod", 21: "mount", 26: "ptrace", 38: "rename", 39: "mkdir", 102: "socketcall",
         128: "init_module", 129: "delete_module", 136: "personality", 295: "openat", 350: "finit_module", 356: "memfd_create", 358: "execveat",
         359: "socket", 362: "connect"}  # fmt: skip
_BY_ARCHITECTURE = {
    "c000003e": _X86_64,
    "c00000b7": _GENERIC,
    "c00000f3": _GENERIC,
    "40000003": _I386,
}


def name_of_syscall(number: str, architecture: str) -> str:
    """Return a system call's name, empty when it isn't among those.

    >>> name_of_syscall("59", "c000003e"), name_of_syscall("221", "0xc00000b7")
    ('execve', 'execve')
    """
    known = _BY_ARCHITECTURE.get(architecture.lower().removeprefix("0x"))
    if known is None or not number.isascii() or not number.isdigit() or len(number) > 4:  # noqa: PLR2004
        return number if number.isascii() and number.isidentifier() else ""
    return known.get(int(number), "")
