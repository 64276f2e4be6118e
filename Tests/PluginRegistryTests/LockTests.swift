import Foundations
import PluginHost
import Testing

@testable import PluginRegistry

@Suite struct `The lock of a home's plugins` {
    private func installed(_ bench: Bench) throws -> PluginLock {
        try bench.install(try bench.package())
        return try bench.plugins.lock()
    }

    @Test func `is read as it was written`() throws {
        let bench = try Bench()
        let lock = try installed(bench)
        let locked = try #require(lock.plugins["acme.check"])
        #expect(locked.version == "1.0.0" && locked.publisher == "acme" && locked.enabled)
        #expect(locked.grantedBy == Bench.grant && locked.conformance.seed == 7)
        #expect(locked.platforms[PluginManifest.hostPlatform]?.file == "acme.so")
        #expect(locked.libraries.contains { $0.name == "libc.so.6" })
        #expect(try PluginLock(lock.bytes, name: "lock.json") == lock)
        #expect(try Files.read(bench.plugins.lockPath) == lock.bytes)
    }

    @Test func `that is damaged anywhere counts nowhere`() throws {
        let bench = try Bench()
        let lock = try installed(bench)
        let good = lock.json
        func damaged(_ change: (inout [String: JSON]) -> Void) -> JSON {
            guard case .object(var whole) = good, case .object(var plugins)? = whole["plugins"],
                case .object(var entry)? = plugins["acme.check"]
            else { return nil }
            change(&entry)
            plugins["acme.check"] = .object(entry)
            whole["plugins"] = .object(plugins)
            return .object(whole)
        }
        let wrong: [(JSON, String)] = [
            (damaged { $0["surprise"] = 1 }, "/plugins/acme.check/surprise"),
            (damaged { $0["enabled"] = "yes" }, "/plugins/acme.check/enabled"),
            (damaged { $0["granted"] = nil }, "/plugins/acme.check/granted"),
            (damaged { $0["key"] = "ed25519:0" }, "/plugins/acme.check/key"),
            (damaged { $0["manifest_sha256"] = "AB" }, "/plugins/acme.check/manifest_sha256"),
            (
                damaged { $0["platforms"] = ["linux-x86_64": ["file": "../a", "size": 1, "sha256": "x"]] },
                "/plugins/acme.check/platforms/linux-x86_64/file"
            ),
            (
                damaged { $0["granted_by"] = ["user": "me", "role": "Admin", "how": "guessed"] },
                "/plugins/acme.check/granted_by/how"
            ),
            (["lock_version": 2, "plugins": [:]], "/lock_version"), (["lock_version": 1], "/plugins"),
            ([], "an object"),
        ]
        for (document, place) in wrong {
            try Files.writeAtomically(document.canonicalBytes, to: bench.plugins.lockPath)
            let error = failure { _ = try bench.plugins.lock() }
            #expect(
                error?.detail == "plugin.lock" && error?.message.contains(place) == true, "\(String(describing: error))"
            )
        }
    }

    @Test func `of which any byte is changed is refused or says something that is checked`() throws {
        let bench = try Bench()
        let good = try installed(bench).bytes
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = Seeded(state: seed)
        for _ in 0..<1000 {
            var bytes = good
            bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            if Int.random(in: 0..<4, using: &random) == 0 {
                bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random))
            }
            do throws(SluiceError) {
                let lock = try PluginLock(bytes, name: "lock.json")
                #expect(try PluginLock(lock.bytes, name: "again") == lock, "seed \(seed)")
            } catch { #expect(error.detail == "plugin.lock", "seed \(seed)") }
        }
    }
}
