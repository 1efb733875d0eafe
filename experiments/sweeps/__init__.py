"""Sweeps: scenarios and policies lived on the same futures over a design of settings, and what they teach."""
