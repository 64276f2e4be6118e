import Foundations
import Glibc
import PluginHost
import Testing

@testable import PluginRegistry

@Suite struct `Installing a plugin` {
    /// Changes a package before it is installed.
    private typealias Change = @Sendable (Bench, String) throws -> Void

    private static func library(_ path: String) -> String { Files.folder(of: path) + "/acme.so" }

    private static let bad: [(what: String, detail: String, change: Change)] = [
        (
            "a changed library", "plugin.hash",
            { _, path in
                var bytes = try Files.read(library(path))
                bytes[bytes.count - 1] ^= 1
                try Files.writeAtomically(bytes, to: library(path))
            }
        ),
        (
            "a longer library", "plugin.hash",
            { _, path in
                try Files.writeAtomically(try Files.read(library(path)) + [0], to: library(path))
            }
        ),
        ("no library", "plugin.manifest", { _, path in unlink(library(path)) }),
        (
            "a link for a library", "plugin.link",
            { bench, path in
                try #require(rename(library(path), bench.folder + "/real.so") == 0)
                try #require(symlink(bench.folder + "/real.so", library(path)) == 0)
            }
        ),
        (
            "a link for a manifest", "plugin.link",
            { bench, path in
                try #require(rename(path, bench.folder + "/real.json") == 0)
                try #require(symlink(bench.folder + "/real.json", path) == 0)
            }
        ),
        (
            "a link for a signature", "plugin.link",
            { bench, path in
                try #require(rename(path + ".sig", bench.folder + "/real.sig") == 0)
                try #require(symlink(bench.folder + "/real.sig", path + ".sig") == 0)
            }
        ),
        ("no signature", "plugin.unsigned", { _, path in unlink(path + ".sig") }),
        (
            "a signature that is no JSON", "plugin.signature",
            { _, path in
                try Files.writeAtomically([1], to: path + ".sig")
            }
        ),
        (
            "a changed manifest", "plugin.signature",
            { _, path in
                try Files.writeAtomically(try Files.read(path) + [10], to: path)
            }
        ),
        ("a key that nobody knows", "plugin.key_unknown", { bench, path in try bench.sign(path, key: 9) }),
        ("a revoked key", "plugin.key_revoked", { bench, path in try bench.sign(path, key: 3) }),
        ("a key of another publisher", "plugin.publisher", { bench, path in try bench.sign(path, key: 2) }),
        (
            "another platform", "plugin.platform",
            { bench, path in
                try edit(path) {
                    $0.replacing("linux-x86_64", with: "linux-riscv").replacing("linux-aarch64", with: "linux-riscv")
                }
                try bench.sign(path, key: 1)
            }
        ),
        (
            "a future ABI", "plugin.abi",
            { bench, path in
                try edit(path) { $0.replacing("\"minor\": 1", with: "\"minor\": 7") }
            }
        ),
        (
            "a key that stands twice", "plugin.manifest",
            { _, path in
                try edit(path) { $0.replacing("\"license\":", with: "\"id\": \"acme.check\", \"license\":") }
            }
        ),
        (
            "an unknown key", "plugin.manifest",
            { _, path in
                try edit(path) { $0.replacing("\"license\":", with: "\"licence\": 1, \"license\":") }
            }
        ),
        (
            "a file of another name than the id", "plugin.manifest",
            { _, path in
                try #require(rename(path, Files.folder(of: path) + "/other.json") == 0)
            }
        ),
        (
            "a library that is text", "plugin.library_file",
            { bench, path in
                let text = Array("#!/bin/sh\necho not a library\n".utf8)
                try Files.writeAtomically(text, to: library(path))
                let old = try #require(try PluginManifest.parse(try Files.read(path), name: "m").artifacts.first)
                try edit(path) {
                    $0.replacing(old.sha256.hex, with: SHA256.hash(text).hex)
                        .replacing("\"size\": \(old.size)", with: "\"size\": \(text.count)")
                }
                try bench.sign(path, key: 1)
            }
        ),
    ]

    private static func edit(_ path: String, _ change: (String) -> String) throws {
        let text = String(decoding: try Files.read(path), as: UTF8.self)
        let changed = change(text)
        try #require(changed != text)
        try Files.writeAtomically(Array(changed.utf8), to: path)
    }

    @Test(arguments: bad.indices)
    func `with anything wrong is refused, each by its own error, and leaves nothing`(_ place: Int) throws {
        let (what, detail, change) = Self.bad[place]
        let bench = try Bench()
        let path = try bench.package()
        let keys = try Bench.keys([try Bench.trusted(2, "other"), try Bench.trusted(3, "acme"), try Bench.revoked(3)])
        try change(bench, path)
        let given = Files.exists(path) ? path : Files.folder(of: path) + "/other.json"
        let before = try bench.state()
        let error = failure { try bench.install(given, keys: keys) }
        #expect(error?.detail == detail, "\(what): \(String(describing: error))")
        let after = try bench.state()
        #expect(after == before)
    }

    @Test func `copies the bytes that were verified, whatever is put in their place meanwhile`() throws {
        let bench = try Bench()
        let path = try bench.package()
        let good = try Bench.library.get()
        let installer = bench.installer(try Bench.keys())
        let plan = try installer.plan(manifestPath: path)
        // Between verify and copy the library becomes a link to another one.
        try Files.writeAtomically([1, 2, 3], to: bench.folder + "/evil.so")
        unlink(Self.library(path))
        try #require(symlink(bench.folder + "/evil.so", Self.library(path)) == 0)
        let done = try installer.commit(
            plan, grant: Bench.grant, conformance: Bench.passes, permit: Bench.permit, record: { _, _, _ in })
        let there = bench.plugins.folder(of: done.locked.folder)
        #expect(try Files.readPlain(there + "/acme.so") == good)
        let shown = InstalledPlugins(folder: bench.plugins, lock: try bench.plugins.lock(), keys: try Bench.keys())
        #expect(shown.differences(of: "acme.check") == [])
    }

    @Test func `that fails conformance leaves nothing`() throws {
        let bench = try Bench()
        let installer = bench.installer(try Bench.keys())
        let plan = try installer.plan(manifestPath: try bench.package())
        var seen = ""
        let error = failure {
            _ = try installer.commit(
                plan, grant: Bench.grant,
                conformance: { path in
                    seen = path
                    return ConformanceVerdict(
                        suiteVersion: "1.0.0", reportSHA256: SHA256.hash([]), seed: 1,
                        faults: [.init(check: "abi.release_once", status: "Failed", detail: "twice")])
                }, permit: Bench.permit, record: { _, _, _ in })
        }
        #expect(
            error?.detail == "plugin.conformance" && error?.message.contains("abi.release_once Failed: twice") == true)
        #expect(!Files.exists(seen) && !seen.isEmpty)
        let lock = try bench.plugins.lock()
        #expect(lock.plugins.isEmpty)
    }

    @Test func `again changes nothing, and mends what was changed`() throws {
        let bench = try Bench()
        let path = try bench.package()
        #expect(try bench.install(path) == .installed)
        let before = try bench.state()
        #expect(try bench.install(path) == .unchanged)
        #expect(try bench.state() == before)
        let place = bench.plugins.folder(of: try #require(try bench.plugins.lock().plugins["acme.check"]).folder)
        try Files.writeAtomically([1], to: place + "/acme.so")
        #expect(try bench.install(path) == .reinstalled)
        #expect(try Files.read(place + "/acme.so") == (try Bench.library.get()))
    }

    @Test func `of a later version that asks for no more needs no grant; one that does stops`() throws {
        let bench = try Bench()
        try bench.install(try bench.package())
        let installer = bench.installer(try Bench.keys())
        let same = try installer.plan(manifestPath: try bench.package("same", ["version": "1.1.0"]))
        #expect(same.step == .upgraded && !same.needsGrant && same.beyond == [])
        let done = try installer.commit(
            same, grant: nil, conformance: Bench.passes, permit: Bench.permit, record: { _, _, _ in })
        #expect(done.locked.grantedBy == Bench.grant, "the earlier word goes on")
        let more = try installer.plan(
            manifestPath: try bench.package(
                "more",
                ["version": "1.2.0", "data_access": ["sees": "masked batches", "companions": ["key", "shape"]]]))
        #expect(more.needsGrant && more.beyond.map(\.permission) == ["companions"])
        let refused = failure {
            _ = try installer.commit(
                more, grant: nil, conformance: Bench.passes, permit: Bench.permit, record: { _, _, _ in })
        }
        #expect(refused?.detail == "policy.denied")
        let other = try installer.plan(manifestPath: try bench.package("key", ["version": "1.3.0"], key: 1))
        #expect(!other.needsGrant)
        let keys = try Bench.keys([try Bench.trusted(2, "acme")])
        let byOther = try bench.installer(keys).plan(
            manifestPath: try bench.package("key2", ["version": "1.3.0"], key: 2))
        #expect(byOther.beyond.map(\.permission) == ["key"] && byOther.needsGrant)
    }

    @Test func `shows the checks that are declined, keeps them and has them granted`() throws {
        let bench = try Bench()
        func package(_ name: String, _ version: String, _ declined: [String: JSON]) throws -> String {
            let folder = "\(bench.folder)/source-\(name)/conformance"
            try Files.makeFolder(folder)
            let quirks: JSON = ["quirks_version": 1, "declined": .object(declined)]
            try Files.writeAtomically(quirks.canonicalBytes, to: folder + "/acme.check.json")
            return try bench.package(name, ["version": .string(version)])
        }
        let first = try package("first", "1.0.0", ["check.empty": "it needs a row"])
        let plan = try bench.installer(try Bench.keys()).plan(manifestPath: first)
        #expect(plan.json["declined"] == ["check.empty": "it needs a row"])
        let words = (plan.json["words"]?.arrayValue ?? []).compactMap(\.stringValue)
        #expect(words.last?.contains("check.empty") == true && words.last?.contains("it needs a row") == true)
        try bench.install(first)
        let lock = try bench.plugins.lock()
        let locked = try #require(lock.plugins["acme.check"])
        #expect(locked.conformance.declined == ["check.empty": "it needs a row"])
        #expect(locked.conformance.quirksSHA256 == plan.package.quirksSHA256 && plan.package.quirksSHA256 != nil)
        #expect(try PluginLock(lock.bytes, name: "lock") == lock)
        let installed = InstalledPlugins(folder: bench.plugins, lock: lock, keys: try Bench.keys())
        #expect(installed.differences(of: "acme.check") == [])
        let quirks = bench.plugins.folder(of: locked.folder) + "/conformance/acme.check.json"
        let good = try Files.read(quirks)
        try Files.writeAtomically(good + [10], to: quirks)
        #expect(installed.differences(of: "acme.check").map(\.what) == ["conformance/acme.check.json"])
        unlink(quirks)
        #expect(installed.differences(of: "acme.check").map(\.error.detail) == ["plugin.hash"])
        try Files.writeAtomically(good, to: quirks)
        // The same declines go on; another one is asked for.
        let same = try package("same", "1.1.0", ["check.empty": "it needs a row"])
        #expect(try !bench.installer(try Bench.keys()).plan(manifestPath: same).needsGrant)
        let more = try package("more", "1.1.0", ["check.empty": "it needs a row", "check.all_null": "no"])
        let asked = try bench.installer(try Bench.keys()).plan(manifestPath: more)
        #expect(asked.needsGrant && asked.beyond.map(\.permission) == ["conformance"])
        #expect(asked.beyond.first?.words.contains("check.all_null") == true)
    }

    @Test func `of the same manifest with another signature or other quirks uses another folder`() throws {
        let bench = try Bench()
        let path = try bench.package()
        let keys = try Bench.keys([try Bench.trusted(2, "acme")])
        try bench.install(path, keys: keys)
        let first = try #require(try bench.plugins.lock().plugins["acme.check"])
        try bench.sign(path, key: 2)
        #expect(try bench.install(path, keys: keys) == .reinstalled)
        let second = try #require(try bench.plugins.lock().plugins["acme.check"])
        #expect(first.manifestSHA256 == second.manifestSHA256 && first.folder != second.folder)
        try Files.makeFolder(Files.folder(of: path) + "/conformance")
        try Files.writeAtomically(
            Array(#"{"quirks_version":1}"#.utf8), to: Files.folder(of: path) + "/conformance/acme.check.json")
        #expect(try bench.install(path, keys: keys) == .reinstalled)
        let third = try #require(try bench.plugins.lock().plugins["acme.check"])
        #expect(third.folder != second.folder && Files.exists(bench.plugins.folder(of: second.folder)))
    }

    @Test func `of an earlier version must be allowed`() throws {
        let bench = try Bench()
        try bench.install(try bench.package("new", ["version": "2.0.0"]))
        let old = try bench.package("old", ["version": "2.0.0-rc.1"])
        let error = failure { try bench.install(old) }
        #expect(error?.detail == "plugin.downgrade" && error?.hint.contains("--allow-downgrade") == true)
        #expect(try bench.install(old, allowDowngrade: true) == .downgraded)
    }

    @Test func `under an id of another publisher is refused`() throws {
        let bench = try Bench()
        try bench.install(try bench.package())
        let keys = try Bench.keys([try Bench.trusted(2, "other")])
        let path = try bench.package("other", ["publisher": "other", "version": "2.0.0"], key: 2)
        let error = failure { try bench.install(path, keys: keys) }
        #expect(error?.detail == "plugin.duplicate_id" && error?.message.contains("acme") == true)
    }

    @Test func `takes the place of one that ships only from its publisher and by its keys`() throws {
        let bench = try Bench()
        let shipped = try InstalledPlugin(manifestPath: try bench.package("shipped"))
        let entry = PluginCatalog.Entry(id: "acme.check", plugin: .success(shipped))
        let path = try bench.package("over", ["version": "1.5.0"])
        let own = try bench.installer(try Bench.keys(), shipped: [entry]).plan(manifestPath: path)
        #expect(own.step == .installed && own.needsGrant)
        // The installation knows keys of acme, and this is none of them.
        try bench.sign(path, key: 2)
        let keys = try Bench.keys([try Bench.trusted(2, "acme")])
        let error = failure { _ = try bench.installer(keys, shipped: [entry]).plan(manifestPath: path) }
        #expect(error?.detail == "plugin.duplicate_id")
        let older = try bench.package("older", ["version": "0.9.0"])
        let downgrade = failure {
            _ = try bench.installer(try Bench.keys(), shipped: [entry]).plan(manifestPath: older)
        }
        #expect(downgrade?.detail == "plugin.downgrade")
    }

    @Test func `in the place of one that ships must be granted that place, when it is installed and when it is used`()
        throws
    {
        let bench = try Bench()
        try bench.install(try bench.package("before"))
        let shipped = try InstalledPlugin(manifestPath: try bench.package("shipped", ["version": "0.9.0"]))
        let entry = PluginCatalog.Entry(id: "acme.check", plugin: .success(shipped))
        func catalog() throws -> PluginCatalog {
            InstalledPlugins(folder: bench.plugins, lock: try bench.plugins.lock(), keys: try Bench.keys())
                .catalog(over: PluginCatalog(entries: [entry]))
        }
        // It was installed before anything of its id shipped.
        let ungranted = failure { _ = try catalog().plugin("acme.check") }
        #expect(ungranted?.detail == "plugin.duplicate_id" && ungranted?.hint.contains("install acme.check") == true)
        let installer = bench.installer(try Bench.keys(), shipped: [entry])
        let path = bench.folder + "/before/acme.check.json"
        let plan = try installer.plan(manifestPath: path)
        #expect(plan.needsGrant && plan.beyond.map(\.permission) == ["takes_place"] && plan.step == .reinstalled)
        let words = plan.permissions.words.joined()
        #expect(words.contains("takes the place of the check of the same id that ships with Sluice"))
        let refused = failure {
            _ = try installer.commit(
                plan, grant: nil, conformance: Bench.passes, permit: Bench.permit, record: { _, _, _ in })
        }
        #expect(refused?.detail == "policy.denied")
        _ = try installer.commit(
            plan, grant: Bench.grant, conformance: Bench.passes, permit: Bench.permit, record: { _, _, _ in })
        #expect(try catalog().plugin("acme.check").isInstalled)
        #expect(try installer.plan(manifestPath: path).step == .unchanged)
    }

    @Test func `over one that ships and cannot be read is refused, and so is less than either version`() throws {
        let bench = try Bench()
        try bench.install(try bench.package("first"))
        let broken = PluginCatalog.Entry(
            id: "acme.check", plugin: .failure(SluiceError(.pluginManifest, "The manifest is malformed.")))
        let next = try bench.package("next", ["version": "1.1.0"])
        let unread = failure {
            _ = try bench.installer(try Bench.keys(), shipped: [broken]).plan(manifestPath: next)
        }
        #expect(unread?.detail == "plugin.duplicate_id" && unread?.message.contains("malformed") == true)
        let installed = InstalledPlugins(folder: bench.plugins, lock: try bench.plugins.lock(), keys: try Bench.keys())
        let used = failure { _ = try installed.catalog(over: PluginCatalog(entries: [broken])).plugin("acme.check") }
        #expect(used?.detail == "plugin.duplicate_id")
        // 1.0.0 is installed, 2.0.0 ships: 1.1.0 is a step back.
        let shipped = try InstalledPlugin(manifestPath: try bench.package("shipped", ["version": "2.0.0"]))
        let later = PluginCatalog.Entry(id: "acme.check", plugin: .success(shipped))
        let installer = bench.installer(try Bench.keys(), shipped: [later])
        let back = failure { _ = try installer.plan(manifestPath: next) }
        #expect(back?.detail == "plugin.downgrade" && back?.message.contains("2.0.0") == true)
        #expect(try installer.plan(manifestPath: next, allowDowngrade: true).step == .upgraded)
    }

    @Test func `by an entry of the index that says another id or publisher is refused`() throws {
        let bench = try Bench()
        let manifest = try PluginManifest.parse(try Files.read(try bench.package()), name: "m")
        func entry(_ id: String, _ publisher: String) -> PluginIndex.Entry {
            PluginIndex.Entry(id: id, publisher: publisher, manifest: "/x")
        }
        try entry("acme.check", "acme").require(manifest)
        for wrong in [entry("acme.other", "acme"), entry("acme.check", "other")] {
            #expect(failure { try wrong.require(manifest) }?.detail == "registry.invalid")
        }
    }

    @Test func `keeps what the lock says of it in the catalog when it is refused`() throws {
        let bench = try Bench()
        try bench.install(try bench.package())
        var lock = try bench.plugins.lock()
        func refused(_ keys: TrustedKeys) throws -> PluginCatalog.Entry? {
            let installed = InstalledPlugins(folder: bench.plugins, lock: lock, keys: keys)
            return installed.catalog(over: PluginCatalog(entries: [])).refused.first?.entry
        }
        #expect(try refused(try Bench.keys()) == nil)
        let plugin = try InstalledPlugins(folder: bench.plugins, lock: lock, keys: try Bench.keys()).plugin(
            "acme.check")
        let entry = try #require(try refused(try Bench.keys([try Bench.revoked(1)])))
        #expect(entry.locked?.kind == .check && entry.locked?.isEnabled == true)
        let identity = try plugin.identity()
        #expect(entry.locked?.identity == identity, "as its manifest has it")
        #expect(entry.locked?.manifestSHA256 == plugin.manifest.hash)
        lock.plugins["acme.check"]?.enabled = false
        #expect(try refused(try Bench.keys())?.locked?.isEnabled == false)
    }

    @Test func `is seen by runs, held to its key and its libraries`() throws {
        let bench = try Bench()
        try bench.install(try bench.package())
        var lock = try bench.plugins.lock()
        func catalog(_ keys: TrustedKeys) -> PluginCatalog {
            InstalledPlugins(folder: bench.plugins, lock: lock, keys: keys).catalog(over: PluginCatalog(entries: []))
        }
        let plugin = try catalog(try Bench.keys()).plugin("acme.check")
        #expect(plugin.pins?.libraries.isEmpty == false)
        try plugin.verify()
        let revoked = failure { _ = try catalog(try Bench.keys([try Bench.revoked(1)])).plugin("acme.check") }
        #expect(revoked?.detail == "plugin.key_revoked")
        // A library of the closure that is not the one that was pinned.
        let pins = plugin.pins?.libraries.map {
            PluginPins.Library(name: $0.name, path: $0.path, sha256: SHA256.hash([]))
        }
        let pinned = failure { try plugin.pinned(to: PluginPins(libraries: pins ?? [])).verify() }
        #expect(pinned?.detail == "plugin.pinned" && pinned?.message.contains("libc.so.6") == true)
        let unknown = failure { try plugin.pinned(to: PluginPins(libraries: [])).verify() }
        #expect(unknown?.detail == "plugin.pinned" && unknown?.message.contains("not installed with") == true)
        lock.plugins["acme.check"]?.enabled = false
        #expect(failure { _ = try catalog(try Bench.keys()).plugin("acme.check") }?.detail == "plugin.disabled")
    }

    @Test func `and changing a byte of any of its files is found by name`() throws {
        let bench = try Bench()
        let path = try bench.package()
        try bench.install(path)
        let lock = try bench.plugins.lock()
        let place = bench.plugins.folder(of: try #require(lock.plugins["acme.check"]).folder)
        let installed = InstalledPlugins(folder: bench.plugins, lock: lock, keys: try Bench.keys())
        #expect(installed.differences(of: "acme.check") == [])
        for (file, detail) in [
            ("acme.so", "plugin.hash"), ("acme.check.json", "plugin.hash"), ("acme.check.json.sig", "plugin.signature"),
        ] {
            let good = try Files.read(place + "/" + file)
            var bytes = good
            // The last digit of the signature, the last byte of the others.
            let at = file.hasSuffix(".sig") ? bytes.count - 30 : bytes.count - 1
            bytes[at] = bytes[at] == UInt8(ascii: "1") ? UInt8(ascii: "2") : UInt8(ascii: "1")
            try Files.writeAtomically(bytes, to: place + "/" + file)
            let found = installed.differences(of: "acme.check")
            #expect(found.contains { $0.error.detail == detail }, "\(file) \(found)")
            try Files.writeAtomically(good, to: place + "/" + file)
        }
    }

    @Test func `waits for another one, and says so when that takes too long`() throws {
        let bench = try Bench()
        let error = failure {
            try bench.plugins.exclusively {
                () throws(SluiceError) in
                try bench.plugins.exclusively(milliseconds: 30) { () throws(SluiceError) in }
            }
        }
        #expect(error?.detail == "plugin.busy")
    }

    @Test func `leaves no folder behind that nobody fills`() throws {
        let bench = try Bench()
        try bench.install(try bench.package())
        let left = bench.home + "/plugins/files/.tmp-00"
        try Files.makeFolder(left)
        try Files.writeAtomically([1], to: left + "/a")
        try bench.install(try bench.package("new", ["version": "1.0.1"]))
        #expect(!Files.exists(left))
        let folders = try Files.list(bench.home + "/plugins/files")
        #expect(folders.count == 2, "a run that began before may still start the one that was replaced")
        try bench.install(try bench.package("newer", ["version": "1.0.2"]))
        #expect(try Files.list(bench.home + "/plugins/files").count == 2)
    }
}
