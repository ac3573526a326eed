"""rspamd with one rule, the cheapest way to write it: everything else that it does is off.

No other module is loaded, no filter is registered, languages are not detected, nothing is asked of the network, the
names lie in a hash map. What is left is its parsing of the message, which cannot be turned off.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from processes import NotInstalled, Program
from talk import HttpClient

from letters import addresses_by_name
from quality.namesakes import namesakes
from support.server import free_ports

SYMBOL = b"IMPERSONATION"
PATH = "/checkv2"
_RULE = """\
local lua_maps = require "lua_maps"
local util = require "rspamd_util"
local people = lua_maps.map_add_from_ucl("{folder}/people.map", "hash", "protected people")

local function look_at(task, mailboxes)
  for _, mailbox in ipairs(mailboxes or {{}}) do
    if mailbox.name and mailbox.name ~= "" then
      local addresses = people:get_key(util.lower_utf8(mailbox.name):gsub("%s+", " "), nil)
      if addresses and not string.find("," .. addresses .. ",", "," .. mailbox.addr:lower() .. ",", 1, true) then
        task:insert_result("IMPERSONATION", 1.0, mailbox.name)
      end
    end
  end
end

rspamd_config.IMPERSONATION = {{
  score = 8.0,
  callback = function(task)
    look_at(task, task:get_from("mime"))
    local reply_to = task:get_header("Reply-To")
    if reply_to then look_at(task, util.parse_mail_address(reply_to, task:get_mempool(), 8)) end
    return false
  end,
}}
"""
_MULTIMAP = """\
lua = "{folder}/rule.lua";
multimap {{
  NAMED {{ type = "header"; header = "from"; filter = "email:name"; map = "{folder}/names.map"; score = 0; }}
  KNOWN {{ type = "from"; extract_from = "mime"; map = "{folder}/addresses.map"; score = 0; }}
}}
composites {{ IMPERSONATION {{ expression = "NAMED & !KNOWN"; score = 8.0; }} }}
modules {{ path = "/usr/share/rspamd/plugins/multimap.lua"; }}
"""
_SETTINGS = """\
options {{
  pidfile = "{folder}/pid"; control_socket = "{folder}/control mode=0600"; tempdir = "{folder}";
  hs_cache_dir = "{cache}"; url_tld = "/usr/share/rspamd/effective_tld_names.dat";
  filters = ""; explicit_modules = [{modules}]; disable_monitoring = true; history_rows = 10; local_addrs = [];
  map_watch_interval = 2s; map_file_watch_multiplier = 1.0; max_message = 50Mb;
  dns {{ timeout = 1s; nameserver = ["127.0.0.1:9:10"]; }}
}}
lang_detection {{ languages = "{folder}/nothing"; }}
logging {{ type = "file"; filename = "{folder}/log"; level = "warning"; }}
actions {{ reject = 1000; add_header = 6; greylist = null; }}
worker "normal" {{ bind_socket = "127.0.0.1:{port}"; count = 1; }}
worker "controller" {{ bind_socket = "127.0.0.1:{controller_port}"; count = 1; }}
worker "rspamd_proxy" {{
  bind_socket = "127.0.0.1:{milter_port}"; bind_socket = "{folder}/milter mode=0666"; count = 1;
  milter = yes; timeout = 120s; upstream "local" {{ default = yes; self_scan = yes; }}
}}
"""


class Rspamd:
    """One that protects so many people by a rule in Lua, or by two maps (`multimap`)."""

    def __init__(self, place: Path, people: int, *, multimap: bool = False) -> None:
        if shutil.which("rspamd") is None:
            raise NotInstalled("rspamd (Debian: rspamd)")
        self.folder = place / f"rspamd-{'multimap' if multimap else 'lua'}-{people}"
        (self.folder / "nothing").mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o755)
        cache = place / "hyperscan"  # what takes seconds to compile is compiled once
        cache.mkdir(exist_ok=True)
        self.port, self.milter_port, controller_port = free_ports(3)
        self.known = addresses_by_name(people)
        self._names = [
            person.name for person in namesakes(people)
        ]  # as they are written: a map of names compares them letter by letter
        self.write_people()
        settings = _SETTINGS.format(
            folder=self.folder,
            port=self.port,
            milter_port=self.milter_port,
            controller_port=controller_port,  # looks after the files of the maps
            cache=cache,
            modules='"multimap"' if multimap else "",
        )
        if multimap:
            (self.folder / "rule.lua").write_text('require "global_functions" ()\n', encoding="ascii")
            settings += _MULTIMAP.format(folder=self.folder)
        else:
            (self.folder / "rule.lua").write_text(_RULE.format(folder=self.folder), encoding="utf-8")
            settings += f'lua = "{self.folder}/rule.lua";\nmodules {{ path = "{self.folder}/nothing"; }}\n'
        (self.folder / "rspamd.conf").write_text(settings, encoding="utf-8")
        self.program: Program | None = None

    @property
    def milter_path(self) -> str:
        """The socket of its milter."""
        return f"{self.folder}/milter"

    def client(self) -> HttpClient:
        """A connection of its own."""
        return HttpClient(self.port, PATH)

    def start(self, probe: bytes) -> float:
        """Seconds until it finds the forged letter."""
        command = ["rspamd", "-f", "-i", "-c", str(self.folder / "rspamd.conf")]
        self.program = Program(command, self.folder / "output")
        return self.program.wait_for(lambda: SYMBOL in self.client().ask(probe))

    def write_people(self) -> None:
        """The maps, each put in the place of the old one at once, so that it is read again."""
        addresses = (address for one in self.known.values() for address in one)
        self._write("people.map", (f'"{name}" {",".join(one)}' for name, one in self.known.items()))
        self._write("names.map", (f'"{name}"' for name in self._names))
        self._write("addresses.map", addresses)

    def stop(self) -> None:
        """End it."""
        if self.program:
            self.program.stop()

    def _write(self, name: str, lines: object) -> None:
        new = self.folder / f"{name}.new"
        new.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        new.replace(self.folder / name)
