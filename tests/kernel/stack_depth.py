#!/usr/bin/env python3
"""Does every BPF program's deepest chain of calls fit in the stack that older kernels give it?

usage: stack_depth.py OBJDUMP OBJECT...

The verifier adds up the frames of a chain, each rounded up to 32 bytes, and refuses more than 512 (MAX_BPF_STACK). Linux 6.13
and newer give a tracing program a stack of its own for each frame, so a machine with one of these does not notice.
"""

import re
import subprocess
import sys
from dataclasses import dataclass, field

MAX_BPF_STACK = 512
FRAME = 32
SECTION = re.compile(r"^Disassembly of section (\S+):")
FUNCTION = re.compile(r"^([0-9a-f]{16}) <(\S+)>:")
INSTRUCTION = re.compile(r"^\s+(\d+):\t((?:[0-9a-f]{2} ?)+)\t(.*)")
CALL_OF_A_FUNCTION = "85 10"  # the other kind calls the kernel
RELOCATION = re.compile(r"R_BPF_64_32\s+(\S+)")
POINTER = re.compile(r"^(r\d) = r10$")
ADDED = re.compile(r"^(r\d) \+= -(0x[0-9a-f]+|\d+)$")


@dataclass
class Function:
    section: str
    name: str
    depth: int = 0
    calls: list = field(default_factory=list)  # (section, instruction) or name


def disassemble(objdump, path):
    functions, starts = {}, {}
    section, function, pointer, target = "", None, "", 0
    text = subprocess.run([objdump, "-d", "-r", path], capture_output=True, text=True, check=True).stdout
    for line in text.split("\n"):
        if found := SECTION.match(line):
            section = found[1]
        elif found := FUNCTION.match(line):
            function = functions[found[2]] = Function(section, found[2])
            starts[section, int(found[1], 16) // 8] = found[2]
        elif found := RELOCATION.search(line):
            function.calls[-1:] = [(found[1], target) if found[1].startswith(".") else found[1]]
        elif found := INSTRUCTION.match(line):
            number, code, words = int(found[1]), found[2], found[3]
            for offset in re.findall(r"r10 - (0x[0-9a-f]+|\d+)", words):
                function.depth = max(function.depth, int(offset, 0))
            added = ADDED.match(words)
            if added and added[1] == pointer:
                function.depth = max(function.depth, int(added[2], 0))
            pointer = found[1] if (found := POINTER.match(words)) else ""
            if code.startswith(CALL_OF_A_FUNCTION):
                offset = int.from_bytes(bytes.fromhex(code)[4:], "little", signed=True)
                target = offset + 1  # from the section's begin, if a relocation follows
                function.calls.append((section, number + target))
    return functions, starts


def deepest(functions, starts, name):
    """(bytes, the chain's functions)"""
    function = functions[name]
    own = max(FRAME, (function.depth + FRAME - 1) // FRAME * FRAME)
    callees = {call if isinstance(call, str) else starts[call] for call in function.calls}
    deeper = (deepest(functions, starts, callee) for callee in callees if callee in functions)  # the others are the kernel's
    depth, chain = max(deeper, default=(0, []))
    return own + depth, [f"{name} {function.depth}", *chain]


def main(objdump, *objects):
    fine = True
    for path in objects:
        functions, starts = disassemble(objdump, path)
        for function in functions.values():
            if function.section == ".text":
                continue
            depth, chain = deepest(functions, starts, function.name)
            if depth > MAX_BPF_STACK:
                fine = False
                print(f"{path.rsplit('/', 1)[-1]}: {depth} bytes of {MAX_BPF_STACK}: {' > '.join(chain)}")
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
