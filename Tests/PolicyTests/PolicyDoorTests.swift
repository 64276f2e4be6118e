import Foundations
import Policy
import Testing

/// A cell of the manifest is worth what the doors make of it: every action is asked for somewhere in the host.
@Suite struct `Every action of policy` {
    private static let host = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 } + "/Host"

    /// Actions whose doors ask for the right that decides them, which another action has the name of.
    private static let others: [Action: Action] = [
        .readLedger: .viewArtifactsMasked, .readQuarantine: .viewArtifactsMasked, .eraseLedger: .approveDestructive,
    ]

    /// The host's sources but for the engine's own, which names every action and requires none.
    private static func sources(below folder: String) throws -> [String] {
        var found: [String] = []
        for name in try Files.list(folder) where name != "Policy" && name != "Conformance" {
            let path = folder + "/" + name
            if Files.isDirectory(path) {
                found += try sources(below: path)
            } else if name.hasSuffix(".swift") {
                found.append(String(decoding: try Files.read(path), as: UTF8.self))
            }
        }
        return found
    }

    /// Whether a call that asks names the action, on its line or the next.
    static func asks(_ source: String, for action: Action) -> Bool {
        let name = ".\(action)"
        for call in ["permit(", "granted(", "require(", "decide(", "action:"] {
            var rest = source[...]
            while let place = rest.firstRange(of: call) {
                rest = rest[place.upperBound...]
                var part = rest.prefix(240)
                if let end = part.firstIndex(where: { $0 == "{" || $0 == "}" }) { part = part[..<end] }
                var words = part
                while let at = words.firstRange(of: name) {
                    words = words[at.upperBound...]
                    let next = words.first
                    if next.map({ !$0.isLetter && !$0.isNumber }) ?? true { return true }
                }
            }
        }
        return false
    }

    @Test func `is asked for by a door of the host`() throws {
        let sources = try Self.sources(below: Self.host)
        try #require(sources.count > 100)
        for action in Action.allCases {
            let isAsked = sources.contains { Self.asks($0, for: action) }
            // Asked by `admit` in the engine; what promotes domains and releases quarantine is not there yet.
            let isElsewhere =
                [Action.toggleLocalOnlyOverride, .promoteDomain, .releaseQuarantine].contains(action)
                || Self.others[action] != nil
            #expect(isAsked != isElsewhere, "\(action.rawValue)")
        }
    }

    @Test func `would be missed`() {
        #expect(!Self.asks("try stage.permit(.migrateAll)", for: .migrate))
        #expect(!Self.asks("case .migrate: permit", for: .migrate))
        #expect(Self.asks("try stage.permit(\n    .migrate)", for: .migrate))
    }
}
