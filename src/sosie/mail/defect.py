"""The names of everything that can be wrong with a header, in one table one can print.

A defect is a fact, not a verdict: honest software writes many of these. Detection decides what they mean.
"""

from enum import StrEnum


class Defect(StrEnum):
    """A departure from RFC 5322, 2047 or 6532, or a limit of ours that was reached."""

    # The header section (RFC 5322, 2.1 and 2.2)
    BYTE_ORDER_MARK = "byte_order_mark"  # U+FEFF before the first field
    LEADING_EMPTY_LINES = "leading_empty_lines"  # empty lines before the first field
    LEADING_WHITE_SPACE = "leading_white_space"  # the first line is a continuation of nothing; read as a field
    BARE_CR = "bare_cr"  # CR without LF
    SPACE_BEFORE_COLON = "space_before_colon"  # "From : ..." (obsolete, 4.5); some readers drop the field
    FOLDED_BEFORE_COLON = "folded_before_colon"  # "From\r\n : ..."
    MISSING_COLON = "missing_colon"  # a line that is no field; skipped
    INVALID_FIELD_NAME = "invalid_field_name"  # outside %d33-57 and %d59-126; skipped unless stripping mends it
    NUL = "nul"  # a NUL in a field that was read; dropped
    HEADER_SECTION_TOO_LONG = "header_section_too_long"  # cut at the limit
    TOO_MANY_HEADER_FIELDS = "too_many_header_fields"  # the rest was not read

    # How often a field occurs (RFC 5322, 3.6)
    MISSING_FROM = "missing_from"
    REPEATED_FROM = "repeated_from"
    REPEATED_SENDER = "repeated_sender"
    REPEATED_REPLY_TO = "repeated_reply_to"
    REPEATED_SUBJECT = "repeated_subject"
    REPEATED_MESSAGE_ID = "repeated_message_id"
    TOO_MANY_ADDRESS_FIELDS = "too_many_address_fields"  # more fields of one name than we read

    # Text (RFC 2047, RFC 6532)
    INVALID_UTF8 = "invalid_utf8"  # raw 8-bit that is not UTF-8; read as windows-1252
    UNKNOWN_CHARSET = "unknown_charset"  # an encoded word in a charset we do not read
    INVALID_ENCODED_WORD = "invalid_encoded_word"  # bad base64, bytes not in the charset
    LINE_BREAK_IN_ENCODED_WORD = "line_break_in_encoded_word"  # became a space
    TOO_MANY_ENCODED_WORDS = "too_many_encoded_words"  # the rest of the text was left as it stands
    ENCODED_WORD_IN_QUOTED_STRING = (
        "encoded_word_in_quoted_string"  # forbidden by RFC 2047, 5(3); decoded, as clients do
    )
    ENCODED_WORD_IN_ADDRESS = "encoded_word_in_address"  # left as it stands
    SPECIAL_IN_ENCODED_WORD = "special_in_encoded_word"  # ()<>@,;:\" in the encoded text of a phrase

    # Address lists (RFC 5322, 3.4 and 4.4)
    UNTERMINATED_QUOTED_STRING = "unterminated_quoted_string"
    UNTERMINATED_COMMENT = "unterminated_comment"
    COMMENT_TOO_DEEP = "comment_too_deep"
    STRAY_PARENTHESIS = "stray_parenthesis"  # ")" without "("
    STRAY_ANGLE_BRACKET = "stray_angle_bracket"  # ">" without "<", or "<" before no address
    MISSING_ANGLE_BRACKET = "missing_angle_bracket"  # "<" without ">"
    MISSING_COMMA = "missing_comma"  # two addresses with no comma between
    UNQUOTED_COMMA = "unquoted_comma"  # Doe, John <x@example.org>
    UNQUOTED_COLON = "unquoted_colon"  # FW: John <x@example.org>
    UNQUOTED_AT_SIGN = "unquoted_at_sign"  # ceo@example.com <x@example.org>
    UNQUOTED_BACKSLASH = "unquoted_backslash"  # John \"Doe\" <x@example.org>
    SEMICOLON_AS_SEPARATOR = "semicolon_as_separator"
    NESTED_GROUP = "nested_group"
    ROUTE = "route"  # <@relay.example:x@example.org> (4.4)
    TEXT_AFTER_ADDRESS = "text_after_address"  # <x@example.org> John Doe
    MISSING_ANGLE_BRACKETS = "missing_angle_brackets"  # John Doe x@example.org
    WHITE_SPACE_IN_ADDRESS = "white_space_in_address"
    COMMENT_IN_ADDRESS = "comment_in_address"
    MISSING_ADDRESS = "missing_address"  # a name alone, or <>
    INVALID_ADDRESS = "invalid_address"  # not an addr-spec, or longer than RFC 5321 allows
    TOO_MANY_TOKENS = "too_many_tokens"  # the rest of the field was not read, but for its last address


NO_DEFECTS: frozenset[Defect] = frozenset()
