"""The web server as we run it: waitress in forked processes, and the parent that watches them."""

from forumreg.adapters.server.serving import Terms, listen, serve
from forumreg.adapters.server.supervisor import Child, supervise

__all__ = ["Child", "Terms", "listen", "serve", "supervise"]
