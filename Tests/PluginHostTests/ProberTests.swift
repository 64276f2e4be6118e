import Foundations
import Glibc
import Testing

@testable import PluginHost

/// The host's side of `sluice-prober`; what the checks find is in Tests/Conformance/prober_test.py.
extension `Processes` {
    @Suite(.serialized, .enabled(if: Workshop.realProber != nil, "no sluice-prober: build it"))
    struct `A prober` {
        private func plugin(_ workshop: Workshop, fault: String? = nil) throws -> InstalledPlugin {
            try #require(symlink(Workshop.realProber ?? "", workshop.folder + "/sluice-prober") == 0)
            let define = fault.map { "-DFAULT_" + $0 } ?? ""
            try run(
                "gcc -shared -fPIC -O1 -std=c11 \(define) -I\(Workshop.repository)/SDK/include -Wl,-z,nodelete "
                    + "-o \(workshop.folder)/good_check.so \(Workshop.repository)/Tests/Conformance/prober/good_check.c"
            )
            return try workshop.install(
                "good_check", id: "good.check", kind: .check, wall: 5, companions: [], version: "0.1.0")
        }

        @Test func `says how a check ended`() throws {
            let workshop = try Workshop()
            let plugin = try plugin(workshop)
            for name in ["older_host", "arguments", "files"] {
                let answer = try ProberCheck(name, seed: 1).run(plugin, settings: workshop.settings)
                #expect(answer == .said(["status": "Passed"]), "\(name)")
            }
            #expect(workshop.survivors() == [])
        }

        @Test func `that dies is told by its signal and the call`() throws {
            let workshop = try Workshop()
            let answer = try ProberCheck("arguments", seed: 1)
                .run(try plugin(workshop, fault: "ARGUMENTS"), settings: workshop.settings)
            let call = "sluice_check_ops.declare(instance=right, out=NULL, error=right)"
            #expect(answer == .died(how: "signal 11 (SIGSEGV)", call: call))
        }

        @Test func `that hangs is killed, and the call is named`() throws {
            let workshop = try Workshop()
            var check = ProberCheck("older_host", seed: 1)
            check.seconds = 0.5
            let answer = try check.run(try plugin(workshop, fault: "HANGS"), settings: workshop.settings)
            #expect(answer == .late(call: "declare"))
        }

        @Test(arguments: ["FORGES", "FORGES_AND_GOES_ON"])
        func `in whose place the plugin writes an outcome is not believed`(_ fault: String) throws {
            let workshop = try Workshop()
            let answer = try ProberCheck("older_host", seed: 1)
                .run(try plugin(workshop, fault: fault), settings: workshop.settings)
            #expect(answer == .died(how: "an outcome that is not the prober's own", call: "declare"))
        }

        @Test func `that does not know the check is an error`() throws {
            let workshop = try Workshop()
            let plugin = try plugin(workshop)
            let error = failure { _ = try ProberCheck("no_such", seed: 1).run(plugin, settings: workshop.settings) }
            #expect(error?.detail == "runner.missing")
            #expect(error?.message.contains("--check names none of the checks") == true, "\(error?.message ?? "")")
        }

        @Test func `that is not there is an error`() throws {
            let workshop = try Workshop()
            let plugin = try plugin(workshop)
            unlink(workshop.folder + "/sluice-prober")
            let error = failure { _ = try ProberCheck("files", seed: 1).run(plugin, settings: workshop.settings) }
            #expect(error?.detail == "runner.missing")
        }
    }
}

@Suite struct `A prober's outcome` {
    private func accepted(_ text: String, began: Bool = true) -> JSON? {
        ProberLines.accepted(Array(text.utf8), nonce: "ab", began: began)
    }

    @Test func `is taken as the prober writes it`() {
        #expect(accepted(#"{"status":"Passed","nonce":"ab"}"#) == ["status": "Passed"])
        let failed = accepted(#"{"status":"Failed","detail":"it is so","nonce":"ab"}"#)
        #expect(failed == ["status": "Failed", "detail": "it is so"])
        #expect(accepted(#"{"status":"Skipped","detail":"why","nonce":"ab"}"#, began: false) != nil)
    }

    @Test(arguments: [
        #"{"status":"Passed"}"#,
        #"{"status":"Passed","nonce":"cd"}"#,
        #"{"status":"Passed","nonce":1}"#,
        #"{"status":"Passed","detail":"x","nonce":"ab"}"#,
        #"{"status":"Failed","nonce":"ab"}"#,
        #"{"status":"Crashed","detail":"x","nonce":"ab"}"#,
        #"{"status":"Passed","nonce":"ab","more":1}"#,
        #"{"status":"Failed","detail":"\u001b[2J","nonce":"ab"}"#,
        #"{"status":"Failed","detail":"é","nonce":"ab"}"#,
        #"{"status":"Failed","detail":""# + String(repeating: "x", count: 2049) + #"","nonce":"ab"}"#,
        "{",
    ])
    func `is refused when anything else is in it`(_ text: String) {
        #expect(accepted(text) == nil, "\(text.prefix(80))")
    }

    @Test func `is refused before the plugin was opened`() {
        #expect(accepted(#"{"status":"Passed","nonce":"ab"}"#, began: false) == nil)
    }

    @Test func `is the first one, and nothing counts behind it`() {
        var lines = ProberLines()
        lines.add(Array(">dlopen\n>create\n{\"a\":1}\n>destroy\n{\"b\":2}\n".utf8)[...])
        #expect(lines.first == "dlopen")
        #expect(lines.call == "create")
        #expect(lines.outcome == Array(#"{"a":1}"#.utf8))
    }
}

extension Workshop {
    /// The prober beside the real runner; nil when there is none.
    static let realProber: String? = realRunner.map { Files.folder(of: $0) + "/sluice-prober" }.flatMap(Files.resolved)
}
