import Contracts
import Foundations
import Glibc
import Policy
import Testing

@testable import Store
@testable import Supervisor

/// Who may see raw rows of quarantine, and what is left of it.
@Suite struct `Looking at quarantine` {
    private func quarantined(_ service: RunService) throws -> ULID {
        let run = try DecisionTests().held(service, atConfirmation: false)
        let rows = (1...3).map {
            QuarantineRow(
                chunkID: 0, ordinal: $0, reasonCodes: ["RAGGED_ROW"], maskedBefore: ["name": "Aaa"],
                raw: ["name": "Ada \($0)", "born": nil])
        }
        try service.store.quarantine(rows, runID: run)
        return run
    }

    @Test(arguments: Role.allCases) func `unmasked is for those whom the matrix allows`(_ role: Role) throws {
        try DecisionTests().withHome { home in
            let run = try quarantined(try DecisionTests().service(home, .admin))
            let service = try DecisionTests().service(home, role)
            let masked = try service.quarantine(run, QuarantinePage(limit: 2))
            #expect(masked["rows"] == 3 && masked["quarantine"]?.arrayValue?.count == 2 && masked["event"] == nil)
            #expect(masked["next"] == ["chunk_id": 0, "ordinal": 2])
            #expect(!masked.canonicalText.contains("Ada"))
            let count = try service.store.eventCount(run)
            let page = QuarantinePage(after: (0, 2), unmaskedFor: "a reason\nof two lines")
            do {
                let raw = try service.quarantine(run, page)
                #expect(role > .viewer)
                let rows = raw["quarantine"]?.arrayValue ?? []
                #expect(rows.count == 1 && rows.first?["raw"] == ["name": "Ada 3", "born": nil])
                let event = try #require(try service.store.events(run).last?.event)
                #expect(event.note["reason"] == "a reason of two lines" && event.note["role"] == .string(role.rawValue))
                #expect(event.note["rows"] == 1 && event.note["first"] == [0, 3] && event.confirmation.actor == "ann")
                #expect(raw["event"] == .string(event.eventID.description) && !event.piiMaskApplied)
                #expect(!event.json.canonicalText.contains("Ada"))
                // Gates are what they were.
                #expect(try service.evidence(run)?.token != nil)
            } catch let error as SluiceError {
                #expect(role == .viewer && error.detail == "policy.denied" && error.code == .policyBlock)
                #expect(try service.store.eventCount(run) == count)
            }
        }
    }

    @Test(arguments: ["", "short", "a b c d e", "          \u{2003}   "])
    func `unmasked asks for a reason that says something`(_ reason: String) throws {
        try DecisionTests().withHome { home in
            let service = try DecisionTests().service(home, .admin)
            let run = try quarantined(service)
            let count = try service.store.eventCount(run)
            do {
                _ = try service.quarantine(run, QuarantinePage(unmaskedFor: reason))
                Issue.record("values were shown")
            } catch let error as SluiceError { #expect(error.detail == "usage") }
            #expect(try service.store.eventCount(run) == count)
        }
    }
}
