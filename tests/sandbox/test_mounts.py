"""A box contains the interpreter, the assignment's packages and their requirements, nothing else."""

from __future__ import annotations

import tempfile
from importlib.util import cache_from_source
from pathlib import Path

import pytest

from grader import assignments, sandbox
from grader.sandbox import bubblewrap, mounts
from tests import ROOT

SECRETS = [ROOT / name for name in ("grader", "reference", "testcases", "tests")]


def install(site: Path, name: str, files: str, *requires: str) -> None:
    """Write a distribution as an installer does: its metadata, its list of files, and the files."""
    metadata = site / f"{name.replace('-', '_')}-1.0.dist-info"
    metadata.mkdir()
    lines = ["Metadata-Version: 2.1", f"Name: {name}", "Version: 1.0"]
    lines += [f"Requires-Dist: {requirement}" for requirement in requires]
    (metadata / "METADATA").write_text("\n".join(lines) + "\n")
    listed = [*files.split(), f"{metadata.name}/METADATA"]
    (metadata / "RECORD").write_text("".join(f"{file},,\n" for file in listed))
    for file in files.split():
        if not file.startswith("..") and "absent" not in file:
            (site / file).parent.mkdir(parents=True, exist_ok=True)
            (site / file).touch()


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder that is searched first for distributions."""
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path.resolve()


def visible_names(*packages: str) -> list[str]:
    entries = mounts.site_entries.__wrapped__(packages)
    return sorted(path.name for path in entries if path.suffix != ".dist-info")


def within(path: Path, folder: Path) -> bool:
    return path == folder or folder in path.parents


def test_entries_are_the_distributions_own_files(site: Path) -> None:
    files = "made_up/__init__.py made_up/deep/er.py made_up.libs/x.so made_up_top.py"
    install(site, "made-up", f"{files} ../../bin/tool __pycache__/made_up_top.pyc")
    assert visible_names("made-up") == ["made_up", "made_up.libs", "made_up_top.py"]
    assert site / "made_up" in mounts.site_entries.__wrapped__(("made-up",))
    assert site / "made_up-1.0.dist-info" in mounts.site_entries.__wrapped__(("made-up",))


def test_requirements_are_included_recursively(site: Path) -> None:
    install(site, "first", "first.py", "second>=1", "Third_One; python_version >= '3'")
    install(site, "second", "second.py", "fourth[extra]~=1.0", "first")
    install(site, "third-one", "third_one.py")
    install(site, "fourth", "fourth.py")
    install(site, "unrelated", "unrelated.py")
    assert visible_names("first") == ["first.py", "fourth.py", "second.py", "third_one.py"]


def test_requirements_of_extras_are_excluded(site: Path) -> None:
    """So are those of other systems."""
    install(site, "first", "first.py", "tests; extra == 'dev'", "wine; sys_platform == 'win32'")
    install(site, "tests", "tests.py")
    install(site, "wine", "wine.py")
    assert visible_names("first") == ["first.py"]


def test_missing_distribution_is_skipped(site: Path) -> None:
    install(site, "first", "first.py", "there-is-no-such-distribution")
    assert visible_names("first", "nor-is-there-this-one") == ["first.py"]
    assert visible_names("nor-is-there-this-one") == []


def test_listed_but_missing_file_is_skipped(site: Path) -> None:
    install(site, "first", "first.py absent/setup.py")
    assert visible_names("first") == ["first.py"]


def test_numpy_is_visible_alone() -> None:
    names = visible_names("numpy")
    assert "numpy" in names
    assert not {"pytest", "hypothesis", "grader"} & set(names)


def test_entries_never_contain_our_code() -> None:
    packages = {p for name in assignments.names() for p in assignments.load(name).packages}
    visible = [
        *mounts.site_entries(tuple(packages)),
        *mounts.interpreter_paths(),
        *mounts.site_folders(),
    ]
    assert visible
    for secret in SECRETS:
        assert not [path for path in visible if within(secret, path) or within(path, secret)]


def test_box_gets_only_box_files_and_helpers() -> None:
    """The box files come with their compiled forms, as far as there are any."""
    assignment = assignments.load("regularization")
    contents = sandbox.BoxContents(assignment.files.helpers, assignment.packages)
    arguments = bubblewrap.command(contents.placements(), 1 << 20, nested=True)
    bound = [Path(arguments[i + 1]) for i, a in enumerate(arguments) if a == "--ro-bind"]
    ours = [path for path in bound if any(within(path, secret) for secret in SECRETS)]
    assert ours
    sources = set(mounts.BOX_FILES.glob("[!_]*.py"))
    compiled = {path for path in map(Path, map(cache_from_source, sources)) if path.is_file()}
    assert set(ours) == sources | compiled
    assert not [path for path in bound for secret in SECRETS if within(secret, path)]
    helpers = {path for _, path in assignment.files.helpers}
    assert helpers <= set(bound)
    inside = [arguments[i + 2] for i, a in enumerate(arguments) if a == "--ro-bind"]
    assert len(inside) == len(set(inside))


def test_only_tmp_is_writable() -> None:
    placed = sandbox.BoxContents((), ("numpy",)).placements()
    arguments = bubblewrap.command(placed, 1 << 20, nested=False)
    assert "--bind" not in arguments
    writable = [arguments[i + 1] for i, a in enumerate(arguments) if a == "--dev-bind"]
    assert writable == ["/dev/null", "/dev/urandom"]
    index = arguments.index("/tmp")
    assert arguments[index - 3 : index] == ["--size", str(1 << 20), "--tmpfs"]
    assert arguments[-3:-1] == ["--remount-ro", "/"]


def test_interpreter_paths_exist() -> None:
    interpreter = mounts.interpreter()
    assert interpreter.is_file() and not interpreter.is_symlink()
    paths = mounts.interpreter_paths()
    assert paths[0] == interpreter
    assert all(path.is_absolute() and path.exists() for path in paths)
    assert any((path / "json" / "__init__.py").is_file() for path in paths)


def test_site_folders_are_known() -> None:
    for folder in mounts.site_folders():
        assert folder.name in ("site-packages", "dist-packages")
        assert any(within(folder, path) for path in mounts.interpreter_paths())


def test_interpreter_entries_exclude_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("lib/os.py", "lib/json/a.py", "lib/site-packages/grader/a.py", "usr/b.so"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "link").symlink_to(tmp_path / "lib")
    lib, usr = tmp_path / "lib", tmp_path / "usr"
    monkeypatch.setattr(mounts, "site_folders", lambda: (tmp_path / "link" / "site-packages",))
    monkeypatch.setattr(mounts, "interpreter_paths", lambda: (tmp_path / "link", usr))
    entries, mixed = mounts.interpreter_entries()
    assert set(entries) == {lib / "os.py", lib / "json", usr}
    assert mixed == (lib,)
    monkeypatch.setattr(mounts, "site_folders", lambda: ())
    assert mounts.interpreter_entries() == ((usr, lib), ())


def test_is_readable_by_all() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder, file = Path(name), Path(name, "file")
        file.touch()
        for of_folder, of_file, is_open in (
            (0o755, 0o644, True),
            (0o711, 0o604, True),
            (0o755, 0o640, False),
            (0o754, 0o644, False),
        ):
            folder.chmod(of_folder)
            file.chmod(of_file)
            assert mounts.is_readable_by_all(file) == is_open
