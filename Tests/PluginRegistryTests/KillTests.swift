import Foundations
import Glibc
import PluginHost
import Testing

@testable import PluginRegistry

#if SLUICE_TEST_HOOKS
@Suite struct `A process that is killed while it installs` {
    /// The steps of an installation, in their order, and whether the new state stands when the process dies there.
    static let places: [(name: String, isDone: Bool)] = [
        ("plugins.files.before", false), ("plugins.files.middle", false), ("plugins.files.after", false),
        ("plugins.lock.before", false), ("plugins.lock.middle", false), ("plugins.lock.after", true),
    ]

    @Test(arguments: places.indices)
    func `leaves the old state whole, or the new one`(_ place: Int) async throws {
        let (name, isDone) = Self.places[place]
        let bench = try Bench()
        try bench.install(try bench.package())
        let old = try Files.read(bench.plugins.lockPath)
        let next = try bench.package("next", ["version": "1.1.0"])
        let home = bench.home
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [name = name as String, home = home as String, next = next as String] in
            setenv("SLUICE_FAILPOINT", name + "=kill", 1)
            let folder = PluginFolder(home: home, context: .system)
            let installer = Installer(
                folder: folder, keys: try Bench.keys(), shipped: PluginCatalog(entries: []))
            let plan = try installer.plan(manifestPath: next)
            _ = try installer.commit(
                plan, grant: Bench.grant, conformance: Bench.passes, permit: Bench.permit, record: { _, _, _ in })
        }
        let lock = try bench.plugins.lock()
        #expect(lock.plugins["acme.check"]?.version == (isDone ? "1.1.0" : "1.0.0"), "\(name)")
        let now = try Files.read(bench.plugins.lockPath)
        #expect((now == old) == !isDone, "\(name)")
        let installed = InstalledPlugins(folder: bench.plugins, lock: lock, keys: try Bench.keys())
        #expect(installed.differences(of: "acme.check") == [], "\(name)")
        // And the same again comes to its end, and leaves nothing else behind.
        #expect(try bench.install(next) == (isDone ? .unchanged : .upgraded))
        let folders = try Files.list(bench.home + "/plugins/files")
        #expect(folders.allSatisfy { SHA256.Digest(hex: $0) != nil } && folders.count <= 2, "\(name) \(folders)")
    }

    @Test(arguments: places.indices)
    func `leaves the old state whole, or the new one, when the same manifest is signed by another key`(
        _ place: Int
    ) async throws {
        let (name, isDone) = Self.places[place]
        let bench = try Bench()
        let keys = try Bench.keys([try Bench.trusted(2, "acme")])
        let path = try bench.package()
        try bench.install(path, keys: keys)
        let old = try Files.read(bench.plugins.lockPath)
        try bench.sign(path, key: 2)
        let home = bench.home
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [name = name as String, home = home as String, path = path as String] in
            setenv("SLUICE_FAILPOINT", name + "=kill", 1)
            let installer = Installer(
                folder: PluginFolder(home: home, context: .system),
                keys: try Bench.keys([try Bench.trusted(2, "acme")]), shipped: PluginCatalog(entries: []))
            let plan = try installer.plan(manifestPath: path)
            _ = try installer.commit(
                plan, grant: Bench.grant, conformance: Bench.passes, permit: Bench.permit, record: { _, _, _ in })
        }
        let lock = try bench.plugins.lock()
        let key = try Bench.key(isDone ? 2 : 1).publicKey
        #expect(lock.plugins["acme.check"]?.key == key, "\(name)")
        #expect((try Files.read(bench.plugins.lockPath) == old) == !isDone, "\(name)")
        let installed = InstalledPlugins(folder: bench.plugins, lock: lock, keys: keys)
        #expect(installed.differences(of: "acme.check") == [], "\(name)")
        #expect(try bench.install(path, keys: keys) == (isDone ? .unchanged : .reinstalled))
    }

    @Test(arguments: ["plugins.files.before", "plugins.files.middle", "plugins.lock.before", "plugins.lock.middle"])
    func `or meets a full disk says so and leaves nothing`(_ name: String) async throws {
        let bench = try Bench()
        try bench.install(try bench.package())
        let before = try bench.state()
        let next = try bench.package("next", ["version": "1.1.0"])
        let home = bench.home
        await #expect(processExitsWith: .exitCode(7)) {
            [name = name as String, home = home as String, next = next as String] in
            setenv("SLUICE_FAILPOINT", name + "=enospc", 1)
            let folder = PluginFolder(home: home, context: .system)
            let installer = Installer(
                folder: folder, keys: try Bench.keys(), shipped: PluginCatalog(entries: []))
            let plan = try installer.plan(manifestPath: next)
            do throws(SluiceError) {
                _ = try installer.commit(
                    plan, grant: Bench.grant, conformance: Bench.passes, permit: Bench.permit, record: { _, _, _ in })
            } catch { exit(error.detail == "file.failed" && error.message.contains("space") ? 7 : 8) }
        }
        let after = try bench.state()
        #expect(Set(after.keys).subtracting(before.keys).allSatisfy { !$0.contains(".tmp-") })
        #expect(after["plugins/lock.json"] == before["plugins/lock.json"])
    }
}
#endif
