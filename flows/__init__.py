"""Flows: order and nothing else."""
