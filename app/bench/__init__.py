"""Speed and memory, measured: `weerklank bench`. Figures differ by machine, so each bench compares within its own run."""
