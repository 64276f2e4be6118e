import Contracts
import Foundations
import Supervisor
import Testing

@testable import CommandLineCore

@Suite struct `The command` {
    @Test func `run by options hands all of them on`() throws {
        let world = World()
        let outcome = world.run(
            "run", "--lhs", "a.csv", "--rhs", "sqlite:b#c", "--mode", "metadata_only", "--lane=batch", "--routing",
            "offline_first", "--thresholds", "tp_x", "--sample-rows", "77", "--tag", "one", "--tag", "two",
            "--idempotency-key", "k", "--created-at", "2026-01-31T12:00:00Z", "--plan", "3f9a1c02", "--yes", "--home",
            "/h")
        #expect(outcome.status == 0)
        let shorthand = try #require(world.service.shorthand)
        #expect(shorthand.lhs == "a.csv" && shorthand.rhs == "sqlite:b#c" && shorthand.mode == .metadataOnly)
        #expect(shorthand.lane == .batch && shorthand.routing == .offlineFirst && shorthand.thresholds == "tp_x")
        #expect(shorthand.sampleRows == 77 && shorthand.tags == ["one", "two"] && shorthand.idempotencyKey == "k")
        #expect(shorthand.createdAt == "2026-01-31T12:00:00Z" && shorthand.plan == "3f9a1c02")
        #expect(world.service.calls == ["shorthand", "submit", "summary", "drive confirm:true"])
        #expect(world.openedHomes == ["/h"])
        for part in [
            "is done.", "10,845", "10,840", "sqlite:/data/crm.db#customers", "missing: namespaces (not offered)",
            "--home /h",
        ] {
            #expect(outcome.out.contains(part), "\(part)")
        }
    }

    @Test func `artifacts gc hands its grace on and says what it did`() {
        let world = World()
        let looked = world.run("artifacts", "gc", "--dry-run")
        #expect(looked.status == 0 && looked.out.contains("To delete 2") && looked.out.contains("Nothing was deleted."))
        let done = world.run("artifacts", "gc", "--grace", "0")
        #expect(world.service.calls == ["collect 24 true", "collect 0 false"])
        for part in ["Kept     7", "Deleted  2, and 1 left-over temporary file", "Freed    4,096 bytes", "evidence"] {
            #expect(done.out.contains(part), "\(part)")
        }
        #expect(!done.out.contains("Nothing was deleted."))
    }

    @Test func `artifacts promote wants a reason before it opens a home`() {
        let world = World()
        for arguments in [[], ["--reason", " "]] {
            let refused = world.run(["artifacts", "promote", "3F9A1C02"] + arguments)
            #expect(refused.status == 2 && refused.err.contains("--reason is missing"))
        }
        #expect(world.openedHomes.isEmpty)
        let done = world.run("artifacts", "promote", "3F9A1C02", "--reason", "why", "--thresholds", "tp_x")
        #expect(world.service.calls == ["promote 3f9a1c02 why tp_x"])
        #expect(done.out.contains("Promoted 3f9a1c02") && done.out.contains("catalog_version  1+a → 2+b"))
        world.service.promotionStatus = "already_promoted"
        #expect(
            world.run("artifacts", "promote", "3f9a1c02", "--reason", "why").out.contains("already, by me at t: why"))
        world.service.promotionStatus = "nothing_to_promote"
        #expect(world.run("artifacts", "promote", "3f9a1c02", "--reason", "why").out.contains("Nothing to promote"))
        #expect(world.service.calls.last == "promote 3f9a1c02 why tp_default_v1")
    }

    @Test func `run leaves defaults to the service`() throws {
        let world = World()
        _ = world.run("run", "--lhs", "a", "--rhs", "b")
        let shorthand = try #require(world.service.shorthand)
        #expect(shorthand.mode == .dataMode && shorthand.lane == nil && shorthand.thresholds == "tp_default_v1")
        #expect(world.service.calls.last == "drive confirm:false")
        #expect(world.openedHomes == [nil])
    }

    @Test func `run and resume say how a run is to be driven`() {
        let world = World()
        let drives: [([String], DriveOptions)] = [
            (["run", "--lhs", "a", "--rhs", "b"], DriveOptions()),
            (["run", "--lhs", "a", "--rhs", "b", "--fresh", "--yes"], DriveOptions(confirm: true, fresh: true)),
            // Of a new run the lane is the contract's hint.
            (["run", "--lhs", "a", "--rhs", "b", "--lane", "batch"], DriveOptions()),
            (["resume", StandIn.id, "--lane", "batch"], DriveOptions(lane: .batch)),
            (["resume", StandIn.id, "--fresh"], DriveOptions(fresh: true)),
        ]
        for (arguments, options) in drives {
            let outcome = world.run(arguments)
            #expect(outcome.status == 0 && world.service.driven == options, "\(arguments): \(outcome.err)")
        }
        let wrong = world.run("resume", StandIn.id, "--lane", "fast")
        #expect(wrong.status == 2)
    }

    @Test func `run of a run that is done prints its summary and does not drive`() {
        let world = World()
        world.service.stateBefore = "done"
        #expect(world.run("run", "--lhs", "a", "--rhs", "b").status == 0)
        #expect(world.service.calls == ["shorthand", "submit", "summary"])
    }

    @Test func `run --explain starts nothing`() {
        let world = World()
        let outcome = world.run("run", "--lhs", "a", "--rhs", "b", "--explain")
        #expect(outcome.status == 0)
        #expect(world.service.calls == ["shorthand", "explain"])
        #expect(outcome.out.contains("Lane interactive by rule R9: small work."))
        #expect(outcome.out.contains(">  R9"))
    }

    @Test(arguments: [
        ["run"], ["run", "--lhs", "a"], ["run", "--rhs", "a"], ["run", "--yes"],
        ["run", "c.json", "--mode", "data_mode"],
        ["run", "/nowhere/c.json"], ["policy", "check"],
    ])
    func `that lacks its contract opens no home`(_ arguments: [String]) {
        let world = World()
        #expect(world.run(arguments).status == 2)
        #expect(world.openedHomes.isEmpty)
    }

    @Test func `run says what to do when it is held`() {
        let world = World()
        world.service.state = "held"
        world.service.hold = [
            "stage": "MAPPING", "kind": "thresholds", "reasons": ["0.93 is below 0.95"],
            "next": "sluice decide 01J MAPPING accept",
        ]
        let outcome = world.run("run", "--lhs", "a", "--rhs", "b", "--home", "/my home")
        #expect(outcome.status == 3)
        #expect(outcome.out.contains("Held at MAPPING (thresholds):\n  - 0.93 is below 0.95\n"))
        #expect(outcome.out.contains("Next: sluice decide 01J MAPPING accept --home '/my home'\n"))
    }

    @Test func `decide passes stage, decision and reason`() {
        let world = World()
        let outcome = world.run("decide", "01J", "mapping", "fix", "--reason", "wrong column")
        #expect(world.service.calls == ["find 01J", "decide MAPPING fix wrong column"])
        #expect(outcome.out == "Decided fix at MAPPING.\nNext: sluice resume 01J\n")
        _ = world.run("decide", "01J", "MIGRATION", "accept")
        #expect(world.service.calls.last == "decide MIGRATION accept -")
    }

    @Test func `decide says where the run waits next`() {
        let world = World()
        world.service.hold = [
            "stage": "MIGRATION", "kind": "confirmation", "reasons": [], "next": "sluice decide R migration accept",
        ]
        let out = world.run("decide", "01J", "ANALYSIS", "accept", "--home", "/h").out
        #expect(
            out == """
                Decided accept at ANALYSIS.
                Held at MIGRATION (confirmation).
                Next: sluice decide R migration accept --home /h
                Then: sluice resume \(StandIn.id) --home /h

                """)
    }

    @Test func `artifact takes a hash of either case`() {
        let world = World()
        #expect(world.run("artifact", "ABCDEF12").status == 0)
        #expect(world.service.calls == ["artifact abcdef12"])
    }

    @Test func `show prints what stands beside the summary`() {
        let out = World().run("show", "01J").out
        for part in ["Quarantine", "ragged_row", "Checkpoints", "CHUNK", "Contract", "Decisions\n  none"] {
            #expect(out.contains(part), "\(part)")
        }
    }

    @Test func `runs says how to begin when there is none, and aligns them when there are`() {
        let lines = World().run("runs").out.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines[0].hasPrefix("RUN") && lines[1].hasPrefix(StandIn.id))
    }

    @Test func `plugin retry says who let it and what comes next, or that there was nothing to do`() throws {
        let world = World()
        let outcome = world.run("plugin", "retry", "a.check")
        #expect(world.service.calls == ["retry a.check"] && outcome.status == 0)
        for part in ["a.check may be started again", "me as Admin", "failed 4 times", "sluice resume RUN"] {
            #expect(outcome.out.contains(part), "\(outcome.out)")
        }
        let document = try world.run("plugin", "retry", "a.check", "--json").document()
        #expect(document?["status"] == "released" && document?["quarantine"]?["crashes"] == 4)
        world.service.retryStatus = "not_quarantined"
        #expect(world.run("plugin", "retry", "a.check").out.contains("is not in quarantine"))
    }

    @Test func `plugin list shows what is broken and why`() {
        #expect(World().run("plugin", "list").out.contains("its hash differs"))
    }
}
