"""A box sees the interpreter and the packages it was given, with what those require; no more."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from grader import assignments, sandbox
from grader.sandbox import bubblewrap, mounts
from tests import ROOT

SECRETS = [ROOT / name for name in ("grader", "reference", "testcases", "tests")]


def install(site: Path, name: str, files: str, *requires: str) -> None:
    """Write what an installer leaves of a distribution: its metadata, its list of files, the files."""
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
    """Return a folder in which distributions are looked for first."""
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path.resolve()


def seen(*packages: str) -> list[str]:
    entries = mounts.site_entries.__wrapped__(packages)
    return sorted(path.name for path in entries if path.suffix != ".dist-info")


def within(path: Path, folder: Path) -> bool:
    return path == folder or folder in path.parents


def test_the_entries_of_a_distribution_are_its_own_files_and_folders(site: Path) -> None:
    files = "made_up/__init__.py made_up/deep/er.py made_up.libs/x.so made_up_top.py"
    install(site, "made-up", f"{files} ../../bin/tool __pycache__/made_up_top.pyc")
    assert seen("made-up") == ["made_up", "made_up.libs", "made_up_top.py"]
    assert site / "made_up" in mounts.site_entries.__wrapped__(("made-up",))
    assert site / "made_up-1.0.dist-info" in mounts.site_entries.__wrapped__(("made-up",))


def test_what_a_distribution_requires_is_in_and_so_is_what_that_requires(site: Path) -> None:
    install(site, "first", "first.py", "second>=1", "Third_One; python_version >= '3'")
    install(site, "second", "second.py", "fourth[extra]~=1.0", "first")
    install(site, "third-one", "third_one.py")
    install(site, "fourth", "fourth.py")
    install(site, "unasked", "unasked.py")
    assert seen("first") == ["first.py", "fourth.py", "second.py", "third_one.py"]


def test_what_only_an_extra_or_another_system_requires_is_out(site: Path) -> None:
    install(site, "first", "first.py", "tests; extra == 'dev'", "wine; sys_platform == 'win32'")
    install(site, "tests", "tests.py")
    install(site, "wine", "wine.py")
    assert seen("first") == ["first.py"]


def test_a_distribution_that_is_not_installed_is_left_out(site: Path) -> None:
    install(site, "first", "first.py", "there-is-no-such-distribution")
    assert seen("first", "nor-is-there-this-one") == ["first.py"]
    assert seen("nor-is-there-this-one") == []


def test_a_file_that_is_listed_and_not_there_is_left_out(site: Path) -> None:
    install(site, "first", "first.py absent/setup.py")
    assert seen("first") == ["first.py"]


def test_numpy_is_seen_with_its_libraries() -> None:
    names = seen("numpy")
    assert "numpy" in names
    assert not {"pytest", "hypothesis", "grader"} & set(names)


def test_neither_grader_nor_reference_nor_cases_are_ever_among_the_entries() -> None:
    packages = {p for name in assignments.names() for p in assignments.load(name).packages}
    shown = [
        *mounts.site_entries(tuple(packages)),
        *mounts.interpreter_paths(),
        *mounts.site_folders(),
    ]
    assert shown
    for secret in SECRETS:
        assert not [path for path in shown if within(secret, path) or within(path, secret)]


def test_of_the_grader_a_box_is_given_the_files_that_run_in_it_and_the_helpers_alone() -> None:
    stated = assignments.load("regularization")
    contents = sandbox.BoxContents(stated.files.helpers, stated.packages)
    arguments = bubblewrap.command(contents.placed(), 1 << 20, nested=True)
    bound = [Path(arguments[i + 1]) for i, a in enumerate(arguments) if a == "--ro-bind"]
    ours = [path for path in bound if any(within(path, secret) for secret in SECRETS)]
    assert ours
    assert {path.parent for path in ours} == {mounts.BOX_FILES}
    assert not [path for path in bound for secret in SECRETS if within(secret, path)]
    helpers = {path for _, path in stated.files.helpers}
    assert helpers <= set(bound)
    inside = [arguments[i + 2] for i, a in enumerate(arguments) if a == "--ro-bind"]
    assert len(inside) == len(set(inside))


def test_everything_in_the_root_but_the_small_disk_is_bound_read_only() -> None:
    placed = sandbox.BoxContents((), ("numpy",)).placed()
    arguments = bubblewrap.command(placed, 1 << 20, nested=False)
    assert "--bind" not in arguments
    writable = [arguments[i + 1] for i, a in enumerate(arguments) if a == "--dev-bind"]
    assert writable == ["/dev/null", "/dev/urandom"]
    place = arguments.index("/tmp")
    assert arguments[place - 3 : place] == ["--size", str(1 << 20), "--tmpfs"]
    assert arguments[-3:-1] == ["--remount-ro", "/"]


def test_the_interpreter_is_the_real_one_and_all_that_it_needs_exists() -> None:
    interpreter = mounts.interpreter()
    assert interpreter.is_file() and not interpreter.is_symlink()
    paths = mounts.interpreter_paths()
    assert paths[0] == interpreter
    assert all(path.is_absolute() and path.exists() for path in paths)
    assert any((path / "json" / "__init__.py").is_file() for path in paths)


def test_packages_inside_the_standard_library_are_covered() -> None:
    for folder in mounts.site_folders():
        assert folder.name in ("site-packages", "dist-packages")
        assert any(within(folder, path) for path in mounts.interpreter_paths())


def test_packages_inside_the_library_are_left_out_of_what_is_named_one_by_one(
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


def test_what_is_open_to_all_can_be_reached_and_read_by_all() -> None:
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
            assert mounts.is_open_to_all(file) == is_open
