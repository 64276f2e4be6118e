"""Ways through a run that between them reach every durable step, each with the command that a fault is put into."""

import os
import shutil
import signal
import sqlite3

from scene import Site, wait_stopped

SCHEMA = """
CREATE TABLE cities (city_id INTEGER PRIMARY KEY, city TEXT);
INSERT INTO cities VALUES (1, 'Bern'), (2, 'Oslo'), (3, 'Turin'), (4, 'Ghent');
CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT UNIQUE, amount REAL, joined DATE,
  city_id INTEGER REFERENCES cities (city_id));
INSERT INTO people VALUES (3, 'Already Here', 'old3@example.com', 1.5, '2020-01-01', 1),
  (900001, 'Has An Email', 'p20@example.com', 2.5, '2020-01-02', 2);
"""
INTRUDER = "INSERT INTO people VALUES (900002, 'Came Between', 'p31@example.com', 3.5, '2020-01-03', 3);"
BIG_SCHEMA = "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, email TEXT, amount REAL);"


def write_source(path, rows, orphans):
    """People: some rows ragged, twice, with an impossible date; every `orphans`-th in a city that is not there."""
    with open(path, "w", encoding="utf-8") as file:
        file.write("id,name,email,amount,joined,city_id\n")
        for row in range(rows):
            city = 77 if row % orphans == 5 else row % 4 + 1
            day = "2021-02-31" if row % 97 == 11 else f"2021-03-{row % 28 + 1:02}"
            more = ",one,too,many" if row % 101 == 17 else ""
            key = row - 1 if row % 151 == 23 else row
            file.write(f"{key},Person {row},p{row}@example.com,{row % 997}.25,{day},{city}{more}\n")


def write_big(path, rows):
    """Rows whose faults are few and far between."""
    with open(path, "w", encoding="utf-8") as file:
        file.write("id,name,email,amount\n")
        for row in range(rows):
            more = ",extra" if row % 9973 == 17 else ""
            file.write(f"{row},Person {row},p{row}@example.com,{row % 997}.25{more}\n")


def confirmable(site):
    """A run that waits for the confirmation of its Migration; its id."""
    answer = site.run(confirm=False)
    while answer.status == 3 and answer.json["hold"]["stage"] != "MIGRATION":
        run = answer.json["run_id"]
        decided = site.call("decide", run, answer.json["hold"]["stage"].lower(), "accept")
        assert decided.status == 0, decided
        answer = site.call("resume", run)
    assert answer.status == 3, answer
    return answer.json["run_id"]


class Scenario:
    """Plays a run with a fault in one command, and brings it to its end afterwards."""

    name = "run"
    orphans = 150
    status = 0
    schema = SCHEMA

    def __init__(self, stage, folder, rows=500):
        self.stage, self.folder = stage, folder
        self.source = os.path.join(folder, self.name + ".csv")
        self.prepare(rows)

    def prepare(self, rows):
        write_source(self.source, rows, self.orphans)

    def site(self, name):
        return Site(self.stage, os.path.join(self.folder, name), self.source, self.schema, "people")

    def play(self, site, fault=None, trace=None):
        return site.run(fault=fault, trace=trace)

    def resume(self, site, fault=None, trace=None):
        """One try to go on; the same request again when the home knows of no run."""
        run = site.run_id()
        if run is None:
            return site.run(fault=fault, trace=trace)
        return site.call("resume", run, "--yes", fault=fault, trace=trace)

    def recover(self, site):
        """By one resume to the end that the undisturbed run has, or the answer that was not it."""
        answer = self.resume(site)
        return None if answer.status == self.status else answer


class Budget(Scenario):
    """More rows break a foreign key than the error budget allows: what was staged is given up."""

    name = "budget"
    orphans = 6
    status = 7


class Decide(Scenario):
    """Held before Migration, confirmed by another process, then resumed."""

    name = "decide"

    def play(self, site, fault=None, trace=None):
        return site.call("decide", confirmable(site), "migration", "accept", fault=fault, trace=trace)


class Intruder(Scenario):
    """Between validation and promotion another program writes what a staged row conflicts with."""

    name = "intruder"

    def play(self, site, fault=None, trace=None):
        # The first promotion is the hang's; of the two that there are, a fault at it comes at the second.
        hang = "target.promote.before=hang"
        if fault:
            fault = fault.replace("target.promote.before@1=", "target.promote.before@2=")
        process = site.start(*site.run_arguments(), fault=f"{hang},{fault}" if fault else hang, trace=trace)
        stopped = wait_stopped(process)
        site.change_target(INTRUDER)
        if stopped:
            process.send_signal(signal.SIGCONT)
        return site.finish(process)


class PutBack(Scenario):
    """Killed in its staging, and its home put back to what it was before: the target is ahead of it by lease and chunks."""

    name = "putback"

    def play(self, site, fault=None, trace=None):
        killed = site.run(fault="target.prepare.after=kill")
        assert killed.status == 137, killed
        run, kept = site.run_id(), site.home + ".kept"
        shutil.copytree(site.home, kept)
        for _ in range(2):
            killed = site.call("resume", run, "--yes", fault="target.chunk.after=kill")
            assert killed.status == 137, killed
        shutil.rmtree(site.home)
        os.rename(kept, site.home)
        return site.call("resume", run, "--yes", fault=fault, trace=trace)


class Lane(Scenario):
    """Held before Migration, and resumed in another lane: answers of the old one are dropped."""

    name = "lane"

    def play(self, site, fault=None, trace=None):
        return site.call("resume", confirmable(site), "--yes", "--lane", "flex", fault=fault, trace=trace)

    def resume(self, site, fault=None, trace=None):
        return site.call("resume", site.run_id(), "--yes", "--lane", "flex", fault=fault, trace=trace)


class Damaged(Scenario):
    """Killed once an answer was kept, which is then damaged: the resume drops it and asks anew."""

    name = "damaged"

    def play(self, site, fault=None, trace=None):
        killed = site.run(fault="store.cache_put.after=kill")
        assert killed.status == 137, killed
        connection = sqlite3.connect(site.database, timeout=20)
        with connection:
            connection.execute("UPDATE response_cache SET body = x'00'")
        connection.close()
        return site.call("resume", site.run_id(), "--yes", fault=fault, trace=trace)


class Stop(Scenario):
    """Asked to stop by another process between two chunks."""

    name = "stop"

    def play(self, site, fault=None, trace=None):
        process = site.start(*site.run_arguments(), fault="target.chunk.after@2=hang")
        assert wait_stopped(process), "the run did not reach its second chunk"
        answer = site.call("stop", site.run_id(), fault=fault, trace=trace)
        process.send_signal(signal.SIGCONT)
        site.finish(process)
        return answer


class Export(Scenario):
    """Done, and its ledger exported, signed with a key that is made for it."""

    name = "export"

    def play(self, site, fault=None, trace=None):
        done = site.run()
        assert done.status == 0, done
        return self.export(site, site.run_id(), fault, trace)

    def export(self, site, run, fault=None, trace=None):
        file = os.path.join(site.folder, "ledger.jsonl")
        answer = site.call("ledger", run, "--export", file, fault=fault, trace=trace)
        return answer if answer.status else site.call("ledger", "--verify-file", file)

    def resume(self, site, fault=None, trace=None):
        answer = super().resume(site, fault, trace)
        return answer if answer.status else self.export(site, site.run_id())


class Promote(Scenario):
    """Done, and its Mapping Plan promoted to another threshold profile."""

    name = "promote"

    def play(self, site, fault=None, trace=None):
        done = site.run()
        assert done.status == 0, done
        return self.promote(site, done, fault, trace)

    def promote(self, site, done, fault=None, trace=None):
        plan = done.json["artifacts"]["mapping_plan"]
        return site.call("artifacts", "promote", plan, "--reason", "crash", "--thresholds", "tp_default_v1",
                         fault=fault, trace=trace)

    def resume(self, site, fault=None, trace=None):
        answer = super().resume(site, fault, trace)
        return answer if answer.status else self.promote(site, answer)


class Collect(Scenario):
    """Done, and what nothing refers to deleted, in several batches."""

    name = "collect"
    orphaned = 300

    def play(self, site, fault=None, trace=None):
        done = site.run()
        assert done.status == 0, done
        site.counts_bodies = True
        for number in range(self.orphaned):
            site.orphan(number)
        return self.collect(site, fault, trace)

    def collect(self, site, fault=None, trace=None):
        return site.call("artifacts", "gc", "--grace", "0", fault=fault, trace=trace)

    def resume(self, site, fault=None, trace=None):
        answer = super().resume(site, fault, trace)
        return answer if answer.status else self.collect(site)


class Big(Scenario):
    """Many rows and few faults, for kills at any moment."""

    name = "big"
    schema = BIG_SCHEMA

    def prepare(self, rows):
        write_big(self.source, rows)


ALL = [Scenario, Decide, Lane, Damaged, Stop, Intruder, PutBack, Budget, Export, Promote, Collect]
