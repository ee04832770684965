"""Measurements of forumreg as it is shipped, for anybody to repeat: `python -m benchmarks.run`."""
