"""Finds canaries in files, by a program made for it (search.c)."""

import os
import struct
import subprocess

import forms

HERE = os.path.dirname(os.path.abspath(__file__))


class Search:
    def __init__(self, canaries, folder, cc):
        self.program = os.path.join(folder, "search")
        self.needles = os.path.join(folder, "needles")
        subprocess.run([cc, "-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-o", self.program,
                        os.path.join(HERE, "search.c")], check=True)
        self.owners = []
        with open(self.needles, "wb") as file:
            for canary in canaries:
                for flags, data in sorted(forms.needles(canary)):
                    file.write(struct.pack("<BH", flags, len(data)) + data)
                    self.owners.append((canary, data))

    def hits(self, paths):
        """[(path, offset, canary, form)], and how many bytes were looked at."""
        done = subprocess.run([self.program, self.needles], input="\n".join(paths) + "\n", capture_output=True, text=True,
                              check=False, errors="surrogateescape")
        assert done.returncode == 0, done.stderr
        *lines, total = done.stdout.splitlines()
        found = []
        for line in lines:
            path, offset, number = line.rsplit("\t", 2)
            found.append((path, int(offset), *self.owners[int(number)]))
        return found, int(total)
