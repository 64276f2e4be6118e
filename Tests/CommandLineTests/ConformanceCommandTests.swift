import Foundations
import PluginHost
import Testing

@testable import CommandLineCore
@testable import Conformance

@Suite struct `plugin conformance` {
    private static let manifest = """
        {"manifest_version":1,"id":"a.check","version":"1.2.3","kind":"check","publisher":"me","license":"MIT",
        "summary":"s","abi":{"major":0,"minor":1},"artifacts":[{"platform":"linux-x86_64","file":"a.so","size":1,
        "sha256":"0000000000000000000000000000000000000000000000000000000000000000"}],"resources":[],"extensions":[],
        "egress":[],"data_access":{"sees":"masked batches","companions":[]},
        "limits":{"memory_bytes":1048576,"cpu_s":1,"wall_s":1,"descriptors":8,"threads":1}}
        """

    private func report(_ outcomes: [String: Conformance.Outcome]) throws -> ConformanceReport {
        ConformanceReport(
            plugin: try PluginManifest.parse(Array(Self.manifest.utf8), name: "a.json"), artifact: SHA256.hash("a"),
            seed: 7, quirks: nil,
            entries: try outcomes.sorted { $0.key < $1.key }.map { id, outcome in
                ConformanceReport.Entry(check: try ConformanceCheck.named(id), outcome: outcome, seconds: 0.5)
            })
    }

    @Test func `hands on what was asked for`() throws {
        let world = World()
        world.service.report = try report(["check.empty": .passed])
        let outcome = world.run(
            "plugin", "conformance", "a.json", "--check", "check.empty", "--check", "check.canary", "--seed", "42")
        #expect(outcome.status == 0, "\(outcome.err)")
        #expect(world.service.calls == [#"conformance a.json ["check.empty", "check.canary"] 42"#])
        _ = world.run("plugin", "conformance", "a.json")
        #expect(world.service.calls.last == "conformance a.json [] 1")
    }

    @Test func `ends with 1 when a check failed, and with --json the report is the one document`() throws {
        let world = World()
        world.service.report = try report([
            "check.empty": .failed("why"), "check.canary": .crashed("how"), "check.same_answer": .skipped("because"),
        ])
        let people = world.run("plugin", "conformance", "a b.json")
        #expect(people.status == 1)
        for part in ["Failed check.empty", "  why", "--check check.empty --seed 7", "'a b.json'", "because"] {
            #expect(people.out.contains(part), "\(people.out)")
        }
        #expect(people.err.contains("plugin.conformance") && people.err.contains("1 failed, 1 crashed"))
        let machine = world.run("plugin", "conformance", "a b.json", "--json")
        let document = try machine.document()
        #expect(machine.status == 1)
        #expect(document?["report_sha256"]?.stringValue == world.service.report?.hash.hex)
        #expect(document?["counts"]?["Failed"] == 1)
        let junit = world.run("plugin", "conformance", "a b.json", "--junit")
        #expect(junit.status == 1 && junit.out.hasPrefix("<?xml") && junit.out.hasSuffix("</testsuites>\n"))
    }

    @Test(arguments: [
        ["--seed", "x"], ["--seed", "9007199254740992"], ["--seed=-1"], ["--check", "check.emty"],
        ["--json", "--junit"],
    ])
    func `refuses what does not fit before a home is opened`(_ words: [String]) {
        let world = World()
        let outcome = world.run(["plugin", "conformance", "a.json"] + words)
        #expect(outcome.status == 2)
        #expect(world.openedHomes.isEmpty)
    }

    @Test func `chooses a seed and prints it`() throws {
        let world = World()
        world.service.report = try report(["check.empty": .passed])
        #expect(world.run("plugin", "conformance", "a.json", "--seed", "random").status == 0)
        let asked = world.service.calls.last?.split(separator: " ").last.flatMap { UInt64($0) }
        #expect((asked ?? .max) <= UInt64(UInt32.max))
    }
}
