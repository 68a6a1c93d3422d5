"""Tests mirror patrolmap: tests/<room>/test_<module>.py; each name is a sentence stating a law."""
