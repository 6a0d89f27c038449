"""Run a command that ends when the process that started it does: `python leash.py SIGNAL PARENT USER COMMAND…`.

Standard library alone and imported by nobody: it replaces itself with the command. SIGNAL is the number that the kernel
sends to the command when PARENT (a process id) is gone; USER is a name to become first, or "-" to stay who we are.
"""

import ctypes
import os
import pwd
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Become the command, on the leash."""
    number, parent, user, *command = sys.argv[1:]
    if user != "-":
        become(user)
    # After changing user: the kernel forgets the request when the user changes. Only Linux has it; elsewhere the next
    # start stops what was left behind.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        if os.getppid() != int(parent):
            sys.exit("The process that started this one is gone.")
    os.execvp(command[0], command)  # noqa: S606 - the whole point is to become the command, without a shell


def become(user: str) -> None:
    """Give up root for the user of that name; raises KeyError when there is none."""
    account = pwd.getpwnam(user)
    os.setgroups([])
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)


if __name__ == "__main__":
    main()
