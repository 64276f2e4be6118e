#!/usr/bin/env python3
"""Moves the sample through the five gates with a real model beside the rules: scripts/real-llm starts it.

    real_run.py --url http://127.0.0.1:PORT [--stage DIR]

The model is asked by Domains and Mapping through the real adapters, for each of the two protocols that the server
speaks. Prints what was asked, what it cost in tokens and time, and what became of the answers. Standard library only.
"""

import argparse
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MODEL = "smollm2-135m-instruct"
COST = {name: 0 for name in ("input", "output", "cached_input", "cache_write", "batch_input", "batch_output", "flex_input",
                             "flex_output")}


def entry(provider):
    """The server's model as one of a provider's, for HOME/models."""
    return {"registry_version": 1, "provider": provider, "currency": "USD", "as_of": "2026-11-21", "source": "a server of one's own",
            "models": [{
                "id": MODEL, "aliases": [], "quality": 0.99, "latency": {"first_token_ms": None, "tokens_per_s": None},
                "cost": COST, "context_tokens": 8192, "max_output_tokens": None, "modality": ["text"],
                "license": "Apache-2.0", "residency": "own machine", "tiers": ["standard"], "batch": False,
                "schema_output": "native", "tokenizer": "smollm-2"}]}


class Run:
    def __init__(self, stage, url, provider):
        self.stage, self.url, self.provider = stage, url, provider
        self.folder = tempfile.mkdtemp(prefix="sluice-real-")
        self.home = os.path.join(self.folder, "home")
        self.environment = dict(os.environ, DRILL_ANTHROPIC_KEY="sk-nobody-checks-this")

    def sluice(self, *words, limit=7200):
        done = subprocess.run(
            [os.path.join(self.stage, "bin", "sluice"), *words, "--home", self.home, "--json"], cwd=self.folder,
            env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=limit, check=False)
        return done.returncode, done.stdout, done.stderr

    def policy(self):
        with open(os.path.join(self.stage, "share", "sluice", "registry", "policies", "pm_default_v1.json"),
                  encoding="utf-8") as file:
            manifest = json.load(file)
        manifest["policy_version"] = "1.0.1"
        manifest["providers"] = {"allow": ["local", self.provider], "deny": [],
                                 "endpoints": {self.provider: {"api": self.url + "/v1"}}}
        secrets = {"anthropic": {"secret_ref": "env:DRILL_ANTHROPIC_KEY", "origins": [self.url]}}
        manifest["egress"].update(allow=[self.url], local=["127.0.0.1"],
                                  secrets=secrets if self.provider == "anthropic" else {})
        return manifest

    def write(self, name, document):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            json.dump(document, file)
        return path

    def contract(self):
        def place(kind, location):
            return {"source": {"type": kind}, "location": location, "schema_ref": None}
        return {
            "roadmap_version": "1.1.0", "mode": "data_mode", "lane_hint": "batch",
            "lhs": place("file", f"csv:{ROOT}/samples/customers.csv"),
            "rhs": place("sql", f"sqlite:{self.folder}/t.db#customers"),
            "pii_policy": {"mask_before_send": True, "local_only_override": False},
            "budget_caps": {"tokens": 400_000, "usd": 0, "wall_time_s": 7200}, "routing_profile": "quality_first",
            "threshold_profile_id": "tp_default_v1", "dsl_version": "1.0.0",
            "sample_caps": {"rows_max": 1000, "bytes_max": 1048576}, "cache_scope": {"run": "", "tab": "", "filters": {}},
            "human_confirm_required": True, "rbac_actor": {"user_id": "ada", "role": "Admin"}, "audit_tags": [],
            # Other models of the vendor are not on this server.
            "provider_denylist": self.others(), "created_at": "2026-01-31T12:00:00Z"}

    def others(self):
        path = os.path.join(self.stage, "share", "sluice", "registry", "models", self.provider + ".json")
        with open(path, encoding="utf-8") as file:
            return [f"{self.provider}:{model['id']}" for model in json.load(file)["models"] if model["id"] != MODEL]

    def make(self):
        connection = sqlite3.connect(os.path.join(self.folder, "t.db"))
        with open(os.path.join(ROOT, "samples", "target.sql"), encoding="utf-8") as file:
            connection.executescript(file.read())
        # Two columns that no column of the sample is for: of these Mapping asks.
        connection.executescript("ALTER TABLE customers ADD COLUMN mascot TEXT; ALTER TABLE customers ADD COLUMN shelf_mark TEXT")
        connection.close()
        # The first call makes the home.
        self.sluice("runs")
        self.write(f"home/models/{self.provider}.json", entry(self.provider))
        status, out, err = self.sluice("policy", "edit", self.write("policy.json", self.policy()), "--reason", "a model of ours")
        assert status == 0, out + err

    def go(self):
        began = time.monotonic()
        status, out, err = self.sluice("run", self.write("contract.json", self.contract()), "--yes")
        for _ in range(8):
            if status != 3:
                break
            summary = json.loads(out)
            self.sluice("decide", summary["run_id"], summary["hold"]["stage"], "accept", "--reason", "the test goes on")
            status, out, err = self.sluice("resume", summary["run_id"], "--yes")
        summary = json.loads(out)
        assert status == 0 and summary["state"] == "done", out + err
        seconds = time.monotonic() - began
        status, told, err = self.sluice("ledger", summary["run_id"])
        assert status == 0, err
        asked = [event for event in map(json.loads, told.splitlines())
                 if (event.get("note") or {}).get("event") == "inference"]
        assert asked, "the model was never asked"
        status, out, err = self.sluice("ledger", summary["run_id"], "--verify")
        assert status == 0, out + err
        print(f"{self.provider}: {summary['rows_migrated']} of {summary['rows_in']} rows migrated, "
              f"{summary['rows_quarantined']} in quarantine, {seconds:.0f} s")
        for one in asked:
            print(f"  {one['stage']:8} {one['note']['job']:14} {one['fallback_chain']} estimated {one['token_estimate']}, "
                  f"used {one['token_actual']} tokens, {one['error_code'] or 'answered'}, {one['retries']} retries")
        answered = [one for one in asked if not one["error_code"]]
        # A server binds the schema in one protocol alone; what so small a model says without that may be of no use, but
        # it has to come whole.
        if self.provider == "openai-compatible":
            assert answered, "the model answered nothing that could be used"
        assert {one["error_code"] for one in asked} <= {None, "DSL_REJECT"}, "a question met something else than a bad answer"
        print(f"  {len(answered)} of {len(asked)} questions answered within their schema")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stage", default=os.path.join(ROOT, ".build", "stage", "debug"))
    parser.add_argument("--url", required=True)
    arguments = parser.parse_args()
    for provider in ("openai-compatible", "anthropic"):
        run = Run(os.path.abspath(arguments.stage), arguments.url, provider)
        run.make()
        run.go()
        shutil.rmtree(run.folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
