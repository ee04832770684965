"""Event files (``forumreg-event/1``): ``reading.read`` and ``writing.write``, there and back without loss."""
