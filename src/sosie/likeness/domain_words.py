"""Words that domains are made of: what is put around a name, and what is too common to be a name.

A cousin domain is a protected name with a word around it that sounds like one of its departments or services. The
same words, and those of whole trades, are the names of thousands of unrelated domains: alone they claim nobody.
"""

from __future__ import annotations

# Put before or behind a name to make it look like a part of the same house.
AFFIXES = frozenset(
    """
    account accounting accounts admin admins app apps auth bank banking bill billing biz board bill care careers ceo
    cfo client clients cloud co com company connect contact corp corporate corporation customer customers dept desk
    direct docs doc e edu email employee employees eu exec executive express finance financial foundation global gmbh
    group groups gov health help helpdesk holding holdings home hotline hq hr in inc info intl international
    internal intranet invoice invoices invoicing it job jobs legal limited live llc llp login logon ltd mail mailer
    mailing mails management marketing me media member members message messages mobile my myaccount net network news
    newsletter no notification notifications notice office official on online ops order orders org partner partners
    pay payment payments payroll plc plus portal post press pro procurement purchasing recruiting recruitment remote
    reply robot sa sales sarl secure secured security server service services shop signin site smtp sso staff store
    support system systems team teams tech the treasury uk update updates us usa vendor vendors verification verify
    vpn web webmail work worldwide www
    """.split()
)

# Names of whole trades and things: labels of so many domains that an equal one is no claim.
_TRADES = frozenset(
    """
    academy advice agency art audio auto beauty blog books box build building business capital car cars center
    central chat city code college computer computers consult consulting craft data design dev digital domain domains
    dream energy engineering europe event events expert farm fashion fast film first fitness food forum
    free future game games garden gold good green host hosting hotel house idea ideas image innovation insurance
    internet invest labs law learn life light link linux list lists local logic logistics love machine magazine market
    medical metal money motor motors movie music nature open park photo photos planet platform point power print
    production property radio real research school science search security services smart social soft software
    solution solutions sound source space spirit sport sports star start street studio studios style sun technologies
    technology tele time tools top total trade trading trans travel trust union unity university value video vision
    water wave wine wireless wood world yellow young zone
    """.split()
)

COMMON = AFFIXES | _TRADES
