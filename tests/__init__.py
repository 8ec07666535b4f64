"""Tests in tiers, each a folder: `unit` starts no process and takes seconds."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
