import Foundations
import Glibc
import PluginHost
import Testing

@testable import Conformance

@Suite(.serialized) struct CheckProcessTests {
    /// A program in a folder of its own that stands in for `sluice`; removed with it.
    private final class Stub {
        let path: String
        private let folder: String

        init(_ script: String) throws {
            var pattern = Array("/tmp/sluice-stub-XXXXXX".utf8CString)
            try #require(mkdtemp(&pattern) != nil)
            folder = String(decoding: pattern.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
            path = folder + "/stub"
            try Files.writeAtomically(Array("#!/bin/sh\n\(script)\n".utf8), to: path, mode: 0o700)
        }

        deinit {
            unlink(path)
            rmdir(folder)
        }
    }

    private func outcome(
        of script: String, seconds: Double = 20, temporary: String? = nil
    ) throws -> (outcome: Outcome, seconds: Double) {
        let stub = try Stub(script)
        let check = ConformanceCheck(.check, "stub", "A stub.", seconds: seconds) {
            (_, _) throws(SluiceError) in .passed
        }
        let process = try CheckProcess(
            check, seed: 1, subject: [:], program: stub.path, temporary: temporary, clock: Context.system.monotonic)
        while !process.look() { CheckProcess.wait(for: [process]) }
        return (process.outcome, process.seconds)
    }

    @Test func `what a process says is its outcome`() throws {
        let said = try outcome(of: #"echo '{"status":"Failed","detail":"why"}'"#)
        #expect(said.outcome == .failed("why"))
    }

    @Test func `a process that dies by a signal, says nothing or says nonsense has crashed`() throws {
        let killed = try outcome(of: "kill -SEGV $$")
        #expect(killed.outcome == .crashed("the check's process died by signal 11"))
        let silent = try outcome(of: "exit 3")
        #expect(silent.outcome == .crashed("the check's process ended with status 3 and no outcome"))
        for script in ["echo nonsense", #"echo '{"status":"Fine"}'"#, "head -c 3000000 /dev/zero"] {
            let nonsense = try outcome(of: script)
            #expect(nonsense.outcome.status == .crashed)
        }
    }

    @Test func `a process that passes its time is stopped with all that it started`() throws {
        // The second process holds the pipe open and would outlive the first.
        let late = try outcome(of: "sleep 600 & sleep 600", seconds: 0.3)
        #expect(late.outcome == .crashed("it was stopped after 0.3 s"))
        #expect(late.seconds < 10)
    }

    @Test func `temporary files of a process that is killed go with the suite's folder`() throws {
        var folder: TrialFolder? = try TrialFolder()
        let path = try #require(folder?.path)
        let killed = try outcome(of: #": > "$(mktemp)"; kill -KILL $$"#, temporary: path)
        #expect(killed.outcome.status == .crashed)
        let left = try Files.list(path)
        #expect(left.count == 1)
        folder = nil
        let isGone = !Files.exists(path)
        #expect(isGone)
    }

    @Test func `what a process leaves behind does not hold the suite up`() throws {
        let left = try outcome(of: #"sleep 600 & echo '{"status":"Passed"}'"#)
        #expect(left.outcome == .passed)
        #expect(left.seconds < 10)
    }
}

@Suite struct TrialFolderTests {
    @Test func `a folder for temporary files goes with all that is in it, and follows no link`() throws {
        let kept = try TrialFolder()
        try Files.writeAtomically([1], to: kept.path + "/kept")
        var folder: TrialFolder? = try TrialFolder()
        let path = try #require(folder?.path)
        try Files.makeFolder(path + "/inner")
        try Files.writeAtomically([1], to: path + "/inner/file")
        let linked = symlink(kept.path, path + "/link")
        try #require(linked == 0)
        folder = nil
        let isGone = !Files.exists(path)
        #expect(isGone)
        let isKept = Files.exists(kept.path + "/kept")
        #expect(isKept)
    }
}

@Suite struct ReportTests {
    @Test(arguments: [
        (
            SluiceError(.pluginFailed, "The plugin a.b failed during scan: the cell 4711 is odd"),
            "DETERMINISTIC_FAILURE plugin.failed, during scan"
        ),
        (
            SluiceError(.egressUnreachable, "The plugin a.b failed during embed: 127.0.0.1:43210 is silent."),
            "\(ErrorKind.egressUnreachable.code) egress.unreachable, during embed"
        ),
        (
            SluiceError(
                .pluginCrashed,
                "The process of the plugin a.b died during scan, by signal 6 (SIGABRT); its standard error ends: 4711."),
            "DETERMINISTIC_FAILURE plugin.crashed: The process of the plugin a.b died during scan, by signal 6 (SIGABRT)"
        ),
        (
            SluiceError(.pluginLoad, "The plugin a.b does not load: 4711 during scan"),
            "DETERMINISTIC_FAILURE plugin.load"
        ),
        (
            SluiceError(.pluginProtocol, "The plugin a.b broke the protocol during scan: a batch is malformed."),
            "DETERMINISTIC_FAILURE plugin.protocol: The plugin a.b broke the protocol during scan: a batch is malformed."
        ),
    ])
    func `a report holds nothing that the plugin said and no address`(_ error: SluiceError, _ words: String) {
        let reported = error.reported(ofPlugin: "a.b")
        #expect(reported == words)
    }

    @Test func `XML holds nothing that it may not, and means what was said`() {
        let nasty = "a<b>&\"c\"\u{0}\u{1B}[31m\u{85}\u{FFFE}é\u{1F600}\n"
        let escaped = ConformanceReport.escape(nasty)
        #expect(escaped == "a&lt;b&gt;&amp;&quot;c&quot;[31mé\u{1F600}&#10;")
    }

    @Test func `an unknown check is answered with the nearest`() {
        for (typed, meant) in [("check.emtpy", "check.empty"), ("slices", "connector.slices")] {
            #expect(ConformanceCheck.nearest(typed) == meant)
        }
        #expect(ConformanceCheck.nearest("quite.another_thing_altogether") == nil)
    }

    @Test func `every check has an id of its own and a rule that is a sentence`() {
        let ids = ConformanceCheck.all.map(\.id)
        #expect(Set(ids).count == ids.count)
        for check in ConformanceCheck.all { #expect(check.rule.hasSuffix("."), "\(check.id)") }
    }
}
