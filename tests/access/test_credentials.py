"""Credentials as they are presented in headers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sosie.access.credentials import Presented, read_credentials
from sosie.access.errors import MalformedCredentials, MissingCredentials


@pytest.mark.parametrize(
    ("authorization", "email", "key", "presented"),
    [
        (b"Bearer abc", None, None, Presented("abc")),
        (b"bearer abc", None, None, Presented("abc")),
        (b"BEARER   abc  ", None, None, Presented("abc")),
        (b"Bearer a.b-c_d~e+f/g==", None, None, Presented("a.b-c_d~e+f/g==")),
        (b"Bearer x", None, b"key", Presented("x")),
        (b"Bearer x", b"a@example.com", None, Presented("x")),
        (None, b"a@example.com", b"key", Presented("key", "a@example.com")),
        (None, b"A@Example.COM", b"Key", Presented("Key", "a@example.com")),
        (b"Bearer x", b"a@example.com", b"key", Presented("key", "a@example.com")),
        (b"nonsense", b"a@example.com", b"key", Presented("key", "a@example.com")),
    ],
)
def test_what_is_presented(authorization, email, key, presented):
    """A token in any case of `Bearer`; e-mail and key together win over it."""
    assert read_credentials(authorization, email, key) == presented


@pytest.mark.parametrize(
    ("authorization", "email", "key", "header"),
    [
        (b"", None, None, "Authorization"),
        (b"abc", None, None, "Authorization"),
        (b"Bearer", None, None, "Authorization"),
        (b"Bearer ", None, None, "Authorization"),
        (b"Bearer a b", None, None, "Authorization"),
        (b"Bearer \xc3\xa9", None, None, "Authorization"),
        (b"Basic YTpi", None, None, "Authorization"),
        (None, b"a@example.com", b"", "X-Auth-Key"),
        (None, b"a@example.com", b"a key", "X-Auth-Key"),
        (None, b"a@example.com", b"\xff", "X-Auth-Key"),
        (None, b"", b"key", "X-Auth-Email"),
        (None, b"nobody", b"key", "X-Auth-Email"),
        (None, b"a b@example.com", b"key", "X-Auth-Email"),
    ],
)
def test_what_cannot_be_read(authorization, email, key, header):
    """The header is named."""
    with pytest.raises(MalformedCredentials) as error:
        read_credentials(authorization, email, key)
    assert error.value.header == header


@pytest.mark.parametrize(("email", "key"), [(None, None), (b"a@example.com", None), (None, b"key")])
def test_half_a_pair_is_none(email, key):
    """An e-mail without a key is what an SDK sends by mistake: it is told so."""
    with pytest.raises(MissingCredentials) as error:
        read_credentials(None, email, key)
    assert error.value.args == (("only email",) if email else ())


HEADER = st.none() | st.binary(max_size=40) | st.binary(max_size=20).map(lambda octets: b"Bearer " + octets)


@given(HEADER, HEADER, HEADER)
def test_whatever_comes_in_is_read_or_refused(authorization, email, key):
    """No header makes anything else of it than a credential or one of two errors."""
    try:
        presented = read_credentials(authorization, email, key)
    except (MissingCredentials, MalformedCredentials):
        return
    assert presented.secret
    assert presented.secret.isascii()
    assert presented.secret.isprintable()
