"""A literal address is read strictly where somebody types it, and tolerantly where a header claims it."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sosie.mail.address import Address, AddressError, AddressFault

LABEL_63 = "a" * 63


@pytest.mark.parametrize(
    ("text", "local_part", "domain"),
    [
        ("jane.roe@example.com", "jane.roe", "example.com"),
        ("jane@localhost", "jane", "localhost"),
        ("jane+tag@corp", "jane+tag", "corp"),
        ("!#$%&'*+/=?^_`{|}~-@example.com", "!#$%&'*+/=?^_`{|}~-", "example.com"),
        ('"jane roe"@example.com', "jane roe", "example.com"),
        ('"jane\\"@\\\\roe"@example.com', 'jane"@\\roe', "example.com"),
        ('"jane"@example.com', "jane", "example.com"),
        ('""@example.com', "", "example.com"),
        ("jane@[192.0.2.1]", "jane", "[192.0.2.1]"),
        ("jane@[IPv6:2001:db8::1]", "jane", "[IPv6:2001:db8::1]"),
        ("jörg@bücher.example", "jörg", "bücher.example"),
        ("山田@例え.example", "山田", "例え.example"),
        ("x@xn--bcher-kva.example", "x", "xn--bcher-kva.example"),
        (f"{'a' * 64}@{LABEL_63}.{LABEL_63}.example", "a" * 64, f"{LABEL_63}.{LABEL_63}.example"),
        (f"jane@{'é' * 50}", "jane", "é" * 50),  # 100 octets, of which the A-label needs fewer than 63
    ],
)
def test_an_addr_spec_is_read(text, local_part, domain):
    """RFC 5322, 3.4.1, with the UTF-8 of RFC 6532; the quotes are spelling."""
    assert Address.from_text(text) == Address(local_part, domain)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", AddressFault.EMPTY),
        ("jane", AddressFault.MISSING_AT_SIGN),
        ("@example.com", AddressFault.EMPTY_LOCAL_PART),
        ("jane@", AddressFault.EMPTY_DOMAIN),
        ("jane@example..com", AddressFault.EMPTY_LABEL),
        ("jane@example.com.", AddressFault.EMPTY_LABEL),
        ("jane@.example.com", AddressFault.EMPTY_LABEL),
        (".jane@example.com", AddressFault.MISPLACED_DOT),
        ("jane.@example.com", AddressFault.MISPLACED_DOT),
        ("jane..roe@example.com", AddressFault.MISPLACED_DOT),
        ("jane@roe@example.com", AddressFault.INVALID_LOCAL_PART),
        ("Jane <jane@example.com>", AddressFault.WHITE_SPACE),
        ("<jane@example.com>", AddressFault.INVALID_LOCAL_PART),
        ("jane(work)@example.com", AddressFault.INVALID_LOCAL_PART),
        ("jane,joe@example.com", AddressFault.INVALID_LOCAL_PART),
        ("jane@exam,ple.com", AddressFault.INVALID_DOMAIN),
        ('"jane"roe@example.com', AddressFault.INVALID_QUOTED_STRING),
        ('"jane@example.com', AddressFault.INVALID_QUOTED_STRING),
        ("jane@[192.0.2.1", AddressFault.INVALID_DOMAIN_LITERAL),
        ("jane@[192.0 .2.1]", AddressFault.WHITE_SPACE),
        (" jane@example.com", AddressFault.WHITE_SPACE),
        ("jane@example.com ", AddressFault.WHITE_SPACE),
        ("ja ne@example.com", AddressFault.WHITE_SPACE),
        ("jane@\u00a0example.com", AddressFault.WHITE_SPACE),
        ("jane@example.com\n", AddressFault.CONTROL_CHARACTER),
        ("jane\0@example.com", AddressFault.CONTROL_CHARACTER),
        ('"ja\tne"@example.com', AddressFault.CONTROL_CHARACTER),
        ("jane\x85@example.com", AddressFault.CONTROL_CHARACTER),
        ("jane\x7f@example.com", AddressFault.CONTROL_CHARACTER),
        ("jane@example.com\u200b", AddressFault.INVISIBLE_CHARACTER),
        ("\u202ejane@example.com", AddressFault.INVISIBLE_CHARACTER),
        ("jane\ud800@example.com", AddressFault.LONE_SURROGATE),
        (f"{'a' * 65}@example.com", AddressFault.LOCAL_PART_TOO_LONG),
        (f"{'é' * 33}@example.com", AddressFault.LOCAL_PART_TOO_LONG),
        (f"jane@{LABEL_63}a.example", AddressFault.LABEL_TOO_LONG),
        (f"jane@{'é' * 61}", AddressFault.LABEL_TOO_LONG),
        (f"jane@{'.'.join([LABEL_63] * 4)}", AddressFault.TOO_LONG),
        ("a" * 100_000, AddressFault.TOO_LONG),
    ],
)
def test_anything_else_is_refused_with_its_fault(text, fault):
    """The reason says what to mend."""
    with pytest.raises(AddressError) as raised:
        Address.from_text(text)
    assert raised.value.fault == fault
    assert str(raised.value) == fault.value


def test_the_whole_may_have_254_octets():
    """RFC 5321, 4.5.3.1.3, less the angle brackets."""
    text = f"jane@{'.'.join(['a' * 49] * 5)}"
    assert len(text) == 254
    assert Address.from_text(text).text == text
    with pytest.raises(AddressError):
        Address.from_text("x" + text)


@given(st.text())
def test_any_text_is_an_address_or_an_address_error(text):
    """Nothing else is ever raised."""
    with contextlib.suppress(AddressError):
        address = Address.from_text(text)
        assert Address.from_text(address.text) == address


@given(st.text(st.sampled_from('ab.@"\\ []é\u200b\0\ud800<(,')))
def test_text_made_of_what_matters_is_an_address_or_an_address_error(text):
    """The same, where it is hardest; and what is accepted keeps its meaning through its own spelling."""
    try:
        address = Address.from_text(text)
    except AddressError:
        return
    assert Address.from_text(address.text) == address
    assert Address.from_text(address.text).compared == address.compared


ATOM = st.text(st.sampled_from("abyzABYZ019!#$%&'*+/=?^_`{|}~-éß山"), min_size=1, max_size=8)
DOT_ATOM = st.lists(ATOM, min_size=1, max_size=3).map(".".join)


@given(DOT_ATOM, DOT_ATOM)
def test_every_dot_atom_is_accepted(local_part, domain):
    """RFC 5322, 3.2.3, with the non-ASCII of RFC 6532, 3.2."""
    address = Address.from_text(f"{local_part}@{domain}")
    assert address == Address(local_part, domain)
    assert address.text == f"{local_part}@{domain}"


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20))
def test_every_local_part_has_a_spelling(local_part):
    """Quoted where it must be."""
    text = Address(local_part, "example.com").text
    assert Address.from_text(text) == Address(local_part, "example.com")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Jane.Roe@Example.COM", "jane.roe@example.com"),
        ('"jane.roe"@example.com', "jane.roe@example.com"),
        ("JÖRG@BÜCHER.example", "jörg@bücher.example"),
        ("jo\u0308rg@bu\u0308cher.example", "jörg@bücher.example"),
    ],
)
def test_spellings_of_one_address_compare_equal(one, other):
    """Case, needless quotes and decomposed letters do not make another mailbox."""
    assert Address.from_text(one).compared == Address.from_text(other).compared


@pytest.mark.parametrize(
    "other", ["janeroe@example.com", "jane.roe@example.org", "jane.roe+x@example.com", '"jane roe"@example.com']
)
def test_other_addresses_compare_unequal(other):
    """Dots and tags are somebody else's rules."""
    assert Address.from_text(other).compared != "jane.roe@example.com"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("jane@example.com", Address("jane", "example.com")),
        ("jane@example.com.", Address("jane", "example.com")),
        (" jane @ example.com ", Address("jane", "example.com")),
        ('"jane roe"@example.com', Address("jane roe", "example.com")),
        ("jane..roe@example..com", Address("jane..roe", "example..com")),
        ("ceo@corp.example@evil.example", Address("ceo@corp.example", "evil.example")),
        (f"{'a' * 999}@example.com", Address("a" * 999, "example.com")),
        ("jane", None),
        ("@example.com", None),
        ("jane@", None),
        ("jane@.", None),
        ("", None),
    ],
)
def test_a_header_may_claim_what_is_no_addr_spec(text, expected):
    """A receiver shows it, so it must be possible to look it up."""
    assert Address.from_header(text) == expected


@given(st.text())
def test_any_claim_is_read_without_an_error(text):
    """And where the strict reader finds an address, the tolerant one finds the same."""
    claimed = Address.from_header(text)
    try:
        address = Address.from_text(text)
    except AddressError:
        return
    assert claimed == address or not address.local_part
