"""Names in zip files of Windows are read in the right code page, also if they are short."""

from __future__ import annotations

import struct
import zipfile
import zlib
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.intake import IntakeOptions, search, zips
from grader.intake.names import decode_names, require_encoding

NAMES = {
    "gbk": [
        "张伟 李娜",
        "王芳",
        "欧阳娜娜 陈静",
        "诸葛亮 司马懿",
        "赵雷_作业1",
        "黄晓明",
        "周杰伦 林俊杰",
    ],
    "cp949": [
        "김민수 이서연",
        "박지훈",
        "최유나_12 정우성",
        "한가인",
        "강동원 송혜교",
        "윤아",
        "황정민_3",
    ],
    "cp932": [
        "佐藤太郎 鈴木花子",
        "田中",
        "高橋_12",
        "すずき たなか",
        "小林さくら",
        "スズキ",
        "斎藤 健",
        "ﾀﾅｶ ﾀﾛｳ",
    ],
    "big5": ["陳怡君 林志明", "王雅婷", "張家豪_12", "李明", "許功蓋", "郭台銘 蔡英文", "吳宗憲"],
    "cp1251": ["Иванов_1 Петров_2", "Анна", "Сидорова Мария", "Ким", "ИВАНОВ", "Шевченко Андрій"],
    "cp866": ["Иванов_1 Петров_2", "Анна", "Сидорова Мария", "Ким", "Щербаков Юрий"],
    "cp437": ["café", "Müller Jörg", "José Nuñez", "Zoë", "François"],
    "cp1252": ["Müller Jörg", "Åse", "João", "José Nuñez", "François", "Björk Guðmundsdóttir"],
    "cp850": ["João", "Øystein"],
    "cp852": ["Łukasz Żółć", "Jiří Dvořák", "Željko Đurić", "Ľubomír Ďurica"],
    "cp1250": [
        "Łukasz Żółć",
        "Jiří Dvořák",
        "Kőszegi Fűzi Réka",
        "Želimir Đurić",
        "Ľubomír Ďurica",
    ],
    "cp857": ["Ayşe Yılmaz"],
    "cp1254": ["Ayşe Yılmaz Çağrı İbrahim Gökhan Güneş"],
    "utf-8": ["张伟", "é", "Иванов", "김민수", "Ada Lovelace"],
}


@pytest.mark.parametrize(
    ("encoding", "names"), [(code, names) for code, all_ in NAMES.items() for names in all_]
)
def test_names_are_read_in_their_code_page(encoding: str, names: str) -> None:
    """The names of an archive are split at blanks."""
    expected = tuple(names.split())

    assert decode_names([name.encode(encoding) for name in expected]).names == expected


def test_ascii_and_utf8_need_no_guess() -> None:
    assert decode_names([b"ada", "张伟".encode()]).encoding == ""


def test_utf8_and_a_code_page_may_be_mixed() -> None:
    """A folder of a Mac in an archive of Chinese Windows."""
    assert decode_names(["张伟".encode("gbk"), "李娜".encode()]).names == ("张伟", "李娜")


@pytest.mark.parametrize(
    ("name", "encoding"), [("Ωμέγα", "cp737"), ("ŽALUD", "cp1250"), ("Gábor", "cp1250")]
)
def test_unlikely_names_are_doubtful(name: str, encoding: str) -> None:
    """Greek is not among the languages that are guessed; others have a likely reading in two."""
    assert decode_names([name.encode(encoding)]).is_doubtful


# ------------------------------------------------------------------ in a zip file


def unmarked(names: list[bytes], extra: dict[bytes, bytes] | None = None) -> bytes:
    """Return a zip file with these raw names of members, without the flag of UTF-8."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number, name in enumerate(names):
            info = zipfile.ZipInfo(chr(97 + number) * len(name))
            info.extra = (extra or {}).get(name, b"")
            archive.writestr(info, str(number))
    data = buffer.getvalue()
    for number, name in enumerate(names):
        for mark in (b"PK\x03\x04", b"PK\x01\x02"):
            at = data.index(bytes([97 + number]) * len(name), data.index(mark))
            data = data[:at] + name + data[at + len(name) :]
    return data


def unicode_path(name: bytes, text: str, *, checksum: int | None = None) -> bytes:
    field = struct.pack("<BI", 1, zlib.crc32(name) if checksum is None else checksum)
    return struct.pack("<HH", 0x7075, len(field + text.encode())) + field + text.encode()


def ids(data: bytes, tmp_path: Path, options: IntakeOptions | None = None) -> list[str]:
    path = tmp_path / "class.zip"
    path.write_bytes(data)
    return sorted(source.id for source in search([path], options=options).sources)


def test_unicode_path_needs_no_guess(tmp_path: Path) -> None:
    names = ["张伟/x.ipynb".encode("gbk"), "李娜/yy.ipynb".encode("gbk")]
    extra = {names[0]: unicode_path(names[0], "Zhang/x.ipynb")}

    assert ids(unmarked(names, extra), tmp_path) == ["Zhang", "李娜"]


def test_unicode_path_of_another_name_is_ignored(tmp_path: Path) -> None:
    """A program that renames a member may leave the field as it was."""
    (name,) = names = ["张伟/x.ipynb".encode("gbk")]

    for field in (
        unicode_path(name, "Zhang/x.ipynb", checksum=1),
        unicode_path(name, "x")[:-1] + b"\xff",
    ):
        assert ids(unmarked(names, {name: field}), tmp_path) == ["张伟"]


def test_sentence_says_which_code_page_was_guessed(tmp_path: Path) -> None:
    names = [f"{name}/x.ipynb".encode("cp949") for name in ("김민수", "이서연")]
    path = tmp_path / "class.zip"
    path.write_bytes(unmarked(names))

    (warning,) = search([path]).warnings
    assert warning == (
        "The names in class.zip have no encoding mark and were read as cp949. If they are wrong, add "
        "--zip-names with the right encoding, for example gbk, big5, cp932, cp949, cp866 or cp1251."
    )


def test_named_encoding_is_used(tmp_path: Path) -> None:
    data = unmarked(["Ωμέγα/x.ipynb".encode("cp737"), b"ada/x.ipynb"])

    assert ids(data, tmp_path, IntakeOptions("cp737")) == ["ada", "Ωμέγα"]
    assert search([tmp_path / "class.zip"], options=IntakeOptions("cp737")).warnings == ()


@pytest.mark.parametrize(
    "name", ["no-such", "base64", "rot13", "x\0y", "idna", "punycode", "utf-16"]
)
def test_unknown_encoding_is_a_usage_error(name: str) -> None:
    with pytest.raises(
        UsageError, match=r"^--zip-names: there is no encoding .* for names. Usual ones are gbk"
    ):
        require_encoding(name)


# ------------------------------------------------------------------ digests


def test_digest_of_a_large_file_is_streamed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Plain, in a zip file, and null above a second limit or if it was compressed very much."""
    monkeypatch.setattr(zips, "MAX_BYTES", 10)
    monkeypatch.setattr(zips, "MAX_DIGESTED", 3 << 20)
    sizes = {"ada.ipynb": 11, "bob.ipynb": 2 << 20, "cyd.ipynb": 5 << 20}
    for name, size in sizes.items():
        (tmp_path / name).write_bytes(b"x" * size)
    for kind in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        with zipfile.ZipFile(tmp_path / f"{kind}.zip", "w", kind) as archive:
            for name in sizes:
                archive.write(tmp_path / name, name)
    digests = [
        [source.read().sha256 for source in search(paths).sources]
        for paths in (
            [tmp_path / "0.zip"],
            [tmp_path / name for name in sizes],
            [tmp_path / "8.zip"],
        )
    ]

    assert digests[0] == digests[1]
    assert digests[2] == [digests[0][0], None, None]
    assert digests[0] == [*(sha256(b"x" * size).hexdigest() for size in (11, 2 << 20)), None]
