import Contracts
import Foundations
import Glibc
import PluginRegistry
import Testing

@testable import Store
@testable import Supervisor

/// Whatever changes the plugins of a home needs the right to manage the registry.
@Suite struct `Rights over plugins` {
    private static let stage = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }

    private func service(_ role: Role, home: String) throws -> RunService {
        var context = Context.system
        context.environment["SLUICE_REGISTRY"] = Self.stage + "/registry"
        context.environment["SLUICE_PLUGINS"] = home + "/shipped"
        try Files.makeFolder(home + "/shipped")
        return try RunService(
            home: home, context: context, caller: RunContract.Actor(userID: "ann", role: role))
    }

    private func withHome(_ body: (String) throws -> Void) throws {
        let home = "/tmp/sluice-rights-\(Context.system.ulid())"
        try Files.makeFolder(home, mode: 0o700)
        defer { Self.remove(home) }
        try body(home)
    }

    private static func remove(_ path: String) {
        for name in Files.isDirectory(path) ? (try? Files.list(path)) ?? [] : [] { remove(path + "/" + name) }
        if Files.isDirectory(path) { rmdir(path) } else { unlink(path) }
    }

    @Test(arguments: [Role.viewer, .operator])
    func `are not a viewer's or an operator's`(_ role: Role) throws {
        try withHome { home in
            let service = try service(role, home: home)
            let key = "ed25519:" + String(repeating: "ab", count: 32)
            let changes: [(String, () throws -> Void)] = [
                ("install", { _ = try service.installPlugin(PluginOrder(name: "a.json")) { _ in true } }),
                ("enable", { _ = try service.setPlugin("a", enabled: true) }),
                ("disable", { _ = try service.setPlugin("a", enabled: false) }),
                ("remove", { _ = try service.removePlugin("a") }),
                ("trust", { _ = try service.trustKey(key, publisher: "acme") }),
                ("revoke", { _ = try service.revokeKey(key, reason: "why") }),
            ]
            for (name, change) in changes {
                do {
                    try change()
                    Issue.record("\(name) was allowed")
                } catch let error as SluiceError { #expect(error.detail == "policy.denied", "\(name)") }
            }
            #expect(!Files.exists(home + "/plugins"))
            #expect(try service.store.pluginActs(of: nil) == [])
        }
    }

    @Test func `have whoever starts a library to look at it hold one, or start runs`() throws {
        try withHome { home in
            let library = home + "/a.so"
            try Files.writeAtomically(Array("no library".utf8), to: library)
            let viewer = try service(.viewer, home: home)
            do {
                _ = try viewer.conformance(library, checks: nil, seed: 1)
                Issue.record("a viewer started a library")
            } catch let error as SluiceError { #expect(error.detail == "policy.denied") }
            for role in [Role.analyst, .maintainer] {
                // No library, so it fails; but not for want of a right.
                do { _ = try service(role, home: home).conformance(library, checks: nil, seed: 1) } catch {
                    #expect((error as? SluiceError)?.detail != "policy.denied", "\(role)")
                }
            }
        }
    }

    @Test func `are a maintainer's, and every change says whose`() throws {
        try withHome { home in
            let service = try service(.maintainer, home: home)
            let key = "ed25519:" + String(repeating: "ab", count: 32)
            #expect(try service.trustKey(key, publisher: "acme")["status"] == "trusted")
            #expect(try service.trustKey(key, publisher: "acme")["status"] == "unchanged")
            let other = try? service.trustKey(key, publisher: "other")
            #expect(other == nil, "a key counts for one publisher alone")
            #expect(try service.revokeKey(key, reason: "it got out")["status"] == "revoked")
            let history = try service.pluginKeys()["history"]?.arrayValue ?? []
            #expect(history.map { $0["act"]?.stringValue ?? "" } == ["trusted", "revoked"])
            #expect(history.allSatisfy { $0["actor"] == "ann" && $0["role"] == "Maintainer" })
            #expect(history.last?["details"]?["reason"] == "it got out")
            // What somebody else wrote is noted with the next change.
            try Files.writeAtomically(Array("{\"keys_version\":1,\"keys\":[]}".utf8), to: home + "/plugins/keys.json")
            let next = "ed25519:" + String(repeating: "cd", count: 32)
            #expect(try service.trustKey(next, publisher: "acme")["status"] == "trusted")
            let acts = try service.store.pluginActs(of: nil).map { $0["act"]?.stringValue ?? "" }
            #expect(acts == ["trusted", "revoked", "found_changed", "trusted"])
        }
    }

    @Test func `keep a revocation that was recorded, whatever becomes of the file`() throws {
        try withHome { home in
            let service = try service(.maintainer, home: home)
            let key = "ed25519:" + String(repeating: "ab", count: 32)
            _ = try service.trustKey(key, publisher: "acme")
            let backup = try Files.read(home + "/plugins/keys.json")
            #expect(try service.revokeKey(key, reason: "it got out")["status"] == "revoked")
            #expect(try service.verifyPlugins(nil)["notes"] == [])
            try Files.writeAtomically(backup, to: home + "/plugins/keys.json")
            let notes = try service.verifyPlugins(nil)["notes"]?.arrayValue ?? []
            #expect(notes.count == 1 && notes.first?.stringValue?.contains("restored from a backup") == true)
            let known = try service.trustedKeys().own.keys.map { [$0.status.rawValue, $0.publisher, $0.reason ?? ""] }
            #expect(known == [["revoked", "acme", "it got out"]])
            do {
                _ = try service.trustKey(key, publisher: "acme")
                Issue.record("a revoked key was trusted")
            } catch let error as SluiceError { #expect(error.detail == "plugin.key_revoked") }
            // Said again it is in the file again.
            #expect(try service.revokeKey(key, reason: "it got out")["status"] == "revoked")
            #expect(try service.pluginFolder.keys().keys.map(\.status.rawValue) == ["revoked"])
            #expect(try service.revokeKey(key, reason: "it got out")["status"] == "unchanged")
            #expect(try service.verifyPlugins(nil)["notes"] == [])
            let acts = try service.store.pluginActs(of: nil).map { $0["act"]?.stringValue ?? "" }
            #expect(acts == ["trusted", "revoked", "abandoned", "revoked"])
        }
    }
}
