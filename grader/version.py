"""The version of the grader: a module of its own, so that `grader --version` imports nothing else."""

VERSION = "0.1.0"
