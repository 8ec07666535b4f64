"""Run the steps of workflow files as a runner does: GitHub's `run` and local actions, GitLab's `script`.

Packages come from this environment instead of a registry, and repositories from local folders.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

import yaml

from dev import create_environment
from tests import ROOT
from tests.support.wheel import link_packages, needed_by

BLOCK = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)
TAG = "v0.1.0"
_URL = "https://example.org/"
_SHIPPED = (
    *("grader", "reference", "testcases", "student_template", "requirements", "action.yml"),
    *(".pre-commit-hooks.yaml", "pyproject.toml", "README.md", "LICENSE"),
)
_STAND_INS = {"actions/setup-python", "actions/checkout"}
_AUTHOR = ("-c", "user.name=A", "-c", "user.email=a@example.org")


def guide(name: str) -> dict[str, Any]:
    """Return the file of the guide that has this key, or this name."""
    text = (ROOT / "docs" / "guides" / "ci.md").read_text("utf-8")
    files = [yaml.safe_load(block) for block in BLOCK.findall(text)]
    (file,) = (file for file in files if name in file or file.get("name") == name)
    return dict(file)


def bare_environment(venv: Path) -> Path:
    """Make an environment with the packages that the grader needs, without the grader itself."""
    create_environment(venv, pip=False)
    needed = needed_by(metadata.distribution("notebook-grader"), "build", "notebook")
    link_packages([*needed, metadata.distribution("pip")], venv)
    return venv


def repository(folder: Path) -> Path:
    """Make a repository of the files in a folder; any commit may be fetched, as from a platform."""
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "config", "uploadpack.allowAnySHA1InWant", "true")
    commit(folder)
    return folder


def release_of_the_grader(folder: Path) -> Path:
    """Make a repository of the grader, with a tag."""
    ignore = shutil.ignore_patterns("__pycache__")
    for name in _SHIPPED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=ignore)
        else:
            shutil.copy(ROOT / name, folder / name)
    repository(folder)
    git(folder, "tag", TAG)
    return folder


def git(folder: Path, *arguments: str) -> str:
    """Run git and return what it prints."""
    command = ("git", *_AUTHOR, *arguments)
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def commit(folder: Path) -> str:
    """Commit all files of a repository; return the ID of the commit."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "Files")
    return git(folder, "rev-parse", "HEAD").strip()


@dataclass
class Runner:
    """A machine for jobs. `log` is the output, `artifacts` has the uploaded paths by name.

    `origin` is the repository whose branch is checked out. Scripts that install run once, for speed.
    """

    folder: Path
    venv: Path
    grader: Path
    origin: Path
    log: str = ""
    artifacts: dict[str, Path] = field(default_factory=dict)
    installed: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Make the folders, and a `sudo` that changes nothing."""
        for name in ("bin", "home"):
            (self.folder / name).mkdir(parents=True)
        sudo = self.folder / "bin" / "sudo"
        sudo.write_text("#!/bin/sh\n", "utf-8")
        sudo.chmod(0o755)

    @property
    def workspace(self) -> Path:
        """The folder in which commands run."""
        return self.folder / "workspace"

    def environment(self, changes: Mapping[str, str]) -> dict[str, str]:
        """Return the variables of a step: those of the service, those that keep pip off the network."""
        path = (self.folder / "bin", self.venv / "bin", *os.defpath.split(os.pathsep)[::-1])
        return {
            "PATH": os.pathsep.join(map(str, path)),
            "HOME": str(self.folder / "home"),
            "CI": "true",
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary.md"),
            "PIP_NO_INDEX": "1",
            "PIP_NO_BUILD_ISOLATION": "0",  # pip reads the value backwards
            "PIP_ROOT_USER_ACTION": "ignore",
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"url.file://{self.grader.parent}/.insteadOf",
            "GIT_CONFIG_VALUE_0": _URL,
            **changes,
        }

    def github(self, steps: Iterable[Mapping[str, Any]], context: Mapping[str, str]) -> int:
        """Run steps in order until one fails, then only those for `!cancelled()`; return the status."""
        status = 0
        for step in steps:
            condition = str(step.get("if", ""))
            if status and "cancelled()" not in condition:
                continue
            if (name := re.match(r"inputs\.(\S+) != ''", condition)) and not context[name[0][:-6]]:
                continue
            status = self._step(step, context) or status
        return status

    def _step(self, step: Mapping[str, Any], context: Mapping[str, str]) -> int:
        """Run one step; return its exit status."""
        given = {name: _filled(text, context) for name, text in step.get("with", {}).items()}
        action = step.get("uses", "").partition("@")[0]
        if "run" in step:
            variables = {k: _filled(text, context) for k, text in step.get("env", {}).items()}
            action_path = {"GITHUB_ACTION_PATH": str(self.grader)}
            if step["run"] in self.installed:
                return 0
            if " install " in step["run"]:
                self.installed.add(step["run"])
            return self.shell(step["run"], {**action_path, **variables})
        if action == "actions/checkout":
            git(self.folder, "clone", "--quiet", f"file://{self.origin}", str(self.workspace))
        elif action == "actions/upload-artifact":
            self.artifacts[given["name"]] = self.workspace / given["path"]
        elif action == "OWNER/notebook-grader":
            definition = yaml.safe_load((self.grader / "action.yml").read_text("utf-8"))
            inputs = {name: field["default"] for name, field in definition["inputs"].items()}
            assert given.keys() <= inputs.keys()
            values = {f"inputs.{name}": value for name, value in {**inputs, **given}.items()}
            return self.github(definition["runs"]["steps"], values)
        else:
            assert action in _STAND_INS
        return 0

    def shell(self, script: str, variables: Mapping[str, str]) -> int:
        """Run a script in bash with the options of the services; return its exit status."""
        done = subprocess.run(
            ("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script),
            cwd=self.workspace,
            env=self.environment(variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.log += done.stdout
        return done.returncode


def _filled(text: object, context: Mapping[str, str]) -> str:
    return re.sub(r"\$\{\{ (.+?) \}\}", lambda match: context[match[1]], str(text))
