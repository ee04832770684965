"""The worker's door: mails from the outbox to the mailbox, and jobs by the clock."""

from forumreg.doors.worker.jobs import every, run_due
from forumreg.doors.worker.running import run, stop_on_signals
from forumreg.doors.worker.timetable import fill_waitlists

__all__ = ["every", "fill_waitlists", "run", "run_due", "stop_on_signals"]
