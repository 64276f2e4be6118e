import Foundations
import Glibc
import Synchronization
import TestSupport
import Testing

/// From a publisher's key to a plugin that a run uses, and everything that refuses it on the way.
@Suite("Installing plugins", .enabled(if: Stage.isThere, Comment(rawValue: Stage.absence)))
struct PluginInstallTests {
    private static let id = "sluice.check.duplicates"
    private static let libraries = VersionedLibraries()

    /// A scene with people, a publisher's key and the key's file.
    private func scene() throws -> Scene {
        let scene = try Scene()
        try scene.database("t.db", "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, email TEXT)")
        let rows = (1...50).map { "\($0),Person \($0),p\($0)@example.com" }.joined(separator: "\n")
        try scene.write("people.csv", "id,name,email\n\(rows)\n")
        let made = try scene.sluice("plugin", "keygen", "--out", "own.key", "--json")
        try #require(made.status == 0, "\(made.outText)")
        return scene
    }

    /// A signed package of the duplicates check, in this version; its manifest's path.
    private func package(
        _ scene: Scene, _ version: String, id: String = PluginInstallTests.id, companions: [String] = ["key"],
        publisher: String = "sluice", key: String = "own.key", folder name: String? = nil
    ) throws -> String {
        let name = name ?? version
        let folder = scene.path("build-\(name)")
        try Files.makeFolder(folder)
        try Files.writeAtomically(try Self.libraries.bytes(version, id: id, scene), to: folder + "/duplicates.so")
        let template: JSON = [
            "manifest_version": 1, "id": .string(id), "version": .string(version), "kind": "check",
            "language": "c", "publisher": .string(publisher), "license": "Apache-2.0", "summary": "Repeated keys.",
            "abi": ["major": 0, "minor": 1], "artifacts": [["file": "duplicates.so"]], "resources": [],
            "extensions": [], "egress": [],
            "data_access": ["sees": "masked batches", "companions": JSON(companions)],
            "limits": [
                "memory_bytes": 1_073_741_824, "cpu_s": 3600, "wall_s": 3600, "descriptors": 16, "threads": 4,
            ],
        ]
        try Files.writeAtomically(template.canonicalBytes, to: folder + "/template.json")
        let packed = try scene.sluice(
            "plugin", "pack", folder + "/template.json", "--out", scene.path("package-\(name)"), "--json")
        try #require(packed.status == 0, "\(packed.outText)")
        let manifest = try #require(packed.json["manifest"]?.stringValue)
        let signed = try scene.sluice("plugin", "sign", manifest, "--key", key, "--json")
        try #require(signed.status == 0, "\(signed.outText)")
        return manifest
    }

    private func trust(_ scene: Scene, _ key: String = "own.key.pub", publisher: String = "sluice") throws {
        let trusted = try scene.sluice("plugin", "trust", key, "--publisher", publisher, "--json")
        try #require(trusted.status == 0 && trusted.json["status"] == "trusted", "\(trusted.outText)")
    }

    private func install(_ scene: Scene, _ manifest: String, _ more: String...) throws -> Finished {
        try scene.start(["plugin", "install", manifest, "--json"] + more).wait()
    }

    private func migrate(_ scene: Scene) throws -> Finished {
        try scene.sluice("run", "--lhs", "csv:people.csv", "--rhs", "sqlite:t.db#people", "--yes", "--json")
    }

    private func detail(_ finished: Finished) -> String? { finished.json["error"]?["detail_id"]?.stringValue }

    /// Where the installed files are.
    private func folder(_ scene: Scene, _ id: String = PluginInstallTests.id) throws -> String {
        let lock = try JSONParser.parse(try Files.read(scene.home + "/plugins/lock.json"))
        let name = try #require(lock["plugins"]?[id]?["folder"]?.stringValue)
        return scene.home + "/plugins/files/" + name
    }

    @Test("From nothing to a run that uses it: key, package, signature, trust, grant, lock, record")
    func whole() throws {
        let scene = try scene()
        let manifest = try package(scene, "0.2.0")
        #expect(detail(try install(scene, manifest, "--yes")) == "plugin.key_unknown")
        try trust(scene)
        // Nobody has granted it: it says what it asks for, and changes nothing.
        let held = try install(scene, manifest)
        #expect(held.status == 3 && held.json["status"] == "held", "\(held.outText)")
        let words = (held.json["words"]?.arrayValue ?? []).compactMap(\.stringValue).joined(separator: "\n")
        #expect(words.contains("masked rows") && words.contains("It reaches no network.") && words.contains("key"))
        #expect(!Files.exists(scene.home + "/plugins/lock.json"))
        let done = try install(scene, manifest, "--yes")
        try #require(done.status == 0 && done.json["status"] == "installed", "\(done.outText)\(done.errText)")
        let grant = done.json["lock"]?["granted_by"]
        #expect(grant?["how"] == "--yes" && grant?["role"] == "Admin")
        #expect(done.json["lock"]?["conformance"]?["suite_version"] != nil)
        let listed = try scene.sluice("plugin", "list", "--json").json["plugins"]?.arrayValue?.first {
            $0["id"]?.stringValue == Self.id
        }
        #expect(listed?["origin"] == "installed" && listed?["version"] == "0.2.0" && listed?["enabled"] == true)
        let shown = try scene.sluice("plugin", "show", Self.id, "--json").json
        #expect(shown["status"] == "verified" && shown["origin"] == "installed", "\(shown.canonicalText)")
        let history = shown["history"]?.arrayValue ?? []
        #expect(history.map { $0["act"]?.stringValue ?? "" } == ["installed"])
        #expect(history.first?["actor"] == grant?["user"] && history.first?["role"] == "Admin")

        let run = try migrate(scene)
        try #require(run.status == 0, "\(run.outText)\(run.errText)")
        let id = try #require(run.json["run_id"]?.stringValue)
        let used = try scene.sluice("show", id, "--json").json["isolation"]?["plugins"]?.arrayValue ?? []
        #expect(used.contains("sluice.check.duplicates@0.2.0") && !used.contains("sluice.check.duplicates@0.1.0"))
        let verified = try scene.sluice("plugin", "verify", "--json")
        #expect(verified.status == 0 && verified.json["differ"] == 0, "\(verified.outText)")

        // Removed, the one that ships is used again.
        #expect(try scene.sluice("plugin", "remove", Self.id, "--json").json["status"] == "removed")
        #expect(try Files.list(scene.home + "/plugins/files") == [])
        let again = try scene.sluice("plugin", "list", "--json").json["plugins"]?.arrayValue?.first {
            $0["id"]?.stringValue == Self.id
        }
        #expect(again?["origin"] == "shipped" && again?["version"] == "0.1.0")
        #expect(detail(try scene.sluice("plugin", "remove", Self.id, "--json")) == "plugin.shipped")
    }

    @Test("A changed byte, a link, a revoked key: refused at the next load, and the ledger says so")
    func changed() throws {
        let scene = try scene()
        let manifest = try package(scene, "0.2.0")
        try trust(scene)
        try #require(try install(scene, manifest, "--yes").status == 0)
        let place = try folder(scene)
        var runID: String?
        /// A run, or the same one again, that must be refused; and what the ledger and `verify` say of it.
        func refused(_ expected: String, differs: String?) throws {
            let run = try runID.map { try scene.sluice("resume", $0, "--yes", "--json") } ?? migrate(scene)
            #expect(detail(run) == expected, "\(run.outText)\(run.errText)")
            let id = try #require(run.json["run_id"]?.stringValue)
            runID = id
            let event = try scene.sluice("ledger", id, "--json").jsonLines.last {
                $0["note"]?["event"] == "plugin_refused"
            }
            #expect(event?["note"]?["plugin"] == .string(Self.id) && event?["error_detail_id"] == .string(expected))
            let listed = try scene.sluice("ledger", id, "--verify", "--json")
            #expect(listed.status == 0)
            guard let differs else { return }
            let verified = try scene.sluice("plugin", "verify", Self.id, "--json")
            let found = verified.json["plugins"]?.arrayValue?.first?["differences"]?.arrayValue ?? []
            #expect(verified.status == 4 && found.contains { $0["what"] == .string(differs) }, "\(verified.outText)")
        }
        func changing(_ file: String, _ expected: String) throws {
            let good = try Files.read(place + "/" + file)
            var bytes = good
            bytes[bytes.count / 2] ^= 1
            try Files.writeAtomically(bytes, to: place + "/" + file)
            try refused(expected, differs: file)
            try Files.writeAtomically(good, to: place + "/" + file)
        }
        try changing("duplicates.so", "plugin.hash")
        try changing("\(Self.id).json", "plugin.hash")
        // A link to the very same bytes is refused as well.
        try #require(rename(place + "/duplicates.so", scene.path("real.so")) == 0)
        try #require(symlink(scene.path("real.so"), place + "/duplicates.so") == 0)
        try refused("plugin.link", differs: "duplicates.so")
        unlink(place + "/duplicates.so")
        try #require(rename(scene.path("real.so"), place + "/duplicates.so") == 0)
        // A shared library that is not the one of the lock.
        let lockPath = scene.home + "/plugins/lock.json"
        let lock = try Files.read(lockPath)
        let libc = try #require(
            try JSONParser.parse(lock)["plugins"]?[Self.id]?["libraries"]?.arrayValue?.first {
                $0["name"] == "libc.so.6"
            }?["sha256"]?.stringValue)
        let other = String(libc.reversed())
        let edited = String(decoding: lock, as: UTF8.self).replacing(libc, with: other)
        try Files.writeAtomically(Array(edited.utf8), to: lockPath)
        try refused("plugin.pinned", differs: "libraries")
        try Files.writeAtomically(lock, to: lockPath)

        let id = try #require(runID)
        let resumed = try scene.sluice("resume", id, "--yes", "--json")
        #expect(resumed.status == 0, "\(resumed.outText)\(resumed.errText)")
        runID = nil
        try scene.database("t.db", "DELETE FROM people")
        try scene.write("people.csv", "id,name,email\n7,Somebody Else,e@example.com\n")
        let revoked = try scene.sluice("plugin", "revoke", "own.key.pub", "--reason", "it got out", "--json")
        #expect(revoked.status == 0 && revoked.json["plugins"] == JSON([Self.id]))
        try refused("plugin.key_revoked", differs: "\(Self.id).json")
        #expect(detail(try install(scene, manifest, "--yes")) == "plugin.key_revoked")
        let again = try scene.sluice("plugin", "trust", "own.key.pub", "--publisher", "sluice", "--json")
        #expect(detail(again) == "plugin.key_revoked")
    }

    @Test("A disabled plugin is refused in runs until it is enabled; a damaged lock refuses all")
    func disabled() throws {
        let scene = try scene()
        let manifest = try package(scene, "0.2.0")
        try trust(scene)
        try #require(try install(scene, manifest, "--yes").status == 0)
        #expect(try scene.sluice("plugin", "disable", Self.id, "--json").json["status"] == "disabled")
        let run = try migrate(scene)
        #expect(run.status == 4 && detail(run) == "plugin.disabled", "\(run.outText)")
        let listed = try scene.sluice("plugin", "list", "--json").json["plugins"]?.arrayValue?.first {
            $0["id"]?.stringValue == Self.id
        }
        #expect(listed?["status"] == "disabled" && listed?["enabled"] == false)
        #expect(try scene.sluice("plugin", "verify", Self.id).status == 0, "its files are as they were")
        #expect(try scene.sluice("plugin", "enable", Self.id, "--json").json["status"] == "enabled")
        let id = try #require(run.json["run_id"]?.stringValue)
        let lock = try Files.read(scene.home + "/plugins/lock.json")
        try Files.writeAtomically(Array(lock.dropLast(20)), to: scene.home + "/plugins/lock.json")
        for arguments in [["resume", id, "--json"], ["plugin", "list", "--json"], ["plugin", "verify", "--json"]] {
            let refused = try scene.start(arguments).wait()
            #expect(detail(refused) == "plugin.lock", "\(refused.outText)")
        }
        #expect(detail(try install(scene, manifest, "--yes")) == "plugin.lock")
        try Files.writeAtomically(lock, to: scene.home + "/plugins/lock.json")
        let resumed = try scene.sluice("resume", id, "--yes", "--json")
        #expect(resumed.status == 0, "\(resumed.outText)")
        let acts = try scene.rows("home/sluice.db", "SELECT act FROM plugin_acts WHERE target = 'lock' ORDER BY seq")
        #expect(acts == [["installed"], ["disabled"], ["enabled"]])
    }

    @Test("A check of others that is revoked or changed refuses new runs; a disabled one is left out and named")
    func failsClosed() throws {
        let scene = try scene()
        let id = "acme.check.keys"
        let manifest = try package(scene, "0.2.0", id: id, publisher: "acme")
        try trust(scene, publisher: "acme")
        try #require(try install(scene, manifest, "--yes").status == 0)
        func refused(_ expected: String) throws -> String {
            let run = try migrate(scene)
            #expect(run.status == 4 && detail(run) == expected, "\(run.outText)\(run.errText)")
            let number = try #require(run.json["run_id"]?.stringValue)
            let event = try scene.sluice("ledger", number, "--json").jsonLines.last {
                $0["note"]?["event"] == "plugin_refused"
            }
            #expect(event?["note"]?["plugin"] == .string(id) && event?["error_detail_id"] == .string(expected))
            return number
        }
        // Its manifest is not the one that was installed; put back, the same run goes on.
        let place = try folder(scene, id) + "/\(id).json"
        let good = try Files.read(place)
        try Files.writeAtomically(good + [10], to: place)
        let changed = try refused("plugin.hash")
        try Files.writeAtomically(good, to: place)
        let resumed = try scene.sluice("resume", changed, "--yes", "--json")
        #expect(resumed.status == 0, "\(resumed.outText)")
        let pin = try scene.sluice("show", changed, "--json").json["plugins"]?["checks"]?.arrayValue?.first
        #expect(pin?["id"] == .string(id) && pin?["manifest_sha256"] == .string(SHA256.hash(good).hex))
        // Disabled on purpose: the run does without, and says so to the person and in the ledger.
        try scene.database("t.db", "DELETE FROM people")
        try #require(try scene.sluice("plugin", "disable", id).status == 0)
        try scene.write("people.csv", "id,name,email\n7,Somebody Else,e@example.com\n")
        let without = try migrate(scene)
        #expect(without.status == 0 && without.errText.contains("\(id) was disabled"), "\(without.errText)")
        let number = try #require(without.json["run_id"]?.stringValue)
        let created = try scene.sluice("ledger", number, "--json").jsonLines.first
        #expect(created?["note"]?["checks_disabled"] == [.string(id)] && created?["note"]?["plugins"] == nil)
        try #require(try scene.sluice("plugin", "enable", id).status == 0)
        try #require(try scene.sluice("plugin", "revoke", "own.key.pub", "--reason", "it got out").status == 0)
        try scene.write("people.csv", "id,name,email\n8,Another One,f@example.com\n")
        _ = try refused("plugin.key_revoked")
    }

    @Test("A run keeps to what was installed when it was made: another manifest, or one over ours, is not that")
    func keptTo() throws {
        // More than half of the columns have no place: Mapping holds, and Analysis is still to come.
        func held(_ scene: Scene) throws -> String {
            try scene.write("people.csv", "id,name,email,qqx,zzw,vvk,jjb\n1,Ada Lovelace,a@example.com,1,2,3,4\n")
            let run = try scene.sluice("run", "--lhs", "csv:people.csv", "--rhs", "sqlite:t.db#people", "--json")
            let id = try #require(run.json["run_id"]?.stringValue, "\(run.outText)\(run.errText)")
            #expect(run.json["hold"]?["stage"] == "MAPPING", "\(run.outText)")
            try #require(try scene.sluice("decide", id, "mapping", "accept").status == 0)
            return id
        }
        func resumed(_ scene: Scene, _ run: String, _ words: String) throws {
            let done = try scene.sluice("resume", run, "--json")
            let message = done.json["error"]?["message"]?.stringValue ?? ""
            #expect(detail(done) == "run.plugin" && message.contains(words), "\(done.outText)")
        }
        let scene = try scene()
        try trust(scene)
        let ours = try held(scene)
        let manifest = try package(scene, "0.2.0")
        let installed = try install(scene, manifest, "--yes")
        let words = (installed.json["words"]?.arrayValue ?? []).compactMap(\.stringValue)
        #expect(installed.status == 0 && words.contains { $0.contains("takes the place of the check") }, "\(words)")
        try resumed(scene, ours, "an installed one is in its place now")
        let theirs = try held(scene)
        let wider = try package(scene, "0.2.0", companions: ["key", "shape"], folder: "wider")
        try #require(try install(scene, wider, "--yes").json["status"] == "reinstalled")
        try resumed(scene, theirs, "installed with the manifest")
        try #require(try scene.sluice("plugin", "remove", Self.id).status == 0)
        try resumed(scene, theirs, "now it is 0.1.0 (")
        // What each was made with is back.
        let first = try scene.sluice("resume", ours, "--yes", "--json")
        #expect(first.status == 0, "\(first.outText)")
        try #require(try install(scene, manifest, "--yes").status == 0)
        let second = try scene.sluice("resume", theirs, "--json")
        #expect(detail(second) != "run.plugin", "\(second.outText)")
    }

    @Test("A plugin that is disabled, or whose key is revoked, while a run goes on is not started any more")
    func duringRun() throws {
        guard Stage.hasHooks else { return }
        for isRevoked in [false, true] {
            let scene = try scene()
            let id = "acme.check.keys"
            try trust(scene, publisher: "acme")
            let manifest = try package(scene, "0.2.0", id: id, publisher: "acme")
            try #require(try install(scene, manifest, "--yes").status == 0)
            scene.environment["SLUICE_FAILPOINT"] = "store.commit_stage.after=hang"
            let run = try scene.start([
                "run", "--lhs", "csv:people.csv", "--rhs", "sqlite:t.db#people", "--yes", "--json",
            ])
            while !isStopped(run.pid), run.isRunning { poll(nil, 0, 5) }
            scene.environment["SLUICE_FAILPOINT"] = nil
            let change =
                isRevoked
                ? try scene.sluice("plugin", "revoke", "own.key.pub", "--reason", "it got out")
                : try scene.sluice("plugin", "disable", id)
            try #require(change.status == 0, "\(change.errText)")
            run.kill(SIGCONT)
            let done = try run.wait()
            let expected = isRevoked ? "plugin.key_revoked" : "plugin.disabled"
            #expect(done.status == 4 && detail(done) == expected, "\(done.outText)\(done.errText)")
            let number = try #require(done.json["run_id"]?.stringValue)
            let events = try scene.sluice("ledger", number, "--json").jsonLines
            #expect(
                events.contains { $0["error_detail_id"] == .string(expected) && $0["note"]?["plugin"] == .string(id) })
        }
    }

    @Test("An upgrade that asks for more stops and shows exactly the difference; a downgrade is refused")
    func upgrade() throws {
        let scene = try scene()
        try trust(scene)
        try #require(try install(scene, try package(scene, "0.2.0"), "--yes").status == 0)
        let same = try install(scene, try package(scene, "0.3.0"))
        #expect(same.status == 0 && same.json["status"] == "upgraded", "\(same.outText)")
        let more = try package(scene, "0.4.0", companions: ["key", "shape"])
        let held = try install(scene, more)
        let beyond = held.json["beyond"]?.arrayValue ?? []
        #expect(held.status == 3 && held.json["replaces"] == "0.3.0")
        #expect(beyond.count == 1 && beyond.first?["permission"] == "companions" && beyond.first?["asked"] == "shape")
        let people = try scene.sluice("plugin", "install", more)
        #expect(people.status == 3 && people.outText.contains("It wants the companion shape of masked columns."))
        #expect(people.outText.contains("--yes"))
        let granted = try install(scene, more, "--yes")
        #expect(granted.status == 0 && granted.json["status"] == "upgraded")
        let old = try install(scene, try package(scene, "0.2.1"))
        #expect(old.status == 4 && detail(old) == "plugin.downgrade")
        #expect(try install(scene, scene.path("package-0.2.1/\(Self.id).json"), "--allow-downgrade").status == 0)
        let kinds = try scene.rows(
            "home/sluice.db", "SELECT act, plugin_version FROM plugin_acts WHERE target = 'lock' ORDER BY seq")
        #expect(
            kinds == [
                ["installed", "0.2.0"], ["upgraded", "0.3.0"], ["upgraded", "0.4.0"], ["downgraded", "0.2.1"],
            ])
    }

    @Test("A manifest that is not the library's does not pass conformance, and nothing is installed")
    func unlike() throws {
        let scene = try scene()
        try trust(scene)
        let manifest = try package(scene, "0.2.0")
        let text = String(decoding: try Files.read(manifest), as: UTF8.self)
        try Files.writeAtomically(Array(text.replacing("\"0.2.0\"", with: "\"0.9.0\"").utf8), to: manifest)
        try #require(try scene.sluice("plugin", "sign", manifest, "--key", "own.key").status == 0)
        let refused = try install(scene, manifest, "--yes")
        #expect(detail(refused) == "plugin.conformance", "\(refused.outText)")
        #expect(refused.json["error"]?["message"]?.stringValue?.contains("package.id_match Failed") == true)
        #expect(!Files.exists(scene.home + "/plugins/lock.json"))
        #expect(try Files.list(scene.home + "/plugins/files") == [])
    }

    @Test("A library that is swapped for a link while it is being installed does not matter")
    func swapped() throws {
        guard Stage.hasHooks else { return }
        let scene = try scene()
        try trust(scene)
        let manifest = try package(scene, "0.2.0")
        let library = Files.folder(of: manifest) + "/duplicates.so"
        let good = try Files.read(library)
        // Verified, and not copied yet.
        scene.environment["SLUICE_FAILPOINT"] = "plugins.files.before=hang"
        let process = try scene.start(["plugin", "install", manifest, "--yes", "--json"])
        while !isStopped(process.pid), process.isRunning { poll(nil, 0, 5) }
        try scene.write("evil.so", bytes: Array("no library".utf8))
        unlink(library)
        try #require(symlink(scene.path("evil.so"), library) == 0)
        process.kill(SIGCONT)
        let done = try process.wait()
        scene.environment["SLUICE_FAILPOINT"] = nil
        #expect(done.status == 0, "\(done.outText)\(done.errText)")
        #expect(try Files.read(try folder(scene) + "/duplicates.so") == good)
        #expect(try scene.sluice("plugin", "verify", Self.id).status == 0)
    }

    @Test("Killed while it is installed, and two at once")
    func killed() throws {
        let scene = try scene()
        try trust(scene)
        let first = try package(scene, "0.2.0")
        try #require(try install(scene, first, "--yes").status == 0)
        let lock = try Files.read(scene.home + "/plugins/lock.json")
        let next = try package(scene, "0.3.0")
        if Stage.hasHooks {
            scene.environment["SLUICE_FAILPOINT"] = "plugins.lock.middle=kill"
            #expect(try install(scene, next, "--yes").status == 128 + SIGKILL)
            scene.environment["SLUICE_FAILPOINT"] = nil
            #expect(try Files.read(scene.home + "/plugins/lock.json") == lock)
            #expect(try scene.sluice("plugin", "verify", Self.id).status == 0)
        }
        let both = try [
            scene.start(["plugin", "install", next, "--yes", "--json"]),
            scene.start(["plugin", "install", next, "--yes", "--json"]),
        ].map { try $0.wait() }
        let words = both.map { $0.json["status"]?.stringValue ?? $0.outText }.sorted()
        #expect(words == ["unchanged", "upgraded"] || words == ["upgraded", "upgraded"], "\(words)")
        let acts = try scene.rows(
            "home/sluice.db", "SELECT act FROM plugin_acts WHERE target = 'lock' ORDER BY seq"
        ).map { $0[0] }
        let expected = Stage.hasHooks ? ["installed", "upgraded", "abandoned", "upgraded"] : ["installed", "upgraded"]
        #expect(acts == expected)
        #expect(try scene.sluice("plugin", "verify", Self.id).status == 0)
    }

    @Test("A full disk and a home that cannot be written leave what was there")
    func full() throws {
        let scene = try scene()
        try trust(scene)
        try #require(try install(scene, try package(scene, "0.2.0"), "--yes").status == 0)
        let next = try package(scene, "0.3.0")
        let lock = try Files.read(scene.home + "/plugins/lock.json")
        if Stage.hasHooks {
            for place in ["plugins.files.middle", "plugins.lock.before", "plugins.act.middle"] {
                scene.environment["SLUICE_FAILPOINT"] = "\(place)=enospc"
                let refused = try install(scene, next, "--yes")
                #expect(refused.status == 1 && refused.outText.contains("space"), "\(place) \(refused.outText)")
                scene.environment["SLUICE_FAILPOINT"] = nil
                #expect(try Files.read(scene.home + "/plugins/lock.json") == lock)
                let left = try Files.list(scene.home + "/plugins/files").filter { $0.hasPrefix(".") }
                #expect(left == [], "\(place)")
            }
        }
        // Also for root, whom no mode keeps from writing.
        let mounted = try scene.run("/usr/bin/unshare", ["-r", "-m", "true"])
        guard mounted.status == 0 else { return }
        let refused = try scene.run(
            "/usr/bin/unshare",
            [
                "-r", "-m", "/bin/sh", "-c",
                "mount --bind \"$1\" \"$1\" && mount -o remount,ro,bind \"$1\" && shift && exec \"$@\"", "sh",
                scene.home,
                scene.stage + "/bin/sluice", "plugin", "install", next, "--yes", "--json", "--home", scene.home,
            ])
        #expect(refused.status == 1, "\(refused.outText)\(refused.errText)")
        #expect(["store.failed", "file.failed"].contains(detail(refused)), "\(refused.outText)")
        #expect(try Files.read(scene.home + "/plugins/lock.json") == lock)
    }

    @Test("An id of the registry's index is installed from the path that the index names; shipped ones stay")
    func index() throws {
        let scene = try scene()
        try trust(scene)
        let manifest = try package(scene, "0.2.0")
        try scene.copyStage()
        let path = scene.stage + "/share/sluice/registry/plugins.json"
        let shipped = try scene.sluice("plugin", "install", Self.id, "--yes", "--json")
        #expect(shipped.status == 0 && shipped.json["status"] == "shipped", "\(shipped.outText)")
        let index = String(decoding: try Files.read(path), as: UTF8.self)
        let entry = "{ \"id\": \"\(Self.id)\", \"manifest\": \"\(manifest)\","
        try Files.writeAtomically(Array(index.replacing("{ \"id\": \"\(Self.id)\",", with: entry).utf8), to: path)
        let done = try scene.sluice("plugin", "install", Self.id, "--yes", "--json")
        #expect(done.status == 0 && done.json["status"] == "installed", "\(done.outText)")
        // By its id once more, from the index, then from its own files.
        #expect(try scene.sluice("plugin", "install", Self.id, "--json").json["status"] == "unchanged")
        try Files.writeAtomically(Array(index.utf8), to: path)
        #expect(try scene.sluice("plugin", "install", Self.id, "--json").json["status"] == "unchanged")
        // The index says whose it is, and the manifest that it leads to says so too, or it is not installed.
        let whole = index.replacing("{ \"id\": \"\(Self.id)\",", with: entry)
        let lied = whole.split(separator: "\n").map { line in
            line.contains(manifest)
                ? line.replacing("\"publisher\": \"sluice\"", with: "\"publisher\": \"acme\"") : line
        }.joined(separator: "\n")
        try Files.writeAtomically(Array(lied.utf8), to: path)
        let differs = try scene.sluice("plugin", "install", Self.id, "--yes", "--json")
        #expect(detail(differs) == "registry.invalid" && differs.outText.contains("is of acme"), "\(differs.outText)")
        try Files.writeAtomically(Array(index.utf8), to: path)
        let unknown = try scene.sluice("plugin", "install", "sluice.check.duplicate", "--yes", "--json")
        #expect(detail(unknown) == "plugin.missing" && unknown.outText.contains("Is \(Self.id) meant?"))
    }

    @Test("A person at a terminal is shown what it asks for, and answers")
    func asked() throws {
        let scene = try scene()
        try trust(scene)
        let manifest = try package(scene, "0.2.0")
        func answer(_ word: String) throws -> Finished {
            let command = "\(scene.stage)/bin/sluice plugin install \(manifest) --home \(scene.home)"
            return try scene.run(
                "/bin/sh", ["-c", "printf '\(word)\\n' | script -qec '\(command)' /dev/null"])
        }
        guard Files.exists("/usr/bin/script") else { return }
        let no = try answer("n")
        #expect(no.outText.contains("Grant this and go on? [y/N]") && no.outText.contains("It reaches no network."))
        #expect(no.status == 3 && !Files.exists(scene.home + "/plugins/lock.json"), "\(no.outText)")
        let yes = try answer("y")
        #expect(yes.status == 0, "\(yes.outText)")
        let shown = try scene.sluice("plugin", "show", Self.id, "--json").json
        #expect(shown["lock"]?["granted_by"]?["how"] == "asked")
    }
}

/// The duplicates check in other versions, each compiled once for all tests.
private final class VersionedLibraries: Sendable {
    private let known = Mutex<[String: [UInt8]]>([:])

    func bytes(_ version: String, id: String, _ scene: Scene) throws -> [UInt8] {
        try known.withLock { known in
            if let bytes = known["\(id) \(version)"] { return bytes }
            let source = "\(Stage.repository)/Plugins/DuplicatesCheck/Sources"
            let text = String(decoding: try Files.read(source + "/plugin.c"), as: UTF8.self)
            let plugin = try scene.write(
                "plugin.c",
                text.replacing("\"0.1.0\"", with: "\"\(version)\"")
                    .replacing("\"sluice.check.duplicates\"", with: "\"\(id)\""))
            let library = scene.path("versioned.so")
            let kit = try Files.list(Stage.repository + "/SDK/C").filter { $0.hasSuffix(".c") }
            let built = try scene.run(
                "/usr/bin/cc",
                [
                    "-std=c11", "-O1", "-fPIC", "-shared", "-I\(Stage.repository)/SDK/include",
                    "-I\(Stage.repository)/SDK/C/include", "-I\(source)", plugin, source + "/siphash.c",
                    source + "/tally.c",
                ] + kit.map { "\(Stage.repository)/SDK/C/\($0)" } + [
                    "-Wl,--version-script=\(Stage.repository)/SDK/exports.map", "-Wl,-z,nodelete", "-lm", "-o", library,
                ])
            try #require(built.status == 0, "\(built.errText)")
            let bytes = try Files.read(library)
            known["\(id) \(version)"] = bytes
            return bytes
        }
    }
}
