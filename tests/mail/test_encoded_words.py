"""Text is decoded as mail clients decode it, and never raises."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sosie.mail.defect import Defect
from sosie.mail.encoded_words import _CODECS, MAX_ENCODED_WORDS, decode_encoded_words, decode_octets, decode_text

# RFC 2047, 8, with what it says should be displayed.
EXAMPLES = [
    (b"=?ISO-8859-1?Q?a?=", "a"),
    (b"=?ISO-8859-1?Q?a?= b", "a b"),
    (b"=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=", "ab"),
    (b"=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=", "ab"),
    (b"=?ISO-8859-1?Q?a?=\r\n    =?ISO-8859-1?Q?b?=", "ab"),
    (b"=?ISO-8859-1?Q?a_b?=", "a b"),
    (b"=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=", "a b"),
    (b"=?US-ASCII?Q?Keith_Moore?=", "Keith Moore"),
    (b"=?ISO-8859-1?Q?Keld_J=F8rn_Simonsen?=", "Keld Jørn Simonsen"),
    (
        b"=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?= =?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?=",
        "If you can read this you understand the example.",
    ),
]


@pytest.mark.parametrize(("raw", "text"), EXAMPLES)
def test_the_examples_of_rfc_2047_are_displayed_as_it_says(raw, text):
    """RFC 2047, section 8."""
    assert decode_text(raw) == (text, frozenset())


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"=?utf-8*en-GB?q?Jane?=", "Jane"),  # RFC 2231, 5
        (b"=?utf-8?q?J=C3?= =?UTF-8?b?tnJn?=", "Jörg"),  # a character split between words, B and Q, charset in any case
        (b"=?utf-8?q?Who?_me?=", "Who? me"),  # a question mark that should have been encoded
        (b"=?utf-8?q?Jane Roe?=", "Jane Roe"),  # a space that should have been
        (b"x=?utf-8?q?y?=z", "xyz"),  # no white space around
        (b"=?utf-8?q?a?==?utf-8?q?b?=", "ab"),
        (b"=?utf-8?b?SmFuZQ?=", "Jane"),  # no padding
        (b"=?utf-8?b?YQ==Yg==?=", "ab"),  # padding where two texts were put together
        (b"=?utf-8?b?YQ==?=", "a"),
        (b"=?utf-8?q??=", ""),
        (b"=?utf-8?q??= a", " a"),
        (b"=?gb2312?b?1dTI/Q==?=", "赵三"),
        (b"=?iso-2022-jp?b?GyRCOzNFRBsoQg==?=", "山田"),
        (b"=?shift_jis?b?jlKTYw==?=", "山田"),
        (b"=?euc-kr?b?sei5zrz2?=", "김민수"),
        (b"=?KOI8-R?B?6dfBzg==?=", "Иван"),
        (b"=?windows-1251?Q?=C8=E2=E0=ED?=", "Иван"),
        (b"=?iso-8859-1?q?=80_=93Jane=94?=", "€ “Jane”"),  # what Windows calls latin-1
        (b"=?utf-7?q?J+APY-rg?=", "Jörg"),
        (b"no word =? at ?= all =?x?= =?utf-8?z?y?=", "no word =? at ?= all =?x?= =?utf-8?z?y?="),
        (b"J\xc3\xb6rg \xe2\x80\xae", "Jörg \u202e"),  # raw UTF-8 keeps what a detector must see
    ],
)
def test_what_clients_decode_is_decoded(raw, text):
    """Without a defect: none of these is a sign of anything."""
    assert decode_text(raw) == (text, frozenset())


@pytest.mark.parametrize(
    ("raw", "text", "defects"),
    [
        (b"J\xf6rg", "Jörg", {Defect.INVALID_UTF8}),
        (b"\x80\x81\xff", "€\x81ÿ", {Defect.INVALID_UTF8}),
        (b"Ja\0ne", "Jane", {Defect.NUL}),
        (b"=?x-unknown?q?J=C3=B6rg?=", "Jörg", {Defect.UNKNOWN_CHARSET}),
        (b"=?x-unknown?q?J=F6rg?=", "Jörg", {Defect.UNKNOWN_CHARSET}),
        (b"=?us-ascii?q?J=F6rg?=", "Jörg", {Defect.INVALID_ENCODED_WORD}),
        (b"=?utf-8?q?J=F6rg?=", "J\ufffdrg", {Defect.INVALID_ENCODED_WORD}),
        (b"=?utf-8?b?SmFuZ?=", "Jan", {Defect.INVALID_ENCODED_WORD}),
        (b"=?utf-8?b?Sm!Fu ZQ?=", "Jane", {Defect.INVALID_ENCODED_WORD}),
        (b"=?utf-8?b?!?=", "", {Defect.INVALID_ENCODED_WORD}),
        (b"=?utf-8?q?100=?=", "100=", {Defect.INVALID_ENCODED_WORD}),
        (b"=?utf-8?q?=4A=zz?=", "J=zz", {Defect.INVALID_ENCODED_WORD}),
        (b"=?utf-8?q?Jane=0D=0ABcc:_x?=", "Jane Bcc: x", {Defect.LINE_BREAK_IN_ENCODED_WORD}),
        (b"=?utf-8?q?Ja=00ne?=", "Jane", {Defect.NUL}),
        (b"=?utf-7?q?+2AA-?=", "\ufffd", set()),  # a lone surrogate
    ],
)
def test_what_cannot_be_decoded_gives_a_best_effort_and_a_defect(raw, text, defects):
    """The text is what a reader would most likely see."""
    assert decode_text(raw) == (text, defects)


@pytest.mark.parametrize(
    "name",
    ["rot13", "base64", "idna", "punycode", "unicode_escape", "raw_unicode_escape", "hex", "zip", "undefined", "../x"],
)
def test_a_codec_that_is_no_charset_is_never_used(name):
    """Python has codecs that no mail client has; they are unknown charsets here."""
    assert decode_encoded_words(f"=?{name}?q?Jane?=") == ("Jane", {Defect.UNKNOWN_CHARSET})


def test_words_beyond_the_limit_are_left_as_they_stand():
    """And the limit itself is within it."""
    word = "=?utf-8?q?a?= "
    assert decode_encoded_words(word * MAX_ENCODED_WORDS) == ("a" * MAX_ENCODED_WORDS + " ", frozenset())
    decoded = decode_encoded_words(word * (MAX_ENCODED_WORDS + 2))
    assert decoded.text == "a" * MAX_ENCODED_WORDS + " " + word * 2
    assert decoded.defects == {Defect.TOO_MANY_ENCODED_WORDS}


@given(st.text())
def test_any_text_is_decoded_without_an_error(text):
    """And text without "=?" is left as it is."""
    decoded = decode_encoded_words(text)
    assert "=?" in text or decoded == (text, frozenset())


@given(st.binary())
def test_any_octets_become_well_formed_text(octets):
    """Without NUL and without lone surrogates, so that it can be stored and sent as UTF-8."""
    text = decode_octets(octets).text
    assert "\0" not in text
    text.encode()


@given(
    st.sampled_from(sorted(_CODECS)),
    st.sampled_from("bBqQ"),
    st.text(st.characters(min_codepoint=32, max_codepoint=126)) | st.binary().map(lambda octets: octets.hex("=")),
)
def test_any_encoded_word_is_decoded_to_well_formed_text(charset, encoding, encoded):
    """In every charset we know, whatever stands in it: the result is text on one line."""
    text = decode_encoded_words(f"=?{charset}?{encoding}?={encoded}?=").text
    assert not set(text) & set("\0\r\n")
    text.encode()


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])), st.integers(1, 20))
def test_what_was_encoded_comes_back_however_it_was_cut(text, length):
    """Octets cut into words at any place, also within characters."""
    octets = text.encode()
    chunks = [octets[start : start + length] for start in range(0, len(octets), length)]
    words = [f"=?utf-8?q?{''.join(f'={octet:02X}' for octet in chunk)}?=" for chunk in chunks]
    assert decode_encoded_words(" ".join(words)) == (text, frozenset())
