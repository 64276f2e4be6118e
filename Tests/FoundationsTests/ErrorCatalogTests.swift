import Foundations
import Testing

@Suite struct `The error catalog` {
    @Test func `is the page docs slash errors`() throws {
        let path = "\(root)/docs/errors.md"
        let expected = ErrorKind.markdown
        let found = (try? Files.read(path)).map { String(decoding: $0, as: UTF8.self) }
        if found != expected, Context.system.environment["RECORD_GOLDEN"] == "1" {
            try Files.writeAtomically(Array(expected.utf8), to: path, mode: 0o644)
            Issue.record("docs/errors.md was written anew; look at the difference and run again without RECORD_GOLDEN")
        } else {
            #expect(found == expected, "run with RECORD_GOLDEN=1 to write docs/errors.md anew")
        }
    }

    @Test func `names every kind once, with a meaning and a next step`() {
        let ids = ErrorKind.all.map(\.id)
        #expect(Set(ids).count == ids.count)
        #expect(ids == ids.sorted())
        for kind in ErrorKind.all {
            #expect(kind.id.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x2E || $0 == 0x5F }, "\(kind.id)")
            #expect(kind.meaning.hasSuffix(".") && kind.hint.hasSuffix("."), "\(kind.id)")
            #expect(kind.meaning.utf8.count > 15 && kind.hint.utf8.count > 10, "\(kind.id)")
            #expect(
                ErrorKind.markdown.contains("\n### `\(kind.id)`\n\n`\(kind.code)`, exit status \(kind.exitStatus).\n"),
                "\(kind.id)")
        }
    }

    @Test func `holds every kind that the source declares`() throws {
        let source = String(decoding: try Files.read("\(root)/Host/Foundations/ErrorKind.swift"), as: UTF8.self)
        let declared = source.split(separator: "\n").filter {
            $0.contains("public static let") && $0.contains("= ErrorKind(")
        }
        #expect(declared.count == ErrorKind.all.count)
    }

    @Test(
        arguments: [
            (.usage, 2), (.contractInvalid, 2), (.contractPassword, 4), (.jsonInvalid, 2), (.locationInvalid, 2),
            (.policyDenied, 4), (.policyMasking, 4), (.isolation, 4), (.pluginHash, 4), (.runMode, 4),
            (.dslRejected, 5),
            (.errorBudget, 7), (.validation, 7), (.interrupted, 1), (.sourceMissing, 1), (.targetBusy, 1),
            (.storeFailed, 1),
            (.budget, 6), (.pluginTimeout, 1), (.pluginFailed, 1), (.runStopped, 1),
        ] as [(ErrorKind, Int32)])
    func `gives every kind the exit status that scripts rely on`(_ kind: ErrorKind, _ status: Int32) {
        #expect(kind.exitStatus == status)
        #expect(SluiceError(kind, "x").exitStatus == status)
    }

    @Test func `ends by the code that a plugin chose itself`() {
        let statuses: [SluiceError.Code: Int32] = [
            .policyBlock: 4, .dslReject: 5, .providerUnhealthy: 6, .rateLimit: 6, .timeout: 1, .quotaExhausted: 6,
            .transientError: 1,
            .deterministicFailure: 1, .quarantineRequired: 7,
        ]
        for code in SluiceError.Code.all {
            #expect(SluiceError(code: code, kind: .pluginFailed, "x").exitStatus == statuses[code], "\(code)")
        }
        #expect(SluiceError.exitStatusMeanings.map(\.status) == Array(0...7))
    }

    @Test func `has the nine codes of the taxonomy with their retry classes`() {
        let table: [(String, transient: Bool)] = [
            ("POLICY_BLOCK", false), ("DSL_REJECT", false), ("PROVIDER_UNHEALTHY", true), ("RATE_LIMIT", true),
            ("TIMEOUT", true),
            ("QUOTA_EXHAUSTED", true), ("TRANSIENT_ERROR", true), ("DETERMINISTIC_FAILURE", false),
            ("QUARANTINE_REQUIRED", false),
        ]
        #expect(SluiceError.Code.all.map(\.description) == table.map(\.0))
        for (place, (name, transient)) in table.enumerated() {
            let code = SluiceError.Code(name: name)
            #expect(code?.isTransient == transient, "\(name)")
            #expect(code?.allowsFallback == transient, "\(name)")
            #expect(code?.abiStatus == Int32(place + 1), "\(name)")
            #expect(SluiceError.Code(abiStatus: Int32(place + 1)) == code)
        }
        #expect(SluiceError.Code(abiStatus: 99) == .deterministicFailure)
        #expect(SluiceError.Code(abiStatus: 0) == .deterministicFailure)
        #expect(SluiceError.Code(name: "policy_block") == nil)
    }

    @Test func `gives an error its four members`() {
        let error = SluiceError(.runMissing, "No run X.", hint: "Look.")
        #expect(
            error.json == [
                "code": "DETERMINISTIC_FAILURE", "message": "No run X.", "detail_id": "run.missing", "hint": "Look.",
            ])
        #expect(SluiceError(.runMissing, "No run X.").hint == ErrorKind.runMissing.hint)
    }
}
