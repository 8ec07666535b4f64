# ruff: noqa: RUF001  (titles in Russian and Turkish)
"""Find the columns of a roster by their titles, in the languages of the platforms, or by their cells."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Collection, Sequence
from typing import Final, NamedTuple

from grader.model.students import is_participants

Row = Sequence[str]

_ID: Final = (
    *("github_username", "display id", "identifier", "username", "user name", "sid", "id"),
    *("student id", "student_id", "studentid", "orgdefinedid", "user id", "user_id", "userid"),
    *("login", "sis user id", "student number", "id number", "idnumber"),
    *("matrikelnummer", "id-nummer", "identifikator", "identifiant", "numéro d'identification"),
    *("numéro d’identification", "numéro étudiant", "numéro d'étudiant", "matricule"),
    *("identificador", "número de id", "número de identificación", "matrícula", "identificativo"),
    *("codice identificativo", "matricola", "número de identificação", "número id", "número"),
    *("identificatie", "studentnummer", "идентификатор", "индивидуальный номер", "номер"),
    *("id номер", "номер студента", "学号", "學號", "id号码", "编号", "標識符", "标识符", "识别码"),
    *("学籍番号", "idナンバー", "id番号", "識別子", "학번", "id 번호", "식별자", "identyfikator"),
    *("numer id", "numer indeksu", "nr albumu", "numer albumu", "öğrenci no", "öğrenci numarası"),
    *("kimlik numarası", "id numarası", "tanımlayıcı"),
)
_ANY_ID: Final = (*_ID, "sis login id", "integration id")
_NAME: Final = (
    *("full name", "fullname", "student name", "display name", "name", "student"),
    *("vollständiger name", "nom complet", "nombre completo", "nome completo", "nome e cognome"),
    *("cognome e nome", "apellidos y nombre", "nombre y apellidos", "nom et prénom"),
    *("volledige naam", "naam", "полное имя", "фио", "姓名", "全名", "氏名", "フルネーム", "名前"),
    *("성명", "전체 이름", "imię i nazwisko", "nazwisko i imię", "pełna nazwa"),
    *("tam adı", "tam ad", "ad soyad", "adı soyadı"),
)
_FIRST: Final = (
    *("first name", "first_name", "firstname", "given name", "given names", "vorname"),
    *("vorname(n)", "prénom", "prénoms", "nombre", "nombre(s)", "nome", "nome próprio"),
    *("primeiro nome", "voornaam", "имя", "名", "名字", "이름", "imię", "adı", "ad"),
)
_LAST: Final = (
    *("last name", "last_name", "lastname", "surname", "family name", "nachname", "familienname"),
    *("nom", "nom de famille", "apellido(s)", "apellidos", "apellido", "cognome", "apelido(s)"),
    *("apelido", "sobrenome", "achternaam", "фамилия", "姓", "姓氏", "성", "nazwisko"),
    *("soyadı", "soyad"),
)
_EMAIL: Final = (
    *("email", "email address", "e-mail", "e-mail address", "mail", "sis login id"),
    *("e-mail-adresse", "adresse de courriel", "adresse e-mail", "adresse électronique"),
    *("courriel", "dirección de correo", "dirección email", "correo electrónico", "correo"),
    *("dirección de correo electrónico", "indirizzo email", "indirizzo e-mail"),
    *("endereço de email", "endereço de e-mail", "endereço de correio eletrónico"),
    *("e-mailadres", "адрес электронной почты", "электронная почта", "邮箱", "电子邮件"),
    *("电子邮件地址", "電子郵件", "電子郵件信箱", "email地址", "メールアドレス", "이메일"),
    *("이메일 주소", "adres e-mail", "adres email", "e-posta", "e-posta adresi"),
)
_ROLE: Final = ("role",)
_KNOWN: Final = {*_ID, *_NAME, *_FIRST, *_LAST, *_EMAIL}
"""In order of preference. Canvas, Moodle, Gradescope, Blackboard, Brightspace, Sakai, nbgrader, GitHub."""

_LONG_NUMBER: Final = re.compile(r"#?[^\W\d_]{0,3}\d{4,}")
_ANY_NUMBER: Final = re.compile(r"[^\s\d]*\d+")
_PERSON: Final = re.compile(r"[^\d@]*[^\W\d_][^\d@]*")
_PHONE: Final = re.compile(r"phone|mobil|telef|tel\.|handy|телефон|电话|電話|手机|携帯|전화")


class Columns(NamedTuple):
    """The numbers of the columns, None for one that is missing.

    The IDs are numbers of participants if `has_participants`.
    """

    id: int | None = None
    name: int | None = None
    first: int | None = None
    last: int | None = None
    email: int | None = None
    role: int | None = None
    has_participants: bool = False


def is_header(row: Row) -> bool:
    """Return True if a row has the titles of at least two columns, or of the only one."""
    titles = {_title(cell) for cell in row}
    return len(titles & _KNOWN) > 1 or (bool(titles & _KNOWN) and len(row) == 1)


def find(rows: Sequence[Row], header: Row = (), present: Collection[str] = ()) -> Columns:
    """Return the columns of rows by their titles, and the rest by their cells.

    Without a header the rows may begin with titles in a language that is not known here. Of several
    columns of IDs it is the one with most of the IDs in `present`, which are casefolded.
    """
    titles = [_title(cell) for cell in header]

    def first(names: Sequence[str]) -> int | None:
        return next((titles.index(name) for name in names if name in titles), None)

    columns = Columns(
        first(_ID), first(_NAME), first(_FIRST), first(_LAST), first(_EMAIL), first(_ROLE)
    )
    taken = {at for at, title in enumerate(titles) if title in _KNOWN or _PHONE.search(title)}
    table = _Table(rows, taken)
    if numbers := [titles.index(name) for name in _ANY_ID if name in titles]:
        columns = columns._replace(id=max(numbers, key=lambda at: table.count(at, present)))
    if columns.email is None:
        columns = columns._replace(email=table.take(lambda cell: "@" in cell))
    if columns.id is None:
        number = _LONG_NUMBER if header else _ANY_NUMBER
        columns = columns._replace(id=table.take_number(number))
    columns = _with_names(columns, table)
    has_participants = columns.id is not None and is_participants(table.cells(columns.id))
    return columns._replace(has_participants=has_participants)


def _title(cell: str) -> str:
    return " ".join(cell.split()).casefold()


class _Table:
    """The columns of rows, and those that are taken."""

    def __init__(self, rows: Sequence[Row], taken: Collection[int]) -> None:
        self._columns = [
            [cell.strip() for cell in column]
            for column in itertools.zip_longest(*rows, fillvalue="")
        ]
        self._taken = {*taken}

    def cells(self, at: int) -> list[str]:
        """Return the cells of a column, empty ones included."""
        return self._columns[at] if at < len(self._columns) else []

    def count(self, at: int, ids: Collection[str]) -> int:
        """Return the number of cells in a column that are among casefolded IDs."""
        return sum(cell.removeprefix("#").casefold() in ids for cell in self.cells(at) if cell)

    def take(self, matches: Callable[[str], bool]) -> int | None:
        """Return the column with most cells that match, at least half of them, and mark it as taken."""
        counts = [(sum(map(matches, self._columns[at])), -at) for at in self._free()]
        most, minus = max(counts, default=(0, 0))
        return self._mark(-minus if most and 2 * most >= len(self._columns[-minus]) else None)

    def take_number(self, number: re.Pattern[str]) -> int | None:
        """Return the first column of different numbers, else that of Moodle's participants, as taken."""
        free = self._free()
        numbers = next((at for at in free if self._is_column(at, number)), None)
        if numbers is None and 0 in free and is_participants(self._columns[0]):
            numbers = 0
        return self._mark(numbers)

    def take_name(self, near: int | None = None) -> int | None:
        """Return the first column of names, of those beside the column `near`, as taken."""
        names = (
            at
            for at in self._free()
            if (near is None or abs(at - near) == 1) and self._is_column(at, _PERSON)
        )
        return self._mark(next(names, None))

    def _free(self) -> list[int]:
        return [at for at in range(len(self._columns)) if at not in self._taken]

    def _mark(self, at: int | None) -> int | None:
        self._taken |= set() if at is None else {at}
        return at

    def _is_column(self, at: int, pattern: re.Pattern[str]) -> bool:
        """Return True if most cells match, and most of these are different: groups are not."""
        matching = [cell for cell in self._columns[at] if pattern.fullmatch(cell)]
        return 2 * len(matching) >= len(self._columns[at]) and 2 * len({*matching}) > len(matching)


def _with_names(columns: Columns, table: _Table) -> Columns:
    """Return the columns with those of names; two columns beside each other are first and last name."""
    if columns.name is not None or None not in (columns.first, columns.last):
        return columns
    if columns.first is None and columns.last is None:
        columns = columns._replace(first=table.take_name())
    at = columns.first if columns.first is not None else columns.last
    if at is None or _are_full_names(table.cells(at)):
        return columns
    if columns.first is None:
        return columns._replace(first=table.take_name(at))
    return columns._replace(last=table.take_name(at))


def _are_full_names(cells: Sequence[str]) -> bool:
    """Return True if most names have several words."""
    filled = [*filter(None, cells)]
    return 2 * sum(" " in cell for cell in filled) > len(filled)
