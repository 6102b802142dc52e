"""Faults planted at random in a clean plan, each with all that it causes, to be compared with what the check finds."""
