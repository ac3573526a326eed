"""Korean names in Latin letters, in the ways in which their bearers write them.

A name in Hangul is romanised syllable by syllable (Revised Romanization of Korean, Ministry of Culture and Tourism,
notice 2000-8, but without the changes between syllables and with oo for u). Given names are then folded, because the
Revised, the McCune-Reischauer and everybody's own system differ in the same few letters; family names, of which each
has customs of its own, stand in a table: these are facts that anybody can look up in a telephone directory.

Missed: given names of one syllable, English given names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice, product

_FIRST, _LAST = "가", "힣"
_INITIALS = "g kk n d tt r m b pp s ss - j jj ch k t p h".replace("-", "").split(" ")
_VOWELS = "a ae ya yae eo e yeo ye o wa wae oe yo oo wo we wi yoo eu ui i".split()  # u as oo: see _SPELT_U
_FINALS = "- k k k n n n t l k m l l l p l m p p t t ng t t k t p t".replace("-", "").split(" ")
_PER_INITIAL, _PER_VOWEL = 588, 28  # syllables: the Unicode Standard, section 3.12

_COMPOUND = frozenset("남궁 황보 선우 제갈 독고 사공 서문".split())
_SAME = {"유": "류", "이": "리", "임": "림", "나": "라", "노": "로", "양": "량", "여": "려", "염": "렴"}
_SPELLINGS = """
김 kim gim ghim | 리 lee yi rhee li ri rhie yee i | 박 park pak bak bark | 최 choi choe choy | 강 kang gang khang
정 jung jeong chung joung cheong chong jong | 조 cho jo joe choh | 윤 yoon yun youn | 장 jang chang
림 lim im rim yim | 한 han hahn | 오 oh o | 서 seo suh so | 신 shin sin | 권 kwon gwon kweon | 황 hwang whang
안 ahn an | 송 song | 류 ryu yoo yu you ryoo lyu | 전 jun jeon chun cheon jeun | 홍 hong | 고 ko go koh goh
문 moon mun | 량 yang ryang | 손 son sohn | 배 bae bai pae | 백 baek paik paek back baik | 허 heo hur huh her
로 noh no roh ro | 심 shim sim | 하 ha hah | 곽 kwak gwak | 성 sung seong | 차 cha | 주 joo ju chu | 우 woo u wu
구 koo gu goo ku | 민 min | 진 jin chin | 지 ji jee chi | 엄 um eom uhm | 채 chae chai | 원 won | 천 chun cheon
방 bang pang | 공 kong gong | 현 hyun hyeon | 함 ham | 변 byun byeon pyun | 렴 yum yeom | 려 yeo yuh | 추 choo chu
도 do doh | 소 so soh | 석 suk seok | 선 sun seon | 설 seol sul | 마 ma mah | 길 gil kil | 표 pyo
명 myung myeong | 기 ki gi kee | 반 ban pan | 왕 wang | 금 keum geum | 옥 ok | 육 yook yuk | 맹 maeng | 제 je
모 mo | 탁 tak | 국 kook guk | 은 eun | 편 pyun pyeon | 용 yong | 예 ye | 봉 bong | 부 boo bu | 라 na ra rah
남 nam | 남궁 namgoong namgung namkung | 황보 hwangbo whangbo | 선우 sunwoo seonwoo | 제갈 jegal jaegal chegal
독고 dokgo dokko | 사공 sagong sakong | 서문 seomun suhmoon
"""


def _families() -> dict[str, tuple[str, ...]]:
    """From a spelling to the family names that are so spelt."""
    found: dict[str, tuple[str, ...]] = {}
    for row in re.split(r"[|\n]", _SPELLINGS):
        family, *spellings = row.split() or [""]
        for one in spellings:
            found[one] = (*found.get(one, ()), family)
    return found


_FAMILIES = _families()
_FOLDS = {
    form: folded
    for folded, forms in {
        "yO": "yeo", "yU": "yoo", "yu": "you yu yuh", "i": "eui ui ee ii i", "e": "ae ai ay e",
        "O": "eo uh", "U": "woo wu oo", "E": "eu", "u": "ou u",
        "we": "oe oi we wae", "wi": "wi wee", "wo": "wo weo", "N": "ng", "k": "kk gg ck g k c", "t": "tt dd d t",
        "p": "pp bb b p", "j": "jj tch ch j z", "s": "ss sh s", "l": "ll rr l r", "n": "nn", "m": "mm",
    }.items()
    for form in forms.split()
}  # fmt: skip
_SPELT_U = "UOE"  # three vowels that are written u beside their own ways: oo, eo and eu
MAX_GIVEN = 9  # ways to understand a given name: two such vowels
_FOLDED = re.compile("|".join(sorted(_FOLDS, key=len, reverse=True)))
_SILENT_H = re.compile(r"h(?![aeiouywUOE])")
# Two or three syllables, after the folds.
_GIVEN = re.compile(r"(?:[kntlmpsjh]?(?:y[aeouUO]|w[aeio]|[aeiouUOE])[nNmlkpt]?){2,3}")


def korean_words(hangul: str) -> tuple[str, str] | None:
    """The family name in Hangul and the folded given name; None for what is no name of two to four syllables."""
    family = 2 if hangul[:2] in _COMPOUND and len(hangul) > 2 else 1
    if not family < len(hangul) <= 4 or not all(_FIRST <= one <= _LAST for one in hangul):
        return None
    given = _folded("".join(map(_romanised, hangul[family:])))
    return (_SAME.get(hangul[:family], hangul[:family]), given) if given else None


def korean_keys(words: tuple[str, ...]) -> Iterator[str]:
    """The keys of a name in words of small Latin letters that begins or ends with a Korean family name."""
    if not 1 < len(words) < 4:
        return
    for family, given in ((words[0], words[1:]), (words[-1], words[:-1])):
        if (meant := _FAMILIES.get(family)) and (folded := _folded("".join(given))):
            yield from (korean_key(one, other) for one in meant for other in _understood(folded))


def is_family(word: str) -> bool:
    """Whether a word of small letters is a spelling of a Korean family name."""
    return word in _FAMILIES


def korean_key(family: str, given: str) -> str:
    """The key of a family name in Hangul and a folded given name."""
    return f"k {family} {given}"


@lru_cache(maxsize=8192)
def _folded(given: str) -> str:
    """A given name in Latin letters under which its spellings meet; empty for one that is not of two or three Korean
    syllables."""
    folded = _SILENT_H.sub("", _FOLDED.sub(lambda found: _FOLDS[found[0]], given))
    return folded if _GIVEN.fullmatch(folded) else ""


def _understood(folded: str) -> Iterator[str]:
    """The ways to understand a folded given name, in which u may be one of several vowels."""
    pieces = folded.split("u")
    for vowels in islice(product(_SPELT_U, repeat=len(pieces) - 1), MAX_GIVEN):
        yield "".join(one + vowel for one, vowel in zip(pieces, (*vowels, ""), strict=True))


def _romanised(syllable: str) -> str:
    number = ord(syllable) - ord(_FIRST)
    vowel, final = divmod(number % _PER_INITIAL, _PER_VOWEL)
    return _INITIALS[number // _PER_INITIAL] + _VOWELS[vowel] + _FINALS[final]
