"""What speaks for and against a false claim: signs that several techniques weigh in the same way."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from sosie.detection.addresses import belongs_to
from sosie.detection.authentication import FAILED, aligned
from sosie.detection.case import Case
from sosie.detection.claim import Claim
from sosie.detection.history import History
from sosie.detection.how import AMONG_WORDS, JOINED, ONE_EDIT, ONLY_INITIALS, SHORT_FORM, TWO_EDITS, WITHOUT_MIDDLE
from sosie.detection.identity import Identity
from sosie.detection.like_domain import LikeDomain
from sosie.detection.mediation import Mediation
from sosie.detection.named_address import NamedAddress
from sosie.detection.services import is_service
from sosie.detection.signs import Sign, sign
from sosie.detection.spelt_name import SpeltName
from sosie.likeness.deceiving_characters import deceiving_characters
from sosie.likeness.domain_name import is_freemail, registrable_domain
from sosie.likeness.person_name import (
    fold,
    holds_rank,
    is_role,
    normal_form,
    read,
    roles_beside,
    shown,
    transcribed,
    written_words,
)
from sosie.mail.address import Address

_NO_LETTERS = re.compile(r"[\W\d_]+")
MAX_WEIGHED = 4  # of those who have one name, whose addresses are looked at
MIN_WORD = 3  # letters of a name's word that are looked for in a local part
ALONE = 0.85  # what is left of a likeness of domains by which nobody in particular is meant
_NO_ROLES = frozenset({"via", "on", "behalf", "of", "from", "for", "at", "by", "the", "und", "and", "in"})


def of_name(claim: Claim) -> list[Sign]:
    """How the name was understood, and what is wrong with the way it is written."""
    match = claim.matches[0]
    signs = [sign(match.how)]
    deceiving = deception(claim.mailbox.display_name, match.identity.name)
    if deceiving:
        signs.append(sign("disguise", ", ".join(deceiving)))
    elif match.how == JOINED and is_spaced_out(claim.mailbox.display_name):
        signs.append(sign("letters spaced out"))
    return signs


def of_author(case: Case, claim: Claim, *found: Sign) -> list[Sign]:
    """What speaks for and against an author who bears a protected name; `found` are signs that were seen already."""
    identities = [match.identity for match in claim.matches]
    signs = [*of_name(claim), *_roles(claim), *found]
    if claim.address:
        signs += of_address(case, claim.address, identities)
    return [*signs, *against(case, claim, disguised=any(one.name == "disguise" for one in signs))]


def _roles(claim: Claim) -> list[Sign]:
    name, protected = claim.mailbox.display_name, claim.matches[0].identity.name
    roles = [role for role in roles_beside(name, protected) if role not in _NO_ROLES]
    return [sign("role beside the name", " ".join(roles))] if roles else []


def of_named_address(case: Case, held: NamedAddress) -> list[Sign]:
    """What speaks for and against an author whose name holds a protected address, beside that it does."""
    claim = held.claim
    deceiving = deceiving_characters(claim.mailbox.display_name)
    signs = [sign("disguise", ", ".join(deceiving))] if deceiving else []
    if claim.address:
        signs += of_address(case, claim.address, held.people)
    return [*signs, *against(case, claim, disguised=True)]


def of_domain(case: Case, like: LikeDomain) -> list[Sign]:
    """How sure it is that a domain is meant to be taken for a protected one, and whether it is known."""
    likeness, address = like.likeness, like.claim.address
    confidence = likeness.confidence if like.people else likeness.confidence * ALONE
    signs = [Sign("like the domain", confidence, f"{likeness.kind}: {likeness.explanation}")]
    if address is None:
        return signs
    if like.people:
        signs.append(sign("same local part", address.local_part))
    known = case.knowledge.history.of_address(address.text)
    if known is not None and known.authenticated and not case.is_denied(address.domain):
        signs.append(sign("known pair", f"{known.authenticated} authenticated messages"))
        case.exempt("history", f"{known.address} has written before")
    return signs


def expected_domain(like: LikeDomain) -> str:
    """The addresses that would have been right, or the domain if nobody in particular is meant."""
    return expected(like.people) if like.people else f"expected {like.meant}"


def of_local_part(case: Case, spelt: SpeltName) -> list[Sign]:
    """What speaks for and against an author who is somebody by the local part alone."""
    name = spelt.claim.mailbox.display_name
    signs = [sign("free mail", spelt.address.domain)]
    if name:
        signs.append(sign("role beside the name", name[:60]))
    return [*signs, *against(case, spelt.claim)]


def deception(name: str, protected: str) -> tuple[str, ...]:
    """The characters that make `name` look like the protected name without being it; none for an honest spelling."""
    if name.isascii() and normal_form(name) == normal_form(protected):
        return ()
    found = deceiving_characters(name)
    if found:
        return () if deceiving_characters(protected) else found
    ours, theirs = written_words(name), written_words(protected)
    odd = [word for word in ours if word not in theirs and fold(word) in set(map(fold, theirs))]
    return tuple(f"{word!r}" for word in odd)


def _stands_for_itself(claim: Claim) -> list[Sign]:
    """Whether the address bears the very words by which the name differs from the protected one."""
    if not claim.matches or claim.address is None:
        return []
    match = claim.matches[0]
    if match.how not in (ONE_EDIT, TWO_EDITS, SHORT_FORM, ONLY_INITIALS, AMONG_WORDS, WITHOUT_MIDDLE):
        return []
    theirs = set(written_words(match.identity.name))
    local_part = claim.address.local_part.casefold()
    whole = set(_NO_LETTERS.split(local_part))
    own = [word for word in written_words(match.portion) if word not in theirs and len(word) >= MIN_WORD]
    part_of_theirs = {word for word in own if any(word in other and other in local_part for other in theirs)}
    found = [word for word in own if word in whole or (word in local_part and word not in part_of_theirs)]
    return [sign("address bears its own name", ", ".join(found))] if found else []


def is_spaced_out(name: str) -> bool:
    """Whether most of its words are single letters."""
    pieces = shown(name).replace(".", " ").replace("-", " ").split()
    return len(pieces) > 3 and sum(len(piece) == 1 for piece in pieces) * 2 > len(pieces)


def of_address(case: Case, address: Address, identities: Iterable[Identity]) -> list[Sign]:
    """What the address itself says, where it is none of the person's own."""
    signs = []
    people = list(identities)[:MAX_WEIGHED]
    names = {one.name for one in people}
    if is_freemail(address.domain):
        signs.append(sign("free mail", address.domain))
        if not any(resembles(address, name) for name in names):
            signs.append(sign("address without the name", address.local_part))
    if holds_rank(address.local_part) and any(resembles(address, name) for name in names):
        signs.append(sign("rank in the address", address.local_part))
    if is_role(address.local_part):
        signs.append(sign("address of a role", address.local_part))
    for likeness in case.knowledge.index.domains.lookalikes(address.domain):
        theirs = [one for one in people if _has_domain(one, likeness.protected)]
        if likeness.strong or theirs:
            signs.append(
                Sign(
                    "look-alike domain",
                    likeness.confidence if not theirs else max(likeness.confidence, 0.8),
                    f"{address.domain} for {likeness.protected}: {likeness.explanation}",
                )
            )
            break
    if case.standing(address.domain) is FAILED and case.mediation is None:
        signs.append(sign("authentication failed", address.domain))
    return signs


def resembles(address: Address, name: str) -> bool:
    """Whether the local part shares a word with the name, or begins like its initials and last word."""
    local_part = fold(address.local_part.replace(".", "").replace("_", "").replace("-", ""))
    for text in (name, transcribed(name)):
        words = [word for word in read(shown(text)).words if word]
        if any(len(word) >= MIN_WORD and word in local_part for word in words):
            return True
        if len(words) > 1 and local_part.startswith(("".join(word[0] for word in words), words[0][0] + words[-1][:3])):
            return True
    return False


def against(case: Case, claim: Claim, *, disguised: bool = False) -> list[Sign]:
    """What speaks for the address being the person's after all, or for a namesake. A disguise explains itself only
    where the pair is known."""
    address = claim.address
    if address is None:
        return []
    signs = []
    identities = [match.identity for match in claim.matches[:MAX_WEIGHED]]
    mediation = case.mediation
    if (
        not disguised
        and mediation is not None
        and mediation.original is not None
        and claim.field == "From"
        and not (_is_diverted(address, identities) or aligned(address.domain, mediation.domain))
        and _is_known_list(case.knowledge.history, mediation, claim)
    ):
        signs.append(sign("mailing list", mediation.domain))
        case.exempt("mailing list", f"the list at {mediation.domain} names {address.text} as the author")
    if _is_service(case, address):
        signs.append(sign("notification service", address.domain))
        case.exempt("notification service", f"{address.domain} signed it")
    signs += _to_oneself(case, identities)
    denied = case.is_denied(address.domain)
    if not denied:
        signs += _known(case, claim, address)
        if case.is_authenticated(address.domain):
            if case.knowledge.index.domains.owns(address.domain):
                signs.append(sign("own domain, authenticated", address.domain))
            elif any(_has_domain(one, registrable_domain(address.domain)) for one in identities) and not is_freemail(
                address.domain
            ):
                signs.append(sign("same domain, authenticated", address.domain))
    signs += _stands_for_itself(claim)
    if _are_several(identities):
        signs.append(sign("common name", f"{len(claim.matches)} entries"))
    return signs


def _are_several(identities: Sequence[Identity]) -> bool:
    """Whether these entries are more than one person's. Those that share an address are one's, as where a list of
    people was imported twice."""
    return any(
        one.email != first.email and first.legitimate.addresses.isdisjoint(one.legitimate.addresses)
        for first in identities[:1]
        for one in identities[1:]
    )


def _is_known_list(history: History, mediation: Mediation, claim: Claim) -> bool:
    """Whether the list, or this author, was there before; nothing can be asked for where there is no history."""
    if not len(history) or history.has_domain(mediation.domain):
        return True
    return claim.address is not None and history.of_pair(claim.mailbox.display_name, claim.address.text) is not None


def _is_service(case: Case, address: Address) -> bool:
    registrable = registrable_domain(address.domain)
    signed = any(registrable_domain(signer) == registrable for signer in case.results.dkim_pass_domains)
    return signed and is_service(address.local_part, registrable)


def _to_oneself(case: Case, identities: Iterable[Identity]) -> list[Sign]:
    recipients = [one for text in case.envelope.recipients if (one := Address.from_header(text))]
    if not recipients or len(recipients) != len(case.envelope.recipients):
        return []
    for identity in identities:
        if all(belongs_to(one, identity) for one in recipients):
            return [sign("to oneself", ", ".join(one.text for one in recipients[:2]))]
    return []


def _is_diverted(address: Address, identities: Iterable[Identity]) -> bool:
    """Whether the author that a list names is at a free mail host and shares nothing with the name."""
    return is_freemail(address.domain) and not any(
        resembles(address, name) for name in {one.name for one in identities}
    )


def _known(case: Case, claim: Claim, address: Address) -> list[Sign]:
    history = case.knowledge.history
    for name in (claim.mailbox.display_name, *(match.identity.name for match in claim.matches[:1])):
        known = history.of_pair(name, address.text)
        if known is not None and known.authenticated:
            text = f"{known.authenticated} authenticated messages since {known.first_seen or 'before'}"
            case.exempt("history", f"{known.name} has written from {known.address} before: {text}")
            return [sign("known pair", text)]
        if known is not None and known.sent:
            case.exempt("history", f"we have written to {known.address} before, as {known.name}")
            return [sign("we wrote there", f"{known.sent} messages")]
    return []


def _has_domain(identity: Identity, registrable: str) -> bool:
    if identity.is_regex:
        return re.search(rf"(?<![\w-]){re.escape(registrable)}(?![\w-])", identity.email.replace("\\", "")) is not None
    return any(registrable_domain(one.rpartition("@")[2]) == registrable for one in identity.legitimate.addresses)


def expected(identities: Iterable[Identity]) -> str:
    """The addresses that would have been right, for people; not those of an entry that another has all of."""
    texts = list(dict.fromkeys(one.email for one in identities))
    more = f" and {len(texts) - 3} more" if len(texts) > 3 else ""
    addresses = {text: frozenset(text.replace(" ", "").split(",")) for text in texts[:3]}
    shown = [text for text, some in addresses.items() if not any(some < others for others in addresses.values())]
    return "expected " + "; ".join(text if len(text) <= 200 else text[:197] + "…" for text in shown) + more
