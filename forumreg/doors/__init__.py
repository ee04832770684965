"""One package an audience: parse, ask one rule, answer."""
