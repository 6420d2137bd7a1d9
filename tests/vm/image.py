"""build_image(): the guest's whole file system as one initramfs: the agent, its tests, Python, and the libraries of all."""

import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
TESTS = HERE.parent
# Python as far as the end-to-end suite needs it.
LEFT_OUT = shutil.ignore_patterns("site-packages", "dist-packages", "test", "tests", "idlelib", "tkinter", "ensurepip", "lib2to3",
                                  "pydoc_data", "config-*", "turtledemo", "distutils", "*.opt-?.pyc", "_tkinter.*", "_sqlite3.*",
                                  "_decimal.*", "_test*", "_codecs_*", "_curses*", "readline.*", "_dbm.*", "_gdbm.*")
PROGRAMS = ("sh", "true", "sleep", "cat")


class Image:
    def __init__(self, root):
        self.root = Path(root)

    def place(self, path):
        return self.root / str(path).lstrip("/")

    def add(self, source, target=None):
        """A file, at the same place or at `target`, with the libraries that it is linked with."""
        place = self.place(target or source)
        if place.exists():
            return
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, place)
        # Debug information would fill the guest's memory. What is no program is refused, and stays as it is.
        subprocess.run(["strip", "--strip-unneeded", place], stderr=subprocess.DEVNULL, check=False)
        self.add_libraries(source)

    def add_libraries(self, program):
        linked = subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout
        for library in re.findall(r"(/\S+) \(0x", linked):
            self.add(library)

    def add_tree(self, source, target=None):
        shutil.copytree(source, self.place(target or source), ignore=LEFT_OUT, dirs_exist_ok=True)

    def add_python(self):
        self.add(Path(sys.executable).resolve(), "/usr/bin/python3")
        library = Path(sysconfig.get_paths()["stdlib"])
        self.add_tree(library, Path("/usr/lib") / library.name)
        for module in self.place(Path("/usr/lib") / library.name).glob("lib-dynload/*.so"):
            self.add_libraries(library / "lib-dynload" / module.name)

    def pack(self, into):
        with open(into, "wb") as out:
            names = subprocess.Popen(["find", "."], cwd=self.root, stdout=subprocess.PIPE)
            subprocess.run(["cpio", "--quiet", "-o", "-H", "newc", "-R", "0:0"], cwd=self.root, stdin=names.stdout, stdout=out, check=True)
            names.wait()


def build_image(suture, build, into):
    """`build`: the directory with the tests' programs."""
    with tempfile.TemporaryDirectory(prefix="suture-vm-") as root:
        image = Image(root)
        for directory in ("proc", "sys", "dev", "tmp", "run", "root"):
            (image.root / directory).mkdir()
        image.add_python()
        for program in PROGRAMS:
            image.add(shutil.which(program), f"/bin/{program}")
        image.add(suture, "/vm/suture")
        image.add(Path(build) / "kernel" / "kernel_test", "/vm/kernel_test")
        image.add(Path(build) / "e2e" / "calls", "/vm/programs/calls")
        image.add_tree(TESTS / "e2e", "/vm/e2e")
        image.add(HERE / "guest.py", "/init")
        image.pack(into)
