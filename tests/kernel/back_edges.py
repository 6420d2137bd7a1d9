#!/usr/bin/env python3
"""Does every loop of a BPF program close as older kernels want it: by a jump, not by falling into its own head?

usage: back_edges.py OBJDUMP OBJECT...

Linux 6.1 walks a program depth first and calls a plain instruction that leads back onto the way a back-edge (kernel/bpf/verifier.c,
push_insn), which it refuses. Newer kernels do not, so a machine with one of these does not notice.
"""

import re
import subprocess
import sys

from stack_depth import FUNCTION, INSTRUCTION

JUMP = re.compile(r"goto ([+-](?:0x[0-9a-f]+|\d+))")


def disassemble(objdump, path):
    """{function: {number: instruction}}"""
    functions, lines = {}, None
    text = subprocess.run([objdump, "-d", path], capture_output=True, text=True, check=True).stdout
    for line in text.split("\n"):
        if found := FUNCTION.match(line):
            lines = functions.setdefault(found[2], {})
        elif found := INSTRUCTION.match(line):
            lines[int(found[1])] = found[3]
    return functions


def back_edges(lines):
    """Numbers of the plain instructions that lead back."""
    numbers = sorted(lines)
    following = dict(zip(numbers, numbers[1:]))  # some take two numbers

    def successors(number):
        words, after = lines[number], [following[number]] if number in following else []
        if words.startswith("exit"):
            return []
        if jump := JUMP.search(words):
            target = [number + 1 + int(jump[1], 0)]
            return target if words.startswith("goto") else after + target
        return after

    seen, on_the_way, found = set(), set(), []
    stack = [(numbers[0], iter(successors(numbers[0])))]
    seen.add(numbers[0])
    on_the_way.add(numbers[0])
    while stack:
        number, rest = stack[-1]
        after = next(rest, None)
        if after is None:
            on_the_way.remove(number)
            stack.pop()
            continue
        if after in on_the_way and not JUMP.search(lines[number]):
            found.append(number)
        if after not in seen:
            seen.add(after)
            on_the_way.add(after)
            stack.append((after, iter(successors(after))))
    return found


def main(objdump, *objects):
    found = [f"{path.rsplit('/', 1)[-1]}: {name}: instruction {number} falls into the head of its own loop"
             for path in objects for name, lines in disassemble(objdump, path).items() if lines for number in back_edges(lines)]
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
