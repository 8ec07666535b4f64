"""Decode the names in a zip file that does not say in which code page they are.

Windows writes names in the code page of its language, without a mark. A name of two or three
characters is valid in several code pages, so the archive is judged as a whole: each code page decodes
all names, and the one wins whose characters are likely in names of its language.
"""

from __future__ import annotations

import contextlib
import itertools
import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import NamedTuple

from grader.errors import UsageError

_HANS = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范"
    "汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔赖文欧阳伟芳娜秀英敏静丽强"
    "磊军洋勇艳杰娟涛明超霞平刚桂华玉兰红梅建国志海波峰宇浩然子轩涵欣怡佳雨思嘉俊琪梦晨睿泽博雅琳雪婷慧晓春燕玲飞鹏鑫斌辉凯"
    "旭天一凡成翔宁瑞家豪诗心悦晴月星辰安若楠丹倩颖莹璐萍蕾薇珊琴云青莉彤可馨语洁瑶媛妍茜健新东森清源航昊昕逸光正义德仁智信"
    "永福贵生祥顺利胜荣忠良才元亮富宝财长少小大中学作业提交报告第班组号奕沐宸铭毅雯璇倪俞樊殷施洪柳柯翁庄游齐牛温葛卓习尚"
)
_HANT = frozenset(
    "王李張劉陳楊黃趙吳周徐孫馬朱胡郭何高林羅鄭梁謝宋唐許韓馮鄧曹彭曾蕭田董潘袁蔡蔣余于杜葉程魏蘇呂丁任盧姚沈鍾姜崔譚陸范"
    "汪廖石金韋賈夏方鄒熊白孟秦邱侯江尹薛段雷龍黎史陶賀毛郝顧龔邵萬錢戴嚴莫孔湯康賴文洪簡游詹施柯翁莊連巫歐陽怡君雅婷欣宜佳"
    "穎淑芬美玲惠如家豪志明俊傑建宏冠宇宗翰承恩柏彥廷詠晴品妤子涵思詩郁雯鈺靜麗英華國偉強勇雄榮賢信義仁哲瑋瑞安宥翔軒睿昕"
    "芷若心語妍雲月作業學號報告組第班繳交大小中一嘉珮慧敏儀卓鳳嬌潔浩鴻凱倫佩芸萱瑜琪蓉秀玉珍雪桂春梅蘭芳惟維彬銘輝德"
)
_HANGUL = frozenset(
    "김이박최정강조윤장임한오서신권황안송류유전홍고문양손배백허남심노하곽성차주우구민진나지엄채원천방공현함변염여추도소석선설마길"
    "연위표명기반라왕금옥육인맹제모탁국어은편용예경봉사부가복태목형두감호수준시후건영재훈혜숙희미순자상철동욱승아린율다빈규환혁찬"
    "솔별늘봄빛과출학번팀보고글세결보람슬란초화일중대교숙작업파운의애란광덕무범병복삼식열완종창충필택한해향휘흥"
)
_KANJI = frozenset(
    "佐藤鈴木高橋田中伊渡辺山本村小林加吉井上松清斎齋池森阿部石前川岡長谷近後坂遠青西福太三野原口竹金和酒今工河内柴宮古新安島"
    "平久保増菅桜千葉岩大水丸杉横菊市岸北黒土関根武浅沢澤服丹羽樋郎一二子美恵花翔陽葵結愛莉心咲優奈菜希真由香里健輔拓也直樹雄"
    "正義明弘幸介亮悠斗蓮颯課題提出学籍番号組班智子恭純裕浩隆誠豊彩桃夏美月紗沙織理玲瑞樹海人翼駿涼勇秀英貴達博之哉"
)
_CYRILLIC = re.compile(r"[\u0430-\u045f\u0490\u0491]", re.IGNORECASE)
_COMMON_CYRILLIC = frozenset("оеаинтсрвлкмдпуяыьгзбчйхжшю")
_ALPHABETS = tuple(
    map(
        frozenset,
        (
            *("äöüß", "àâæçéèêëîïôœùûü", "áéíñóúü", "àáâãçéêíóôõúü", "àéèìíîòóùú", "àçéèíïóòúü"),
            *("åäöæøéü", "ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű"),
            *("čćđšž", "ăâîşţșț", "çğıiöşü", "áðéíóúýþæö"),  # noqa: RUF001
        ),
    )
)
"""Letters with accents of German, French, Spanish, Portuguese, Italian, Catalan, Scandinavian, Polish,
Czech, Slovak, Hungarian, Croatian, Romanian, Turkish (whose İ becomes i) and Icelandic."""

_ICELANDIC = _ALPHABETS[-1]
_ACCENTED = frozenset().union(*_ALPHABETS)
_HALF_WIDTH = re.compile(r"(?<![A-Za-z])[ｦ-ﾟ]{2,}(?![A-Za-z])")
_SHOUTED_END = re.compile(r"[\u0430-\u045f][\u0400-\u042f](?:[\u0400-\u042f]|$)")
"""Capitals after a small letter, unless a new word begins."""

_WORD = re.compile(r"[^\W\d_]+")

_LIKELY, _POSSIBLE, _PLAIN, _RARE, _WRONG = 2.0, 0.5, 0.0, -1.5, -3.0
_DOUBTFUL_SCORE, _DOUBTFUL_MARGIN = 0.6, 0.35
_SAMPLE = 500


class Decoded(NamedTuple):
    """Names in text, with the code page that was guessed; empty if none was needed."""

    names: tuple[str, ...]
    encoding: str = ""
    is_doubtful: bool = False


def decode_names(names: Sequence[bytes], encoding: str = "") -> Decoded:
    """Decode the names of one archive: in `encoding`, else in UTF-8, else in the likeliest code page.

    Names in ASCII are the same in each of them. Several packers write UTF-8 without its mark.
    """
    if encoding:
        return Decoded(
            tuple(n.decode("ascii" if n.isascii() else encoding, "replace") for n in names)
        )
    unclear = [name for name in names if not name.isascii()]
    if all(_is_utf8(name) for name in unclear):
        return Decoded(tuple(name.decode("utf-8") for name in names))
    unclear = [name for name in unclear if not _is_surely_utf8(name)]
    scores = {page.codec: _score(page, unclear) for page in _PAGES}
    page = max(_PAGES, key=lambda page: scores[page.codec])
    best = scores[page.codec]
    second = max(scores[p.codec] for p in _PAGES if not _agree(p, page, unclear))
    return Decoded(
        tuple(
            name.decode("utf-8" if _is_surely_utf8(name) else page.codec, "replace")
            for name in names
        ),
        page.codec,
        best < _DOUBTFUL_SCORE or best - second < _DOUBTFUL_MARGIN,
    )


def _agree(one: _CodePage, two: _CodePage, names: Sequence[bytes]) -> bool:
    return all(
        name.decode(one.codec, "replace") == name.decode(two.codec, "replace") for name in names
    )


def require_encoding(name: str) -> None:
    """Raise UsageError if Python knows no text encoding of this name that keeps the letters of ASCII."""
    with contextlib.suppress(LookupError, ValueError):
        if bytes([*b"/.aZ09", *range(128, 256)]).decode(name, "replace").startswith("/.aZ09"):
            return
    raise UsageError(
        f"--zip-names: there is no encoding {name!r} for names. Usual ones are gbk (Chinese), big5 "
        "(Taiwan), cp932 (Japanese), cp949 (Korean), cp866 and cp1251 (Russian)."
    )


def _is_utf8(name: bytes) -> bool:
    try:
        name.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _is_surely_utf8(name: bytes) -> bool:
    """Return True if several characters are valid UTF-8, which no code page gives by chance."""
    return _is_utf8(name) and sum(character > "\x7f" for character in name.decode("utf-8")) > 1


# ------------------------------------------------------------------ how likely a decoded text is


class _CodePage(NamedTuple):
    """A code page and the mean likelihood of a text's characters, weighted by their bytes."""

    codec: str
    likelihood: Callable[[str], Iterable[float]]


def _score(page: _CodePage, names: Sequence[bytes]) -> float:
    """Return the mean likelihood for a byte that is not ASCII, of at most `_SAMPLE` names."""
    try:
        texts = [name.decode(page.codec) for name in names]
    except UnicodeDecodeError:
        return _WRONG
    text = "/".join(texts[:: len(texts) // _SAMPLE + 1])
    weights = [len(c.encode(page.codec)) if c > "\x7f" else 0 for c in text]
    total = sum(w * s for w, s in zip(weights, page.likelihood(text), strict=True) if w)
    return total / max(1, sum(weights))


def _asian(
    common: frozenset[str], usual: Callable[[str], bool], script: str
) -> Callable[[str], list[float]]:
    """Return the likelihood of a text in a code page of two bytes a character.

    `usual` is True for a character in the part of the code page that has everyday characters.
    """
    letters = re.compile(f"[{script}]")

    def likelihood(text: str) -> list[float]:
        return [
            _LIKELY
            if character in common
            else _WRONG
            if not letters.match(character)
            else _PLAIN
            if usual(character)
            else _RARE
            for character in text
        ]

    return likelihood


def _leads(codec: str, first: int, last: int) -> Callable[[str], bool]:
    def usual(character: str) -> bool:
        return first <= character.encode(codec, "replace")[0] <= last

    return usual


def _japanese(text: str) -> list[float]:
    """Return the likelihood of a Japanese text. Half-width letters are likely in whole words only."""
    kanji = _asian(_KANJI, _leads("cp932", 0x88, 0x97), "一-鿿")(text)
    scores = [
        1.0
        if "ぁ" <= character <= "ヺ" or character in "ー々"
        else _RARE
        if "｡" <= character <= "ﾟ"
        else score
        for character, score in zip(text, kanji, strict=True)
    ]
    for match in _HALF_WIDTH.finditer(text):
        scores[match.start() : match.end()] = [_POSSIBLE] * len(match.group())
    return scores


def _by_word(word_score: Callable[[str], Iterable[float]]) -> Callable[[str], list[float]]:
    """Return the likelihood of a text in a code page of single bytes; anything but words is wrong."""

    def likelihood(text: str) -> list[float]:
        scores = [_WRONG] * len(text)
        for match in _WORD.finditer(text):
            scores[match.start() : match.end()] = word_score(match.group())
        return scores

    return likelihood


def _russian(word: str) -> list[float]:
    if not all(map(_CYRILLIC.match, word)) or _SHOUTED_END.search(word):
        return [_WRONG] * len(word)
    cases = _odd_capitals(word)
    return [
        _RARE if odd else 1.5 if letter in _COMMON_CYRILLIC else _PLAIN
        for letter, odd in zip(word.casefold(), cases, strict=True)
    ]


def _latin(text: str) -> list[float]:
    """Return the likelihood of a text in the likeliest language with Latin letters."""
    of_languages = (_by_word(partial(_european, letters))(text) for letters in _ALPHABETS)
    accented = [character > "\x7f" for character in text]
    return max(of_languages, key=lambda scores: sum(itertools.compress(scores, accented)))


def _european(letters: frozenset[str], word: str) -> list[float]:
    """Return the likelihood of a word in the language of these accented letters."""
    if sum(_odd_capitals(word)) > 1:
        return [_WRONG] * len(word)
    accents = sum(letter > "\x7f" for letter in word)
    likely = _PLAIN if 2 * accents > len(word) else 1.2 if letters is _ICELANDIC else 1.5
    return [
        _RARE if odd else likely if letter in letters else _PLAIN if letter in _ACCENTED else _WRONG
        for letter, odd in zip(
            (letter.lower()[0] for letter in word), _odd_capitals(word), strict=True
        )
    ]


def _odd_capitals(word: str) -> list[bool]:
    """Return for each letter whether it is a capital after a small letter."""
    return [False, *(a.islower() and b.isupper() for a, b in itertools.pairwise(word))]


_PAGES = (
    _CodePage("gbk", _asian(_HANS, _leads("gbk", 0xB0, 0xD7), "一-鿿")),
    _CodePage("cp949", _asian(_HANGUL, _leads("cp949", 0xB0, 0xC8), "가-힣")),
    _CodePage("cp932", _japanese),
    _CodePage("big5", _asian(_HANT, _leads("big5", 0xA4, 0xC6), "一-鿿")),
    _CodePage("cp437", _latin),
    _CodePage("cp850", _latin),
    _CodePage("cp1252", _latin),
    _CodePage("cp866", _by_word(_russian)),
    _CodePage("cp1251", _by_word(_russian)),
    _CodePage("cp852", _latin),
    _CodePage("cp1250", _latin),
    _CodePage("cp857", _latin),
    _CodePage("cp1254", _latin),
)
"""In order of preference where two are equally likely."""
