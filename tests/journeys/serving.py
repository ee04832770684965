"""The program as it is shipped, mail worker included, on a clock of 2015: ``python -m tests.journeys.serving``.

``forumreg serve`` has no such clock, so this stands in for it; settings come from the environment.
"""

from __future__ import annotations

import sys

from forumreg.adapters.server import listen
from forumreg.base.clock import ShiftedClock
from forumreg.base.settings import load
from forumreg.commands.service import Plan, run
from tests.builders import NOW


def main(port: int) -> None:
    """Serve on the port until SIGTERM; says so on the standard output once it answers."""
    plan = Plan(workers=1, threads=4, with_mail=True)
    clock = ShiftedClock.starting_at(NOW)
    run(
        load(), clock, listen("127.0.0.1", port), plan, ready=lambda: sys.stdout.write("ready\n") and sys.stdout.flush()
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))
