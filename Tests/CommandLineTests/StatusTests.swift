import Contracts
import Foundations
import Stages
import Supervisor
import Testing

@testable import CommandLineCore

@Suite struct `An exit status` {
    @Test func `follows every code of the taxonomy`() {
        let expected: [(SluiceError.Code, Int32)] = [
            (.policyBlock, 4), (.dslReject, 5), (.providerUnhealthy, 6), (.rateLimit, 6), (.timeout, 1),
            (.quotaExhausted, 6), (.transientError, 1), (.deterministicFailure, 1), (.quarantineRequired, 7),
        ]
        #expect(expected.map(\.0) == SluiceError.Code.all)
        for (code, status) in expected {
            let world = World()
            world.service.state = "failed"
            world.service.error = SluiceError(code: code, kind: .pluginFailed, "It failed.")
            let people = world.run("resume", "01J")
            #expect(people.status == status)
            #expect(people.err.contains("sluice: \(code) plugin.failed: It failed.\nnext: "))
            #expect(people.out.contains("Run \(StandIn.id) is failed."))
            #expect(world.run("resume", "01J", "--json").status == status)
        }
    }

    @Test func `of a bad request is 2 whatever its code`() {
        for kind in [ErrorKind.usage, .contractInvalid, .jsonInvalid, .locationInvalid] {
            #expect(ExitStatus.of(SluiceError(kind, "x")) == 2)
        }
        #expect(ExitStatus.of(SluiceError(.sourceMissing, "x")) == 1)
        #expect(ExitStatus.of(SluiceError(.runMode, "x")) == 4)
        #expect(ExitStatus.of(SluiceError(.errorBudget, "x")) == 7)
    }

    @Test(arguments: [("done", 0), ("held", 3), ("stopped", 1), ("running", 1)] as [(String, Int32)])
    func `follows the state of the run`(_ state: String, _ status: Int32) {
        let world = World()
        world.service.state = state
        #expect(world.run("run", "--lhs", "a", "--rhs", "b").status == status)
    }

    @Test func `of a check that policy denies is 4, and its document is printed`() throws {
        let world = World()
        world.service.isAllowed = false
        let outcome = world.run("policy", "check", "--lhs", "a", "--rhs", "b", "--json")
        #expect(outcome.status == 4)
        #expect(try outcome.document()?["allowed"]?.boolValue == false)
        world.service.isAllowed = true
        #expect(world.run("policy", "check", "--lhs", "a", "--rhs", "b").status == 0)
    }

    @Test func `stays when the reader of standard output has gone`() {
        let world = World()
        world.writeFailure = 32
        let outcome = world.run("runs")
        #expect(outcome.status == 0)
        #expect(outcome.err.isEmpty)
    }

    @Test func `is 1 when standard output cannot be written`() {
        let world = World()
        world.writeFailure = 28
        let outcome = world.run("runs", "--json")
        #expect(outcome.status == 1)
        #expect(outcome.err.contains("file.failed"))
    }
}

@Suite struct `JSON on standard output` {
    static let commands: [[String]] = [
        ["run", "--lhs", "a", "--rhs", "b"], ["run", "--lhs", "a", "--rhs", "b", "--explain"], ["runs"],
        ["show", "01J"],
        ["artifacts", "01J"], ["artifacts", "gc", "--dry-run"], ["artifacts", "promote", "abcdef12", "--reason", "r"],
        ["artifact", "abcdef12"], ["decide", "01J", "MAPPING", "accept"], ["resume", "01J"],
        ["stop", "01J"], ["plugin", "list"], ["plugin", "show", "csv"], ["plugin", "retry", "csv"],
        ["policy", "check", "--lhs", "a", "--rhs", "b"],
        ["errors"], ["errors", "target.shape"], ["errors", "--markdown"], ["completions", "bash"], ["help"],
        ["help", "run"],
        ["version"], ["run", "--help"],
    ]

    @Test(arguments: commands)
    func `is one canonical document`(_ command: [String]) throws {
        let world = World()
        world.errIsTerminal = true
        world.service.whileDriving = { observer in
            observer.stageStarted(.ingest)
            observer.progress(.ingest, rows: 1, totalRows: 2)
            observer.notice("note")
            observer.stageFinished(.ingest, decision: .accept, reasons: [], seconds: 1)
        }
        let outcome = world.run(command + ["--json"])
        #expect(outcome.status == 0)
        let document = try #require(try outcome.document())
        #expect(outcome.out == document.canonicalText + "\n")
    }

    @Test(arguments: commands)
    func `is one error object when the service fails`(_ command: [String]) throws {
        let world = World()
        world.service.failure = SluiceError(.pluginTimeout, "Too \"slow\".")
        let outcome = world.run(command + ["--json"])
        guard !world.service.calls.isEmpty else { return }
        #expect(outcome.status == 1)
        #expect(outcome.err.isEmpty)
        let error = try #require(try outcome.document()?["error"])
        #expect(error.objectValue?.keys.sorted() == ["code", "detail_id", "hint", "message"])
        #expect(error["code"]?.stringValue == "TIMEOUT")
        #expect(error["message"]?.stringValue == "Too \"slow\".")
    }

    @Test func `is one error object for a mistake in the command line`() throws {
        let outcome = World().run("run", "--lhz", "x", "--json")
        #expect(outcome.status == 2)
        #expect(try outcome.document()?["error"]?["detail_id"]?.stringValue == "usage")
    }

    @Test func `of a failed run is its summary with the error in it`() throws {
        let world = World()
        world.service.state = "failed"
        world.service.error = SluiceError(.validation, "row_count differs.")
        let document = try #require(try world.run("run", "--lhs", "a", "--rhs", "b", "--json").document())
        #expect(document["run_id"]?.stringValue == StandIn.id)
        #expect(document["error"]?["code"]?.stringValue == "QUARANTINE_REQUIRED")
    }

    @Test func `of the ledger is one event a line`() throws {
        let outcome = World().run("ledger", "01J", "--json")
        #expect(try outcome.documents().compactMap { $0["stage"]?.stringValue } == ["INGEST", "DOMAINS"])
    }

    @Test func `explains every error of the catalog`() throws {
        let errors = try #require(try World().run("errors", "--json").document()?["errors"]?.arrayValue)
        #expect(errors.compactMap { $0["detail_id"]?.stringValue } == ErrorKind.all.map(\.id))
        let page = World().run("errors", "--markdown").out
        for kind in ErrorKind.all { #expect(page.contains("### `\(kind.id)`\n\n`\(kind.code)`, exit status ")) }
        #expect(page.hasSuffix("\n") && !page.hasSuffix("\n\n"))
    }
}
